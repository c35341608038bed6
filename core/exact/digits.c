#include "core/exact/digits.h"

#include "core/number/powers.h"

#include <string.h>

/*
 * The small superaccumulator of Neal 2015, over a window of digits that grows on need.
 *
 * An addition changes a digit by less than 2^53, so after PENDING_MAX of them carries must move up.
 * After that a digit is in 0 .. 2^32 - 1, and the last, which has the sign, in -2^52 .. 2^52.
 */

#define PENDING_MAX 1000
#define DIGIT_MASK  ((gint64) 0xffffffff)
#define TOP_MAX     ((gint64) 1 << 52)

/* Products of four factors, decimal scales included, lie well within; states from outside must too.
 */
#define DIGITS_FIRST (-200)
#define DIGITS_LAST  200

/* Let the window cover the digits @first .. @last - 1. */
static void
reserve (FanoutDigits *d, gint first, gint last, FanoutMemory *memory)
{
  const gint old_last = d->first + d->n_digits;
  gsize n;

  if (d->n_digits == 0)
    d->first = first;
  else
    {
      first = MIN (first, d->first);
      last = MAX (last, old_last);
    }
  n = (gsize) (last - first);
  if (n == d->n_digits)
    return;
  d->digits = (gint64 *) fanout_reallocate (memory, d->digits, d->n_digits * sizeof *d->digits,
                                            n * sizeof *d->digits);
  if (first < d->first)
    {
      const gsize shift = (gsize) (d->first - first);

      memmove (d->digits + shift, d->digits, d->n_digits * sizeof *d->digits);
      memset (d->digits, 0, shift * sizeof *d->digits);
    }
  d->first = first;
  d->n_digits = (guint16) n;
}

/* Move carries up until the last digit is at most @top_max. */
static void
propagate (FanoutDigits *d, gint64 top_max, FanoutMemory *memory)
{
  gint64 carry = 0;
  guint i;

  d->n_pending = 0;
  if (d->n_digits == 0)
    return;
  for (i = 0; i + 1 < d->n_digits; i++)
    {
      carry += d->digits[i];
      d->digits[i] = carry & DIGIT_MASK;
      carry >>= 32;
    }
  d->digits[i] += carry;
  while (d->digits[i] > top_max || d->digits[i] < -top_max)
    {
      carry = d->digits[i] >> 32;
      d->digits[i] &= DIGIT_MASK;
      reserve (d, d->first, d->first + d->n_digits + 1, memory);
      d->digits[++i] = carry;
    }
}

static inline void
count_addition (FanoutDigits *d, FanoutMemory *memory)
{
  if (G_UNLIKELY (++d->n_pending >= PENDING_MAX))
    propagate (d, TOP_MAX, memory);
}

void
fanout_digits_add_double (FanoutDigits *d, gboolean negative, guint64 m, gint exponent,
                          FanoutMemory *memory)
{
  const gint index = exponent >> 5;
  const guint shift = (guint) exponent & 31;
  const gint64 sign = -(gint64) negative;
  gint64 *at;

  if (G_UNLIKELY (index < d->first || index + 2 > d->first + d->n_digits))
    reserve (d, index, index + 2, memory);
  at = d->digits + (index - d->first);
  at[0] += ((gint64) (m << shift & 0xffffffff) ^ sign) - sign;
  at[1] += ((gint64) (m >> (32 - shift)) ^ sign) - sign;
  count_addition (d, memory);
}

void
fanout_digits_add_wide (FanoutDigits *d, gboolean negative, FanoutUint128 m, gint exponent,
                        FanoutMemory *memory)
{
  const gint index = exponent >> 5;
  const guint shift = (guint) exponent & 31;
  const gint64 sign = -(gint64) negative;
  const FanoutUint128 shifted = m << shift;
  const guint64 words[3]
      = { (guint64) shifted, (guint64) (shifted >> 64), (guint64) (m >> 64) >> 1 >> (63 - shift) };
  gint64 *at;

  if (G_UNLIKELY (index < d->first || index + 5 > d->first + d->n_digits))
    reserve (d, index, index + 5, memory);
  at = d->digits + (index - d->first);
  at[0] += ((gint64) (words[0] & 0xffffffff) ^ sign) - sign;
  at[1] += ((gint64) (words[0] >> 32) ^ sign) - sign;
  at[2] += ((gint64) (words[1] & 0xffffffff) ^ sign) - sign;
  at[3] += ((gint64) (words[1] >> 32) ^ sign) - sign;
  at[4] += ((gint64) words[2] ^ sign) - sign;
  count_addition (d, memory);
}

void
fanout_digits_add_limbs (FanoutDigits *d, gboolean negative, const guint64 *limbs, guint n,
                         gint exponent, FanoutMemory *memory)
{
  const guint shift = (guint) exponent & 31;
  gint index = exponent >> 5;
  guint n_words = 2 * n;
  guint64 rest = 0;
  guint first = 0;
  gint64 *at;

#define WORD(i) ((limbs[(i) / 2] >> ((i) % 2 * 32)) & 0xffffffff)
  while (n_words > 0 && WORD (n_words - 1) == 0)
    n_words--;
  if (n_words == 0)
    return;
  while (WORD (first) == 0)
    {
      first++;
      index++;
    }
  reserve (d, index, index + (gint) (n_words - first) + 1, memory);
  at = d->digits + (index - d->first);
  for (guint i = first; i <= n_words; i++)
    {
      rest |= i < n_words ? WORD (i) << shift : 0;
      *at += negative ? -(gint64) (rest & 0xffffffff) : (gint64) (rest & 0xffffffff);
      at++;
      rest >>= 32;
    }
#undef WORD
  count_addition (d, memory);
}

void
fanout_digits_combine (FanoutDigits *into, const FanoutDigits *from, FanoutMemory *memory)
{
  const guint n = from->n_digits;
  const gint first = from->first;
  gint64 carry = 0;
  gint64 *at;

  if (n == 0)
    return;
  /* They may be one and the same. */
  reserve (into, first, first + (gint) n + 1, memory);
  at = into->digits + (first - into->first);
  for (guint i = 0; i < n; i++)
    {
      carry += from->digits[i];
      at[i] += carry & DIGIT_MASK;
      carry >>= 32;
    }
  at[n] += carry;
  count_addition (into, memory);
}

void
fanout_digits_multiply (FanoutDigits *d, guint exponent, FanoutMemory *memory)
{
  while (exponent > 0 && d->n_digits > 0)
    {
      const guint step = MIN (exponent, 13);
      const gint64 by = (gint64) fanout_powers_of_five[step];
      gint64 carry = 0;

      /* 5^13 is less than 2^31: with digits below 2^32 every product fits. */
      propagate (d, DIGIT_MASK >> 2, memory);
      for (guint i = 0; i < d->n_digits; i++)
        {
          carry += d->digits[i] * by;
          if (i + 1 == d->n_digits)
            d->digits[i] = carry;
          else
            {
              d->digits[i] = carry & DIGIT_MASK;
              carry >>= 32;
            }
        }
      exponent -= step;
    }
  propagate (d, TOP_MAX, memory);
}

void
fanout_digits_clear (FanoutDigits *d, FanoutMemory *memory)
{
  fanout_release (memory, d->digits, d->n_digits * sizeof *d->digits);
  memset (d, 0, sizeof *d);
}

gsize
fanout_digits_magnitude (const FanoutDigits *d, guint32 *magnitude, gint *first, gboolean *negative)
{
  gint64 carry = 0;
  gsize n = 0;
  gsize begin = 0;

  *first = 0;
  *negative = FALSE;
  for (guint i = 0; i < d->n_digits; i++)
    {
      carry += d->digits[i];
      magnitude[n++] = (guint32) carry;
      carry >>= 32;
    }
  /* What is left is less than 2^32 in magnitude; the third of these is the sign. */
  for (guint i = 0; i < 3; i++)
    {
      magnitude[n++] = (guint32) carry;
      carry >>= 32;
    }
  if (magnitude[n - 1] != 0)
    {
      guint64 add = 1;

      *negative = TRUE;
      for (gsize i = 0; i < n; i++)
        {
          add += ~magnitude[i];
          magnitude[i] = (guint32) add;
          add >>= 32;
        }
    }
  while (n > 0 && magnitude[n - 1] == 0)
    n--;
  if (n == 0)
    return 0;
  while (magnitude[begin] == 0)
    begin++;
  memmove (magnitude, magnitude + begin, (n - begin) * sizeof *magnitude);
  *first = d->first + (gint) begin;
  return n - begin;
}

void
fanout_digits_encode (const FanoutDigits *d, FanoutWriter *out)
{
  g_autofree guint32 *magnitude = g_new (guint32, FANOUT_MAGNITUDE_MAX (d));
  gboolean negative;
  gint first;
  const gsize n = fanout_digits_magnitude (d, magnitude, &first, &negative);

  fanout_write_u8 (out, (guint8) negative);
  fanout_write_u32 (out, (guint32) first);
  fanout_write_u32 (out, (guint32) n);
  for (gsize i = 0; i < n; i++)
    fanout_write_u32 (out, magnitude[i]);
}

gboolean
fanout_digits_decode (FanoutDigits *d, FanoutReader *in, FanoutMemory *memory)
{
  guint8 negative;
  guint32 raw_first;
  guint32 n;
  gint first;

  if (!fanout_read_u8 (in, &negative) || !fanout_read_u32 (in, &raw_first)
      || !fanout_read_u32 (in, &n))
    return FALSE;
  first = (gint) raw_first;
  if (negative > 1 || n > DIGITS_LAST - DIGITS_FIRST || first < DIGITS_FIRST
      || first > DIGITS_LAST - (gint) n || fanout_reader_left (in) < n * sizeof (guint32))
    return FALSE;
  if (n == 0)
    return TRUE;
  reserve (d, first, first + (gint) n, memory);
  for (guint32 i = 0; i < n; i++)
    {
      guint32 digit = 0;

      fanout_read_u32 (in, &digit);
      d->digits[i] = negative ? -(gint64) digit : (gint64) digit;
    }
  propagate (d, TOP_MAX, memory);
  return TRUE;
}
