#pragma once

/** Many rows of JSON at a time: bytes that are to be the same, and values that are no strings. */

#include "core/decode/json-scalar.h"

static inline FanoutSameBytes
different (const char *text, FanoutSame same)
{
  FanoutSameBytes bytes;

  memcpy (&bytes, text, sizeof bytes);
  return (bytes ^ same.wanted) & same.mask;
}

static inline gboolean
is_zero (FanoutSameBytes bytes)
{
  guint64 words[2];

  G_STATIC_ASSERT (sizeof words == sizeof bytes);
  memcpy (words, &bytes, sizeof words);
  return (words[0] | words[1]) == 0;
}

/* Of one row: not all comparisons in turn wait for a branch. */
static inline gboolean
is_same (const FanoutMarkedRows *rows, const FanoutSame *same, gsize n_same)
{
  const FanoutSame *last = same + n_same;

  while (same < last)
    {
      const FanoutSame *stop = same + MIN ((gsize) (last - same), 8);
      FanoutSameBytes any = { 0 };

      for (; same < stop; same++)
        any |= different (rows->data + same->bytes + rows->marks[same->mark], *same);
      if (!is_zero (any))
        return FALSE;
    }
  return TRUE;
}

/* One comparison after the other for all rows, so that what is wanted stays in registers. */
static gsize
same_rows (const FanoutMarkedRows *rows, gsize n, const FanoutSame *same, gsize n_same)
{
  const gsize step = rows->n_marks;

  if (n == 1)
    return is_same (rows, same, n_same) ? 1 : 0;
  for (const FanoutSame *last = same + n_same; same < last && n > 0; same++)
    {
      const FanoutSame one = *same;
      const char *from = rows->data + one.bytes;
      const guint32 *at = rows->marks + one.mark;
      const guint32 *end = at + n * step;
      FanoutSameBytes any = { 0 };

      for (; at < end; at += step)
        any |= different (from + *at, one);
      if (G_LIKELY (is_zero (any)))
        continue;
      at -= n * step;
      for (n = 0; is_zero (different (from + at[n * step], one));)
        n++;
    }
  return n;
}

static gsize
scalar_scalars (const FanoutFields *fields, gssize longer, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const FanoutField field = fanout_fields_get (fields, i);
      const gssize length = (gssize) field.next - field.start - 1 + longer;

      if (length <= 0 || !fanout_json_is_scalar (fields->data + field.start, (gsize) length))
        return i;
    }
  return n;
}
