#pragma once

/**
 * Exact sums. What comes out is a function of the multiset of values alone: not of their order, of
 * batches, or of how they were split and combined; it is rounded once, at the end, or not at all.
 *
 * Each type is a state that starts as zeroes and may be moved. A few integers at one scale are the
 * hot path; what does not fit there goes to a #FanoutExact, allocated from the #FanoutMemory on
 * first need. They share these functions (T is sum, moments, moments4, pairs or exact):
 *
 *   fanout_T_combine   add all that @from holds to @into; @from stays as it was, or is @into
 *   fanout_T_clear     release what the state owns; it is zeroes again
 *   fanout_T_encode    append the state to @out: little-endian, with a version
 *   fanout_T_decode    read a state into zeroes; FALSE, and zeroes still, for damaged bytes
 *
 * nan, inf and -inf are flags beside the finite values, so that they do not depend on the order
 * either: a result is nan when there was a nan or infinities of both signs.
 */

#include <fanout/bytes.h>
#include <fanout/mantissas.h>
#include <fanout/memory.h>
#include <fanout/rational.h>

G_BEGIN_DECLS

/** Part of #FanoutExact: an integer times 2^(32 first), in signed digits 32 bits apart. */
typedef struct
{
  gint64 *digits;
  gint32 first;
  guint16 n_digits;
  guint16 n_pending; /* additions since the carries were last propagated */
} FanoutDigits;

/**
 * A sum of products of numbers: any finite decimals and doubles, exactly. Decimal terms are kept
 * with the denominator 10^scale (of which 5^scale is common to all digits), terms of doubles alone
 * without one. Memory grows with the span of the exponents, from 0 to about 600 bytes for sums of
 * doubles.
 *
 * R. M. Neal, "Fast exact summation using small and large superaccumulators" (2015).
 */
typedef struct
{
  FanoutDigits binary;
  FanoutDigits decimal;
  guint8 scale;
  guint8 flags;
} FanoutExact;

/** What a result is: there were no values, all of them were decimals, or not all. */
typedef enum
{
  FANOUT_SUM_NONE = 0,
  FANOUT_SUM_DECIMAL,
  FANOUT_SUM_DOUBLE,
} FanoutSumKind;

/** Most factors of one product. */
#define FANOUT_FACTORS_MAX 4

/** Add the product of @n_factors numbers (1 to #FANOUT_FACTORS_MAX). */
FANOUT_API void fanout_exact_add_product (FanoutExact *state, const FanoutNumber *factors,
                                          guint n_factors, FanoutMemory *memory);
FANOUT_API void fanout_exact_combine (FanoutExact *into, const FanoutExact *from,
                                      FanoutMemory *memory);
FANOUT_API void fanout_exact_clear (FanoutExact *state, FanoutMemory *memory);
FANOUT_API void fanout_exact_encode (const FanoutExact *state, FanoutWriter *out);
FANOUT_API gboolean fanout_exact_decode (FanoutExact *state, FanoutReader *in,
                                         FanoutMemory *memory);

/** Add @number. */
static inline void
fanout_exact_add (FanoutExact *state, FanoutNumber number, FanoutMemory *memory)
{
  fanout_exact_add_product (state, &number, 1, memory);
}

/**
 * The sum: as @decimal when every factor was a decimal and it fits, else as @real, correctly
 * rounded (ties to even; infinite when it is beyond the doubles). Only that one is set; none when
 * there was no value.
 */
FANOUT_API FanoutSumKind fanout_exact_result (const FanoutExact *state, FanoutDecimal *decimal,
                                              double *real);

/** A sum of numbers, in 32 bytes. */
typedef struct
{
  FanoutInt128 total; /* of mantissas at the scale `scale1` - 1 */
  FanoutExact *exact; /* what is not in `total`; or NULL */
  union
  {
    guint8 scale1;  /* 0: no decimal yet */
    guint64 beside; /* a count of 56 bits has room beside it: fanout_sum_n() */
  };
} FanoutSum;

/* What one more is in `beside`: `scale1` is its first byte. */
#define FANOUT_SUM_ONE_                                                                            \
  (G_BYTE_ORDER == G_LITTLE_ENDIAN ? G_GUINT64_CONSTANT (1) << 8 : G_GUINT64_CONSTANT (1))

/** The largest count beside a sum. */
#define FANOUT_SUM_N_MAX ((G_GUINT64_CONSTANT (1) << 56) - 1)

/** Count @n more beside the sum: for states that need to know how many numbers it has. It is theirs
 * alone: the functions of sums leave it as it is, only fanout_sum_clear() forgets it. */
static inline void
fanout_sum_count (FanoutSum *state, guint64 n)
{
  state->beside += n * FANOUT_SUM_ONE_;
}

/** The count beside the sum. */
static inline guint64
fanout_sum_n (const FanoutSum *state)
{
  return state->beside / FANOUT_SUM_ONE_ & FANOUT_SUM_N_MAX;
}

/** Out of line part of fanout_sum_add(); the others of this kind below are the same. */
FANOUT_API void fanout_sum_add_scaled (FanoutSum *state, FanoutNumber number, FanoutMemory *memory);

/*
 * Here and below the slow path works on a copy: a state whose address goes nowhere can live in
 * registers for a whole loop. Additions need no check: whenever the scale changes, |total| is at
 * most 2^126, and 2^63 additions take a century.
 */

/* Add to a total that is seldom near 0: then its upper half stays as it is, and need not be
 * written. */
static inline void
fanout_sum_add_to_ (FanoutInt128 *total, gint64 mantissa)
{
  char *halves = (char *) total;
  char *low_half = halves + (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 0 : sizeof (guint64));
  char *high_half = halves + (G_BYTE_ORDER == G_LITTLE_ENDIAN ? sizeof (guint64) : 0);
  guint64 low;
  guint64 high;
  gint64 carry;

  memcpy (&low, low_half, sizeof low);
  carry = (mantissa >> 63) + (gint64) __builtin_add_overflow (low, (guint64) mantissa, &low);
  memcpy (low_half, &low, sizeof low);
  if (G_LIKELY (carry == 0))
    return;
  memcpy (&high, high_half, sizeof high);
  high += (guint64) carry;
  memcpy (high_half, &high, sizeof high);
}

/** Add @number. */
static inline void
fanout_sum_add (FanoutSum *state, FanoutNumber number, FanoutMemory *memory)
{
  if (G_LIKELY (state->scale1 == number.scale + 1))
    fanout_sum_add_to_ (&state->total, number.mantissa);
  else
    {
      FanoutSum copy = *state;

      fanout_sum_add_scaled (&copy, number, memory);
      *state = copy;
    }
}

/** Add @mantissa / 10^@scale. */
static inline void
fanout_sum_add_mantissa (FanoutSum *state, gint64 mantissa, guint8 scale, FanoutMemory *memory)
{
  fanout_sum_add (state, fanout_number_decimal (mantissa, scale), memory);
}

/** Add @n < 2^32 mantissas / 10^@scale. */
static inline void
fanout_sum_add_mantissas (FanoutSum *state, const gint64 *mantissas, gsize n, guint8 scale,
                          FanoutMemory *memory)
{
  gsize done = 0;

  for (; done < n && state->scale1 != scale + 1; done++)
    fanout_sum_add_mantissa (state, mantissas[done], scale, memory);
  state->total += fanout_mantissas_sum (mantissas + done, n - done);
}

FANOUT_API void fanout_sum_combine (FanoutSum *into, const FanoutSum *from, FanoutMemory *memory);
FANOUT_API void fanout_sum_clear (FanoutSum *state, FanoutMemory *memory);
FANOUT_API void fanout_sum_encode (const FanoutSum *state, FanoutWriter *out);
FANOUT_API gboolean fanout_sum_decode (FanoutSum *state, FanoutReader *in, FanoutMemory *memory);

/** The sum, as fanout_exact_result() has it. A sum of decimals always fits a #FanoutDecimal. */
FANOUT_API FanoutSumKind fanout_sum_result (const FanoutSum *state, FanoutDecimal *decimal,
                                            double *real);

/** The sum divided by @n (not 0), correctly rounded. */
FANOUT_API double fanout_sum_mean (const FanoutSum *state, guint64 n);

/** The same as a decimal where all numbers were decimals and it is exactly one of up to 38 digits,
 * else as the nearest double; none for an @n of 0, and when there was no number. Only that one is
 * set. */
FANOUT_API FanoutSumKind fanout_sum_quotient (const FanoutSum *state, guint64 n,
                                              FanoutDecimal *decimal, double *real);

/** Sums of x and x^2, and how many: for means and variances. 64 bytes. */
typedef struct
{
  guint64 n;
  FanoutInt128 s1;
  FanoutUint128 s2_low;
  guint64 s2_high;
  FanoutExact *exact; /* [2]: sums of x and x^2; or NULL */
  guint8 scale1;
} FanoutMoments;

FANOUT_API void fanout_moments_add_scaled (FanoutMoments *state, FanoutNumber number,
                                           FanoutMemory *memory);

/** Add @number. */
static inline void
fanout_moments_add (FanoutMoments *state, FanoutNumber number, FanoutMemory *memory)
{
  if (G_LIKELY (state->scale1 == number.scale + 1))
    {
      const gint64 m = number.mantissa;
      const FanoutUint128 square = (FanoutUint128) ((FanoutInt128) m * m);

      state->n++;
      state->s1 += m;
      state->s2_low += square;
      state->s2_high += state->s2_low < square;
    }
  else
    {
      FanoutMoments copy = *state;

      fanout_moments_add_scaled (&copy, number, memory);
      *state = copy;
    }
}

FANOUT_API void fanout_moments_combine (FanoutMoments *into, const FanoutMoments *from,
                                        FanoutMemory *memory);
FANOUT_API void fanout_moments_clear (FanoutMoments *state, FanoutMemory *memory);
FANOUT_API void fanout_moments_encode (const FanoutMoments *state, FanoutWriter *out);
FANOUT_API gboolean fanout_moments_decode (FanoutMoments *state, FanoutReader *in,
                                           FanoutMemory *memory);

/** Sum of x^@power, @power 0 to 2, as fanout_exact_result() has it. */
FANOUT_API FanoutSumKind fanout_moments_result (const FanoutMoments *state, guint power,
                                                FanoutDecimal *decimal, double *real);

/** The mean, correctly rounded; nan over no values. */
FANOUT_API double fanout_moments_mean (const FanoutMoments *state);

/**
 * Sum of (x - mean)^2 / (n - @less), correctly rounded: @less is 1 for a sample, 0 for a
 * population. nan where n <= @less.
 */
FANOUT_API double fanout_moments_variance (const FanoutMoments *state, guint64 less);

/** The square root of that, rounded once. */
FANOUT_API double fanout_moments_deviation (const FanoutMoments *state, guint64 less);

/** Sums of x, x^2, x^3 and x^4, and how many: for skewness and kurtosis. */
typedef struct
{
  guint64 n;
  FanoutInt128 s1;
  FanoutUint128 s2_low;
  FanoutUint128 s3_low;
  FanoutUint128 s3_high;
  FanoutUint128 s4_low;
  guint64 s4_high[3]; /* the least significant first */
  guint64 s2_high;
  FanoutExact *exact; /* [4]; or NULL */
  guint8 scale1;
} FanoutMoments4;

FANOUT_API void fanout_moments4_add_scaled (FanoutMoments4 *state, FanoutNumber number,
                                            FanoutMemory *memory);

/** Add @number. */
static inline void
fanout_moments4_add (FanoutMoments4 *state, FanoutNumber number, FanoutMemory *memory)
{
  const gint64 m = number.mantissa;

  /* Below 2^31 a cube takes 93 bits and a fourth power 124. */
  if (G_LIKELY (state->scale1 == number.scale + 1 && m >= -G_MAXINT32 && m <= G_MAXINT32))
    {
      const guint64 square = (guint64) (m * m);
      const FanoutUint128 cube = (FanoutUint128) ((FanoutInt128) (gint64) square * m);
      const FanoutUint128 fourth = (FanoutUint128) square * square;
      guint64 carry;

      state->n++;
      state->s1 += m;
      state->s2_low += square;
      state->s2_high += state->s2_low < square;
      state->s3_low += cube;
      state->s3_high += (FanoutUint128) (FanoutInt128) (m >> 63) + (state->s3_low < cube);
      state->s4_low += fourth;
      carry = state->s4_low < fourth;
      state->s4_high[0] += carry;
      if (G_UNLIKELY (carry > state->s4_high[0]) && ++state->s4_high[1] == 0)
        state->s4_high[2]++;
    }
  else
    {
      FanoutMoments4 copy = *state;

      fanout_moments4_add_scaled (&copy, number, memory);
      *state = copy;
    }
}

FANOUT_API void fanout_moments4_combine (FanoutMoments4 *into, const FanoutMoments4 *from,
                                         FanoutMemory *memory);
FANOUT_API void fanout_moments4_clear (FanoutMoments4 *state, FanoutMemory *memory);
FANOUT_API void fanout_moments4_encode (const FanoutMoments4 *state, FanoutWriter *out);
FANOUT_API gboolean fanout_moments4_decode (FanoutMoments4 *state, FanoutReader *in,
                                            FanoutMemory *memory);

/** Sum of x^@power, @power 0 to 4, as fanout_exact_result() has it. */
FANOUT_API FanoutSumKind fanout_moments4_result (const FanoutMoments4 *state, guint power,
                                                 FanoutDecimal *decimal, double *real);

/**
 * Sums of x, y, x^2, xy and y^2, and how many: for covariance, correlation, regression, dot
 * products and weighted means.
 */
typedef struct
{
  guint64 n;
  FanoutInt128 x;
  FanoutInt128 y;
  FanoutUint128 xx_low;
  FanoutUint128 xy_low;
  FanoutUint128 yy_low;
  guint64 xx_high;
  guint64 xy_high;
  guint64 yy_high;
  FanoutExact *exact; /* [5], in this order; or NULL */
  guint8 x_scale1;
  guint8 y_scale1;
} FanoutPairs;

FANOUT_API void fanout_pairs_add_scaled (FanoutPairs *state, FanoutNumber x, FanoutNumber y,
                                         FanoutMemory *memory);

/** Add the pair @x, @y. */
static inline void
fanout_pairs_add (FanoutPairs *state, FanoutNumber x, FanoutNumber y, FanoutMemory *memory)
{
  if (G_LIKELY (state->x_scale1 == x.scale + 1 && state->y_scale1 == y.scale + 1))
    {
      const FanoutInt128 a = x.mantissa;
      const FanoutInt128 b = y.mantissa;
      const FanoutInt128 ab = a * b;
      FanoutUint128 product;

      state->n++;
      state->x += a;
      state->y += b;
      product = (FanoutUint128) (a * a);
      state->xx_low += product;
      state->xx_high += state->xx_low < product;
      product = (FanoutUint128) ab;
      state->xy_low += product;
      state->xy_high += (guint64) (gint64) (ab >> 127) + (state->xy_low < product);
      product = (FanoutUint128) (b * b);
      state->yy_low += product;
      state->yy_high += state->yy_low < product;
    }
  else
    {
      FanoutPairs copy = *state;

      fanout_pairs_add_scaled (&copy, x, y, memory);
      *state = copy;
    }
}

FANOUT_API void fanout_pairs_combine (FanoutPairs *into, const FanoutPairs *from,
                                      FanoutMemory *memory);
FANOUT_API void fanout_pairs_clear (FanoutPairs *state, FanoutMemory *memory);
FANOUT_API void fanout_pairs_encode (const FanoutPairs *state, FanoutWriter *out);
FANOUT_API gboolean fanout_pairs_decode (FanoutPairs *state, FanoutReader *in,
                                         FanoutMemory *memory);

/** One of the sums of #FanoutPairs. */
typedef enum
{
  FANOUT_PAIRS_X = 0,
  FANOUT_PAIRS_Y,
  FANOUT_PAIRS_XX,
  FANOUT_PAIRS_XY,
  FANOUT_PAIRS_YY,
  FANOUT_PAIRS_N, /* how many pairs */
} FanoutPairsSum;

/** That sum, as fanout_exact_result() has it. */
FANOUT_API FanoutSumKind fanout_pairs_result (const FanoutPairs *state, FanoutPairsSum which,
                                              FanoutDecimal *decimal, double *real);

/** What a state holds, as a rational; 0 when it holds no values. Powers and sums as above. */
FANOUT_API FanoutRational *fanout_sum_rational (const FanoutSum *state);
FANOUT_API FanoutRational *fanout_exact_rational (const FanoutExact *state);
FANOUT_API FanoutRational *fanout_moments_rational (const FanoutMoments *state, guint power);
FANOUT_API FanoutRational *fanout_moments4_rational (const FanoutMoments4 *state, guint power);
FANOUT_API FanoutRational *fanout_pairs_rational (const FanoutPairs *state, FanoutPairsSum which);

G_END_DECLS
