#include "core/number/limbs.h"
#include "core/number/text.h"
#include "core/exact/logarithm-table.h"
#include "core/number/text.h"
#include <fanout/logarithm.h>
#include <math.h>
#include <string.h>

/*
 * Fixed-point numbers of 128 bits; Qn has n bits after the point. A logarithm is looked up for the
 * first seven bits, and a series does the rest; nothing but integer operations is involved.
 */

#define WIDE(high, low) ((FanoutUint128) (high) << 64 | (low))
#define ONE_Q126        ((FanoutUint128) 1 << 126)

static const FanoutUint128 log2_of_e_q126 = WIDE (0x5c551d94ae0bf85d, 0xdf43ff68348e9f44);
static const FanoutUint128 log2_of_ten_q120 = WIDE (0x035269e12f346e2b, 0xf924afdbfd36bf6d);
static const FanoutUint128 ln_of_two_q127 = WIDE (0x58b90bfbe8e7bcd5, 0xe4f1d9cc01f97b58);

enum
{
  HAS_NAN = 1 << 0,
  HAS_INF = 1 << 1,
  HAS_ZERO = 1 << 2,
  HAS_NEGATIVE = 1 << 3,
  HAS_ALL = (1 << 4) - 1,
};

/* a b / 2^128, at most two less: the product of the low halves is left out. */
static inline FanoutUint128
multiply_high (FanoutUint128 a, FanoutUint128 b)
{
  const guint64 a_high = (guint64) (a >> 64);
  const guint64 b_high = (guint64) (b >> 64);

  return (FanoutUint128) a_high * b_high + (guint64) ((FanoutUint128) a_high * (guint64) b >> 64)
         + (guint64) ((FanoutUint128) (guint64) a * b_high >> 64);
}

/* log2 (m) for m != 0: the whole part, and Q120 of what is added to it, off by less than 2^-104. */
static gint
logarithm_of (guint64 m, FanoutInt128 *fraction_q120)
{
  const int zeros = __builtin_clzll (m);
  const guint64 y = m << zeros;
  const FanoutLogarithmRow *row = &fanout_logarithm_table[y >> 56 & 127];
  /* y r / 2^72 = 1 + u or 1 - u, exactly, with u < 0.0046. */
  const FanoutInt128 from_one
      = (FanoutInt128) ((FanoutUint128) y * row->reciprocal) - ((FanoutInt128) 1 << 72);
  const FanoutInt128 sign = from_one >> 127;
  const FanoutUint128 u_q128 = (FanoutUint128) ((from_one ^ sign) - sign) << 56;
  const guint64 u_q64 = (guint64) (u_q128 >> 64);
  static const FanoutUint128 parts[] = { 0,
                                         ONE_Q126,
                                         ONE_Q126 / 2u,
                                         ONE_Q126 / 3u,
                                         ONE_Q126 / 4u,
                                         ONE_Q126 / 5u,
                                         ONE_Q126 / 6u,
                                         ONE_Q126 / 7u,
                                         ONE_Q126 / 8u,
                                         ONE_Q126 / 9u,
                                         ONE_Q126 / 10u,
                                         ONE_Q126 / 11u,
                                         ONE_Q126 / 12u,
                                         ONE_Q126 / 13u };
  guint64 coarse = 0;
  FanoutUint128 series;

  /* ln (1 + u) = u (1 - u (1/2 - u (1/3 - ... u / 13))), and all signs + below one; the sign is
   * random, so there is no branch on it. Behind u^7 64 bits are enough. */
  for (guint n = 13; n >= 7; n--)
    {
      const guint64 rest = (guint64) ((FanoutUint128) coarse * u_q64 >> 64);

      coarse = (guint64) (parts[n] >> 64) - ((rest ^ (guint64) sign) - (guint64) sign);
    }
  series = (FanoutUint128) coarse << 64;
  for (guint n = 6; n >= 1; n--)
    {
      const FanoutUint128 rest = multiply_high (u_q128, series);

      series = parts[n] - ((rest ^ (FanoutUint128) sign) - (FanoutUint128) sign);
    }
  series = multiply_high (u_q128, series);
  series = multiply_high (series, log2_of_e_q126) << 2;
  series = (series ^ (FanoutUint128) sign) - (FanoutUint128) sign;
  series += WIDE (row->high, row->low);
  *fraction_q120 = (FanoutInt128) series >> 6;
  return 63 - zeros;
}

/* |number| = m * 2^e / 10^scale for a finite number. */
static guint64
split (FanoutNumber number, gint *e)
{
  *e = 0;
  if (!fanout_number_is_double (number))
    return number.mantissa < 0 ? -(guint64) number.mantissa : (guint64) number.mantissa;
  return fanout_double_take_apart (number.real, e);
}

/* The same of a mantissa of up to 128 bits: log2 (h + l) is log2 (h) + l / h log2 (e), where l is
 * below 2^-63 h, and what follows that is below 2^-126. */
static gint
logarithm_of_wide (FanoutUint128 m, FanoutInt128 *fraction_q120)
{
  static const guint64 log2_of_e_q62 = 6653256548922161245u;
  const guint64 top = (guint64) (m >> 64);
  const int zeros = top != 0 ? __builtin_clzll (top) : 64 + __builtin_clzll ((guint64) m);
  const FanoutUint128 wide = m << zeros;
  const guint64 high = (guint64) (wide >> 64);
  const guint64 part_q127 = (guint64) (((FanoutUint128) (guint64) wide << 63) / high);
  const gint whole = logarithm_of (high, fraction_q120);

  *fraction_q120 += (FanoutInt128) ((FanoutUint128) part_q127 * log2_of_e_q62 >> (127 + 62 - 120));
  return whole + 64 - zeros;
}

static FanoutInt128
logarithm_of_positive (FanoutNumber number)
{
  FanoutInt128 fraction;
  guint64 m;
  gint whole;
  gint e;

  /* Equal values must have equal logarithms, also 1.50 and 1.5. */
  if (!fanout_number_is_double (number))
    number = fanout_number_canonical (number);
  if (fanout_number_is_wide (number))
    {
      whole = logarithm_of_wide ((FanoutUint128) number.wide->mantissa, &fraction);
      fraction -= (FanoutInt128) log2_of_ten_q120 * number.wide->scale;
    }
  else
    {
      m = split (number, &e);
      whole = e + logarithm_of (m, &fraction);
      if (!fanout_number_is_double (number))
        fraction -= (FanoutInt128) log2_of_ten_q120 * number.scale;
    }
  fraction = (fraction + (1 << 19)) >> 20;
  return fraction + (FanoutInt128) whole * ((FanoutInt128) 1 << FANOUT_LOG2_BITS);
}

gboolean
fanout_log2 (FanoutNumber number, FanoutLogarithm *logarithm)
{
  if (fanout_number_is_double (number) ? !(number.real > 0) || isinf (number.real)
      : fanout_number_is_wide (number) ? number.wide->mantissa < 0
                                       : number.mantissa <= 0)
    return FALSE;
  *logarithm = logarithm_of_positive (number);
  return TRUE;
}

double
fanout_exp2 (FanoutLogarithm logarithm)
{
  /* 1 / n! */
  static const FanoutUint128 coefficients[] = {
    ONE_Q126,
    ONE_Q126,
    ONE_Q126 / 2u,
    ONE_Q126 / 6u,
    ONE_Q126 / 24u,
    ONE_Q126 / 120u,
    ONE_Q126 / 720u,
    ONE_Q126 / 5040u,
    ONE_Q126 / 40320u,
    ONE_Q126 / 362880u,
    ONE_Q126 / 3628800u,
    ONE_Q126 / 39916800u,
    ONE_Q126 / 479001600u,
    ONE_Q126 / 6227020800u,
    ONE_Q126 / 87178291200u,
  };
  const FanoutLogarithm whole = logarithm >> FANOUT_LOG2_BITS;
  const FanoutUint128 fraction
      = (FanoutUint128) (logarithm - whole * ((FanoutLogarithm) 1 << FANOUT_LOG2_BITS));
  FanoutUint128 x;
  FanoutUint128 power = 0;

  if (whole > 1100)
    return INFINITY;
  if (whole < -1200)
    return 0;
  /* e^x for x < ln (2) / 32, five times squared. */
  x = multiply_high (fraction << 28, ln_of_two_q127) >> 5;
  for (guint n = G_N_ELEMENTS (coefficients); n-- > 0;)
    power = coefficients[n] + multiply_high (power, x << 1);
  for (guint i = 0; i < 5; i++)
    power = multiply_high (power, power) << 2;
  return fanout_compose_double (FALSE, power, fraction != 0, (gint) whole - 126);
}

void
fanout_log_sum_add (FanoutLogSum *state, FanoutNumber number, guint64 weight)
{
  const gboolean is_double = fanout_number_is_double (number);
  guint64 product[3] = { 0 };
  FanoutInt128 logarithm;
  gboolean negative;

  state->weight += weight;
  if (is_double && isnan (number.real))
    state->flags |= HAS_NAN;
  else if (is_double                        ? number.real < 0
           : fanout_number_is_wide (number) ? number.wide->mantissa < 0
                                            : number.mantissa < 0)
    state->flags |= HAS_NEGATIVE;
  else if (is_double ? number.real == 0 : number.mantissa == 0)
    state->flags |= HAS_ZERO;
  else if (is_double && isinf (number.real))
    state->flags |= HAS_INF;
  else
    {
      logarithm = logarithm_of_positive (number);
      negative = logarithm < 0;
      if (negative)
        logarithm = -logarithm;
      product[0] = (guint64) logarithm;
      product[1] = (guint64) (logarithm >> 64);
      if (weight != 1)
        limbs_multiply (product, G_N_ELEMENTS (product), weight, 0);
      if (negative)
        limbs_negate (product, G_N_ELEMENTS (product));
      limbs_add (state->limbs, product, G_N_ELEMENTS (product));
    }
}

void
fanout_log_sum_combine (FanoutLogSum *into, const FanoutLogSum *from)
{
  into->weight += from->weight;
  into->flags |= from->flags;
  limbs_add (into->limbs, from->limbs, G_N_ELEMENTS (into->limbs));
}

void
fanout_log_sum_encode (const FanoutLogSum *state, FanoutWriter *out)
{
  fanout_write_u8 (out, 1);
  for (guint i = 0; i < G_N_ELEMENTS (state->limbs); i++)
    fanout_write_u64 (out, state->limbs[i]);
  fanout_write_u64 (out, state->weight);
  fanout_write_u8 (out, state->flags);
}

gboolean
fanout_log_sum_decode (FanoutLogSum *state, FanoutReader *in)
{
  FanoutLogSum read = { 0 };
  guint8 version;

  if (!fanout_read_u8 (in, &version) || version != 1)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (read.limbs); i++)
    if (!fanout_read_u64 (in, &read.limbs[i]))
      return FALSE;
  if (!fanout_read_u64 (in, &read.weight) || !fanout_read_u8 (in, &read.flags)
      || (read.flags & ~HAS_ALL) != 0)
    return FALSE;
  *state = read;
  return TRUE;
}

/* What the values that have no logarithm make of the result; FALSE when there were none. */
static gboolean
special (const FanoutLogSum *state, double zero, double *result)
{
  const guint flags = state->flags;

  if (flags == 0)
    return FALSE;
  if (flags == HAS_ZERO)
    *result = zero;
  else if (flags == HAS_INF)
    *result = INFINITY;
  else
    *result = NAN;
  return TRUE;
}

double
fanout_log_sum_geometric_mean (const FanoutLogSum *state)
{
  const gboolean negative = limbs_negative (state->limbs, G_N_ELEMENTS (state->limbs));
  guint64 limbs[G_N_ELEMENTS (state->limbs)];
  FanoutLogarithm mean;
  guint64 rest;
  double result;

  if (state->weight == 0)
    return NAN;
  if (special (state, 0, &result))
    return result;
  memcpy (limbs, state->limbs, sizeof limbs);
  if (negative)
    limbs_negate (limbs, G_N_ELEMENTS (limbs));
  rest = limbs_divide (limbs, G_N_ELEMENTS (limbs), state->weight);
  mean = (FanoutLogarithm) WIDE (limbs[1], limbs[0]) + (rest > state->weight / 2);
  return fanout_exp2 (negative ? -mean : mean);
}

FanoutRational *
fanout_log_sum_rational (const FanoutLogSum *state)
{
  FanoutDecimal decimal = { .scale = 0 };
  double result;

  if (special (state, -INFINITY, &result))
    return fanout_rational_new_double (result);
  limbs_extend (decimal.limbs, FANOUT_DECIMAL_LIMBS, state->limbs, G_N_ELEMENTS (state->limbs));
  {
    g_autoptr (FanoutRational) scaled = fanout_rational_new_decimal (&decimal);
    g_autoptr (FanoutRational) unit = fanout_rational_new_double (ldexp (1, -FANOUT_LOG2_BITS));

    return fanout_rational_multiply (scaled, unit);
  }
}
