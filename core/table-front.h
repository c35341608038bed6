#pragma once

/**
 * Short keys to ids: keys of at most 16 bytes lie in the slots, so that one look at the cache answers;
 * of longer ones the slots hold the hash.
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

/** What stands for a key in a slot. */
typedef struct
{
  guint64 words[2];
  guint64 hash;
} FanoutFrontKey;

enum
{
  FANOUT_FRONT_INLINE = 16, /* so many bytes of a key lie in its slot */
  FANOUT_FRONT_LONGEST = 253,
};

static inline FanoutFrontKey
fanout_front_key (const FanoutHashSeed *seed, const char *bytes, gsize length)
{
  FanoutFrontKey key;

  if (G_LIKELY (length <= FANOUT_FRONT_INLINE))
    {
      fanout_load_16 (bytes, length, key.words);
      key.hash = fanout_hash_16 (seed, key.words);
    }
  else
    {
      key.hash = fanout_hash_bytes (seed, bytes, length);
      key.words[0] = key.hash;
      key.words[1] = 0;
    }
  return key;
}

/** Add a key that is not in it. */
void fanout_front_add (FanoutFront *front, const FanoutHashSeed *seed, const FanoutFrontKey *key,
                       gsize length, guint32 id);

/** The slot of a key, or NULL; of one that is not inline the bytes remain to be compared. `mask` is one less
 * than the number of slots. */
static inline const FanoutFrontSlot *
fanout_front_find (const FanoutFrontSlot *slots, guint64 mask, const FanoutFrontKey *key,
                   gsize length)
{
  for (guint64 i = key->hash & mask;; i = (i + 1) & mask)
    {
      const FanoutFrontSlot *slot = &slots[i];

      if (G_LIKELY (((slot->words[0] ^ key->words[0]) | (slot->words[1] ^ key->words[1])
                     | (slot->tag ^ (length + 1)))
                    == 0))
        return slot;
      if (slot->tag == 0)
        return NULL;
    }
}
