#include "core/partial/seal.h"
#include "core/base/error.h"

#include <errno.h>
#include <fanout/kept.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum
{
  PIECE = 64 * 1024,
  SUM = sizeof (guint64),
  LENGTH = sizeof (guint32),
  MAGIC = 16,
  SLACK = 64, /* before and behind what is read where it lies */
};

struct FanoutSealer
{
  FanoutSealPut put;
  gpointer data;
  gboolean plain; /* nothing but what is written */
  guint64 sum;
  GString *piece; /* room for its length, then its bytes */
  GError *error;
};

struct FanoutSealed
{
  FanoutSealGet get;
  gpointer data;
  int fd;
  gboolean borrowed; /* standard input */
  char *name;
  guint8 magic[MAGIC];
  gsize magic_length;
  guint64 sum;
  guint8 *room;  /* with slack */
  guint8 *piece; /* in it: its length, then its bytes */
  gsize length;
  gsize next;
  gboolean ended;
  GError *error;
};

/* Of everything so far and these bytes. */
static guint64
add_up (guint64 sum, gconstpointer bytes, gsize length)
{
  return fanout_hash_bytes (bytes, length, sum);
}

/* What has been put together goes. */
static void
put_out (FanoutSealer *self, gsize kept)
{
  if (self->put (self->data, self->piece->str, self->piece->len, &self->error))
    g_string_set_size (self->piece, kept);
}

FanoutSealer *
fanout_sealer_new (FanoutSealPut put, gpointer data, gconstpointer magic, gsize length)
{
  FanoutSealer *self = g_new0 (FanoutSealer, 1);

  self->put = put;
  self->data = data;
  self->piece = g_string_sized_new (LENGTH + PIECE + SUM);
  g_string_append_len (self->piece, magic, (gssize) length);
  self->sum = add_up (0, magic, length);
  put_out (self, LENGTH);
  return self;
}

FanoutSealer *
fanout_sealer_new_plain (FanoutSealPut put, gpointer data)
{
  FanoutSealer *self = g_new0 (FanoutSealer, 1);

  self->put = put;
  self->data = data;
  self->plain = TRUE;
  self->piece = g_string_sized_new (LENGTH + PIECE + SUM);
  g_string_set_size (self->piece, LENGTH);
  return self;
}

void
fanout_sealer_free (FanoutSealer *self)
{
  if (self == NULL)
    return;
  g_string_free (self->piece, TRUE);
  g_clear_error (&self->error);
  g_free (self);
}

static void
seal (FanoutSealer *self)
{
  const guint32 length = GUINT32_TO_LE ((guint32) (self->piece->len - LENGTH));
  guint64 sum;

  if (self->plain)
    {
      if (self->put (self->data, self->piece->str + LENGTH, self->piece->len - LENGTH,
                     &self->error))
        g_string_set_size (self->piece, LENGTH);
      return;
    }
  memcpy (self->piece->str, &length, sizeof length);
  self->sum = add_up (self->sum, self->piece->str, self->piece->len);
  sum = GUINT64_TO_LE (self->sum);
  g_string_append_len (self->piece, (const char *) &sum, sizeof sum);
  put_out (self, LENGTH);
}

gboolean
fanout_sealer_write (FanoutSealer *self, gconstpointer bytes, gsize length)
{
  const char *next = bytes;

  while (self->error == NULL && length > 0)
    {
      const gsize n = MIN (length, LENGTH + PIECE - self->piece->len);

      /* There is room for it: g_string_append_len() would only take longer. */
      memcpy (self->piece->str + self->piece->len, next, n);
      self->piece->len += n;
      next += n;
      length -= n;
      if (self->piece->len == LENGTH + PIECE)
        seal (self);
    }
  return self->error == NULL;
}

void
fanout_sealer_flush (FanoutSealer *self)
{
  if (self->error == NULL && self->piece->len > LENGTH)
    seal (self);
}

gboolean
fanout_sealer_end (FanoutSealer *self, GError **error)
{
  fanout_sealer_flush (self);
  if (self->error == NULL)
    seal (self);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

FanoutSealed *
fanout_sealed_new (FanoutSealGet get, gpointer data, const char *name)
{
  FanoutSealed *self = g_new0 (FanoutSealed, 1);

  self->get = get;
  self->data = data;
  self->fd = -1;
  self->name = g_strdup (name);
  self->room = g_malloc0 (SLACK + LENGTH + PIECE + SLACK);
  self->piece = self->room + SLACK;
  return self;
}

static gssize
get_from_file (gpointer data, char *to, gsize room, GError **error)
{
  FanoutSealed *self = data;

  for (;;)
    {
      const ssize_t n = read (self->fd, to, room);
      struct pollfd want = { .fd = self->fd, .events = POLLIN };

      if (n >= 0)
        return n;
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        poll (&want, 1, -1);
      else if (errno != EINTR)
        {
          fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "%s", self->name);
          return -1;
        }
    }
}

FanoutSealed *
fanout_sealed_take (int fd, const char *name)
{
  FanoutSealed *self = fanout_sealed_new (get_from_file, NULL, name);

  self->data = self;
  self->fd = fd;
  return self;
}

FanoutSealed *
fanout_sealed_open (const char *path, const char *name, GError **error)
{
  const int fd = strcmp (path, "-") == 0 ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  FanoutSealed *self;

  if (fd < 0)
    {
      fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "%s", name);
      return NULL;
    }
  self = fanout_sealed_take (fd, name);
  self->borrowed = strcmp (path, "-") == 0;
  return self;
}

void
fanout_sealed_free (FanoutSealed *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0 && !self->borrowed)
    close (self->fd);
  g_free (self->name);
  g_free (self->room);
  g_clear_error (&self->error);
  g_free (self);
}

const GError *
fanout_sealed_error (const FanoutSealed *self)
{
  return self->error;
}

static gboolean
refuse (FanoutSealed *self, const char *why)
{
  if (self->error == NULL)
    g_set_error (&self->error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "%s: %s", self->name, why);
  return FALSE;
}

/* How many of them came before the end of the file. */
static gsize
read_bytes (FanoutSealed *self, gpointer to, gsize length)
{
  gsize done = 0;

  while (done < length && self->error == NULL)
    {
      const gssize n = self->get (self->data, (char *) to + done, length - done, &self->error);

      if (n <= 0)
        break;
      done += (gsize) n;
    }
  return done;
}

gsize
fanout_sealed_magic (FanoutSealed *self, gpointer to, gsize length)
{
  const gsize n = read_bytes (self, to, length);

  memcpy (self->magic + self->magic_length, to, n);
  self->magic_length += n;
  self->sum = add_up (0, self->magic, self->magic_length);
  return n;
}

static gboolean
read_whole (FanoutSealed *self, gpointer to, gsize length)
{
  return read_bytes (self, to, length) == length
         || refuse (self, "it is damaged or cut short: it ends too early");
}

static gboolean
next_piece (FanoutSealed *self)
{
  guint32 length;
  guint64 sum = 0;

  if (!read_whole (self, &length, sizeof length))
    return FALSE;
  memcpy (self->piece, &length, sizeof length);
  length = GUINT32_FROM_LE (length);
  if (length <= PIECE
      && (!read_whole (self, self->piece + LENGTH, length) || !read_whole (self, &sum, sizeof sum)))
    return FALSE;
  if (length <= PIECE)
    self->sum = add_up (self->sum, self->piece, LENGTH + length);
  if (length > PIECE || GUINT64_FROM_LE (sum) != self->sum)
    return refuse (self, "it is damaged or cut short: its checksum does not match");
  self->ended = length == 0;
  self->length = length;
  self->next = 0;
  return TRUE;
}

/* Whether there is something more, which is in memory then. */
static inline gboolean
have_some (FanoutSealed *self)
{
  return self->next < self->length
         || (!self->ended && self->error == NULL && next_piece (self) && !self->ended);
}

const guint8 *
fanout_sealed_rest (FanoutSealed *self, gsize *length)
{
  *length = have_some (self) ? self->length - self->next : 0;
  return self->piece + LENGTH + self->next;
}

void
fanout_sealed_skip (FanoutSealed *self, gsize length)
{
  self->next += length;
}

gboolean
fanout_sealed_read (FanoutSealed *self, gpointer to, gsize length)
{
  for (guint8 *next = to; length > 0;)
    {
      if (!have_some (self))
        return FALSE;
      const gsize n = MIN (length, self->length - self->next);

      memcpy (next, self->piece + LENGTH + self->next, n);
      self->next += n;
      next += n;
      length -= n;
    }
  return TRUE;
}

gboolean
fanout_sealed_at_end (FanoutSealed *self)
{
  char more;

  if (self->next < self->length || (!self->ended && !next_piece (self)) || !self->ended)
    return FALSE;
  if (read_bytes (self, &more, 1) > 0)
    refuse (self, "it is damaged: more follows its end");
  return self->error == NULL;
}
