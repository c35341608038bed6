#pragma once

/** All partitions of one run: made, run side by side, merged into the first. */

#include "core/pass/partition.h"

typedef struct
{
  FanoutRun *run;
  guint n_partitions;
  FanoutPartition **partitions;
  GHashTable *blocks; /* of slices: core/pass/blocks.h; NULL: there are none */
  gint64 blocks_from; /* none of them ends before this slice */
} FanoutPasses;

/** `run` is taken over. Each of the `n` partitions waits in a context of its own. */
FanoutPasses *fanout_passes_new (FanoutRun *run, guint n);
/** One partition on `context`, which steps do not block. */
FanoutPasses *fanout_passes_new_single (FanoutRun *run, GMainContext *context);
/** One partition that takes nothing in but other partitions. */
FanoutPasses *fanout_passes_new_empty (FanoutRun *run);
void fanout_passes_free (FanoutPasses *passes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutPasses, fanout_passes_free)

/** Run to the end of the stream, the first partition in this thread. Failures are in the run. */
void fanout_passes_run (FanoutPasses *passes);
/** Merge into the first partition, which alone is left. FALSE with `error`, also when the run had
 * failed. */
gboolean fanout_passes_merge (FanoutPasses *passes, GError **error);
/** After that: whether the first failure of the stream may be another one, or at another row, than
 * the partitions know, each of which has seen a part of it. Merges what is left, to see. */
gboolean fanout_passes_in_doubt (FanoutPasses *passes);
