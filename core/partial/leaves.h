#pragma once

/** Where aggregates had enough, in parts that follow each other: the last one of them is where one
 * run would have stopped. */

#include "core/partial/partial.h"

void fanout_count_add (FanoutFeedCount *count, const FanoutFeedCount *more);

/** Let a part with the leaves `next` follow on what was counted `before`. TRUE: none of the `n`
 * aggregates wants more, and no more than `cut` counts of the part. */
gboolean fanout_leaves_join (FanoutLeave *leaves, const FanoutLeave *next, guint n,
                             const FanoutFeedCount *before, FanoutFeedCount *cut);
/** No more than that counts of a part. */
void fanout_partial_cut (FanoutPartialCounters *counters, const FanoutFeedCount *count);
