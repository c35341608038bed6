#pragma once

/** Groups of all partitions brought together elsewhere, while theirs stay as they are. */

#include "core/pass/passes.h"

/** Groups that are brought at one go, at most. */
#define FANOUT_GATHER_ROWS 1024

typedef struct FanoutGathering FanoutGathering;

/** Nothing yet. Aggregates that were dropped in some partition are. */
FanoutGathering *fanout_gathering_new (const FanoutPasses *passes);

/** The same with a partition that is there. */
FanoutGathering *fanout_gathering_into (FanoutPartition *whole);
/** Where they come to. */
FanoutPartition *fanout_gathering_whole (const FanoutGathering *self);

/** Whether states that are brought from now on may be moved in place of copied, as it is cheaper:
 * they are renewed next, and where they come to is freed before where they come from. */
void fanout_gathering_set_moving (FanoutGathering *self, gboolean moving);

/** Combine copies of groups of table `t` of `from`: `n` of them, whose keys are `keys` in the table
 * `named`, and whose states `states`. FALSE with `error`. */
gboolean fanout_gathering_add (FanoutGathering *self, const FanoutPartition *from, guint t,
                               FanoutTable *named, const guint32 *keys, const guint32 *states,
                               gsize n, GError **error);

/** The same for all groups of a slice of `from`, */
gboolean fanout_gathering_add_slice (FanoutGathering *self, const FanoutPartition *from, guint t,
                                     const FanoutSlice *slice, GError **error);
/** or of the table itself. */
gboolean fanout_gathering_add_table (FanoutGathering *self, FanoutPartition *from, guint t,
                                     GError **error);

/** The same, where it is known which groups of the table they become: `ids`. `fresh`: they have no
 * state yet, and each comes once. */
gboolean fanout_gathering_states (FanoutGathering *self, const FanoutPartition *from, guint t,
                                  const guint32 *ids, const guint32 *states, gsize n,
                                  gboolean fresh, GError **error);

/** All of it, in one partition; NULL unless `done`, or where that was there before. */
FanoutPasses *fanout_gathering_end (FanoutGathering *self, gboolean done);

/** The groups of all partitions as they are now: while these rest. NULL with `error`. */
FanoutPasses *fanout_passes_snapshot (const FanoutPasses *passes, GError **error);
