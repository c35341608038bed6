#pragma once

/** Texts and numbers of fields in plain C, one after the other. */

#include "core/number/fast.h"
#include "core/number/powers.h"
#include "core/decode/scan.h"

static gboolean
scalar_texts (FanoutFields fields, gsize n, FanoutText *texts)
{
  gboolean any_empty = FALSE;

  for (gsize i = 0; i < n; i++)
    {
      const FanoutField field = fanout_fields_get (&fields, i);

      texts[i].data = fields.data + field.start;
      texts[i].length = fanout_field_length (field);
      any_empty |= texts[i].length == 0;
    }
  return any_empty;
}

/* parse_short() for up to eight characters behind the sign, in one word. */
static inline gboolean
parse_word (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  const guint64 ones = 0x0101010101010101u;
  const guint64 negative = text[0] == '-';
  const guint64 n = length - negative;
  const guint shift = (guint) (64 - 8 * n) & 63;
  guint64 word, point, below, above, digits, value;

  /* What stands before the digits counts as zeros. */
  word = (fanout_load_word (text + length - 8) ^ 0x30 * ones) >> shift << shift;
  /* The lowest bit of the first byte that is '.' ^ '0'. */
  point = word ^ 0x1e * ones;
  point = (point - ones) & ~point & 0x80 * ones;
  point = (point & (0 - point)) >> 7;
  /* Close the gap: what is before the point moves up by one. */
  below = point - 1;
  above = ~(below | ((point << 8) - point));
  digits = (word & below) << (point != 0 ? 8 : 0) | (word & above);
  if (G_UNLIKELY (n - 1 >= 8 || n == (point != 0)
                  || (((digits + 0x76 * ones) | digits) & 0x80 * ones) != 0))
    return FALSE;
  value = fanout_eight_digits (digits);
  *mantissa = (gint64) ((value ^ (0 - negative)) + negative);
  *scale = (guint8) (point != 0 ? __builtin_clzll (point) / 8 : 0);
  return TRUE;
}

static inline gboolean
parse_any (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  if (length <= 8)
    return parse_word (text, length, mantissa, scale);
  return parse_short (text, length, mantissa, scale) || parse_long (text, length, mantissa, scale);
}

/* A number that parse_any() has read, at the scale of the column; FALSE when it does
 * not fit. */
static inline gboolean
rescale (gint64 *mantissa, guint8 from, guint8 to)
{
  if (G_UNLIKELY (from > to))
    return FALSE;
  return !__builtin_mul_overflow (*mantissa, (gint64) fanout_powers_of_ten[to - from], mantissa)
         && *mantissa != G_MININT64;
}

static gsize
scalar_numbers (FanoutFields fields, gsize n, gint64 *mantissas, guint8 *nulls,
                FanoutScaled *scaled)
{
  const guint8 scale = scaled->scale;
  guint8 most = scaled->most_digits;
  gboolean any_null = scaled->any_null;
  gsize i;

  for (i = 0; i < n; i++)
    {
      const FanoutField field = fanout_fields_get (&fields, i);
      const char *text = fields.data + field.start;
      const gsize length = fanout_field_length (field);
      guint8 found = 0;
      gint64 value = 0;

      if (G_UNLIKELY (length == 0))
        {
          nulls[i] = 1;
          any_null = TRUE;
        }
      else if (!parse_any (text, length, &value, &found)
               || (found != scale && !rescale (&value, found, scale)))
        break;
      mantissas[i] = value;
      most = MAX (most, found);
    }
  scaled->most_digits = most;
  scaled->any_null = any_null;
  return i;
}
