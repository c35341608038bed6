#include "core/base/memory.h"
#include <string.h>

void
fanout_memory_limit_init (FanoutMemoryLimit *limit, gsize bytes)
{
  atomic_init (&limit->reserved, 0);
  limit->limit = bytes;
}

gboolean
fanout_memory_limit_exceeded (FanoutMemoryLimit *limit)
{
  return atomic_load_explicit (&limit->reserved, memory_order_relaxed) > limit->limit;
}

void
fanout_memory_init (FanoutMemory *memory, FanoutMemoryLimit *limit)
{
  memory->used = 0;
  memory->peak = 0;
  memory->reserved = 0;
  memory->limit = limit;
  memory->reallocate = NULL;
}

static void
reserve (FanoutMemory *memory)
{
  const gsize want
      = (memory->used + FANOUT_MEMORY_STEP - 1) / FANOUT_MEMORY_STEP * FANOUT_MEMORY_STEP;

  /* One step of slack, so that a block that comes and goes costs no atomic operation. */
  if (want > memory->reserved)
    atomic_fetch_add_explicit (&memory->limit->reserved, want - memory->reserved,
                               memory_order_relaxed);
  else if (want + FANOUT_MEMORY_STEP < memory->reserved)
    atomic_fetch_sub_explicit (&memory->limit->reserved, memory->reserved - want,
                               memory_order_relaxed);
  else
    return;
  memory->reserved = want;
}

void
fanout_memory_count (FanoutMemory *memory, gssize bytes)
{
  if (memory == NULL || bytes == 0)
    return;
  memory->used += (gsize) bytes;
  memory->peak = MAX (memory->peak, memory->used);
  if (memory->limit != NULL)
    reserve (memory);
}

void
fanout_memory_move (FanoutMemory *into, FanoutMemory *from, gsize bytes)
{
  fanout_memory_count (from, -(gssize) bytes);
  fanout_memory_count (into, (gssize) bytes);
}

void
fanout_memory_clear (FanoutMemory *memory)
{
  memory->used = 0;
  if (memory->limit != NULL && memory->reserved > 0)
    atomic_fetch_sub_explicit (&memory->limit->reserved, memory->reserved, memory_order_relaxed);
  memory->reserved = 0;
}

gpointer
fanout_allocate (FanoutMemory *memory, gsize size)
{
  fanout_memory_count (memory, (gssize) size);
  if (G_UNLIKELY (memory != NULL && memory->reallocate != NULL))
    return memory->reallocate (memory, NULL, 0, size);
  return g_malloc0 (size);
}

gpointer
fanout_reallocate (FanoutMemory *memory, gpointer block, gsize old_size, gsize new_size)
{
  fanout_memory_count (memory, (gssize) (new_size - old_size));
  if (G_UNLIKELY (memory != NULL && memory->reallocate != NULL))
    return memory->reallocate (memory, block, old_size, new_size);
  block = g_realloc (block, new_size);
  if (new_size > old_size)
    memset ((guint8 *) block + old_size, 0, new_size - old_size);
  return block;
}

void
fanout_release (FanoutMemory *memory, gpointer block, gsize size)
{
  if (block == NULL)
    return;
  fanout_memory_count (memory, -(gssize) size);
  if (G_UNLIKELY (memory != NULL && memory->reallocate != NULL))
    memory->reallocate (memory, block, size, 0);
  else
    g_free (block);
}
