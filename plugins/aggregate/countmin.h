#pragma once

/**
 * About how often each hash occurred: never too low, and a function of the multiset of hashes
 * alone.
 *
 * G. Cormode, S. Muthukrishnan, "An improved data stream summary: the count-min sketch" (2005).
 */

#include <fanout/kept.h>
#include <fanout/memory.h>

#define COUNTMIN_ROWS 5

/* All zeroes: none. May be moved. */
typedef struct
{
  guint64 *counts; /* COUNTMIN_ROWS times 2^bits */
  guint64 total;
  guint8 bits;
} CountMin;

static inline gsize
countmin_n (const CountMin *counts)
{
  return counts->counts != NULL ? (gsize) COUNTMIN_ROWS << counts->bits : 0;
}

/* At least `width` counts in each row. */
static inline void
countmin_init (CountMin *counts, guint64 width, FanoutMemory *memory)
{
  counts->bits = (guint8) g_bit_storage (width - 1);
  counts->counts
      = fanout_allocate (memory, ((gsize) COUNTMIN_ROWS << counts->bits) * sizeof (guint64));
}

static inline void
countmin_clear (CountMin *counts, FanoutMemory *memory)
{
  fanout_release (memory, counts->counts, countmin_n (counts) * sizeof (guint64));
  memset (counts, 0, sizeof *counts);
}

static inline guint64 *
countmin_place (const CountMin *counts, guint row, guint64 hash)
{
  const guint64 of_row
      = fanout_hash_mix_whole (hash + (row + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15),
                               G_GUINT64_CONSTANT (0x589965cc75374cc3));

  return &counts->counts[((gsize) row << counts->bits) + (of_row >> (64 - counts->bits))];
}

static inline void
countmin_add (CountMin *counts, guint64 hash, guint64 count)
{
  counts->total += count;
  for (guint row = 0; row < COUNTMIN_ROWS; row++)
    *countmin_place (counts, row, hash) += count;
}

static inline guint64
countmin_get (const CountMin *counts, guint64 hash)
{
  guint64 least = G_MAXUINT64;

  for (guint row = 0; row < COUNTMIN_ROWS; row++)
    least = MIN (least, *countmin_place (counts, row, hash));
  return least;
}

/* Both of one width. */
static inline void
countmin_merge (CountMin *into, const CountMin *from)
{
  into->total += from->total;
  for (gsize i = 0; i < countmin_n (into); i++)
    into->counts[i] += from->counts[i];
}

static inline void
countmin_write (const CountMin *counts, FanoutWriter *out)
{
  fanout_write_u64 (out, counts->total);
  for (gsize i = 0; i < countmin_n (counts); i++)
    fanout_write_u64 (out, counts->counts[i]);
}

/* Into what countmin_init() made; FALSE when the bytes are damaged. */
static inline gboolean
countmin_read (CountMin *counts, FanoutReader *in)
{
  if (!fanout_read_u64 (in, &counts->total) || counts->total >> 48 != 0)
    return FALSE;
  for (guint row = 0; row < COUNTMIN_ROWS; row++)
    {
      guint64 left = counts->total;

      for (gsize i = 0; i < (gsize) 1 << counts->bits; i++)
        {
          guint64 *count = &counts->counts[((gsize) row << counts->bits) + i];

          if (!fanout_read_u64 (in, count) || *count > left)
            return FALSE;
          left -= *count;
        }
      if (left != 0)
        return FALSE;
    }
  return TRUE;
}
