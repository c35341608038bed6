#include "core/exact/exact.h"
#include "core/number/limbs.h"
#include "core/number/powers.h"
#include <math.h>
#include <string.h>

/*
 * The small superaccumulator of Neal 2015, over a window of digits that grows on need.
 *
 * An addition changes a digit by less than 2^53, so after PENDING_MAX of them carries must move up.
 * After that a digit is in 0 .. 2^32 - 1, and the last, which has the sign, in -2^52 .. 2^52.
 */

#define PENDING_MAX  1000
#define DIGIT_MASK   ((gint64) 0xffffffff)
#define TOP_MAX      ((gint64) 1 << 52)
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

/* Add +-m * 2^exponent for m < 2^53. */
static void
digits_add_double (FanoutDigits *d, gboolean negative, guint64 m, gint exponent,
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

/* Add +-m * 2^exponent for any m. */
static void
digits_add_wide (FanoutDigits *d, gboolean negative, FanoutUint128 m, gint exponent,
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

static void
digits_add_limbs (FanoutDigits *d, gboolean negative, const guint64 *limbs, guint n, gint exponent,
                  FanoutMemory *memory)
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

static void
digits_combine (FanoutDigits *into, const FanoutDigits *from, FanoutMemory *memory)
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

/* Multiply by 5^@exponent. */
static void
digits_multiply (FanoutDigits *d, guint exponent, FanoutMemory *memory)
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

static void
digits_clear (FanoutDigits *d, FanoutMemory *memory)
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
fanout_exact_add_limbs (FanoutExact *state, gboolean negative, const guint64 *limbs, guint n,
                        gint exponent, guint scale, FanoutMemory *memory)
{
  /* Up to 5^72, which has 168 bits, times the limbs. */
  guint64 wide[EXACT_LIMBS_MAX + 3] = { 0 };

  if (limbs_zero (limbs, n))
    return;
  if (scale > state->scale)
    {
      digits_multiply (&state->decimal, scale - state->scale, memory);
      state->scale = (guint8) scale;
    }
  memcpy (wide, limbs, n * sizeof *limbs);
  for (guint left = state->scale - scale; left > 0;)
    {
      const guint step = MIN (left, 27);

      limbs_multiply (wide, G_N_ELEMENTS (wide), fanout_powers_of_five[step], 0);
      left -= step;
    }
  digits_add_limbs (&state->decimal, negative, wide, G_N_ELEMENTS (wide), exponent - (gint) scale,
                    memory);
}

/* The magnitude of a finite double: m * 2^e. */
static inline guint64
split_double (double real, gint *e)
{
  guint64 bits;
  guint64 m;

  memcpy (&bits, &real, sizeof bits);
  m = bits & (((guint64) 1 << 52) - 1);
  *e = (gint) (bits >> 52 & 0x7ff);
  if (*e > 0)
    m |= (guint64) 1 << 52;
  else
    *e = 1;
  *e -= 1075;
  return m;
}

/* Whether a factor is finite; else it is noted. */
static inline gboolean
take_finite (FanoutExact *state, double real)
{
  state->flags |= EXACT_VALUE | EXACT_DOUBLE;
  if (G_LIKELY (isfinite (real)))
    return TRUE;
  state->flags |= isnan (real) ? EXACT_NAN : real < 0 ? EXACT_NEGATIVE_INF : EXACT_INF;
  return FALSE;
}

void
fanout_exact_add_double (FanoutExact *state, double real, FanoutMemory *memory)
{
  gint e;
  guint64 m;

  if (!take_finite (state, real))
    return;
  m = split_double (real, &e);
  if (m != 0)
    digits_add_double (&state->binary, signbit (real) != 0, m, e, memory);
}

void
fanout_exact_add_square (FanoutExact *state, double real, FanoutMemory *memory)
{
  gint e;
  guint64 m;

  if (!take_finite (state, fabs (real)))
    return;
  m = split_double (real, &e);
  if (m != 0)
    digits_add_wide (&state->binary, FALSE, (FanoutUint128) m * m, 2 * e, memory);
}

void
fanout_exact_add_product (FanoutExact *state, const FanoutNumber *factors, guint n_factors,
                          FanoutMemory *memory)
{
  guint64 limbs[FANOUT_FACTORS_MAX] = { 1 };
  gboolean negative = FALSE;
  gboolean zero = FALSE;
  gboolean infinite = FALSE;
  guint n_doubles = 0;
  gint exponent = 0;
  guint scale = 0;

  g_return_if_fail (n_factors >= 1 && n_factors <= FANOUT_FACTORS_MAX);
  state->flags |= EXACT_VALUE;
  for (guint i = 0; i < n_factors; i++)
    {
      guint64 m;

      if (fanout_number_is_double (factors[i]))
        {
          gint e;

          n_doubles++;
          state->flags |= EXACT_DOUBLE;
          if (isnan (factors[i].real))
            {
              state->flags |= EXACT_NAN;
              return;
            }
          negative ^= signbit (factors[i].real) != 0;
          if (isinf (factors[i].real))
            {
              infinite = TRUE;
              continue;
            }
          m = split_double (factors[i].real, &e);
          exponent += e;
        }
      else
        {
          negative ^= factors[i].mantissa < 0;
          m = factors[i].mantissa < 0 ? -(guint64) factors[i].mantissa
                                      : (guint64) factors[i].mantissa;
          scale += factors[i].scale;
        }
      zero = zero || m == 0;
      limbs_multiply (limbs, FANOUT_FACTORS_MAX, m, 0);
    }

  if (infinite)
    state->flags |= zero ? EXACT_NAN : negative ? EXACT_NEGATIVE_INF : EXACT_INF;
  else if (zero)
    return;
  else if (n_doubles == n_factors && n_factors <= 2)
    digits_add_wide (&state->binary, negative, (FanoutUint128) limbs[1] << 64 | limbs[0], exponent,
                     memory);
  else if (n_doubles == n_factors)
    digits_add_limbs (&state->binary, negative, limbs, FANOUT_FACTORS_MAX, exponent, memory);
  else
    fanout_exact_add_limbs (state, negative, limbs, FANOUT_FACTORS_MAX, exponent, scale, memory);
}

void
fanout_exact_combine (FanoutExact *into, const FanoutExact *from, FanoutMemory *memory)
{
  into->flags |= from->flags;
  digits_combine (&into->binary, &from->binary, memory);
  if (from->scale >= into->scale)
    {
      digits_multiply (&into->decimal, from->scale - into->scale, memory);
      into->scale = from->scale;
      digits_combine (&into->decimal, &from->decimal, memory);
    }
  else
    {
      FanoutDigits scaled = { 0 };

      digits_combine (&scaled, &from->decimal, NULL);
      digits_multiply (&scaled, into->scale - from->scale, NULL);
      digits_combine (&into->decimal, &scaled, memory);
      digits_clear (&scaled, NULL);
    }
}

void
fanout_exact_clear (FanoutExact *state, FanoutMemory *memory)
{
  digits_clear (&state->binary, memory);
  digits_clear (&state->decimal, memory);
  memset (state, 0, sizeof *state);
}

static void
digits_encode (const FanoutDigits *d, GByteArray *out)
{
  g_autofree guint32 *magnitude = g_new (guint32, EXACT_MAGNITUDE_MAX (d));
  gboolean negative;
  gint first;
  const gsize n = fanout_digits_magnitude (d, magnitude, &first, &negative);

  fanout_write_u8 (out, (guint8) negative);
  fanout_write_u32 (out, (guint32) first);
  fanout_write_u32 (out, (guint32) n);
  for (gsize i = 0; i < n; i++)
    fanout_write_u32 (out, magnitude[i]);
}

static gboolean
digits_decode (FanoutDigits *d, FanoutReader *in, FanoutMemory *memory)
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

void
fanout_exact_encode (const FanoutExact *state, GByteArray *out)
{
  fanout_write_u8 (out, 1);
  fanout_write_u8 (out, state->flags);
  fanout_write_u8 (out, state->scale);
  digits_encode (&state->binary, out);
  digits_encode (&state->decimal, out);
}

gboolean
fanout_exact_decode (FanoutExact *state, FanoutReader *in, FanoutMemory *memory)
{
  guint8 version;
  guint8 flags;
  guint8 scale;

  if (!fanout_read_u8 (in, &version) || version != 1 || !fanout_read_u8 (in, &flags)
      || (flags & ~EXACT_ALL) != 0 || !fanout_read_u8 (in, &scale)
      || scale > FANOUT_DECIMAL_SCALE_MAX)
    return FALSE;
  state->flags = flags;
  state->scale = scale;
  if (digits_decode (&state->binary, in, memory) && digits_decode (&state->decimal, in, memory))
    return TRUE;
  fanout_exact_clear (state, memory);
  return FALSE;
}

double
fanout_exact_special (const FanoutExact *state)
{
  const guint special = state->flags & EXACT_SPECIAL;

  if (special == EXACT_INF)
    return INFINITY;
  if (special == EXACT_NEGATIVE_INF)
    return -INFINITY;
  return NAN;
}

FanoutSumKind
fanout_exact_result (const FanoutExact *state, FanoutDecimal *decimal, double *real)
{
  g_autoptr (FanoutRational) sum = NULL;

  if ((state->flags & EXACT_VALUE) == 0)
    return FANOUT_SUM_NONE;
  if ((state->flags & EXACT_SPECIAL) != 0)
    {
      *real = fanout_exact_special (state);
      return FANOUT_SUM_DOUBLE;
    }
  sum = fanout_exact_rational (state);
  if ((state->flags & EXACT_DOUBLE) == 0 && fanout_rational_to_decimal (sum, decimal))
    return FANOUT_SUM_DECIMAL;
  *real = fanout_rational_to_double (sum);
  return FANOUT_SUM_DOUBLE;
}
