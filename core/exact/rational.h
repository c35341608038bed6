#pragma once

/** Inside of <fanout/rational.h>. */

#include <fanout/rational.h>

/** +-@words * 2^@exponent / 5^@fives, the least significant of @n words first. */
FanoutRational *fanout_rational_new_words (gboolean negative, const guint32 *words, gsize n,
                                           gint exponent, guint fives);
