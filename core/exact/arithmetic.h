#pragma once

/**
 * Arithmetic of single numbers: the exact value where that is a decimal, else the double nearest
 * to it. With nan or inf as in IEEE arithmetic.
 *
 * What fits 128 bits on the way is computed there; the rest, and doubles, as rationals.
 *
 * A result that is a wide decimal is in the @room of the caller; NULL: there are none, and what
 * would be one is rounded.
 */

#include <fanout/number.h>

FanoutNumber fanout_number_add (FanoutNumber x, FanoutNumber y, FanoutWide *room);
FanoutNumber fanout_number_subtract (FanoutNumber x, FanoutNumber y, FanoutWide *room);
FanoutNumber fanout_number_multiply (FanoutNumber x, FanoutNumber y, FanoutWide *room);

/** @x / @y, the floor of it, and @x - @y floor (@x / @y). FALSE, and @result as it was, for a @y of
 * 0. With nan or inf among them: as the division of doubles; the floor of what is not finite is
 * that, and the rest is nan, but that of a finite @x by an inf of its sign is @x. */
gboolean fanout_number_divide (FanoutNumber x, FanoutNumber y, FanoutNumber *result,
                               FanoutWide *room);
gboolean fanout_number_floor_divide (FanoutNumber x, FanoutNumber y, FanoutNumber *result,
                                     FanoutWide *room);
gboolean fanout_number_modulo (FanoutNumber x, FanoutNumber y, FanoutNumber *result,
                               FanoutWide *room);

FanoutNumber fanout_number_negate (FanoutNumber x, FanoutWide *room);
FanoutNumber fanout_number_abs (FanoutNumber x, FanoutWide *room);
FanoutNumber fanout_number_floor (FanoutNumber x, FanoutWide *room);
FanoutNumber fanout_number_ceil (FanoutNumber x, FanoutWide *room);
FanoutNumber fanout_number_trunc (FanoutNumber x, FanoutWide *room);

/** To @digits digits after the point (negative: before it), halves away from zero. */
FanoutNumber fanout_number_round (FanoutNumber x, gint digits, FanoutWide *room);

/** Correctly rounded; nan below 0. */
FanoutNumber fanout_number_sqrt (FanoutNumber x);

/** -1, 0 or 1; 0 for nan. */
int fanout_number_sign (FanoutNumber x);

/** Whether it is nan, or no finite number. */
gboolean fanout_number_is_nan (FanoutNumber x);
gboolean fanout_number_is_finite (FanoutNumber x);
