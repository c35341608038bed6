#pragma once

/** Keys and states of groups in sealed files. */

#include "core/base/writer.h"
#include "core/group/table.h"
#include "core/handover/node.h"
#include "core/partial/fields.h"

/** Of a state, however long it is, only one piece has to be in memory while it is written. Each has
 * its length before it; the last one is shorter than all others, which are as long as this. */
#define FANOUT_STATE_PIECE (1024 * 1024)

/** The length of a key is one more than it is; 0: it is null. */
void fanout_put_key (FanoutSealer *out, const FanoutTable *table, guint32 id, guint key);

/** What states are written through. */
FanoutWriter *fanout_put_writer (FanoutSealer *out);
/** The state of group `id`; nothing where the node has failed. FALSE once something could not be
 * written. */
gboolean fanout_put_state (FanoutSealer *out, FanoutNode *node, guint32 id, FanoutWriter *writer);

/** The encoded state, in place of what is in `state`. */
gboolean fanout_get_state (FanoutSealed *in, FanoutBuffer *state);
