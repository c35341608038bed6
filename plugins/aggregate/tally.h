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

/*
 * Where numbers lie close together they have a window: word i of it is the count and scale of
 * (base + i) / 10^scale. All others are in a hash table.
 *
 * All zeroes: empty. May be moved.
 */
typedef struct
{
  guint64 *window;
  gint64 base;
  guint32 width;
  guint8 scale;
  guint8 is_sketch;
  guint8 has_nan; /* it is no number to tally, but not to be forgotten */
  guint8 bits;
  TallyEntry *entries; /* 2^bits */
  guint32 n_entries;   /* in use */
  guint32 n;           /* different numbers or buckets, wherever they are */
} Tally;

#define TALLY_BITS_MIN        2
/* So many numbers get a window with so many words for each, when at least half of them fit. */
#define TALLY_WINDOW_MIN      12
#define TALLY_WINDOW_SHARE    4
/* Where it is to be is found from about so many places. */
#define TALLY_SAMPLE          1000
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

static inline gint64
tally_power_of_ten (guint exponent)
{
  gint64 power = 1;

  while (exponent-- > 0)
    power *= 10;
  return power;
}

/* What there is: an entry for each place, with a count of 0 where that is free. */
static inline gsize
tally_n_places (const Tally *tally)
{
  return tally->width + tally_room (tally);
}

static inline TallyEntry
tally_place (const Tally *tally, gsize i)
{
  const guint64 word = i < tally->width ? tally->window[i] : 0;

  if (i >= tally->width)
    return tally->entries[i - tally->width];
  if (word == 0)
    return (TallyEntry){ 0, 0 };
  return (TallyEntry){
    (tally->base + (gint64) i) / tally_power_of_ten ((guint) tally->scale - (guint8) word), word
  };
}

/* The same in an order that is good for what goes into another tally. */
static inline TallyEntry
tally_shuffled_place (const Tally *tally, gsize i)
{
  if (i >= tally->width)
    i = tally->width + fanout_hash_shuffle (i - tally->width, tally_room (tally));
  return tally_place (tally, i);
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

static inline void
tally_release (const Tally *tally, FanoutMemory *memory)
{
  fanout_release (memory, tally->window, tally->width * sizeof *tally->window);
  fanout_release (memory, tally->entries, tally_room (tally) * sizeof *tally->entries);
}

/* Adding. */

/* The mantissa of a decimal at this scale, if it has one. */
static inline gboolean
tally_at_scale (FanoutNumber key, guint8 scale, gint64 *mantissa)
{
  *mantissa = key.mantissa;
  return key.scale == scale
         || (key.scale < scale
             && !__builtin_mul_overflow (key.mantissa, tally_power_of_ten (scale - key.scale),
                                         mantissa));
}

/* NULL: it is outside. */
static inline guint64 *
tally_find_word (const Tally *tally, FanoutNumber key)
{
  gint64 mantissa;
  guint64 at;

  if (tally->width == 0 || !tally_at_scale (key, tally->scale, &mantissa))
    return NULL;
  at = (guint64) mantissa - (guint64) tally->base;
  return at < tally->width ? &tally->window[at] : NULL;
}

/* The entry of a key, or the free one where it belongs. */
static inline TallyEntry *
tally_find_entry (const Tally *tally, FanoutNumber key)
{
  const guint64 hash
      = fanout_hash_mix ((guint64) key.mantissa ^ G_GUINT64_CONSTANT (0x9e3779b97f4a7c15),
                         key.scale ^ G_GUINT64_CONSTANT (0xe7037ed1a0b428db));
  TallyEntry *entries = tally->entries;
  const gsize mask = tally_room (tally) - 1;
  gsize i = (gsize) (hash >> (64 - tally->bits));

  while (entries[i].count_scale != 0
         && (entries[i].mantissa != key.mantissa || (guint8) entries[i].count_scale != key.scale))
    i = (i + 1) & mask;
  return &entries[i];
}

/* A key that is not there, for which there is room. */
static inline void
tally_insert (Tally *tally, FanoutNumber key, guint64 count)
{
  guint64 *word = tally_find_word (tally, key);

  if (word == NULL)
    {
      TallyEntry *entry = tally_find_entry (tally, key);

      entry->mantissa = key.mantissa;
      word = &entry->count_scale;
      tally->n_entries++;
    }
  *word = count << 8 | key.scale;
  tally->n++;
}

/* What a sample says of the numbers that lie from `least` to `most`. */
typedef struct
{
  gint64 least;
  gint64 most;
  gint64 mean;
  gsize n;
  gsize n_others;
} TallyRange;

static inline TallyRange
tally_look (const Tally *tally, guint8 scale, gint64 least, gint64 most)
{
  const gsize step = tally_n_places (tally) / TALLY_SAMPLE + 1;
  TallyRange range = { .least = most, .most = least };
  FanoutInt128 sum = 0;
  gint64 total = 0;

  for (gsize i = 0; i < tally_n_places (tally); i += step)
    {
      const TallyEntry entry = tally_place (tally, i);
      const gint64 count = (gint64) tally_count (&entry);
      gint64 mantissa;

      if (count == 0)
        continue;
      if (!tally_at_scale (tally_key (&entry), scale, &mantissa) || mantissa < least
          || mantissa > most)
        {
          range.n_others++;
          continue;
        }
      range.least = MIN (range.least, mantissa);
      range.most = MAX (range.most, mantissa);
      range.n++;
      sum += (FanoutInt128) mantissa * count;
      total += count;
    }
  if (range.n > 0)
    range.mean = (gint64) (sum / total);
  return range;
}

/* Where a window may begin that holds half of the numbers or more. Some may be far away from the
 * others, so the range that they are in is halved around their mean until it is narrow enough. */
static inline gboolean
tally_choose_base (const Tally *tally, guint8 scale, guint32 width, gint64 *base)
{
  TallyRange range = tally_look (tally, scale, G_MININT64, G_MAXINT64);

  while (range.n > 0 && range.n >= range.n_others)
    {
      const guint64 length = (guint64) range.most - (guint64) range.least;
      const gint64 quarter = (gint64) (length / 4);
      gint64 first;
      gint64 last;

      if (length < width)
        {
          const FanoutInt128 middle = ((FanoutInt128) range.least + range.most - width) / 2;

          *base = (gint64) CLAMP (middle, G_MININT64, G_MAXINT64 - width);
          return TRUE;
        }
      first = range.mean < range.least + quarter ? range.least : range.mean - quarter;
      last = range.mean > range.most - quarter ? range.most : range.mean + quarter;
      range = tally_look (tally, scale, first, last);
    }
  return FALSE;
}

/* How many numbers of another tally the window of this one will not hold. */
static inline gsize
tally_count_outside (const Tally *tally, const Tally *other)
{
  gsize n = tally->width > 0 ? 0 : other->n;

  for (gsize i = 0; tally->width > 0 && i < tally_n_places (other); i++)
    {
      const TallyEntry entry = tally_place (other, i);

      n += entry.count_scale != 0 && tally_find_word (tally, tally_key (&entry)) == NULL;
    }
  return n;
}

/* Give it room for half as many numbers again, of this scale for the most part. */
static inline void
tally_grow (Tally *tally, guint8 scale, FanoutMemory *memory)
{
  const Tally old = *tally;
  gsize n_entries;

  tally->scale = scale;
  tally->width = old.n * TALLY_WINDOW_SHARE;
  if (old.n < TALLY_WINDOW_MIN || !tally_choose_base (&old, scale, tally->width, &tally->base))
    tally->width = 0;
  tally->window = fanout_allocate (memory, tally->width * sizeof *tally->window);
  n_entries = tally_count_outside (tally, &old) + old.n / 2;
  tally->bits = TALLY_BITS_MIN;
  while (tally_room (tally) * 3 <= n_entries * 4)
    tally->bits++;
  tally->entries = fanout_allocate (memory, tally_room (tally) * sizeof *tally->entries);
  tally->n_entries = 0;
  tally->n = 0;
  for (gsize i = 0; i < tally_n_places (&old); i++)
    {
      const TallyEntry entry = tally_place (&old, i);

      if (entry.count_scale != 0)
        tally_insert (tally, tally_key (&entry), tally_count (&entry));
    }
  tally_release (&old, memory);
}

/* FALSE: it is a new number, for which there is no room. */
static inline gboolean
tally_add_exactly (Tally *tally, FanoutNumber x, guint64 count, guint64 limit, FanoutMemory *memory)
{
  const FanoutNumber key = tally_canonical (x);
  guint64 *word = tally_find_word (tally, key);

  if (word == NULL && tally->bits > 0)
    word = &tally_find_entry (tally, key)->count_scale;
  if (G_LIKELY (word != NULL && *word != 0))
    {
      *word += count << 8;
      return TRUE;
    }
  if (tally->n >= limit)
    return FALSE;
  if (((gsize) tally->n_entries + 1) * 4 > tally_room (tally) * 3)
    tally_grow (tally, fanout_number_is_double (x) ? tally->scale : MAX (tally->scale, x.scale),
                memory);
  tally_insert (tally, key, count);
  return TRUE;
}

static inline void
tally_add_bucket (Tally *tally, gint64 bucket, guint64 count, FanoutMemory *memory)
{
  tally_add_exactly (tally, fanout_number_decimal (bucket, 0), count, G_MAXUINT32, memory);
}

static inline void
tally_to_sketch (Tally *tally, FanoutMemory *memory)
{
  Tally sketch = { .is_sketch = 1, .has_nan = tally->has_nan };

  for (gsize i = 0; i < tally_n_places (tally); i++)
    {
      const TallyEntry entry = tally_place (tally, i);

      if (entry.count_scale != 0)
        tally_add_bucket (&sketch, tally_bucket (fanout_number_to_double (tally_key (&entry))),
                          tally_count (&entry), memory);
    }
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
      if (G_LIKELY (tally_add_exactly (tally, x, count, limit, memory)))
        return;
      tally_to_sketch (tally, memory);
    }
  tally_add_bucket (tally, tally_bucket (fanout_number_to_double (x)), count, memory);
}

/* Count a number once more that is in the window; FALSE: it is not there. */
static inline gboolean
tally_add_again (Tally *tally, FanoutNumber x)
{
  const guint64 at = (guint64) x.mantissa - (guint64) tally->base;

  if (at >= tally->width || x.scale != tally->scale || tally->is_sketch || tally->window[at] == 0)
    return FALSE;
  tally->window[at] += 1 << 8;
  return TRUE;
}

static inline void
tally_add (Tally *tally, FanoutNumber x, guint64 limit, FanoutMemory *memory)
{
  if (G_UNLIKELY (!tally_add_again (tally, x)))
    tally_add_counted (tally, x, 1, limit, memory);
}

static inline void
tally_merge (Tally *into, const Tally *from, guint64 limit, FanoutMemory *memory)
{
  into->has_nan |= from->has_nan;
  if (from->is_sketch && !into->is_sketch)
    tally_to_sketch (into, memory);
  for (gsize i = 0; i < tally_n_places (from); i++)
    {
      const TallyEntry entry = tally_shuffled_place (from, i);

      if (entry.count_scale == 0)
        continue;
      if (from->is_sketch)
        tally_add_bucket (into, entry.mantissa, tally_count (&entry), memory);
      else
        tally_add_counted (into, tally_key (&entry), tally_count (&entry), limit, memory);
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

  for (gsize i = 0; i < tally->width; i++)
    total += tally->window[i] >> 8;
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
  TallyEntry *sorted = g_new (TallyEntry, tally->n + 1);
  TallyEntry *rest = sorted + tally->n - tally->n_entries;
  gsize n = 0;

  /* Those of the table come behind the place of the others, which are in order and move up. */
  for (gsize i = 0; i < tally_room (tally); i++)
    if (tally->entries[i].count_scale != 0)
      rest[n++] = tally->entries[i];
  if (n > 1)
    qsort (rest, n, sizeof *rest, tally_compare);
  n = 0;
  for (gsize i = 0; i < tally->width; i++)
    if (tally->window[i] != 0)
      {
        const TallyEntry entry = tally_place (tally, i);

        while (rest < sorted + tally->n && tally_compare (rest, &entry) < 0)
          sorted[n++] = *rest++;
        sorted[n++] = entry;
      }
  return sorted;
}

/* Encoding. */

static inline void
tally_write (const Tally *tally, GByteArray *out)
{
  fanout_write_u8 (out, tally->is_sketch);
  fanout_write_u8 (out, tally->has_nan);
  fanout_write_u32 (out, tally->n);
  for (gsize i = 0; i < tally_n_places (tally); i++)
    {
      const TallyEntry entry = tally_shuffled_place (tally, i);

      if (entry.count_scale == 0)
        continue;
      fanout_number_write (tally_key (&entry), out);
      fanout_write_u64 (out, tally_count (&entry));
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
