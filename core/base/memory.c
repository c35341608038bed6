#include "core/base/memory.h"
#include <fanout/error.h>
#include <string.h>

void
fanout_memory_limit_init (FanoutMemoryLimit *limit, gsize bytes)
{
  atomic_init (&limit->reserved, 0);
  atomic_init (&limit->refused, FALSE);
  limit->limit = bytes;
}

gboolean
fanout_memory_limit_exceeded (FanoutMemoryLimit *limit)
{
  return atomic_load_explicit (&limit->reserved, memory_order_relaxed) > limit->limit
         || atomic_load_explicit (&limit->refused, memory_order_relaxed);
}

/* As the INI file would have it. */
static char *
byte_size (gsize bytes)
{
  static const char *const units[] = { "", "K", "M", "G" };
  guint unit = 0;

  while (unit + 1 < G_N_ELEMENTS (units) && bytes % 1024 == 0)
    {
      bytes /= 1024;
      unit++;
    }
  return g_strdup_printf ("%" G_GSIZE_FORMAT "%s", bytes, units[unit]);
}

gboolean
fanout_memory_limit_fail (const FanoutMemoryLimit *limit, GError **error)
{
  g_autofree char *size = byte_size (limit->limit);

  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
               "states, keys and chunks take more than %s: [pipeline] max-memory allows more",
               size);
  return FALSE;
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
  const gsize used = (gssize) memory->used > 0 ? memory->used : 0;
  const gsize want = (used + FANOUT_MEMORY_STEP - 1) / FANOUT_MEMORY_STEP * FANOUT_MEMORY_STEP;

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
  if ((gssize) memory->used > (gssize) memory->peak)
    memory->peak = memory->used;
  if (memory->limit != NULL)
    reserve (memory);
}

gboolean
fanout_memory_has_room (const FanoutMemory *memory, gsize bytes)
{
  if (memory == NULL || memory->limit == NULL)
    return TRUE;
  const gsize spare = memory->reserved - memory->used;
  const gsize more = bytes > spare ? bytes - spare : 0;
  const gsize reserved = atomic_load_explicit (&memory->limit->reserved, memory_order_relaxed);

  return reserved <= memory->limit->limit && more <= memory->limit->limit - reserved;
}

gboolean
fanout_may_allocate (FanoutMemory *memory, gsize size)
{
  if (memory == NULL || memory->limit == NULL)
    return TRUE;
  if (!atomic_load_explicit (&memory->limit->refused, memory_order_relaxed)
      && fanout_memory_has_room (memory, size))
    return TRUE;
  atomic_store_explicit (&memory->limit->refused, TRUE, memory_order_relaxed);
  return FALSE;
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
