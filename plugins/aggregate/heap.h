#pragma once

/**
 * Binary heaps, the item on top that comes last. Always inlined, so that the compiler knows the
 * size of an item and what compares two of them.
 */

#include <glib.h>
#include <string.h>

/* Whether `a` comes before `b`. */
typedef gboolean (*HeapPrecedes) (gconstpointer a, gconstpointer b, gconstpointer data);

#define HEAP_ITEM_MAX 64

static inline __attribute__ ((always_inline)) void
heap_swap (gpointer heap, gsize i, gsize j, gsize size)
{
  char kept[HEAP_ITEM_MAX];

  g_assert (size <= sizeof kept);
  memcpy (kept, (char *) heap + i * size, size);
  memcpy ((char *) heap + i * size, (char *) heap + j * size, size);
  memcpy ((char *) heap + j * size, kept, size);
}

/* The last of `n` items is new. */
static inline __attribute__ ((always_inline)) void
heap_settle_last (gpointer heap, gsize n, gsize size, HeapPrecedes precedes, gconstpointer data)
{
  for (gsize i = n - 1, above; i > 0; i = above)
    {
      above = (i - 1) / 2;
      if (!precedes ((char *) heap + above * size, (char *) heap + i * size, data))
        break;
      heap_swap (heap, i, above, size);
    }
}

/* The top of `n` items is new. */
static inline __attribute__ ((always_inline)) void
heap_settle_top (gpointer heap, gsize n, gsize size, HeapPrecedes precedes, gconstpointer data)
{
  for (gsize i = 0, child = 1; child < n; i = child, child = 2 * i + 1)
    {
      char *below = (char *) heap + child * size;

      if (child + 1 < n && precedes (below, below + size, data))
        {
          child++;
          below += size;
        }
      if (!precedes ((char *) heap + i * size, below, data))
        break;
      heap_swap (heap, i, child, size);
    }
}
