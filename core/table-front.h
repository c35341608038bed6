#pragma once

/**
 * Keys of at most 16 bytes to ids, with the keys in the slots: one look at the cache answers.
 *
 * It only speeds up look-ups in a table that holds all keys, and is given up when there are many.
 */

#include "core/table-hash.h"
#include <fanout/memory.h>

typedef struct
{
  guint64 words[2];
  guint32 tag; /* 1 + the length; 0: free */
  guint32 id;
  guint64 unused; /* two slots fill a cache line */
} FanoutFrontSlot;

typedef struct
{
  FanoutFrontSlot *slots; /* NULL: given up, or not begun */
  gpointer block;         /* what they lie in */
  gsize n_slots;
  gsize n;
  gboolean given_up;
  FanoutMemory *memory;
} FanoutFront;

void fanout_front_init (FanoutFront *front, FanoutMemory *memory);
void fanout_front_clear (FanoutFront *front);

/** Whether there is one to look in; begins it when that makes sense. */
gboolean fanout_front_ready (FanoutFront *front);

/** Add a key that is not in it. */
void fanout_front_add (FanoutFront *front, const FanoutHashSeed *seed, const guint64 words[2],
                       gsize length, guint32 id);

/** The slot of a key, or NULL. `hash` is its fanout_hash_16, `mask` one less than the number of slots. */
static inline const FanoutFrontSlot *
fanout_front_find (const FanoutFrontSlot *slots, guint64 mask, guint64 hash, const guint64 words[2],
                   gsize length)
{
  for (guint64 i = hash & mask;; i = (i + 1) & mask)
    {
      const FanoutFrontSlot *slot = &slots[i];

      if (G_LIKELY (((slot->words[0] ^ words[0]) | (slot->words[1] ^ words[1])
                     | (slot->tag ^ (length + 1)))
                    == 0))
        return slot;
      if (slot->tag == 0)
        return NULL;
    }
}
