#pragma once

/**
 * The superaccumulator: a sum of integers times powers of two, over a window of 32-bit digits that
 * grows on need.
 *
 * R. M. Neal, "Fast exact summation using small and large superaccumulators" (2015): the small one.
 */

#include <fanout/exact.h>

/** Digits that the magnitude of @digits takes at most. */
#define FANOUT_MAGNITUDE_MAX(digits) ((gsize) (digits)->n_digits + 3)

/** Add +-@m * 2^@exponent for @m < 2^53. */
void fanout_digits_add_double (FanoutDigits *digits, gboolean negative, guint64 m, gint exponent,
                               FanoutMemory *memory);
/** Add +-@m * 2^@exponent for any @m. */
void fanout_digits_add_wide (FanoutDigits *digits, gboolean negative, FanoutUint128 m,
                             gint exponent, FanoutMemory *memory);
/** Add +-@limbs * 2^@exponent, the least significant of @n limbs first. */
void fanout_digits_add_limbs (FanoutDigits *digits, gboolean negative, const guint64 *limbs,
                              guint n, gint exponent, FanoutMemory *memory);
/** Add @from, which may be @into itself. */
void fanout_digits_combine (FanoutDigits *into, const FanoutDigits *from, FanoutMemory *memory);
/** Multiply by 5^@exponent. */
void fanout_digits_multiply (FanoutDigits *digits, guint exponent, FanoutMemory *memory);
/** Release what it holds; zero from then on. */
void fanout_digits_clear (FanoutDigits *digits, FanoutMemory *memory);

/**
 * Write the value of @digits as a sign and 32-bit digits times 2^(32 @first): the shortest such
 * form.
 *
 * @magnitude: room for FANOUT_MAGNITUDE_MAX() digits, the least significant first
 *
 * Returns: how many digits there are; 0 for zero.
 */
gsize fanout_digits_magnitude (const FanoutDigits *digits, guint32 *magnitude, gint *first,
                               gboolean *negative);

void fanout_digits_encode (const FanoutDigits *digits, FanoutWriter *out);
/** @digits is zero before, and holds anything, to be cleared, after a failure (damaged bytes). */
gboolean fanout_digits_decode (FanoutDigits *digits, FanoutReader *in, FanoutMemory *memory);
