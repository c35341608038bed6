#pragma once

/** Texts and numbers of fields in plain C, one after the other. */

#include "core/number-fast.h"
#include "core/powers.h"
#include "core/scan.h"

static gboolean
scalar_texts (const char *data, const FanoutField *fields, gsize n, FanoutText *texts)
{
  gboolean any_empty = FALSE;

  for (gsize i = 0; i < n; i++)
    {
      const guint32 start = fields[i].start;
      const guint32 length = fields[i].next - start - 1;

      texts[i].data = data + start;
      texts[i].length = length;
      any_empty |= length == 0;
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
  word = (load_word (text + length - 8) ^ 0x30 * ones) >> shift << shift;
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
  value = eight_digits_value (digits);
  *mantissa = (gint64) ((value ^ (0 - negative)) + negative);
  *scale = point != 0 ? (guint8) (__builtin_clzll (point) / 8) : 0;
  return TRUE;
}

static inline gboolean
parse_any (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  if (length <= 8)
    return parse_word (text, length, mantissa, scale);
  return parse_short (text, length, mantissa, scale)
         || parse_long (text, length, mantissa, scale);
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
scalar_numbers (const char *data, const FanoutField *fields, gsize n, gint64 *mantissas,
                guint8 *nulls, FanoutScaled *digits)
{
  const guint8 scale = digits->scale;
  guint8 most = digits->most_digits;
  gboolean any_null = digits->any_null;
  gsize i;

  for (i = 0; i < n; i++)
    {
      const char *text = data + fields[i].start;
      const gsize length = fields[i].next - fields[i].start - 1;
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
  digits->most_digits = most;
  digits->any_null = any_null;
  return i;
}
