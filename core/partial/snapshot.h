#pragma once

/**
 * A checkpoint on its way: while all rests it is taken into memory, by a thread for each partition,
 * and written to its file beside the run.
 */

#include "core/partial/checkpoint.h"

typedef struct FanoutSnapshot FanoutSnapshot;

/** As fanout_checkpoint_write() would write it now. */
FanoutSnapshot *fanout_snapshot_new (const FanoutPasses *passes, const FanoutStreamCounts *counts,
                                     const GByteArray *reader, const GByteArray *outputs);
void fanout_snapshot_free (FanoutSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutSnapshot, fanout_snapshot_free)

/** Write it, once; its memory is given back as it goes. Neither synced nor committed. Any thread.
 */
gboolean fanout_snapshot_write (FanoutSnapshot *snapshot, FanoutOutput *output, GError **error);
