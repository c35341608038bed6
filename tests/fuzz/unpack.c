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

/* What comes of it. */
typedef struct
{
  GString *text;
  char *error; /* without a place; NULL: none */
} Unpacked;

static void
unpacked_clear (Unpacked *unpacked)
{
  g_string_free (unpacked->text, TRUE);
  g_free (unpacked->error);
}

/* Where it was seen depends on how much of it was there. */
static char *
without_place (const GError *error)
{
  return g_strndup (error->message, strcspn (error->message, "0123456789"));
}

static void
take_all (FanoutBytes *bytes, gsize room, gsize length, Unpacked *unpacked)
{
  g_autofree char *buffer = g_malloc (room);
  guint waits = 0;

  while (unpacked->text->len < LENGTH_MAX && unpacked->error == NULL)
    {
      g_autoptr (GError) error = NULL;
      gsize got = 0;
      const FanoutRead result = bytes->type->read (bytes, buffer, room, &got, &error);

      fuzz_check_error (result == FANOUT_READ_FAILED, error);
      if (result == FANOUT_READ_WAIT)
        fuzz_check (waits++ < 1000000, "it waits for ever");
      else if (result == FANOUT_READ_FAILED)
        unpacked->error = without_place (error);
      else
        {
          const FanoutPosition position = bytes->type->position (bytes);

          fuzz_check (got <= room, "%zu bytes in room for %zu", got, room);
          g_string_append_len (unpacked->text, buffer, (gssize) got);
          fuzz_check (position.offset == unpacked->text->len && position.source <= length,
                      "it is at byte %" G_GUINT64_FORMAT " of %zu, from %" G_GUINT64_FORMAT
                      " of %zu",
                      position.offset, unpacked->text->len, position.source, length);
          if (got == 0)
            break;
        }
    }
  g_string_truncate (unpacked->text, LENGTH_MAX);
}

static Unpacked
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
  FanoutBytes *bytes
      = fanout_unpack_new (&feed.bytes, kind, data, begun, way->n_threads, &memory, &error);
  Unpacked unpacked = { g_string_new (NULL), NULL };

  fuzz_check_error (bytes == NULL, error);
  if (bytes == NULL)
    {
      unpacked.error = without_place (error);
      return unpacked;
    }
  take_all (bytes, way->room, length, &unpacked);
  fanout_bytes_free (bytes);
  fuzz_check (memory == 0, "%zu bytes are left", memory);
  return unpacked;
}

/* Of damaged bytes, some libraries give what comes before the damage when they are asked for less;
 * ISA-L takes what lies before a member's beginning for a part of it, until its check fails. */
static void
check_same (const Unpacked *one, const Unpacked *other, FanoutCompression kind)
{
  const gboolean any = one->error != NULL && kind == FANOUT_COMPRESSION_GZ;
  const gsize least = any ? 0 : MIN (one->text->len, other->text->len);

  fuzz_check (g_strcmp0 (one->error, other->error) == 0
                  || MAX (one->text->len, other->text->len) == LENGTH_MAX,
              "in another way it ends otherwise: %s and %s", one->error, other->error);
  fuzz_check (
      memcmp (one->text->str, other->text->str, least) == 0
          && (one->error != NULL || other->error != NULL || one->text->len == other->text->len),
      "in another way it is not the same:\n%s\n---\n%s", one->text->str, other->text->str);
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
  Unpacked one, other;

  if (size > 20000)
    return 0;
  one = unpack (copy, in.length, kind, &plain);
  other = unpack (copy, in.length, kind, &way);
  check_same (&one, &other, kind);
  unpacked_clear (&one);
  unpacked_clear (&other);
  return 0;
}
