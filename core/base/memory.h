#pragma once

/** Inside of <fanout/memory.h>: what one node has allocated, and what all of a run may. */

#include <fanout/memory.h>
#include <stdatomic.h>

/** The bound that the nodes of a run share. Any thread may look at it. */
typedef struct
{
  _Atomic gsize reserved;   /* by all nodes together, in steps of FANOUT_MEMORY_STEP */
  _Atomic gboolean refused; /* somebody did without, so that there is no result */
  gsize limit;
} FanoutMemoryLimit;

/** A node asks the shared counter for this much at a time, so that it is seldom touched. */
#define FANOUT_MEMORY_STEP ((gsize) 64 * 1024)

/** One node's memory; one thread at a time. */
struct FanoutMemory
{
  gsize used; /* below 0, as gssize, where others have counted what was released here */
  gsize peak;
  gsize reserved;           /* of `used`, what the shared counter knows of: at least `used` */
  FanoutMemoryLimit *limit; /* (nullable): counted, but not bounded */
  /** (nullable): hands out the blocks in place of the heap; a size of 0 stands for no block. What
   * it gives can be freed by g_free(). */
  gpointer (*reallocate) (FanoutMemory *memory, gpointer block, gsize old_size, gsize new_size);
};

FANOUT_API void fanout_memory_limit_init (FanoutMemoryLimit *limit, gsize bytes);

/** Whether the nodes together hold more than the limit, or were to; to be asked after a batch. */
gboolean fanout_memory_limit_exceeded (FanoutMemoryLimit *limit);
/** Say so, and answer FALSE. */
gboolean fanout_memory_limit_fail (const FanoutMemoryLimit *limit, GError **error);

FANOUT_API void fanout_memory_init (FanoutMemory *memory, FanoutMemoryLimit *limit);

/** Give back what the shared counter has for this node; the blocks are gone or nobody's by then. */
void fanout_memory_clear (FanoutMemory *memory);

/** Whether `bytes` more are within the limit; unlike fanout_may_allocate() this has no consequence.
 */
gboolean fanout_memory_has_room (const FanoutMemory *memory, gsize bytes);

/** Count bytes that were allocated elsewhere (states, keys); a negative `bytes` takes them back. */
void fanout_memory_count (FanoutMemory *memory, gssize bytes);

/** Move the count of `bytes` from one node to another that now owns the blocks. */
void fanout_memory_move (FanoutMemory *into, FanoutMemory *from, gsize bytes);
