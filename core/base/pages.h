#pragma once

/**
 * Arrays that grow large: small ones come from the heap, large ones are mapped by themselves, on
 * huge pages where the system has them.
 *
 * Random access to a large array on small pages costs a walk of the page table each, which takes as
 * long as the access. A mapped array moves without being copied when it grows, and what has not
 * been touched takes no memory.
 */

#include "core/base/memory.h"

/** From this size on an array is mapped: one huge page of most machines. */
#define FANOUT_PAGES_LARGE ((gsize) 2 * 1024 * 1024)

/**
 * Give an array of `old_size` bytes (NULL, 0: a new one) room for `new_size`; what is added is
 * zero. A size of 0 releases it. `memory` counts the sizes and may be NULL.
 */
gpointer fanout_pages_resize (FanoutMemory *memory, gpointer array, gsize old_size, gsize new_size);

/** Bytes `from` .. `to` - 1 of an array of `size` bytes are looked at no more, and all before them
 * were so: what pages lie whole before `to` may go. They are counted still. */
void fanout_pages_pass (gpointer array, gsize size, gsize from, gsize to);

/** A size to grow to from `size` for at least `need` bytes: larger by some part, but for `memory`
 * (may be NULL) that has no room for that. */
gsize fanout_pages_grow (const FanoutMemory *memory, gsize size, gsize need);
