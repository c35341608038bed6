#pragma once

/**
 * Memory of states that varies in size: counted, and bounded over a whole run.
 *
 * A #FanoutMemory belongs to one node and is used by one thread at a time. NULL stands for memory
 * that nobody counts.
 */

#include <fanout/abi.h>

G_BEGIN_DECLS

/** Where the states of one aggregate get what varies in size. */
typedef struct FanoutMemory FanoutMemory;

/**
 * Allocate @size bytes, zeroed. Never NULL: a run that passes its bound is stopped by the core
 * after the batch, not here; see fanout_may_allocate(). A @size of 0 gives NULL.
 */
FANOUT_API gpointer fanout_allocate (FanoutMemory *memory, gsize size);

/**
 * Give @block, which holds @old_size bytes, room for @new_size bytes; what is added is zeroed.
 * @block may be NULL with an @old_size of 0. The old address is no longer valid.
 */
FANOUT_API gpointer fanout_reallocate (FanoutMemory *memory, gpointer block, gsize old_size,
                                       gsize new_size);

/**
 * Whether @size bytes more are within the bound of the run: to be asked before a block that may be
 * large, such as the next size of one that doubles. FALSE: the run ends after this batch and says
 * why, so do without the block; what the states hold does not matter any more. From then on the
 * answer is always FALSE, for a @size of 0 as well.
 */
FANOUT_API gboolean fanout_may_allocate (FanoutMemory *memory, gsize size);

/** Give back @block of @size bytes: the size it was allocated with. NULL is ignored. */
FANOUT_API void fanout_release (FanoutMemory *memory, gpointer block, gsize size);

G_END_DECLS
