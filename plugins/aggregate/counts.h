#pragma once

/**
 * How often each number occurs.
 */

#include <fanout/kept.h>

/* A number in its canonical form. The count shares a word with the scale; 0: nothing. */
typedef struct
{
  gint64 mantissa;
  guint64 count_scale;
} CountsEntry;

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
  guint8 bits;
  guint8 has_nan;       /* it is no number to count, but not to be forgotten */
  guint8 has_wide;      /* some entries own a wide decimal, their `mantissa` by its address */
  CountsEntry *entries; /* 2^bits */
  guint32 n_entries;    /* in use */
  guint32 n;            /* different numbers, wherever they are */
} Counts;

#define COUNTS_BITS_MIN     2
/* So many numbers get a window with so many words for each, when at least half of them fit. */
#define COUNTS_WINDOW_MIN   12
#define COUNTS_WINDOW_SHARE 4
/* Where it is to be is found from about so many places. */
#define COUNTS_SAMPLE       1000
/* How many new numbers another counts brings is found from about so many places of it. */
#define COUNTS_MERGE_SAMPLE 64

static inline guint64
counts_count (const CountsEntry *entry)
{
  return entry->count_scale >> 8;
}

static inline FanoutNumber
counts_key (const CountsEntry *entry)
{
  return fanout_number_decimal (entry->mantissa, (guint8) entry->count_scale);
}

static inline gsize
counts_room (const Counts *counts)
{
  return counts->bits > 0 ? (gsize) 1 << counts->bits : 0;
}

static inline gint64
counts_power_of_ten (guint exponent)
{
  gint64 power = 1;

  while (exponent-- > 0)
    power *= 10;
  return power;
}

/* What there is: an entry for each place, with a count of 0 where that is free. */
static inline gsize
counts_n_places (const Counts *counts)
{
  return counts->width + counts_room (counts);
}

static inline CountsEntry
counts_place (const Counts *counts, gsize i)
{
  const guint64 word = i < counts->width ? counts->window[i] : 0;

  if (i >= counts->width)
    return counts->entries[i - counts->width];
  if (word == 0)
    return (CountsEntry){ 0, 0 };
  return (CountsEntry){
    (counts->base + (gint64) i) / counts_power_of_ten ((guint) counts->scale - (guint8) word), word
  };
}

/* In `room` where it is wide. */
static inline FanoutNumber
counts_canonical (FanoutNumber x, FanoutWide *room)
{
  if (G_UNLIKELY (x.scale > FANOUT_SCALE_MAX))
    return fanout_number_canonical_wide (x, room);
  if (x.mantissa == 0)
    x.scale = 0;
  while (x.scale > 0 && x.mantissa % 10 == 0)
    {
      x.mantissa /= 10;
      x.scale--;
    }
  return x;
}

/* What is in the entries has moved, or owns nothing. */
static inline void
counts_clear_tables (Counts *counts, FanoutMemory *memory)
{
  fanout_release (memory, counts->window, counts->width * sizeof *counts->window);
  fanout_release (memory, counts->entries, counts_room (counts) * sizeof *counts->entries);
  memset (counts, 0, sizeof *counts);
}

static inline void
counts_clear (Counts *counts, FanoutMemory *memory)
{
  for (gsize i = 0; counts->has_wide && i < counts_room (counts); i++)
    if (counts->entries[i].count_scale != 0)
      {
        FanoutNumber key = counts_key (&counts->entries[i]);

        fanout_number_drop (&key, memory);
      }
  counts_clear_tables (counts, memory);
}

/* Adding. */

/* The mantissa of a decimal at this scale, if it has one. */
static inline gboolean
counts_at_scale (FanoutNumber key, guint8 scale, gint64 *mantissa)
{
  *mantissa = key.mantissa;
  return key.scale == scale
         || (key.scale < scale
             && !__builtin_mul_overflow (key.mantissa, counts_power_of_ten (scale - key.scale),
                                         mantissa));
}

/* NULL: it is outside. */
static inline guint64 *
counts_find_word (const Counts *counts, FanoutNumber key)
{
  gint64 mantissa;
  guint64 at;

  if (counts->width == 0 || !counts_at_scale (key, counts->scale, &mantissa))
    return NULL;
  at = (guint64) mantissa - (guint64) counts->base;
  return at < counts->width ? &counts->window[at] : NULL;
}

/* counts_find_entry() for a wide one. */
static __attribute__ ((noinline)) CountsEntry *
counts_find_wide (const Counts *counts, const FanoutWide *wide)
{
  const FanoutUint128 m = (FanoutUint128) wide->mantissa;
  const guint64 hash = fanout_hash_words (
      (guint64) m ^ fanout_hash_mix_whole ((guint64) (m >> 64), FANOUT_SCALE_WIDE), wide->scale,
      fanout_hash_secret (counts->entries));
  CountsEntry *entries = counts->entries;
  const gsize mask = counts_room (counts) - 1;
  gsize i = (gsize) (hash >> (64 - counts->bits));

  for (; entries[i].count_scale != 0; i = (i + 1) & mask)
    {
      const FanoutNumber other = counts_key (&entries[i]);

      if (fanout_number_is_wide (other) && other.wide->mantissa == wide->mantissa
          && other.wide->scale == wide->scale)
        break;
    }
  return &entries[i];
}

/* The entry of a key that is not wide, or the free one where it belongs. */
static inline CountsEntry *
counts_find_narrow (const Counts *counts, FanoutNumber key)
{
  const guint64 hash
      = fanout_hash_words ((guint64) key.mantissa, key.scale, fanout_hash_secret (counts->entries));
  CountsEntry *entries = counts->entries;
  const gsize mask = counts_room (counts) - 1;
  gsize i = (gsize) (hash >> (64 - counts->bits));

  while (entries[i].count_scale != 0
         && (entries[i].mantissa != key.mantissa || (guint8) entries[i].count_scale != key.scale))
    i = (i + 1) & mask;
  return &entries[i];
}

/* The entry of a key, or the free one where it belongs. */
static inline CountsEntry *
counts_find_entry (const Counts *counts, FanoutNumber key)
{
  return G_UNLIKELY (fanout_number_is_wide (key)) ? counts_find_wide (counts, key.wide)
                                                  : counts_find_narrow (counts, key);
}

/* A key that is not there, for which there is room. */
static inline void
counts_insert (Counts *counts, FanoutNumber key, guint64 count)
{
  guint64 *word = counts_find_word (counts, key);

  if (word == NULL)
    {
      CountsEntry *entry = counts_find_entry (counts, key);

      entry->mantissa = key.mantissa;
      word = &entry->count_scale;
      counts->n_entries++;
    }
  *word = count << 8 | key.scale;
  counts->n++;
}

/* What a sample says of the numbers that lie from `least` to `most`. */
typedef struct
{
  gint64 least;
  gint64 most;
  gint64 mean;
  gsize n;
  gsize n_others;
} CountsRange;

static inline CountsRange
counts_look (const Counts *counts, guint8 scale, gint64 least, gint64 most)
{
  const gsize step = counts_n_places (counts) / COUNTS_SAMPLE + 1;
  CountsRange range = { .least = most, .most = least };
  FanoutInt128 sum = 0;
  gint64 total = 0;

  for (gsize i = 0; i < counts_n_places (counts); i += step)
    {
      const CountsEntry entry = counts_place (counts, i);
      const gint64 count = (gint64) counts_count (&entry);
      gint64 mantissa;

      if (count == 0)
        continue;
      if (!counts_at_scale (counts_key (&entry), scale, &mantissa) || mantissa < least
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
counts_choose_base (const Counts *counts, guint8 scale, guint32 width, gint64 *base)
{
  CountsRange range = counts_look (counts, scale, G_MININT64, G_MAXINT64);

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
      range = counts_look (counts, scale, first, last);
    }
  return FALSE;
}

/* How many numbers of another counts the window of this one will not hold. */
static inline gsize
counts_count_outside (const Counts *counts, const Counts *other)
{
  gsize n = counts->width > 0 ? 0 : other->n;

  for (gsize i = 0; counts->width > 0 && i < counts_n_places (other); i++)
    {
      const CountsEntry entry = counts_place (other, i);

      n += entry.count_scale != 0 && counts_find_word (counts, counts_key (&entry)) == NULL;
    }
  return n;
}

/* About how many numbers of another counts, by some of them, neither the window of this one would
 * hold nor `known` has. */
static inline gsize
counts_estimate_new (const Counts *counts, const Counts *known, const Counts *other)
{
  const gsize step = counts_n_places (other) / COUNTS_MERGE_SAMPLE + 1;
  gsize n = 0;
  gsize n_new = 0;

  for (gsize i = 0; i < counts_n_places (other); i += step)
    {
      const CountsEntry entry = counts_place (other, i);
      const FanoutNumber key = counts_key (&entry);

      if (entry.count_scale == 0)
        continue;
      n++;
      n_new += counts_find_word (counts, key) == NULL && counts_find_word (known, key) == NULL
               && (known->bits == 0 || counts_find_entry (known, key)->count_scale == 0);
    }
  return n > 0 ? (gsize) other->n * n_new / n : other->n;
}

/* Give it room for half as many numbers again, of this scale for the most part, or for those of
 * `coming` (NULL: of none). FALSE: there is no memory for that, and no result. */
static inline gboolean
counts_grow (Counts *counts, guint8 scale, const Counts *coming, FanoutMemory *memory)
{
  Counts old = *counts;
  gsize n_entries;

  if (!fanout_may_allocate (memory, 0))
    return FALSE;
  counts->scale = scale;
  counts->width = old.n * COUNTS_WINDOW_SHARE;
  if (old.n < COUNTS_WINDOW_MIN || !counts_choose_base (&old, scale, counts->width, &counts->base))
    counts->width = 0;
  if (!fanout_may_allocate (memory, counts->width * sizeof *counts->window))
    {
      *counts = old;
      return FALSE;
    }
  counts->window = fanout_allocate (memory, counts->width * sizeof *counts->window);
  n_entries = coming != NULL ? counts_estimate_new (counts, &old, coming) : 0;
  n_entries = counts_count_outside (counts, &old) + MAX (old.n / 2, n_entries);
  counts->bits = COUNTS_BITS_MIN;
  while (counts_room (counts) * 3 <= n_entries * 4)
    counts->bits++;
  if (!fanout_may_allocate (memory, counts_room (counts) * sizeof *counts->entries))
    {
      fanout_release (memory, counts->window, counts->width * sizeof *counts->window);
      *counts = old;
      return FALSE;
    }
  counts->entries = fanout_allocate (memory, counts_room (counts) * sizeof *counts->entries);
  counts->n_entries = 0;
  counts->n = 0;
  for (gsize i = 0; i < counts_n_places (&old); i++)
    {
      const CountsEntry entry = counts_place (&old, i);

      if (entry.count_scale != 0)
        counts_insert (counts, counts_key (&entry), counts_count (&entry));
    }
  counts_clear_tables (&old, memory);
  return TRUE;
}

/* FALSE: it is a new number beyond `limit`. `key` is canonical, and `scale` the one that a window
 * would need for it. */
static inline __attribute__ ((always_inline)) gboolean
counts_add_key (Counts *counts, FanoutNumber key, guint8 scale, guint64 count, guint64 limit,
                FanoutMemory *memory, gboolean is_wide)
{
  guint64 *word = is_wide ? NULL : counts_find_word (counts, key);

  if (word == NULL && counts->bits > 0)
    word = is_wide ? &counts_find_wide (counts, key.wide)->count_scale
                   : &counts_find_narrow (counts, key)->count_scale;
  if (G_LIKELY (word != NULL && *word != 0))
    {
      *word += count << 8;
      return TRUE;
    }
  if (counts->n >= limit)
    return FALSE;
  if (((gsize) counts->n_entries + 1) * 4 > counts_room (counts) * 3
      && !counts_grow (counts, MAX (counts->scale, scale), NULL, memory))
    return TRUE;
  if (is_wide)
    {
      FanoutNumber own = fanout_number_decimal (0, 0);

      fanout_number_keep (&own, key, memory);
      key = own;
      counts->has_wide = 1;
    }
  counts_insert (counts, key, count);
  return TRUE;
}

/* The same of a double or a wide decimal. */
static __attribute__ ((noinline)) gboolean
counts_add_other (Counts *counts, FanoutNumber x, guint64 count, guint64 limit,
                  FanoutMemory *memory)
{
  FanoutWide room;
  const FanoutNumber key = fanout_number_canonical_wide (x, &room);

  return fanout_number_is_wide (key) ? counts_add_key (counts, key, 0, count, limit, memory, TRUE)
                                     : counts_add_key (counts, key, 0, count, limit, memory, FALSE);
}

static inline gboolean
counts_add (Counts *counts, FanoutNumber x, guint64 count, guint64 limit, FanoutMemory *memory)
{
  if (G_UNLIKELY (x.scale > FANOUT_SCALE_MAX))
    return counts_add_other (counts, x, count, limit, memory);
  return counts_add_key (counts, counts_canonical (x, NULL), x.scale, count, limit, memory, FALSE);
}

/* Count a number again that is in the window; FALSE: it is not there. */
static inline gboolean
counts_add_again (Counts *counts, FanoutNumber x, guint64 count)
{
  const guint64 at = (guint64) x.mantissa - (guint64) counts->base;

  if (at >= counts->width || x.scale != counts->scale || counts->window[at] == 0)
    return FALSE;
  counts->window[at] += count << 8;
  return TRUE;
}

/* Grow once, where the numbers of another counts, at most `limit`, need it. */
static inline void
counts_expect (Counts *counts, const Counts *coming, guint64 limit, FanoutMemory *memory)
{
  const gsize room = counts_room (counts) / 4 * 3;

  if (coming->n < COUNTS_MERGE_SAMPLE || counts->n_entries + (gsize) coming->n <= room
      || (guint64) counts->n + coming->n > limit)
    return;
  if (counts->n_entries + counts_estimate_new (counts, counts, coming) > room)
    counts_grow (counts, MAX (counts->scale, coming->scale), coming, memory);
}

/* Into an empty one. */
static inline void
counts_copy (Counts *into, const Counts *from, FanoutMemory *memory)
{
  *into = *from;
  into->window = fanout_allocate (memory, into->width * sizeof *into->window);
  if (into->width > 0)
    memcpy (into->window, from->window, into->width * sizeof *into->window);
  /* Where entries are depends on where the table is. */
  into->entries = fanout_allocate (memory, counts_room (into) * sizeof *into->entries);
  for (gsize i = 0; i < counts_room (from); i++)
    if (from->entries[i].count_scale != 0)
      {
        const FanoutNumber key = counts_key (&from->entries[i]);
        FanoutNumber own = fanout_number_decimal (0, 0);
        CountsEntry *entry = counts_find_entry (into, key);

        fanout_number_keep (&own, key, memory);
        *entry = (CountsEntry){ own.mantissa, from->entries[i].count_scale };
      }
}

/* Asking. */

/* How many numbers there are, without NaN. */
static inline guint64
counts_total (const Counts *counts)
{
  guint64 total = 0;

  for (gsize i = 0; i < counts->width; i++)
    total += counts->window[i] >> 8;
  for (gsize i = 0; i < counts_room (counts); i++)
    total += counts_count (&counts->entries[i]);
  return total;
}
