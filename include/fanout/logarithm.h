#pragma once

/**
 * Logarithms whose bits depend on no libm, compiler or order: fixed-point integers.
 *
 * A logarithm is a multiple of 2^-100. fanout_log2() is off by less than 2^-100, and sums of such
 * integers are exact, so a sum of logarithms does not depend on the order of its terms.
 */

#include <fanout/bytes.h>
#include <fanout/rational.h>

G_BEGIN_DECLS

/** Bits after the point of a logarithm. */
#define FANOUT_LOG2_BITS 100

/** A logarithm to base 2, times 2^100. */
__extension__ typedef __int128 FanoutLogarithm;

/** log2 (@number) * 2^100 for a finite @number > 0; FALSE for others. */
FANOUT_API gboolean fanout_log2 (FanoutNumber number, FanoutLogarithm *logarithm);

/**
 * 2^(@logarithm / 2^100) as a double. Before it is rounded its relative error is below 2^-100, so
 * it is the nearest double but for one case in 2^40.
 */
FANOUT_API double fanout_exp2 (FanoutLogarithm logarithm);

/** A weighted sum of logarithms; zeroes at first, owns nothing. */
typedef struct
{
  guint64 limbs[3]; /* two's complement, the least significant first: times 2^-100 */
  guint64 weight;   /* of all values */
  guint8 flags;     /* which of nan, inf, zero and negative values there were */
} FanoutLogSum;

/** Add @weight * log2 (@number). */
FANOUT_API void fanout_log_sum_add (FanoutLogSum *state, FanoutNumber number, guint64 weight);
/** As for the states of <fanout/exact.h>. */
FANOUT_API void fanout_log_sum_combine (FanoutLogSum *into, const FanoutLogSum *from);
FANOUT_API void fanout_log_sum_encode (const FanoutLogSum *state, FanoutWriter *out);
FANOUT_API gboolean fanout_log_sum_decode (FanoutLogSum *state, FanoutReader *in);

/**
 * The geometric mean: 2^(sum / weight). nan when there was no value, a nan, a negative value, or
 * both zero and infinity; else 0 when there was a zero.
 */
FANOUT_API double fanout_log_sum_geometric_mean (const FanoutLogSum *state);

/** The sum of the logarithms; -inf after a zero, nan after a negative value. */
FANOUT_API FanoutRational *fanout_log_sum_rational (const FanoutLogSum *state);

G_END_DECLS
