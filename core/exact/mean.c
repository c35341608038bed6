#include "core/exact/slots.h"
#include "core/number/text.h"
#include "core/number/powers.h"
#include "core/number/wide.h"
#include <math.h>

/*
 * Means and variances have a way of their own because a result may have millions of rows: integers
 * of 128 bits where they do, the rationals where they do not. Both round the exact value once.
 */

/* total / (10^scale n), when the divisor fits. */
static gboolean
divide (FanoutInt128 total, guint scale, guint64 n, double *quotient)
{
  const guint64 limit = (guint64) 1 << 53;
  const FanoutUint128 m = fanout_wide_magnitude (total);
  guint64 by;

  if (__builtin_mul_overflow (fanout_powers_of_ten[scale], n, &by))
    return FALSE;
  if (m <= limit && by <= limit)
    *quotient = (double) (gint64) total / (double) by;
  else
    *quotient = fanout_divide_to_double (total < 0, m, by, 0);
  return TRUE;
}

static double
divide_rational (FanoutRational *sum, guint64 n)
{
  g_autoptr (FanoutRational) dividend = sum;
  g_autoptr (FanoutRational) divisor = NULL;
  g_autoptr (FanoutRational) mean = NULL;
  FanoutDecimal decimal;

  fanout_decimal_set_unsigned (&decimal, n);
  divisor = fanout_rational_new_decimal (&decimal);
  mean = fanout_rational_divide (dividend, divisor);
  return fanout_rational_to_double (mean);
}

double
fanout_sum_mean (const FanoutSum *state, guint64 n)
{
  double mean;

  if (n == 0)
    return NAN;
  if (state->exact == NULL && state->scale1 > 0
      && divide (state->total, state->scale1 - 1u, n, &mean))
    return mean;
  return divide_rational (fanout_sum_rational (state), n);
}

/* The decimal total / (10^scale n) where it ends within 38 digits. */
static gboolean
divide_ending (FanoutInt128 total, guint scale, guint64 n, FanoutDecimal *quotient)
{
  const guint64 limit = (guint64) 1 << 63;
  FanoutUint128 m = fanout_wide_magnitude (total);
  FanoutNumber number;
  FanoutWide room;
  guint twos = (guint) __builtin_ctzll (n);
  guint fives = 0;

  n >>= twos;
  for (; n % 5 == 0; n /= 5)
    fives++;
  /* What is left of n has no part in any power of ten. */
  if (m < limit ? (guint64) m % n != 0 : m % n != 0)
    return FALSE;
  m = m < limit ? (guint64) m / n : m / n;
  for (; m != 0 && twos > 0 && (m & 1) == 0; twos--)
    m >>= 1;
  for (; m != 0 && fives > 0 && m % 5 == 0; fives--)
    m /= 5;
  scale += MAX (twos, fives);
  for (; fives < twos && m < fanout_wide_limit () / 2; fives++)
    m *= 5;
  for (; twos < fives && m < fanout_wide_limit () / 2; twos++)
    m *= 2;
  if (twos != fives || m >= fanout_wide_limit ()
      || !fanout_number_set_decimal (&number, total < 0 ? -(FanoutInt128) m : (FanoutInt128) m,
                                     m != 0 ? scale : 0, &room))
    return FALSE;
  return fanout_decimal_set_number (quotient, number);
}

FanoutSumKind
fanout_sum_quotient (const FanoutSum *state, guint64 n, FanoutDecimal *decimal, double *real)
{
  FanoutDecimal sum;
  FanoutSumKind kind;

  if (n == 0 || (state->exact == NULL && state->scale1 == 0))
    return FANOUT_SUM_NONE;
  if (state->exact == NULL)
    {
      if (divide_ending (state->total, state->scale1 - 1u, n, decimal))
        return FANOUT_SUM_DECIMAL;
      *real = fanout_sum_mean (state, n);
      return FANOUT_SUM_DOUBLE;
    }
  kind = fanout_sum_result (state, &sum, real);
  if (kind == FANOUT_SUM_DECIMAL)
    {
      g_autoptr (FanoutRational) dividend = fanout_rational_new_decimal (&sum);
      g_autoptr (FanoutRational) divisor = NULL;
      g_autoptr (FanoutRational) mean = NULL;
      FanoutNumber number;
      FanoutWide room;

      fanout_decimal_set_unsigned (&sum, n);
      divisor = fanout_rational_new_decimal (&sum);
      mean = fanout_rational_divide (dividend, divisor);
      if (fanout_rational_to_number (mean, &number, &room))
        {
          fanout_decimal_set_number (decimal, number);
          return FANOUT_SUM_DECIMAL;
        }
    }
  *real = fanout_sum_mean (state, n);
  return FANOUT_SUM_DOUBLE;
}

double
fanout_moments_mean (const FanoutMoments *state)
{
  double mean;

  if (state->n == 0)
    return NAN;
  if (state->exact == NULL && state->scale1 > 0
      && divide (state->s1, state->scale1 - 1u, state->n, &mean))
    return mean;
  return divide_rational (fanout_moments_rational (state, 1), state->n);
}

/* n s2 - s1^2 and n (n - less) 10^(2 scale), when the one fits in 126 bits and the other in 64. */
static gboolean
small_variance (const FanoutMoments *state, guint64 less, FanoutUint128 *spread, guint64 *by)
{
  const FanoutUint128 s1 = fanout_wide_magnitude (state->s1);
  const guint scale = 2 * (state->scale1 - 1u);
  FanoutUint128 square;
  FanoutUint128 high;

  if (state->exact != NULL || state->scale1 == 0 || scale > 19 || s1 >> 64 != 0
      || state->s2_high != 0)
    return FALSE;
  square = s1 * s1;
  high = (state->s2_low >> 64) * state->n
         + ((FanoutUint128) (guint64) state->s2_low * state->n >> 64);
  if (high >> 62 != 0)
    return FALSE;
  /* Never less than 0 but in a state that was damaged on its way. */
  if (state->s2_low * state->n < square)
    return FALSE;
  *spread = state->s2_low * state->n - square;
  return !__builtin_mul_overflow (state->n, state->n - less, by)
         && !__builtin_mul_overflow (*by, fanout_powers_of_ten[scale], by);
}

static FanoutRational *
variance (const FanoutMoments *state, guint64 less)
{
  g_autoptr (FanoutRational) n = fanout_moments_rational (state, 0);
  g_autoptr (FanoutRational) x = fanout_moments_rational (state, 1);
  g_autoptr (FanoutRational) xx = fanout_moments_rational (state, 2);
  g_autoptr (FanoutRational) spread = fanout_rational_cross (n, xx, x, x);
  g_autoptr (FanoutRational) minus = fanout_rational_new ((gint64) less, 1);
  g_autoptr (FanoutRational) freedom = fanout_rational_subtract (n, minus);
  g_autoptr (FanoutRational) by = fanout_rational_multiply (n, freedom);

  return fanout_rational_divide (spread, by);
}

double
fanout_moments_variance (const FanoutMoments *state, guint64 less)
{
  FanoutUint128 spread;
  guint64 by;

  if (state->n <= less)
    return NAN;
  if (small_variance (state, less, &spread, &by))
    return fanout_divide_to_double (FALSE, spread, by, 0);
  {
    g_autoptr (FanoutRational) exact = variance (state, less);

    return fanout_rational_to_double (exact);
  }
}

/* floor (sqrt (square)) for 2^125 <= square. */
static guint64
root_of (FanoutUint128 square)
{
  /* The double is off by 2^12; one step of Newton leaves a unit or two. */
  const double estimate = sqrt ((double) (guint64) (square >> 64)) * 4294967296.0;
  FanoutUint128 wide = estimate < 18446744073709549568.0 ? (guint64) estimate : G_MAXUINT64;
  guint64 root;

  wide = (wide + square / wide) / 2;
  root = (guint64) MIN (wide, G_MAXUINT64);
  while ((FanoutUint128) root * root > square)
    root--;
  while (square - (FanoutUint128) root * root > (FanoutUint128) root * 2)
    root++;
  return root;
}

/* sqrt (m / by), m < 2^126: the root of a quotient of 128 bits has 64, and what is cut off is
 * noted. */
static double
root_of_quotient (FanoutUint128 m, guint64 by)
{
  const guint64 high = (guint64) (m >> 64);
  const int by_zeros = __builtin_clzll (by);
  int zeros;
  int exponent;
  FanoutUint128 square;
  FanoutUint128 rest;
  guint64 root;

  if (m == 0)
    return 0;
  /* m in 126 or 127 bits, so that the exponent is even. */
  zeros = (high != 0 ? __builtin_clzll (high) : 64 + __builtin_clzll ((guint64) m)) - 1;
  exponent = by_zeros - zeros - 64;
  if ((exponent & 1) != 0)
    {
      zeros--;
      exponent++;
    }
  m <<= zeros;
  by <<= by_zeros;
  /* m 2^64 / by in two steps of 64 bits. */
  rest = m % by;
  square = m / by << 64;
  rest <<= 64;
  square |= rest / by;
  rest %= by;

  root = root_of (square);
  return fanout_compose_double (FALSE, root, rest != 0 || (FanoutUint128) root * root != square,
                                exponent / 2);
}

double
fanout_moments_deviation (const FanoutMoments *state, guint64 less)
{
  FanoutUint128 spread;
  guint64 by;

  if (state->n <= less)
    return NAN;
  if (small_variance (state, less, &spread, &by))
    return root_of_quotient (spread, by);
  {
    g_autoptr (FanoutRational) exact = variance (state, less);

    return fanout_rational_sqrt (exact);
  }
}
