#pragma once

/**
 * Many mantissas of one scale at once: what an operator does in place of a loop of its own where a
 * column is plain, without nulls and not grouped (see FANOUT_UPDATE_NUMBERS). As many in one
 * instruction as the processor has room for.
 */

#include <fanout/abi.h>
#include <fanout/number.h>

G_BEGIN_DECLS

/** The sum of @n < 2^32 mantissas. */
FANOUT_API FanoutInt128 fanout_mantissas_sum (const gint64 *mantissas, gsize n);

/** The smallest of @n > 0 mantissas. */
FANOUT_API gint64 fanout_mantissas_min (const gint64 *mantissas, gsize n);

/** The largest of @n > 0 mantissas. */
FANOUT_API gint64 fanout_mantissas_max (const gint64 *mantissas, gsize n);

/** @n mantissas, each @step more than the one before, modulo 2^64. */
FANOUT_API void fanout_mantissas_count (gint64 *mantissas, gsize n, gint64 first, gint64 step);

G_END_DECLS
