#include "core/base/pages.h"
#include <string.h>

/* Sanitizers see more of what comes from the heap. */
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define MAPPED 1
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef MAPPED
#endif
#endif
#endif

#define STEP FANOUT_MEMORY_STEP

#ifdef MAPPED
#include <sys/mman.h>

static gsize
round_up (gsize size)
{
  return (size + FANOUT_PAGES_LARGE - 1) & ~(FANOUT_PAGES_LARGE - 1);
}

static gboolean
is_mapped (gsize size)
{
  return size >= FANOUT_PAGES_LARGE;
}

/* Address space for `size` bytes that begins where a huge page can. */
static gpointer
reserve (gsize size)
{
  const gsize all = size + FANOUT_PAGES_LARGE;
  guint8 *block = mmap (NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  gsize before;

  if (block == MAP_FAILED)
    g_error ("failed to allocate %" G_GSIZE_FORMAT " bytes", size);
  before = (gsize) (-(guintptr) block & (FANOUT_PAGES_LARGE - 1));
  if (before > 0)
    munmap (block, before);
  munmap (block + before + size, all - before - size);
  return block + before;
}

static gpointer
map (gsize size)
{
  gpointer block = reserve (size);

  if (mmap (block, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
      == MAP_FAILED)
    g_error ("failed to allocate %" G_GSIZE_FORMAT " bytes", size);
#ifdef MADV_HUGEPAGE
  madvise (block, size, MADV_HUGEPAGE);
#endif
  return block;
}

/* To a place that is aligned as well: huge pages then move as they are. */
static gpointer
remap (gpointer array, gsize old_size, gsize new_size)
{
  gpointer block;

  if (new_size <= old_size)
    {
      if (new_size < old_size)
        munmap ((guint8 *) array + new_size, old_size - new_size);
      return array;
    }
  block = mremap (array, old_size, new_size, 0);
  if (block != MAP_FAILED)
    return block;
  block = reserve (new_size);
  block = mremap (array, old_size, new_size, MREMAP_MAYMOVE | MREMAP_FIXED, block);
  if (block == MAP_FAILED)
    g_error ("failed to allocate %" G_GSIZE_FORMAT " bytes", new_size);
  return block;
}

static gpointer
resize (gpointer array, gsize old_size, gsize new_size)
{
  gpointer block;

  if (is_mapped (old_size) && is_mapped (new_size))
    return remap (array, round_up (old_size), round_up (new_size));
  if (!is_mapped (old_size) && !is_mapped (new_size))
    {
      block = g_realloc (array, new_size);
      if (new_size > old_size)
        memset ((guint8 *) block + old_size, 0, new_size - old_size);
      return block;
    }
  block = is_mapped (new_size) ? map (round_up (new_size)) : g_malloc (new_size);
  if (MIN (old_size, new_size) > 0)
    memcpy (block, array, MIN (old_size, new_size));
  if (is_mapped (old_size))
    munmap (array, round_up (old_size));
  else
    g_free (array);
  return block;
}

static void
pass (gpointer array, gsize size, gsize from, gsize to)
{
  const gsize first = from & ~(FANOUT_PAGES_LARGE - 1);
  const gsize end = to & ~(FANOUT_PAGES_LARGE - 1);

  if (is_mapped (size) && end > first)
    madvise ((guint8 *) array + first, end - first, MADV_DONTNEED);
}

#else

static void
pass (gpointer array, gsize size, gsize from, gsize to)
{
  (void) array;
  (void) size;
  (void) from;
  (void) to;
}

static gpointer
resize (gpointer array, gsize old_size, gsize new_size)
{
  guint8 *block = g_realloc (array, new_size);

  if (new_size > old_size)
    memset (block + old_size, 0, new_size - old_size);
  return block;
}

#endif

gpointer
fanout_pages_resize (FanoutMemory *memory, gpointer array, gsize old_size, gsize new_size)
{
  fanout_memory_count (memory, (gssize) (new_size - old_size));
  return resize (array, old_size, new_size);
}

void
fanout_pages_pass (gpointer array, gsize size, gsize from, gsize to)
{
  pass (array, size, from, to);
}

gsize
fanout_pages_grow (const FanoutMemory *memory, gsize size, gsize need)
{
  const gsize more = size < FANOUT_PAGES_LARGE ? size : size / 4;
  const gsize to = MAX (size + more, need);

  if (size >= STEP && !fanout_memory_has_room (memory, to - size))
    return (need + STEP - 1) / STEP * STEP;
  if (to < FANOUT_PAGES_LARGE)
    return MAX (to, 64);
  return (to + FANOUT_PAGES_LARGE - 1) & ~(FANOUT_PAGES_LARGE - 1);
}
