#pragma once

/**
 * How often each number occurs: exactly while there are at most `limit` different ones, beyond that
 * how many fall into each bucket. Which of the two, and what the buckets are, depends on the set of
 * numbers alone, so tallies can be split and merged at will.
 *
 * A bucket is what has one sign, one exponent and the same `fine` bits behind the point, with as
 * many bits as keep the buckets in use within `limit`, but never fewer than TALLY_FINE_MIN, where
 * all there can be are few enough. Buckets whose width is a part of what is in them are those of
 * Masson, Rim, Lee, "DDSketch" (2019), with their mapping that interpolates logarithms linearly and
 * so takes none.
 */

#include "counts-sorted.h"

#include <math.h>

/* What is counted in buckets has. */
typedef struct
{
  FanoutNumber least;
  FanoutNumber most;
  double low; /* the nearest doubles */
  double high;
  guint8 fine;
} TallySketch;

/* All zeroes: empty. May be moved. */
typedef struct
{
  Counts counts;       /* of numbers, or of buckets as numbers without a point */
  TallySketch *sketch; /* NULL: exact */
  guint64 weights;     /* their sum, where numbers have some; else nobody looks at it */
} Tally;

/* A bucket fits into 63 bits; the coarsest ones are 268,801. */
#define TALLY_FINE_MAX  51
#define TALLY_FINE_MIN  6
/* Subnormal numbers are taken for normal ones whose exponents go on downwards: so many more. */
#define TALLY_SUBNORMAL 54

/* By how much what stands for a number may differ from it, as a part of it: half a bucket and the
 * rounding to a double. */
static inline double
tally_error (const Tally *tally)
{
  return ldexp (0.5, -tally->sketch->fine) + 0x1p-53;
}

/* Buckets are integers in the order of what is in them: 0 for 0, negative for negative numbers. */
static inline gint64
tally_bucket (double x, guint fine)
{
  double magnitude = fabs (x);
  gint64 bucket = (gint64) TALLY_SUBNORMAL << fine;
  guint64 bits;

  if (G_UNLIKELY (magnitude < 0x1p-1022))
    {
      if (magnitude == 0)
        return 0;
      magnitude *= 0x1p54;
      bucket = 0;
    }
  memcpy (&bits, &magnitude, sizeof bits);
  bucket += (gint64) (bits >> (52 - fine));
  return x < 0 ? -bucket : bucket;
}

/* The bucket of what is in this one when there are so many bits fewer. */
static inline gint64
tally_coarser (gint64 bucket, guint fewer)
{
  return bucket < 0 ? -(-bucket >> fewer) : bucket >> fewer;
}

static inline double
tally_bucket_middle (gint64 bucket, guint fine)
{
  const gint64 number = ABS (bucket);
  const gint64 first_normal = (gint64) (TALLY_SUBNORMAL + 1) << fine;
  const gboolean is_normal = number >= first_normal;
  const guint64 bits = (guint64) (is_normal ? number - ((gint64) TALLY_SUBNORMAL << fine) : number)
                           << (52 - fine)
                       | (guint64) 1 << (51 - fine);
  double middle;

  memcpy (&middle, &bits, sizeof middle);
  if (number == 0)
    middle = 0;
  else if (number == tally_bucket (INFINITY, fine))
    middle = INFINITY;
  else if (!is_normal)
    middle = trunc (middle * 0x1p1020) * 0x1p-1074; /* a subnormal number it is, not between two */
  return bucket < 0 ? -middle : middle;
}

/* The number that an entry stands for, or about the numbers that it does. */
static inline FanoutNumber
tally_number (const Tally *tally, const CountsEntry *entry)
{
  const TallySketch *sketch = tally->sketch;
  double middle;

  if (sketch == NULL)
    return counts_key (entry);
  middle = tally_bucket_middle (entry->mantissa, sketch->fine);
  if (middle <= sketch->low)
    return sketch->least;
  return middle >= sketch->high ? sketch->most : fanout_number_double (middle);
}

static inline void
tally_clear (Tally *tally, FanoutMemory *memory)
{
  counts_clear (&tally->counts, memory);
  if (tally->sketch != NULL)
    {
      fanout_number_drop (&tally->sketch->least, memory);
      fanout_number_drop (&tally->sketch->most, memory);
    }
  fanout_release (memory, tally->sketch, sizeof *tally->sketch);
  tally->sketch = NULL;
}

/* Adding to buckets. */

static inline int
tally_compare_buckets (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *) a;
  const gint64 y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* How many bits fewer leave at most `limit` of n > 0 buckets; they get sorted. */
static inline guint
tally_choose_fewer (gint64 *buckets, gsize n, guint fine, guint64 limit)
{
  gsize n_merging[64] = { 0 }; /* with their neighbour, when there are so many bits fewer */
  guint fewer = 0;

  qsort (buckets, n, sizeof *buckets, tally_compare_buckets);
  for (gsize i = 1; i < n; i++)
    if ((buckets[i - 1] < 0) == (buckets[i] < 0))
      {
        const guint64 difference = (guint64) ABS (buckets[i - 1]) ^ (guint64) ABS (buckets[i]);

        n_merging[64 - __builtin_clzll (difference)]++;
      }
  while (n > limit && fewer < fine - TALLY_FINE_MIN)
    n -= n_merging[++fewer];
  return fewer;
}

/* All buckets with so many bits fewer. */
static inline void
tally_rebucket (Tally *tally, guint fewer, FanoutMemory *memory)
{
  Counts old = tally->counts;

  tally->counts = (Counts){ .has_nan = old.has_nan };
  tally->sketch->fine = (guint8) (tally->sketch->fine - fewer);
  for (gsize i = 0; i < counts_n_places (&old); i++)
    {
      const CountsEntry entry = counts_place (&old, i);

      if (entry.count_scale != 0)
        counts_add (&tally->counts,
                    fanout_number_decimal (tally_coarser (entry.mantissa, fewer), 0),
                    counts_count (&entry), G_MAXUINT32, memory);
    }
  counts_clear (&old, memory);
}

/* Make buckets coarser until there is room for one more; by how many bits. */
static inline guint
tally_coarsen (Tally *tally, gint64 more, guint64 limit, FanoutMemory *memory)
{
  const gsize size = ((gsize) tally->counts.n + 1) * sizeof more;
  gint64 *buckets = fanout_allocate (memory, size);
  gsize n = 0;
  guint fewer;

  for (gsize i = 0; i < counts_n_places (&tally->counts); i++)
    {
      const CountsEntry entry = counts_place (&tally->counts, i);

      if (entry.count_scale != 0)
        buckets[n++] = entry.mantissa;
    }
  buckets[n++] = more;
  fewer = tally_choose_fewer (buckets, n, tally->sketch->fine, limit);
  fanout_release (memory, buckets, size);
  tally_rebucket (tally, fewer, memory);
  return fewer;
}

static inline void
tally_add_bucket (Tally *tally, gint64 bucket, guint64 count, guint64 limit, FanoutMemory *memory)
{
  const guint64 most = tally->sketch->fine > TALLY_FINE_MIN ? limit : G_MAXUINT32;
  const FanoutNumber key = fanout_number_decimal (bucket, 0);

  if (G_LIKELY (counts_add_again (&tally->counts, key, count))
      || counts_add (&tally->counts, key, count, most, memory))
    return;
  bucket = tally_coarser (bucket, tally_coarsen (tally, bucket, limit, memory));
  counts_add (&tally->counts, fanout_number_decimal (bucket, 0), count, G_MAXUINT32, memory);
}

static inline void
tally_widen (TallySketch *sketch, FanoutNumber x, double real, FanoutMemory *memory)
{
  FanoutWide room;

  if (real <= sketch->low && fanout_number_compare (x, sketch->least) < 0)
    {
      fanout_number_keep (&sketch->least, counts_canonical (x, &room), memory);
      sketch->low = real;
    }
  if (real >= sketch->high && fanout_number_compare (x, sketch->most) > 0)
    {
      fanout_number_keep (&sketch->most, counts_canonical (x, &room), memory);
      sketch->high = real;
    }
}

static inline void
tally_sketch_number (Tally *tally, FanoutNumber x, guint64 count, guint64 limit,
                     FanoutMemory *memory)
{
  const double real = fanout_number_to_double (x);

  tally_widen (tally->sketch, x, real, memory);
  tally_add_bucket (tally, tally_bucket (real, tally->sketch->fine), count, limit, memory);
}

static inline void
tally_to_sketch (Tally *tally, guint64 limit, FanoutMemory *memory)
{
  Counts old = tally->counts;

  tally->sketch = fanout_allocate (memory, sizeof *tally->sketch);
  *tally->sketch = (TallySketch){ .least = fanout_number_double (INFINITY),
                                  .most = fanout_number_double (-INFINITY),
                                  .low = INFINITY,
                                  .high = -INFINITY,
                                  .fine = TALLY_FINE_MAX };
  tally->counts = (Counts){ .has_nan = old.has_nan };
  for (gsize i = 0; i < counts_n_places (&old); i++)
    {
      const CountsEntry entry = counts_place (&old, i);

      if (entry.count_scale != 0)
        tally_sketch_number (tally, counts_key (&entry), counts_count (&entry), limit, memory);
    }
  counts_clear (&old, memory);
}

/* Adding. */

static inline void
tally_add_counted (Tally *tally, FanoutNumber x, guint64 count, guint64 limit, FanoutMemory *memory)
{
  if (G_UNLIKELY (fanout_number_is_double (x) && isnan (x.real)))
    {
      tally->counts.has_nan = 1;
      return;
    }
  if (tally->sketch == NULL)
    {
      if (G_LIKELY (counts_add (&tally->counts, x, count, limit, memory)))
        return;
      tally_to_sketch (tally, limit, memory);
    }
  tally_sketch_number (tally, x, count, limit, memory);
}

static inline void
tally_add (Tally *tally, FanoutNumber x, guint64 limit, FanoutMemory *memory)
{
  if (G_UNLIKELY (tally->sketch != NULL || !counts_add_again (&tally->counts, x, 1)))
    tally_add_counted (tally, x, 1, limit, memory);
}

/* What is in `from` was counted in buckets, as what is in `into` is now. */
static inline void
tally_merge_sketches (Tally *into, const Tally *from, guint64 limit, FanoutMemory *memory)
{
  const TallySketch *sketch = from->sketch;

  tally_widen (into->sketch, sketch->least, sketch->low, memory);
  tally_widen (into->sketch, sketch->most, sketch->high, memory);
  if (into->sketch->fine > sketch->fine)
    tally_rebucket (into, into->sketch->fine - sketch->fine, memory);
  for (gsize i = 0; i < counts_n_places (&from->counts); i++)
    {
      const CountsEntry entry = counts_place (&from->counts, i);

      if (entry.count_scale != 0)
        tally_add_bucket (into, tally_coarser (entry.mantissa, sketch->fine - into->sketch->fine),
                          counts_count (&entry), limit, memory);
    }
}

static inline void
tally_merge (Tally *into, const Tally *from, guint64 limit, FanoutMemory *memory)
{
  into->counts.has_nan |= from->counts.has_nan;
  into->weights += from->weights;
  if (from->sketch != NULL && into->sketch == NULL)
    tally_to_sketch (into, limit, memory);
  if (from->sketch != NULL)
    {
      tally_merge_sketches (into, from, limit, memory);
      return;
    }
  if (into->sketch == NULL)
    counts_expect (&into->counts, &from->counts, limit, memory);
  for (gsize i = 0; i < counts_n_places (&from->counts); i++)
    {
      const CountsEntry entry = counts_place (&from->counts, i);

      if (entry.count_scale != 0)
        tally_add_counted (into, counts_key (&entry), counts_count (&entry), limit, memory);
    }
}

/* The same, where `from` is not needed any more but to be cleared: the larger one stays where it
 * is. */
static inline void
tally_take (Tally *into, Tally *from, guint64 limit, FanoutMemory *memory)
{
  if (into->sketch == NULL && from->sketch == NULL && from->counts.n > into->counts.n)
    {
      const Tally larger = *from;

      *from = *into;
      *into = larger;
    }
  tally_merge (into, from, limit, memory);
}

/* Into an empty one. */
static inline void
tally_copy (Tally *into, const Tally *from, FanoutMemory *memory)
{
  counts_copy (&into->counts, &from->counts, memory);
  into->weights = from->weights;
  if (from->sketch == NULL)
    return;
  into->sketch = fanout_allocate (memory, sizeof *into->sketch);
  *into->sketch = *from->sketch;
  into->sketch->least = into->sketch->most = fanout_number_decimal (0, 0);
  fanout_number_keep (&into->sketch->least, from->sketch->least, memory);
  fanout_number_keep (&into->sketch->most, from->sketch->most, memory);
}

/* Encoding. */

static inline void
tally_write (const Tally *tally, FanoutWriter *out)
{
  fanout_write_u8 (out, tally->sketch != NULL ? tally->sketch->fine : 0);
  if (tally->sketch != NULL)
    {
      fanout_number_write (tally->sketch->least, out);
      fanout_number_write (tally->sketch->most, out);
    }
  counts_write (&tally->counts, out);
}

static inline gboolean
tally_read_sketch (TallySketch *sketch, guint8 fine, FanoutReader *in, FanoutMemory *memory)
{
  if (fine < TALLY_FINE_MIN || fine > TALLY_FINE_MAX
      || !fanout_number_read_kept (&sketch->least, in, memory)
      || !fanout_number_read_kept (&sketch->most, in, memory))
    return FALSE;
  sketch->fine = fine;
  sketch->low = fanout_number_to_double (sketch->least);
  sketch->high = fanout_number_to_double (sketch->most);
  return sketch->low <= sketch->high; /* and none is NaN */
}

/* Whether what was counted can be buckets of what is between the extremes. */
static inline gboolean
tally_check_buckets (const Tally *tally)
{
  const TallySketch *sketch = tally->sketch;
  const gint64 first = tally_bucket (sketch->low, sketch->fine);
  const gint64 last = tally_bucket (sketch->high, sketch->fine);

  for (gsize i = 0; i < counts_n_places (&tally->counts); i++)
    {
      const CountsEntry entry = counts_place (&tally->counts, i);

      if (entry.count_scale != 0
          && (counts_key (&entry).scale != 0 || entry.mantissa < first || entry.mantissa > last))
        return FALSE;
    }
  return tally->counts.n > 0;
}

/* Read into an empty tally; FALSE when the bytes are damaged, and then it is to be cleared. */
static inline gboolean
tally_read (Tally *tally, guint64 limit, FanoutReader *in, FanoutMemory *memory)
{
  guint8 fine;

  if (!fanout_read_u8 (in, &fine))
    return FALSE;
  if (fine == 0)
    return counts_read (&tally->counts, in, memory) && tally->counts.n <= limit;
  tally->sketch = fanout_allocate (memory, sizeof *tally->sketch);
  return tally_read_sketch (tally->sketch, fine, in, memory)
         && counts_read (&tally->counts, in, memory) && tally_check_buckets (tally);
}
