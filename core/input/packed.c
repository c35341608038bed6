#include "core/input/packed.h"
#include <string.h>

typedef struct
{
  FanoutCompression kind;
  const char *bytes;
  gsize length;
  gsize enough; /* of them, where packed data is expected */
  gsize loose;  /* of this one, counted from 1, only the high half counts */
} Mark;

#define MARK(kind, bytes, enough, loose)                                                           \
  {                                                                                                \
    FANOUT_COMPRESSION_##kind, bytes, sizeof (bytes) - 1, enough, loose                            \
  }

/* Frames to be skipped may come first in zst and lz4 alike; only tools for zst write them. */
static const Mark marks[] = {
  MARK (GZ, "\x1f\x8b", 2, 0),
  MARK (ZST, "\x28\xb5\x2f\xfd", 4, 0),
  MARK (ZST, "\x50\x2a\x4d\x18", 4, 1),
  MARK (XZ, "\xfd\x37zXZ\0", 6, 0),
  MARK (BZ2, "BZh\x30\x31\x41\x59\x26\x53\x59", 3, 4),
  MARK (BZ2, "BZh\x30\x17\x72\x45\x38\x50\x90", 3, 4),
  MARK (LZ4, "\x04\x22\x4d\x18", 4, 0),
  MARK (LZ4, "\x50\x2a\x4d\x18", 4, 1),
};

static FanoutMark
compare (const Mark *mark, gsize wanted, const char *data, gsize length)
{
  for (gsize i = 0; i < MIN (length, wanted); i++)
    {
      const guint differing = (guint8) data[i] ^ (guint8) mark->bytes[i];

      if ((i + 1 == mark->loose ? differing & 0xf0 : differing) != 0)
        return FANOUT_MARK_NONE;
    }
  return length < wanted ? FANOUT_MARK_BEGUN : FANOUT_MARK_WHOLE;
}

FanoutMark
fanout_packed_begins (FanoutCompression kind, const char *data, gsize length)
{
  FanoutMark found = FANOUT_MARK_NONE;

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (marks[i].kind == kind)
      found = MAX (found, compare (&marks[i], marks[i].enough, data, length));
  return found;
}

/* Who has so many bytes of a mark and nothing else has no text. */
#define BEGUN_ENOUGH 3

FanoutCompression
fanout_packed_kind (const char *data, gsize length, gboolean complete)
{
  FanoutCompression found = FANOUT_COMPRESSION_NONE;

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      const FanoutMark mark = compare (&marks[i], marks[i].length, data, length);

      if (mark == FANOUT_MARK_WHOLE
          || (mark == FANOUT_MARK_BEGUN && complete && length >= BEGUN_ENOUGH))
        return marks[i].kind;
      if (mark == FANOUT_MARK_BEGUN && !complete)
        found = FANOUT_COMPRESSION_AUTO;
    }
  return found;
}

static guint
take_two (const char *data)
{
  return (guint8) data[0] | (guint) (guint8) data[1] << 8;
}

/* A header with an extra field and nothing else, in which the length comes first. */
FanoutMark
fanout_packed_measure_bgzf (const char *data, gsize length, FanoutMemberSize *size)
{
  static const char begin[] = "\x1f\x8b\x08\x04";
  static const char extra[] = "\x06\0BC\x02\0";
  enum
  {
    EXTRA = 10,
    LENGTH = 16,
    LEAST = 26,
    MOST = 65536,
  };

  if (memcmp (data, begin, MIN (length, 4)) != 0
      || (length > EXTRA && memcmp (data + EXTRA, extra, MIN (length - EXTRA, 6)) != 0))
    return FANOUT_MARK_NONE;
  if (length < LENGTH + 2)
    return FANOUT_MARK_BEGUN;
  size->packed = take_two (data + LENGTH) + 1;
  if (size->packed < LEAST)
    return FANOUT_MARK_NONE;
  if (length < size->packed)
    return FANOUT_MARK_BEGUN;
  size->unpacked
      = take_two (data + size->packed - 4) | (gsize) take_two (data + size->packed - 2) << 16;
  return size->unpacked <= MOST ? FANOUT_MARK_WHOLE : FANOUT_MARK_NONE;
}

const char *
fanout_packed_name (FanoutCompression kind)
{
  static const char *const names[] = { NULL, NULL, "gzip", "zstd", "xz", "bzip2", "lz4" };

  return names[kind];
}

const char *
fanout_packed_tool (FanoutCompression kind)
{
  static const char *const tools[]
      = { NULL, NULL, "gzip -dc", "zstd -dc --long=31", "xz -dc", "bzip2 -dc", "lz4 -dc" };

  return tools[kind];
}
