#pragma once

/** Integers of several 64-bit limbs, the least significant first. */

#include <fanout/number.h>

static inline gboolean
limbs_negative (const guint64 *a, guint n)
{
  return (gint64) a[n - 1] < 0;
}

static inline gboolean
limbs_zero (const guint64 *a, guint n)
{
  guint64 any = 0;

  for (guint i = 0; i < n; i++)
    any |= a[i];
  return any == 0;
}

static inline void
limbs_negate (guint64 *a, guint n)
{
  guint64 carry = 1;

  for (guint i = 0; i < n; i++)
    {
      a[i] = ~a[i] + carry;
      carry = carry != 0 && a[i] == 0;
    }
}

/* Give two's complement @a of @n limbs in @to_n >= @n limbs. */
static inline void
limbs_extend (guint64 *to, guint to_n, const guint64 *a, guint n)
{
  const guint64 sign = limbs_negative (a, n) ? ~(guint64) 0 : 0;

  for (guint i = 0; i < to_n; i++)
    to[i] = i < n ? a[i] : sign;
}

/* Whether two's complement @a keeps its value in its first @to_n limbs. */
static inline gboolean
limbs_fit (const guint64 *a, guint n, guint to_n)
{
  const guint64 sign = limbs_negative (a, to_n) ? ~(guint64) 0 : 0;

  for (guint i = to_n; i < n; i++)
    if (a[i] != sign)
      return FALSE;
  return TRUE;
}

/* @a += @b modulo 2^(64 n). */
static inline void
limbs_add (guint64 *a, const guint64 *b, guint n)
{
  guint64 carry = 0;

  for (guint i = 0; i < n; i++)
    {
      const FanoutUint128 sum = (FanoutUint128) a[i] + b[i] + carry;

      a[i] = (guint64) sum;
      carry = (guint64) (sum >> 64);
    }
}

/* Unsigned @a = @a * @by + @add; returns what does not fit. */
static inline guint64
limbs_multiply (guint64 *a, guint n, guint64 by, guint64 add)
{
  for (guint i = 0; i < n; i++)
    {
      const FanoutUint128 product = (FanoutUint128) a[i] * by + add;

      a[i] = (guint64) product;
      add = (guint64) (product >> 64);
    }
  return add;
}

/* Unsigned @a = @a * @by, which has room in the @n limbs. */
static inline void
limbs_multiply_wide (guint64 *a, guint n, FanoutUint128 by)
{
  FanoutUint128 carry = 0;

  for (guint i = 0; i < n; i++)
    {
      const FanoutUint128 low = (FanoutUint128) a[i] * (guint64) by + (guint64) carry;
      const FanoutUint128 high = (FanoutUint128) a[i] * (guint64) (by >> 64);

      a[i] = (guint64) low;
      carry = (carry >> 64) + (low >> 64) + high;
    }
}

/* Unsigned @a = @a / @by; returns the rest. */
static inline guint64
limbs_divide (guint64 *a, guint n, guint64 by)
{
  FanoutUint128 rest = 0;

  for (guint i = n; i-- > 0;)
    {
      rest = rest << 64 | a[i];
      a[i] = (guint64) (rest / by);
      rest %= by;
    }
  return (guint64) rest;
}

/* -1, 0 or 1 for unsigned @a and @b. */
static inline int
limbs_compare (const guint64 *a, const guint64 *b, guint n)
{
  for (guint i = n; i-- > 0;)
    if (a[i] != b[i])
      return a[i] < b[i] ? -1 : 1;
  return 0;
}
