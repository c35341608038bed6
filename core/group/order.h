#pragma once

/**
 * The order of groups: by keys, and by anything else that can be put into words.
 *
 * Groups are sorted by 64-bit words that stand for a part of what they are compared by; those with
 * equal words get the words of the next part, and so on. So 16 bytes a group are enough whatever
 * the groups are compared by, and only as much of it is looked at as is needed.
 */

#include "core/group/order-words.h"
#include "core/group/table.h"

/**
 * Sort the `n` groups `ids` of `table` (NULL: all that there are) by `levels` and, where these are
 * equal, by its keys: each key column by value when all its keys are numbers (equal values
 * bytewise), else bytewise; nulls last.
 *
 * Answers the ids in this order (g_free; the first `limit` of them when that is not 0), or NULL
 * when a `load` failed. `threaded`: a thread may work on it beside the caller's.
 */
guint32 *fanout_order (FanoutTable *table, const guint32 *ids, guint64 n, guint n_levels,
                       const FanoutOrderLevel *levels, guint64 limit, gboolean threaded,
                       FanoutMemory *memory);

/** One item of [output] sort. */
typedef struct
{
  guint column; /* of the layout */
  gboolean descending;
} FanoutSort;
