#include "core/input/convert.h"
#include "core/base/error.h"
#include "core/input/intake.h"
#include <errno.h>
#include <string.h>

#define ROOM (64 * 1024)

typedef enum
{
  BY_GLIB = 0,
  UTF_16, /* the mark at its beginning will say which */
  UTF_16_LE,
  UTF_16_BE,
} Kind;

typedef struct
{
  FanoutIntake intake;
  char *encoding;
  Kind kind;
  GIConv converter; /* BY_GLIB */

  gboolean flushed;

  char *out; /* those from `taken` to `given` still to be read */
  gsize taken;
  gsize given;
  guint64 offset;  /* of out[taken] */
  GError *failure; /* behind them */
} Convert;

static FanoutRead
fail (Convert *self, const char *what)
{
  g_set_error (&self->failure, FANOUT_ERROR, FANOUT_ERROR_DATA,
               "%s: %s %s, at byte %" G_GUINT64_FORMAT, self->intake.bytes.name, what,
               self->encoding, fanout_intake_position (&self->intake));
  return FANOUT_READ_FAILED;
}

/* What stops a converter: BLOCK is the end of the room or of the bytes. */

static gunichar
utf16_unit (const Convert *self, gsize at)
{
  const guint8 *bytes = (const guint8 *) self->intake.data + at;

  return self->kind == UTF_16_LE ? (gunichar) (bytes[0] | bytes[1] << 8)
                                 : (gunichar) (bytes[0] << 8 | bytes[1]);
}

/* The bytes of the character at `start`: 0 where there are too few, or none that is valid. */
static gsize
utf16_character (const Convert *self, gunichar *character, gboolean *valid)
{
  const gsize left = self->intake.end - self->intake.start;
  gunichar low;

  *valid = TRUE;
  if (left < 2)
    return 0;
  *character = utf16_unit (self, self->intake.start);
  if (*character < 0xd800 || *character > 0xdfff)
    return 2;
  *valid = *character < 0xdc00;
  if (!*valid || left < 4)
    return 0;
  low = utf16_unit (self, self->intake.start + 2);
  *valid = low >= 0xdc00 && low <= 0xdfff;
  *character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
  return *valid ? 4 : 0;
}

static gboolean
convert_utf16 (Convert *self)
{
  gboolean valid = TRUE;

  while (self->given + 4 <= ROOM)
    {
      gunichar character = 0;
      const gsize taken = utf16_character (self, &character, &valid);

      if (taken == 0)
        break;
      self->intake.start += taken;
      if (character < 0x80)
        self->out[self->given++] = (char) character;
      else
        self->given += (gsize) g_unichar_to_utf8 (character, self->out + self->given);
    }
  return valid;
}

static gboolean
convert_by_glib (Convert *self)
{
  char *in = self->intake.data + self->intake.start;
  char *out = self->out;
  gsize in_left = self->intake.end - self->intake.start;
  gsize out_left = ROOM;
  gsize result = 0;

  if (in_left > 0)
    result = g_iconv (self->converter, &in, &in_left, &out, &out_left);
  else if (self->intake.complete && !self->flushed)
    {
      self->flushed = TRUE;
      g_iconv (self->converter, NULL, NULL, &out, &out_left);
    }
  self->intake.start = self->intake.end - in_left;
  self->given = ROOM - out_left;
  return result != (gsize) -1 || errno != EILSEQ;
}

/* The mark stays: in UTF-8 it is one as well. */
static FanoutRead
find_order (Convert *self)
{
  while (self->intake.end < 2 && !self->intake.complete)
    {
      const FanoutRead result = fanout_intake_refill (&self->intake, &self->failure);

      if (result != FANOUT_READ_BLOCK)
        return result;
    }
  self->kind = UTF_16_LE;
  if (self->intake.end < 2 || utf16_unit (self, 0) == 0xfeff)
    return FANOUT_READ_BLOCK;
  self->kind = UTF_16_BE;
  if (utf16_unit (self, 0) == 0xfeff)
    return FANOUT_READ_BLOCK;
  g_set_error (
      &self->failure, FANOUT_ERROR, FANOUT_ERROR_DATA,
      "%s: there is no byte order mark that says which %s it is; utf-16le or utf-16be does",
      self->intake.bytes.name, self->encoding);
  return FANOUT_READ_FAILED;
}

/* More for `out`, which is empty: END when nothing comes. */
static FanoutRead
convert (Convert *self)
{
  FanoutRead result = self->kind == UTF_16 ? find_order (self) : FANOUT_READ_BLOCK;

  self->taken = self->given = 0;
  while (result == FANOUT_READ_BLOCK)
    {
      if (!(self->kind == BY_GLIB ? convert_by_glib (self) : convert_utf16 (self)))
        result = fail (self, "this is not valid");
      if (self->given > 0)
        return FANOUT_READ_BLOCK;
      if (result != FANOUT_READ_BLOCK)
        break;
      if (!self->intake.complete)
        result = fanout_intake_refill (&self->intake, &self->failure);
      else if (self->intake.start < self->intake.end)
        result = fail (self, "it ends within a character of");
      else if (self->kind != BY_GLIB || self->flushed)
        result = FANOUT_READ_END;
    }
  return result;
}

static FanoutRead
read_converted (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error)
{
  Convert *self = (Convert *) bytes;
  FanoutRead result = FANOUT_READ_BLOCK;

  if (self->taken == self->given)
    result = self->failure != NULL ? FANOUT_READ_FAILED : convert (self);
  if (result == FANOUT_READ_FAILED)
    g_propagate_error (error, g_steal_pointer (&self->failure));
  if (result == FANOUT_READ_FAILED || result == FANOUT_READ_WAIT)
    return result;
  *got = MIN (room, self->given - self->taken);
  memcpy (to, self->out + self->taken, *got);
  self->taken += *got;
  self->offset += *got;
  return FANOUT_READ_BLOCK;
}

static FanoutPosition
get_position (const FanoutBytes *bytes)
{
  const Convert *self = (const Convert *) bytes;
  const FanoutPosition position
      = { self->offset, self->intake.inner->type->position (self->intake.inner).source };

  return position;
}

static void
free_convert (FanoutBytes *bytes)
{
  Convert *self = (Convert *) bytes;

  if (self->kind == BY_GLIB)
    g_iconv_close (self->converter);
  fanout_intake_clear (&self->intake);
  g_clear_error (&self->failure);
  g_free (self->encoding);
  g_free (self->out);
  g_free (self);
}

static const FanoutBytesType type = {
  .read = read_converted,
  .fd = fanout_intake_fd,
  .position = get_position,
  .finish = fanout_intake_finish,
  .free = free_convert,
};

/* "UTF-16LE" and "utf_16le" are one name. */
static gboolean
is_called (const char *encoding, const char *name)
{
  for (; *name != '\0'; encoding++, name++)
    {
      if (*encoding == '-' || *encoding == '_')
        encoding++;
      if (g_ascii_tolower (*encoding) != *name)
        return FALSE;
    }
  return *encoding == '\0';
}

static Kind
kind_of (const char *encoding)
{
  if (is_called (encoding, "utf16"))
    return UTF_16;
  if (is_called (encoding, "utf16le"))
    return UTF_16_LE;
  return is_called (encoding, "utf16be") ? UTF_16_BE : BY_GLIB;
}

gboolean
fanout_encoding_is_plain (const char *encoding)
{
  return is_called (encoding, "utf8");
}

/* A slash would say how to convert, not what, and no name stand for what the locale has. */
static GIConv
open_converter (const char *encoding)
{
  return *encoding == '\0' || strchr (encoding, '/') != NULL ? (GIConv) -1
                                                             : g_iconv_open ("UTF-8", encoding);
}

gboolean
fanout_encoding_check (const char *encoding, GError **error)
{
  g_autofree char *quoted = NULL;
  GIConv converter;

  if (fanout_encoding_is_plain (encoding) || kind_of (encoding) != BY_GLIB)
    return TRUE;
  converter = open_converter (encoding);
  if (converter != (GIConv) -1)
    {
      g_iconv_close (converter);
      return TRUE;
    }
  quoted = fanout_quote (encoding, -1);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
               "%s is not known here; it can be: auto, utf-8, utf-16, and what iconv -l prints",
               quoted);
  return FALSE;
}

FanoutBytes *
fanout_convert_new (FanoutBytes *inner, const char *encoding, const char *begun, gsize n_begun,
                    GError **error)
{
  const Kind kind = kind_of (encoding);
  GIConv converter = NULL;
  Convert *self;

  if (kind == BY_GLIB)
    {
      converter = fanout_encoding_check (encoding, error) ? open_converter (encoding) : (GIConv) -1;
      if (converter == (GIConv) -1)
        return NULL;
    }
  self = g_new0 (Convert, 1);
  fanout_intake_init (&self->intake, inner, ROOM, begun, n_begun);
  self->intake.bytes.type = &type;
  self->encoding = g_ascii_strdown (encoding, -1);
  self->kind = kind;
  self->converter = converter;
  self->out = g_malloc (ROOM);
  return &self->intake.bytes;
}
