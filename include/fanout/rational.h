#pragma once

/**
 * Rationals: what a formula over exact sums is computed in, so that it is written as in the
 * textbook and rounded once.
 *
 * A #FanoutRational never changes after it was made; every function gives a new one to be freed
 * with fanout_rational_free() or g_autoptr. Besides the finite values there are nan, inf and -inf,
 * which behave as in IEEE arithmetic, except that x / 0 is nan for every x.
 *
 * The slope of a regression, (n Sxy - Sx Sy) / (n Sxx - Sx^2):
 *
 *   g_autoptr (FanoutRational) n = fanout_pairs_rational (state, FANOUT_PAIRS_N);
 *   g_autoptr (FanoutRational) x = fanout_pairs_rational (state, FANOUT_PAIRS_X);
 *   g_autoptr (FanoutRational) y = fanout_pairs_rational (state, FANOUT_PAIRS_Y);
 *   g_autoptr (FanoutRational) xx = fanout_pairs_rational (state, FANOUT_PAIRS_XX);
 *   g_autoptr (FanoutRational) xy = fanout_pairs_rational (state, FANOUT_PAIRS_XY);
 *   g_autoptr (FanoutRational) rise = fanout_rational_cross (n, xy, x, y);
 *   g_autoptr (FanoutRational) run = fanout_rational_cross (n, xx, x, x);
 *   g_autoptr (FanoutRational) slope = fanout_rational_divide (rise, run);
 */

#include <fanout/number.h>

G_BEGIN_DECLS

typedef struct FanoutRational FanoutRational;

/** NULL is ignored. */
FANOUT_API void fanout_rational_free (FanoutRational *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutRational, fanout_rational_free)

/** @numerator / @denominator. */
FANOUT_API FanoutRational *fanout_rational_new (gint64 numerator, gint64 denominator);
/** Exactly @number: the double 0.1 is the binary fraction, not a tenth. */
FANOUT_API FanoutRational *fanout_rational_new_number (FanoutNumber number);
FANOUT_API FanoutRational *fanout_rational_new_double (double value);
FANOUT_API FanoutRational *fanout_rational_new_decimal (const FanoutDecimal *decimal);

/** @a + @b, @a - @b, @a * @b, @a / @b. */
FANOUT_API FanoutRational *fanout_rational_add (const FanoutRational *a, const FanoutRational *b);
FANOUT_API FanoutRational *fanout_rational_subtract (const FanoutRational *a,
                                                     const FanoutRational *b);
FANOUT_API FanoutRational *fanout_rational_multiply (const FanoutRational *a,
                                                     const FanoutRational *b);
FANOUT_API FanoutRational *fanout_rational_divide (const FanoutRational *a,
                                                   const FanoutRational *b);
/** @a * @numerator / @denominator. */
FANOUT_API FanoutRational *fanout_rational_scale (const FanoutRational *a, gint64 numerator,
                                                  gint64 denominator);
/** @a^@exponent; negative exponents as well. */
FANOUT_API FanoutRational *fanout_rational_power (const FanoutRational *a, gint exponent);
/** @a * @b - @c * @d, the shape of n Sxy - Sx Sy. */
FANOUT_API FanoutRational *fanout_rational_cross (const FanoutRational *a, const FanoutRational *b,
                                                  const FanoutRational *c, const FanoutRational *d);

/** The largest integer that is not above @a; nan and the infinities stay what they are. */
FANOUT_API FanoutRational *fanout_rational_floor (const FanoutRational *a);

/** -1, 0 or 1; 0 for nan. */
FANOUT_API int fanout_rational_sign (const FanoutRational *value);
/** -1, 0 or 1; nan equals itself and comes after all others. */
FANOUT_API int fanout_rational_compare (const FanoutRational *a, const FanoutRational *b);
/** Neither nan nor infinite. */
FANOUT_API gboolean fanout_rational_is_finite (const FanoutRational *value);

/** The nearest double, ties to even, subnormals too; infinite when it is beyond the doubles. */
FANOUT_API double fanout_rational_to_double (const FanoutRational *value);
/** The double nearest to the square root; nan for negative values. */
FANOUT_API double fanout_rational_sqrt (const FanoutRational *value);
/** The value as a decimal of up to 38 digits when it is exactly one, in @room where it is wide
 * (NULL: of up to 63 bits); else FALSE. */
FANOUT_API gboolean fanout_rational_to_number (const FanoutRational *value, FanoutNumber *number,
                                               FanoutWide *room);
/** The value as a decimal when it is exactly one that fits; else FALSE. */
FANOUT_API gboolean fanout_rational_to_decimal (const FanoutRational *value,
                                                FanoutDecimal *decimal);

G_END_DECLS
