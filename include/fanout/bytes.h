#pragma once

/**
 * Encoded states: little-endian whatever the machine, and read with bounds checked.
 *
 * A writer takes any number of bytes: what is written may be on its way to a file while more comes.
 * A reader never reads past its end: every function answers FALSE there and leaves its out
 * parameter as it was.
 */

#include <fanout/abi.h>
#include <string.h>

G_BEGIN_DECLS

/** Where `encode` writes a state to. */
typedef struct FanoutWriter FanoutWriter;

/** Append the @length bytes at @bytes. */
FANOUT_API void fanout_write (FanoutWriter *out, gconstpointer bytes, gsize length);

/** What is left to read. The bytes are borrowed. */
typedef struct
{
  const guint8 *next;
  const guint8 *end;
} FanoutReader;

/** A reader of the @length bytes at @bytes (which may be NULL where there are none). */
static inline FanoutReader
fanout_reader (gconstpointer bytes, gsize length)
{
  const guint8 *next = (const guint8 *) bytes;
  FanoutReader reader = { next, length > 0 ? next + length : next };

  return reader;
}

/** How many bytes are left. */
static inline gsize
fanout_reader_left (const FanoutReader *reader)
{
  return (gsize) (reader->end - reader->next);
}

/** Copy the next @length bytes to @to. */
static inline gboolean
fanout_read (FanoutReader *reader, gpointer to, gsize length)
{
  if (fanout_reader_left (reader) < length)
    return FALSE;
  if (length > 0)
    {
      memcpy (to, reader->next, length);
      reader->next += length;
    }
  return TRUE;
}

/** Read what fanout_write_u8() wrote. */
static inline gboolean
fanout_read_u8 (FanoutReader *reader, guint8 *value)
{
  return fanout_read (reader, value, 1);
}

/** Read what fanout_write_u32() wrote. */
static inline gboolean
fanout_read_u32 (FanoutReader *reader, guint32 *value)
{
  guint32 raw;

  if (!fanout_read (reader, &raw, sizeof raw))
    return FALSE;
  *value = GUINT32_FROM_LE (raw);
  return TRUE;
}

/** Read what fanout_write_u64() wrote. */
static inline gboolean
fanout_read_u64 (FanoutReader *reader, guint64 *value)
{
  guint64 raw;

  if (!fanout_read (reader, &raw, sizeof raw))
    return FALSE;
  *value = GUINT64_FROM_LE (raw);
  return TRUE;
}

/** Append one byte to @out. */
static inline void
fanout_write_u8 (FanoutWriter *out, guint8 value)
{
  fanout_write (out, &value, 1);
}

/** Append four bytes. */
static inline void
fanout_write_u32 (FanoutWriter *out, guint32 value)
{
  guint32 raw = GUINT32_TO_LE (value);

  fanout_write (out, &raw, sizeof raw);
}

/** Append eight bytes. */
static inline void
fanout_write_u64 (FanoutWriter *out, guint64 value)
{
  guint64 raw = GUINT64_TO_LE (value);

  fanout_write (out, &raw, sizeof raw);
}

G_END_DECLS
