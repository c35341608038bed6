#pragma once

/**
 * How often each number occurs: exactly while there are at most `limit` different ones, beyond that in
 * buckets (DDSketch). Which of the two depends on the set of numbers alone, so tallies can be split and
 * merged at will.
 *
 * A bucket is what has one sign, one exponent and the same six bits behind the point: its middle is
 * within 1/128 of all that is in it. Masson, Rim, Lee, "DDSketch" (2019), with their mapping that
 * interpolates logarithms linearly, which takes no logarithm.
 */

#include <fanout/kept.h>
#include <math.h>

#define TALLY_BOUND "relative error at most 0.8 %"

/* A number in its canonical form; the count shares a word with the scale. 0: nothing. */
typedef struct
{
  gint64 mantissa;
  guint64 count_scale;
} TallyEntry;

/* Counts of the buckets first, first + 1, ... */
typedef struct
{
  guint64 *counts;
  gint32 first;
  guint32 n;
} TallyBuckets;

typedef struct
{
  guint64 zeros;
  TallyBuckets positive;
  TallyBuckets negative;
  double min;
  double max;
} TallySketch;

/* All zeroes: empty. May be moved. */
typedef struct
{
  union
  {
    TallyEntry *entries; /* a hash table of 2^bits */
    TallySketch *sketch;
  };
  guint32 n; /* entries in use */
  guint8 bits;
  guint8 is_sketch;
  guint8 has_nan; /* it is no number to tally, but not to be forgotten */
} Tally;

#define TALLY_BITS_MIN 2
#define TALLY_BUCKET_SHIFT 46
#define TALLY_BUCKETS_STEP 64
/* Buckets of the smallest subnormal and of infinity. */
#define TALLY_BUCKET_MIN (-54 * 64)
#define TALLY_BUCKET_MAX (0x7ff * 64)

static inline guint64
tally_count (const TallyEntry *entry)
{
  return entry->count_scale >> 8;
}

static inline FanoutNumber
tally_number (const TallyEntry *entry)
{
  FanoutNumber number;

  number.mantissa = entry->mantissa;
  number.scale = (guint8) entry->count_scale;
  return number;
}

static inline gsize
tally_room (const Tally *tally)
{
  return tally->bits > 0 ? (gsize) 1 << tally->bits : 0;
}

static inline FanoutNumber
tally_canonical (FanoutNumber x)
{
  if (G_UNLIKELY (fanout_number_is_double (x)))
    return fanout_number_canonical (x);
  if (x.mantissa == 0)
    x.scale = 0;
  while (x.scale > 0 && x.mantissa % 10 == 0)
    {
      x.mantissa /= 10;
      x.scale--;
    }
  return x;
}

/* The entry of a canonical number, or the free one where it belongs. */
static inline TallyEntry *
tally_find (TallyEntry *entries, guint bits, FanoutNumber x)
{
  const guint64 hash = fanout_hash_mix ((guint64) x.mantissa ^ G_GUINT64_CONSTANT (0x9e3779b97f4a7c15),
                                        x.scale ^ G_GUINT64_CONSTANT (0xe7037ed1a0b428db));
  const gsize mask = ((gsize) 1 << bits) - 1;
  gsize i = (gsize) (hash >> (64 - bits));

  while (entries[i].count_scale != 0
         && (entries[i].mantissa != x.mantissa || (guint8) entries[i].count_scale != x.scale))
    i = (i + 1) & mask;
  return &entries[i];
}

/* Buckets. */

static inline gint32
tally_bucket (double magnitude)
{
  gint32 below = 0;
  guint64 bits;

  if (magnitude < 0x1p-1022)
    {
      magnitude *= 0x1p54;
      below = 54 * 64;
    }
  memcpy (&bits, &magnitude, sizeof bits);
  return (gint32) (bits >> TALLY_BUCKET_SHIFT) - below;
}

static inline double
tally_bucket_middle (gint32 bucket)
{
  const gboolean subnormal = bucket < 64;
  const guint64 bits = (guint64) (bucket + (subnormal ? 54 * 64 : 0)) << TALLY_BUCKET_SHIFT;
  const guint64 middle = bits | (guint64) 1 << (TALLY_BUCKET_SHIFT - 1);
  double value;

  if (bucket >= TALLY_BUCKET_MAX)
    return INFINITY;
  memcpy (&value, &middle, sizeof value);
  return subnormal ? value * 0x1p-54 : value;
}

/* Cover `bucket`, in steps of whole multiples, and by half more than was covered. */
static inline void
tally_buckets_cover (TallyBuckets *buckets, gint32 bucket, FanoutMemory *memory)
{
  const gint32 slack = (gint32) (buckets->n / 2 / TALLY_BUCKETS_STEP * TALLY_BUCKETS_STEP);
  gint32 first = bucket & -TALLY_BUCKETS_STEP;
  gint32 end = first + TALLY_BUCKETS_STEP;
  const gint32 old_end = buckets->first + (gint32) buckets->n;
  guint64 *counts;

  if (buckets->n > 0)
    {
      first = first < buckets->first ? MAX (first - slack, TALLY_BUCKET_MIN) : buckets->first;
      end = end > old_end ? MIN (end + slack, TALLY_BUCKET_MAX + TALLY_BUCKETS_STEP) : old_end;
    }
  counts = fanout_allocate (memory, (gsize) (end - first) * sizeof *counts);
  if (buckets->n > 0)
    memcpy (counts + (buckets->first - first), buckets->counts, buckets->n * sizeof *counts);
  fanout_release (memory, buckets->counts, buckets->n * sizeof *counts);
  buckets->counts = counts;
  buckets->first = first;
  buckets->n = (guint32) (end - first);
}

static inline void
tally_buckets_add (TallyBuckets *buckets, gint32 bucket, guint64 count, FanoutMemory *memory)
{
  if (G_UNLIKELY ((guint32) (bucket - buckets->first) >= buckets->n))
    tally_buckets_cover (buckets, bucket, memory);
  buckets->counts[bucket - buckets->first] += count;
}

static inline void
tally_sketch_add (TallySketch *sketch, double x, guint64 count, FanoutMemory *memory)
{
  sketch->min = x < sketch->min ? x : sketch->min;
  sketch->max = x > sketch->max ? x : sketch->max;
  if (x > 0)
    tally_buckets_add (&sketch->positive, tally_bucket (x), count, memory);
  else if (x < 0)
    tally_buckets_add (&sketch->negative, tally_bucket (-x), count, memory);
  else
    sketch->zeros += count;
}

static inline TallySketch *
tally_sketch_new (FanoutMemory *memory)
{
  TallySketch *sketch = fanout_allocate (memory, sizeof *sketch);

  sketch->min = INFINITY;
  sketch->max = -INFINITY;
  return sketch;
}

static inline void
tally_to_sketch (Tally *tally, FanoutMemory *memory)
{
  TallySketch *sketch = tally_sketch_new (memory);
  TallyEntry *entries = tally->entries;
  const gsize room = tally_room (tally);

  for (gsize i = 0; i < room; i++)
    if (entries[i].count_scale != 0)
      tally_sketch_add (sketch, fanout_number_to_double (tally_number (&entries[i])),
                        tally_count (&entries[i]), memory);
  fanout_release (memory, entries, room * sizeof *entries);
  tally->sketch = sketch;
  tally->is_sketch = 1;
  tally->n = 0;
  tally->bits = 0;
}

/* Adding. */

static inline void
tally_grow (Tally *tally, FanoutMemory *memory)
{
  const guint8 bits = (guint8) MAX (tally->bits + 1, TALLY_BITS_MIN);
  TallyEntry *entries = fanout_allocate (memory, ((gsize) 1 << bits) * sizeof *entries);
  const gsize room = tally_room (tally);

  for (gsize i = 0; i < room; i++)
    if (tally->entries[i].count_scale != 0)
      *tally_find (entries, bits, tally_number (&tally->entries[i])) = tally->entries[i];
  fanout_release (memory, tally->entries, room * sizeof *entries);
  tally->entries = entries;
  tally->bits = bits;
}

/* A number that was not there before. */
static inline void
tally_add_new (Tally *tally, FanoutNumber x, guint64 count, guint64 limit, FanoutMemory *memory)
{
  if (tally->n >= limit)
    {
      tally_to_sketch (tally, memory);
      tally_sketch_add (tally->sketch, fanout_number_to_double (x), count, memory);
      return;
    }
  if (((gsize) tally->n + 1) * 4 > tally_room (tally) * 3)
    tally_grow (tally, memory);
  tally->n++;
  *tally_find (tally->entries, tally->bits, x)
      = (TallyEntry) { .mantissa = x.mantissa, .count_scale = count << 8 | x.scale };
}

static inline void
tally_add_counted (Tally *tally, FanoutNumber x, guint64 count, guint64 limit, FanoutMemory *memory)
{
  TallyEntry *entry;

  if (G_UNLIKELY (fanout_number_is_double (x) && isnan (x.real)))
    tally->has_nan = 1;
  else if (tally->is_sketch)
    tally_sketch_add (tally->sketch, fanout_number_to_double (x), count, memory);
  else
    {
      x = tally_canonical (x);
      entry = tally->bits > 0 ? tally_find (tally->entries, tally->bits, x) : NULL;
      if (G_LIKELY (entry != NULL && entry->count_scale != 0))
        entry->count_scale += count << 8;
      else
        tally_add_new (tally, x, count, limit, memory);
    }
}

static inline void
tally_add (Tally *tally, FanoutNumber x, guint64 limit, FanoutMemory *memory)
{
  tally_add_counted (tally, x, 1, limit, memory);
}

static inline void
tally_buckets_merge (TallyBuckets *into, const TallyBuckets *from, FanoutMemory *memory)
{
  for (guint32 i = 0; i < from->n; i++)
    if (from->counts[i] != 0)
      tally_buckets_add (into, from->first + (gint32) i, from->counts[i], memory);
}

static inline void
tally_merge (Tally *into, const Tally *from, guint64 limit, FanoutMemory *memory)
{
  into->has_nan |= from->has_nan;
  if (!from->is_sketch)
    {
      for (gsize i = 0; i < tally_room (from); i++)
        if (from->entries[i].count_scale != 0)
          tally_add_counted (into, tally_number (&from->entries[i]), tally_count (&from->entries[i]),
                             limit, memory);
      return;
    }
  if (!into->is_sketch)
    tally_to_sketch (into, memory);
  into->sketch->zeros += from->sketch->zeros;
  tally_buckets_merge (&into->sketch->positive, &from->sketch->positive, memory);
  tally_buckets_merge (&into->sketch->negative, &from->sketch->negative, memory);
  into->sketch->min = MIN (into->sketch->min, from->sketch->min);
  into->sketch->max = MAX (into->sketch->max, from->sketch->max);
}

static inline void
tally_clear (Tally *tally, FanoutMemory *memory)
{
  TallySketch *sketch = tally->sketch;

  if (tally->is_sketch)
    {
      fanout_release (memory, sketch->positive.counts, sketch->positive.n * sizeof (guint64));
      fanout_release (memory, sketch->negative.counts, sketch->negative.n * sizeof (guint64));
      fanout_release (memory, sketch, sizeof *sketch);
    }
  else
    fanout_release (memory, tally->entries, tally_room (tally) * sizeof *tally->entries);
  memset (tally, 0, sizeof *tally);
}

/* Asking. */

static inline guint64
tally_buckets_total (const TallyBuckets *buckets)
{
  guint64 total = 0;

  for (guint32 i = 0; i < buckets->n; i++)
    total += buckets->counts[i];
  return total;
}

/* How many numbers there are, without NaN. */
static inline guint64
tally_total (const Tally *tally)
{
  guint64 total = 0;

  if (tally->is_sketch)
    return tally->sketch->zeros + tally_buckets_total (&tally->sketch->positive)
           + tally_buckets_total (&tally->sketch->negative);
  for (gsize i = 0; i < tally_room (tally); i++)
    total += tally_count (&tally->entries[i]);
  return total;
}

static inline int
tally_compare (gconstpointer a, gconstpointer b)
{
  return fanout_number_compare (tally_number (a), tally_number (b));
}

/* The n entries of an exact tally in the order of their numbers; g_free. */
static inline TallyEntry *
tally_sorted (const Tally *tally)
{
  TallyEntry *sorted = g_new (TallyEntry, tally->n);
  gsize n = 0;

  for (gsize i = 0; i < tally_room (tally); i++)
    if (tally->entries[i].count_scale != 0)
      sorted[n++] = tally->entries[i];
  if (n > 1)
    qsort (sorted, n, sizeof *sorted, tally_compare);
  return sorted;
}

/* About the number at `rank`, from 0, of a sketch; `rank` is below its total. */
static inline double
tally_sketch_at (const TallySketch *sketch, guint64 rank)
{
  const TallyBuckets *negative = &sketch->negative;
  const TallyBuckets *positive = &sketch->positive;
  double value = sketch->max;
  guint32 i;

  for (i = negative->n; i > 0 && rank >= negative->counts[i - 1]; i--)
    rank -= negative->counts[i - 1];
  if (i > 0)
    value = -tally_bucket_middle (negative->first + (gint32) i - 1);
  else if (rank < sketch->zeros)
    value = 0;
  else
    {
      rank -= sketch->zeros;
      for (i = 0; i < positive->n && rank >= positive->counts[i]; i++)
        rank -= positive->counts[i];
      if (i < positive->n)
        value = tally_bucket_middle (positive->first + (gint32) i);
    }
  return CLAMP (value, sketch->min, sketch->max);
}

/* Encoding. */

static inline void
tally_buckets_write (const TallyBuckets *buckets, GByteArray *out)
{
  guint32 n = 0;

  for (guint32 i = 0; i < buckets->n; i++)
    n += buckets->counts[i] != 0;
  fanout_write_u32 (out, n);
  for (guint32 i = 0; i < buckets->n; i++)
    if (buckets->counts[i] != 0)
      {
        fanout_write_u32 (out, (guint32) buckets->first + i);
        fanout_write_u64 (out, buckets->counts[i]);
      }
}

static inline gboolean
tally_buckets_read (TallyBuckets *buckets, FanoutReader *in, FanoutMemory *memory)
{
  guint32 n;
  guint32 bucket;
  guint64 count;

  if (!fanout_read_u32 (in, &n))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      if (!fanout_read_u32 (in, &bucket) || !fanout_read_u64 (in, &count) || count == 0
          || (gint32) bucket < TALLY_BUCKET_MIN || (gint32) bucket > TALLY_BUCKET_MAX)
        return FALSE;
      tally_buckets_add (buckets, (gint32) bucket, count, memory);
    }
  return TRUE;
}

static inline void
tally_write (const Tally *tally, GByteArray *out)
{
  fanout_write_u8 (out, tally->is_sketch);
  fanout_write_u8 (out, tally->has_nan);
  if (tally->is_sketch)
    {
      fanout_write_u64 (out, tally->sketch->zeros);
      fanout_number_write (fanout_number_double (tally->sketch->min), out);
      fanout_number_write (fanout_number_double (tally->sketch->max), out);
      tally_buckets_write (&tally->sketch->positive, out);
      tally_buckets_write (&tally->sketch->negative, out);
      return;
    }
  fanout_write_u32 (out, tally->n);
  for (gsize i = 0; i < tally_room (tally); i++)
    if (tally->entries[i].count_scale != 0)
      {
        fanout_number_write (tally_number (&tally->entries[i]), out);
        fanout_write_u64 (out, tally_count (&tally->entries[i]));
      }
}

static inline gboolean
tally_read_sketch (Tally *tally, FanoutReader *in, FanoutMemory *memory)
{
  TallySketch *sketch = tally_sketch_new (memory);
  FanoutNumber min;
  FanoutNumber max;

  tally->sketch = sketch;
  tally->is_sketch = 1;
  if (!fanout_read_u64 (in, &sketch->zeros) || !fanout_number_read (&min, in)
      || !fanout_number_read (&max, in) || !fanout_number_is_double (min)
      || !fanout_number_is_double (max) || !(min.real <= max.real)
      || !tally_buckets_read (&sketch->positive, in, memory)
      || !tally_buckets_read (&sketch->negative, in, memory))
    return FALSE;
  sketch->min = min.real;
  sketch->max = max.real;
  return TRUE;
}

/* Read into an empty tally; FALSE when the bytes are damaged, and then it is to be cleared. */
static inline gboolean
tally_read (Tally *tally, guint64 limit, FanoutReader *in, FanoutMemory *memory)
{
  guint8 is_sketch;
  guint32 n;
  FanoutNumber x;
  guint64 count;

  if (!fanout_read_u8 (in, &is_sketch) || is_sketch > 1 || !fanout_read_u8 (in, &tally->has_nan)
      || tally->has_nan > 1)
    return FALSE;
  if (is_sketch)
    return tally_read_sketch (tally, in, memory);
  if (!fanout_read_u32 (in, &n))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      if (!fanout_number_read (&x, in) || !fanout_read_u64 (in, &count) || count == 0
          || count >> 56 != 0 || (fanout_number_is_double (x) && isnan (x.real)))
        return FALSE;
      tally_add_counted (tally, x, count, limit, memory);
    }
  return TRUE;
}
