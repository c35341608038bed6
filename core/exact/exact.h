#pragma once

/** Inside of <fanout/exact.h>: what its types share. */

#include <fanout/exact.h>

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

/** Most limbs of a slot. */
#define EXACT_LIMBS_MAX   5
/** Most limbs of a product of four factors, which may be wide, and the most digits behind its
 * point.
 */
#define EXACT_PRODUCT_MAX (2 * FANOUT_FACTORS_MAX)
#define EXACT_SCALE_MAX   (FANOUT_WIDE_DIGITS * FANOUT_FACTORS_MAX)

/** Add +-@limbs * 2^@exponent / 10^@scale, at most EXACT_PRODUCT_MAX limbs; what it is part of has
 * set the flags. */
void fanout_exact_add_limbs (FanoutExact *state, gboolean negative, const guint64 *limbs, guint n,
                             gint exponent, guint scale, FanoutMemory *memory);

/** Add @real, or its square: fanout_exact_add_product() for the usual cases. */
void fanout_exact_add_double (FanoutExact *state, double real, FanoutMemory *memory);
void fanout_exact_add_square (FanoutExact *state, double real, FanoutMemory *memory);

/** What the flags of @state make of its sum when they are not to be ignored: nan, inf or -inf. */
double fanout_exact_special (const FanoutExact *state);
