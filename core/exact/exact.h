#pragma once

/** Inside of <fanout/exact.h>: what its types share. */

#include <fanout/exact.h>
#include <fanout/rational.h>

/* FanoutExact.flags */
enum
{
  EXACT_VALUE = 1 << 0,  /* there was a term */
  EXACT_DOUBLE = 1 << 1, /* with a double among its factors */
  EXACT_NAN = 1 << 2,
  EXACT_INF = 1 << 3,
  EXACT_NEGATIVE_INF = 1 << 4,
  EXACT_SPECIAL = EXACT_NAN | EXACT_INF | EXACT_NEGATIVE_INF,
  EXACT_ALL = (1 << 5) - 1,
};

/** Most limbs of what fanout_exact_add_limbs() takes: a product of four factors, or a slot. */
#define EXACT_LIMBS_MAX 5

/** Digits that the magnitude of @digits takes at most. */
#define EXACT_MAGNITUDE_MAX(digits) ((gsize) (digits)->n_digits + 3)

/** Add +-@limbs * 2^@exponent / 10^@scale; what it is part of has set the flags. */
void fanout_exact_add_limbs (FanoutExact *state, gboolean negative, const guint64 *limbs, guint n,
                             gint exponent, guint scale, FanoutMemory *memory);

/** Add @real, or its square: fanout_exact_add_product() for the usual cases. */
void fanout_exact_add_double (FanoutExact *state, double real, FanoutMemory *memory);
void fanout_exact_add_square (FanoutExact *state, double real, FanoutMemory *memory);

/**
 * Write the value of @digits as a sign and 32-bit digits times 2^(32 @first): the shortest such
 * form.
 *
 * Returns: how many digits there are; 0 for zero.
 */
gsize fanout_digits_magnitude (const FanoutDigits *digits, guint32 *magnitude, gint *first,
                               gboolean *negative);

/** What the flags of @state make of its sum when they are not to be ignored: nan, inf or -inf. */
double fanout_exact_special (const FanoutExact *state);
