#pragma once

/**
 * How often each number occurs: exactly while there are at most `limit` different ones, beyond that
 * how many fall into each of the buckets of a DDSketch. Which of the two depends on the set of
 * numbers alone, so tallies can be split and merged at will.
 *
 * A bucket is what has one sign, one exponent and the same six bits behind the point: its middle is
 * within 1/128 of all that is in it. Masson, Rim, Lee, "DDSketch" (2019), with their mapping that
 * interpolates logarithms linearly, which takes no logarithm.
 */

#include <fanout/kept.h>
#include <math.h>

#define TALLY_BOUND "relative error at most 0.8 %"

/* A number in its canonical form, or that of a bucket. The count shares a word with the scale; 0:
 * nothing. */
typedef struct
{
  gint64 mantissa;
  guint64 count_scale;
} TallyEntry;

/* All zeroes: empty. May be moved. */
typedef struct
{
  TallyEntry *entries; /* a hash table of 2^bits */
  guint32 n;           /* entries in use */
  guint8 bits;
  guint8 is_sketch;
  guint8 has_nan; /* it is no number to tally, but not to be forgotten */
} Tally;

#define TALLY_BITS_MIN        2
#define TALLY_BUCKET_SHIFT    46
/* Bucket 1 holds the smallest subnormal, 54 doublings below the smallest normal number. */
#define TALLY_BUCKET_OFFSET   (54 * 64 + 1)
#define TALLY_BUCKET_INFINITE (0x7ff * 64 + TALLY_BUCKET_OFFSET)

static inline guint64
tally_count (const TallyEntry *entry)
{
  return entry->count_scale >> 8;
}

static inline FanoutNumber
tally_key (const TallyEntry *entry)
{
  return fanout_number_decimal (entry->mantissa, (guint8) entry->count_scale);
}

static inline gsize
tally_room (const Tally *tally)
{
  return tally->bits > 0 ? (gsize) 1 << tally->bits : 0;
}

/* An entry, free or not, for each `i` below the room. */
static inline const TallyEntry *
tally_entry (const Tally *tally, gsize i)
{
  return &tally->entries[fanout_hash_shuffle (i, tally_room (tally))];
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

/* Buckets are integers in the order of what is in them: 0 for 0, negative for negative numbers. */
static inline gint64
tally_bucket (double x)
{
  double magnitude = fabs (x);
  gint64 bucket = TALLY_BUCKET_OFFSET;
  guint64 bits;

  if (magnitude < 0x1p-1022)
    {
      magnitude *= 0x1p54;
      bucket = 1;
    }
  memcpy (&bits, &magnitude, sizeof bits);
  bucket += (gint64) (bits >> TALLY_BUCKET_SHIFT);
  return magnitude == 0 ? 0 : x < 0 ? -bucket : bucket;
}

static inline double
tally_bucket_middle (gint64 bucket)
{
  const guint64 number = (guint64) ABS (bucket);
  const gboolean is_normal = number >= TALLY_BUCKET_OFFSET + 64;
  const guint64 bits = (number - (is_normal ? TALLY_BUCKET_OFFSET : 1)) << TALLY_BUCKET_SHIFT
                       | (guint64) 1 << (TALLY_BUCKET_SHIFT - 1);
  double middle;

  memcpy (&middle, &bits, sizeof middle);
  if (number >= TALLY_BUCKET_INFINITE)
    middle = INFINITY;
  else if (number == 0)
    middle = 0;
  else if (!is_normal)
    middle *= 0x1p-54;
  return bucket < 0 ? -middle : middle;
}

/* The number that an entry stands for, or about the numbers that it does. */
static inline FanoutNumber
tally_number (const Tally *tally, const TallyEntry *entry)
{
  return tally->is_sketch ? fanout_number_double (tally_bucket_middle (entry->mantissa))
                          : tally_key (entry);
}

/* Adding. */

/* The entry of a key, or the free one where it belongs. */
static inline TallyEntry *
tally_find (TallyEntry *entries, guint bits, FanoutNumber key)
{
  const guint64 hash
      = fanout_hash_mix ((guint64) key.mantissa ^ G_GUINT64_CONSTANT (0x9e3779b97f4a7c15),
                         key.scale ^ G_GUINT64_CONSTANT (0xe7037ed1a0b428db));
  const gsize mask = ((gsize) 1 << bits) - 1;
  gsize i = (gsize) (hash >> (64 - bits));

  while (entries[i].count_scale != 0
         && (entries[i].mantissa != key.mantissa || (guint8) entries[i].count_scale != key.scale))
    i = (i + 1) & mask;
  return &entries[i];
}

static inline void
tally_grow (Tally *tally, FanoutMemory *memory)
{
  const guint8 bits = (guint8) MAX (tally->bits + 1, TALLY_BITS_MIN);
  TallyEntry *entries = fanout_allocate (memory, ((gsize) 1 << bits) * sizeof *entries);
  const gsize room = tally_room (tally);

  for (gsize i = 0; i < room; i++)
    if (tally->entries[i].count_scale != 0)
      *tally_find (entries, bits, tally_key (&tally->entries[i])) = tally->entries[i];
  fanout_release (memory, tally->entries, room * sizeof *entries);
  tally->entries = entries;
  tally->bits = bits;
}

/* FALSE: it is a new key, for which there is no room. */
static inline gboolean
tally_add_key (Tally *tally, FanoutNumber key, guint64 count, guint64 limit, FanoutMemory *memory)
{
  TallyEntry *entry = tally->bits > 0 ? tally_find (tally->entries, tally->bits, key) : NULL;

  if (G_LIKELY (entry != NULL && entry->count_scale != 0))
    {
      entry->count_scale += count << 8;
      return TRUE;
    }
  if (tally->n >= limit)
    return FALSE;
  if (((gsize) tally->n + 1) * 4 > tally_room (tally) * 3)
    tally_grow (tally, memory);
  tally->n++;
  *tally_find (tally->entries, tally->bits, key)
      = (TallyEntry){ key.mantissa, count << 8 | key.scale };
  return TRUE;
}

static inline void
tally_add_bucket (Tally *tally, gint64 bucket, guint64 count, FanoutMemory *memory)
{
  tally_add_key (tally, fanout_number_decimal (bucket, 0), count, G_MAXUINT32, memory);
}

static inline void
tally_release (Tally *tally, FanoutMemory *memory)
{
  fanout_release (memory, tally->entries, tally_room (tally) * sizeof *tally->entries);
}

static inline void
tally_to_sketch (Tally *tally, FanoutMemory *memory)
{
  Tally sketch = { .is_sketch = 1, .has_nan = tally->has_nan };

  for (gsize i = 0; i < tally_room (tally); i++)
    if (tally->entries[i].count_scale != 0)
      tally_add_bucket (&sketch,
                        tally_bucket (fanout_number_to_double (tally_key (&tally->entries[i]))),
                        tally_count (&tally->entries[i]), memory);
  tally_release (tally, memory);
  *tally = sketch;
}

static inline void
tally_add_counted (Tally *tally, FanoutNumber x, guint64 count, guint64 limit, FanoutMemory *memory)
{
  if (G_UNLIKELY (fanout_number_is_double (x) && isnan (x.real)))
    {
      tally->has_nan = 1;
      return;
    }
  if (!tally->is_sketch)
    {
      if (G_LIKELY (tally_add_key (tally, tally_canonical (x), count, limit, memory)))
        return;
      tally_to_sketch (tally, memory);
    }
  tally_add_bucket (tally, tally_bucket (fanout_number_to_double (x)), count, memory);
}

static inline void
tally_add (Tally *tally, FanoutNumber x, guint64 limit, FanoutMemory *memory)
{
  tally_add_counted (tally, x, 1, limit, memory);
}

static inline void
tally_merge (Tally *into, const Tally *from, guint64 limit, FanoutMemory *memory)
{
  into->has_nan |= from->has_nan;
  if (from->is_sketch && !into->is_sketch)
    tally_to_sketch (into, memory);
  for (gsize i = 0; i < tally_room (from); i++)
    {
      const TallyEntry *entry = tally_entry (from, i);

      if (entry->count_scale == 0)
        continue;
      if (from->is_sketch)
        tally_add_bucket (into, entry->mantissa, tally_count (entry), memory);
      else
        tally_add_counted (into, tally_key (entry), tally_count (entry), limit, memory);
    }
}

static inline void
tally_clear (Tally *tally, FanoutMemory *memory)
{
  tally_release (tally, memory);
  memset (tally, 0, sizeof *tally);
}

/* Asking. */

/* How many numbers there are, without NaN. */
static inline guint64
tally_total (const Tally *tally)
{
  guint64 total = 0;

  for (gsize i = 0; i < tally_room (tally); i++)
    total += tally_count (&tally->entries[i]);
  return total;
}

static inline int
tally_compare (gconstpointer a, gconstpointer b)
{
  return fanout_number_compare (tally_key (a), tally_key (b));
}

/* The n entries in the order of their numbers; g_free. */
static inline TallyEntry *
tally_sorted (const Tally *tally)
{
  TallyEntry *sorted = g_new0 (TallyEntry, tally->n);
  gsize n = 0;

  for (gsize i = 0; i < tally_room (tally); i++)
    if (tally->entries[i].count_scale != 0)
      sorted[n++] = tally->entries[i];
  if (n > 1)
    qsort (sorted, n, sizeof *sorted, tally_compare);
  return sorted;
}

/* Encoding. */

static inline void
tally_write (const Tally *tally, GByteArray *out)
{
  fanout_write_u8 (out, tally->is_sketch);
  fanout_write_u8 (out, tally->has_nan);
  fanout_write_u32 (out, tally->n);
  for (gsize i = 0; i < tally_room (tally); i++)
    {
      const TallyEntry *entry = tally_entry (tally, i);

      if (entry->count_scale == 0)
        continue;
      fanout_number_write (tally_key (entry), out);
      fanout_write_u64 (out, tally_count (entry));
    }
}

static inline gboolean
tally_read_entry (Tally *tally, guint64 limit, FanoutReader *in, FanoutMemory *memory)
{
  FanoutNumber x;
  guint64 count;

  if (!fanout_number_read (&x, in) || !fanout_read_u64 (in, &count) || count == 0
      || count >> 48 != 0)
    return FALSE;
  if (tally->is_sketch)
    {
      if (x.scale != 0 || ABS (x.mantissa) > TALLY_BUCKET_INFINITE)
        return FALSE;
      tally_add_bucket (tally, x.mantissa, count, memory);
      return TRUE;
    }
  if (fanout_number_is_double (x) && isnan (x.real))
    return FALSE;
  tally_add_counted (tally, x, count, limit, memory);
  return TRUE;
}

/* Read into an empty tally; FALSE when the bytes are damaged, and then it is to be cleared. */
static inline gboolean
tally_read (Tally *tally, guint64 limit, FanoutReader *in, FanoutMemory *memory)
{
  guint32 n;

  if (!fanout_read_u8 (in, &tally->is_sketch) || tally->is_sketch > 1
      || !fanout_read_u8 (in, &tally->has_nan) || tally->has_nan > 1 || !fanout_read_u32 (in, &n))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    if (!tally_read_entry (tally, limit, in, memory))
      return FALSE;
  return TRUE;
}
