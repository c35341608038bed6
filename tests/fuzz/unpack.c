/* Packed bytes of every kind: the same comes of them however they are fed and taken, and however
 * many threads unpack. */

#include "tests/fuzz/fuzz.h"
#include "core/input/unpack.h"

#include <string.h>

/* What unpacks to more than this is not read to its end. */
#define LENGTH_MAX (300 * 1000)

typedef struct
{
  gsize piece;
  gsize room;
  guint n_threads;
  gsize begun; /* bytes that were read already */
} Way;

/* Bytes that come piece by piece, with nothing to be had between two of them. */
typedef struct
{
  FanoutBytes bytes;
  const char *data;
  gsize length;
  gsize offset;
  gsize piece; /* 0: all */
  gboolean dry;
} Feed;

static FanoutRead
read_feed (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error G_GNUC_UNUSED)
{
  Feed *self = (Feed *) bytes;
  const gsize piece = self->piece > 0 ? self->piece : self->length;

  fuzz_check (room > 0, "no room to read to");
  self->dry = !self->dry;
  if (self->dry)
    return FANOUT_READ_WAIT;
  *got = MIN (room, MIN (piece, self->length - self->offset));
  if (*got > 0)
    memcpy (to, self->data + self->offset, *got);
  self->offset += *got;
  return FANOUT_READ_BLOCK;
}

static int
no_fd (const FanoutBytes *bytes G_GNUC_UNUSED)
{
  return -1;
}

static FanoutPosition
feed_position (const FanoutBytes *bytes)
{
  const Feed *self = (const Feed *) bytes;

  return (FanoutPosition){ self->offset, self->offset };
}

static void
keep (FanoutBytes *bytes G_GNUC_UNUSED)
{
}

static const FanoutBytesType feed_type
    = { .read = read_feed, .fd = no_fd, .position = feed_position, .free = keep };

/* All that comes of it; a failure is the last line. */
static GString *
take_all (FanoutBytes *unpacked, gsize room, gsize length)
{
  GString *text = g_string_new (NULL);
  g_autofree char *buffer = g_malloc (room);
  guint waits = 0;

  while (text->len < LENGTH_MAX)
    {
      g_autoptr (GError) error = NULL;
      gsize got = 0;
      const FanoutRead result = unpacked->type->read (unpacked, buffer, room, &got, &error);

      fuzz_check_error (result == FANOUT_READ_FAILED, error);
      if (result == FANOUT_READ_WAIT)
        fuzz_check (waits++ < 1000000, "it waits for ever");
      else if (result == FANOUT_READ_FAILED)
        {
          /* Where it was seen depends on how much of it was there. */
          g_string_append_printf (text, "\nerror: %.*s",
                                  (int) strcspn (error->message, "0123456789"), error->message);
          break;
        }
      else
        {
          const FanoutPosition position = unpacked->type->position (unpacked);

          fuzz_check (got <= room, "%zu bytes in room for %zu", got, room);
          g_string_append_len (text, buffer, (gssize) got);
          fuzz_check (position.offset == text->len && position.source <= length,
                      "it is at byte %" G_GUINT64_FORMAT " of %zu, from %" G_GUINT64_FORMAT
                      " of %zu",
                      position.offset, text->len, position.source, length);
          if (got == 0)
            break;
        }
    }
  if (text->len > LENGTH_MAX)
    g_string_truncate (text, LENGTH_MAX);
  return text;
}

static GString *
unpack (const char *data, gsize length, FanoutCompression kind, const Way *way)
{
  g_autoptr (GError) error = NULL;
  _Atomic gsize memory = 0;
  const gsize begun = MIN (way->begun, length);
  Feed feed = { .bytes = { .type = &feed_type, .name = "x" },
                .data = data,
                .length = length,
                .offset = begun,
                .piece = way->piece };
  FanoutBytes *unpacked
      = fanout_unpack_new (&feed.bytes, kind, data, begun, way->n_threads, &memory, &error);
  GString *text;

  fuzz_check_error (unpacked == NULL, error);
  if (unpacked == NULL)
    return g_string_new (error->message);
  text = take_all (unpacked, way->room, length);
  fanout_bytes_free (unpacked);
  fuzz_check (memory == 0, "%zu bytes are left", memory);
  return text;
}

/* Of damaged bytes, some libraries give what comes before the damage when they are asked for less.
 */
static void
check_same (const GString *one, const GString *other)
{
  const char *damage = g_strrstr_len (one->str, (gssize) one->len, "\nerror: ");
  const char *other_damage = g_strrstr_len (other->str, (gssize) other->len, "\nerror: ");

  if (damage != NULL && other_damage != NULL && strcmp (damage, other_damage) == 0)
    {
      const gsize length = (gsize) MIN (damage - one->str, other_damage - other->str);

      fuzz_check (memcmp (one->str, other->str, length) == 0,
                  "before the damage it is not the same:\n%s\n---\n%s", one->str, other->str);
      return;
    }
  fuzz_check (g_string_equal (one, other), "in another way it is not the same:\n%s\n---\n%s",
              one->str, other->str);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FanoutCompression kinds[]
      = { FANOUT_COMPRESSION_GZ, FANOUT_COMPRESSION_ZST, FANOUT_COMPRESSION_XZ,
          FANOUT_COMPRESSION_BZ2, FANOUT_COMPRESSION_LZ4 };
  static const gsize pieces[] = { 0, 1, 2, 7, 100, 4096 };
  static const gsize rooms[] = { 1, 3, 64, 5000, 65536 };
  static const gsize beginnings[] = { 0, 1, 4, 16, 100 };
  static const Way plain = { 0, 65536, 0, 0 };
  FuzzInput in = { data, size };
  const FanoutCompression kind = fuzz_pick (&in, kinds);
  const Way way = { fuzz_pick (&in, pieces), fuzz_pick (&in, rooms), fuzz_below (&in, 3),
                    fuzz_pick (&in, beginnings) };
  g_autofree char *copy = fuzz_copy (in.data, in.length);
  GString *one, *other;

  if (size > 20000)
    return 0;
  one = unpack (copy, in.length, kind, &plain);
  other = unpack (copy, in.length, kind, &way);
  check_same (one, other);
  g_string_free (one, TRUE);
  g_string_free (other, TRUE);
  return 0;
}
