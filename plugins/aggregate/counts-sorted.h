#pragma once

/**
 * How often each number occurs, in the order of the numbers, and so as bytes.
 */

#include "counts.h"

#include <math.h>

/* So many entries are sorted digit by digit. */
#define COUNTS_SORT_DIGITS 48

static inline int
counts_compare (gconstpointer a, gconstpointer b)
{
  return fanout_number_compare (counts_key (a), counts_key (b));
}

/* An entry by its mantissa at a scale that all have in common, as an unsigned number. */
typedef struct
{
  guint64 key;
  CountsEntry entry;
} CountsSorting;

/* FALSE: they have no scale in common. */
static inline gboolean
counts_align (const CountsEntry *entries, gsize n, CountsSorting *aligned)
{
  guint8 scale = 0;

  for (gsize i = 0; i < n; i++)
    scale = MAX (scale, counts_key (&entries[i]).scale);
  if (scale > FANOUT_SCALE_MAX)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      gint64 mantissa;

      if (!counts_at_scale (counts_key (&entries[i]), scale, &mantissa))
        return FALSE;
      aligned[i] = (CountsSorting){ (guint64) mantissa ^ (guint64) 1 << 63, entries[i] };
    }
  return TRUE;
}

/* By bytes, from the last one that differs: into the one or the other, which is answered. */
static inline CountsSorting *
counts_sort_bytes (CountsSorting *from, CountsSorting *to, gsize n)
{
  guint64 least = from[0].key;
  guint64 most = least;

  for (gsize i = 1; i < n; i++)
    {
      least = MIN (least, from[i].key);
      most = MAX (most, from[i].key);
    }
  for (guint shift = 0; shift < 64 && (most - least) >> shift != 0; shift += 8)
    {
      CountsSorting *const other = from;
      gsize starts[256] = { 0 };
      gsize start = 0;

      for (gsize i = 0; i < n; i++)
        starts[(guint8) ((from[i].key - least) >> shift)]++;
      for (guint b = 0; b < 256; b++)
        {
          const gsize in_byte = starts[b];

          starts[b] = start;
          start += in_byte;
        }
      for (gsize i = 0; i < n; i++)
        to[starts[(guint8) ((from[i].key - least) >> shift)]++] = from[i];
      from = to;
      to = other;
    }
  return from;
}

static inline void
counts_sort (CountsEntry *entries, gsize n)
{
  g_autofree CountsSorting *rooms = n >= COUNTS_SORT_DIGITS ? g_new (CountsSorting, 2 * n) : NULL;
  const CountsSorting *sorted;

  if (rooms == NULL || !counts_align (entries, n, rooms))
    {
      if (n > 1)
        qsort (entries, n, sizeof *entries, counts_compare);
      return;
    }
  sorted = counts_sort_bytes (rooms, rooms + n, n);
  for (gsize i = 0; i < n; i++)
    entries[i] = sorted[i].entry;
}

/* The n entries in the order of their numbers; g_free. */
static inline CountsEntry *
counts_sorted (const Counts *counts)
{
  CountsEntry *sorted = g_new (CountsEntry, counts->n + 1);
  CountsEntry *rest = sorted + counts->n - counts->n_entries;
  gsize n = 0;

  /* Those of the table come behind the place of the others, which are in order and move up. */
  for (gsize i = 0; i < counts_room (counts); i++)
    if (counts->entries[i].count_scale != 0)
      rest[n++] = counts->entries[i];
  counts_sort (rest, n);
  n = 0;
  for (gsize i = 0; i < counts->width; i++)
    if (counts->window[i] != 0)
      {
        const CountsEntry entry = counts_place (counts, i);

        while (rest < sorted + counts->n && counts_compare (rest, &entry) < 0)
          sorted[n++] = *rest++;
        sorted[n++] = entry;
      }
  return sorted;
}

/* Encoding: sorted, so that equal counts have equal bytes. */

static inline void
counts_write (const Counts *counts, FanoutWriter *out)
{
  g_autofree CountsEntry *sorted = counts_sorted (counts);

  fanout_write_u8 (out, counts->has_nan);
  fanout_write_u32 (out, counts->n);
  for (gsize i = 0; i < counts->n; i++)
    {
      fanout_number_write (counts_key (&sorted[i]), out);
      fanout_write_u64 (out, counts_count (&sorted[i]));
    }
}

/* Read into empty counts; FALSE when the bytes are damaged, and then they are to be cleared. */
static inline gboolean
counts_read (Counts *counts, FanoutReader *in, FanoutMemory *memory)
{
  guint32 n;

  if (!fanout_read_u8 (in, &counts->has_nan) || counts->has_nan > 1 || !fanout_read_u32 (in, &n))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      FanoutNumber x;
      FanoutWide room;
      guint64 count;

      if (!fanout_number_read_wide (&x, &room, in) || !fanout_read_u64 (in, &count) || count == 0
          || count >> 48 != 0 || (fanout_number_is_double (x) && isnan (x.real)))
        return FALSE;
      counts_add (counts, x, count, G_MAXUINT32, memory);
    }
  return TRUE;
}
