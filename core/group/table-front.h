#pragma once

/**
 * Short keys to ids: keys of at most 16 bytes lie in the slots, so that one look at the cache
 * answers; of longer ones the slots hold the hash.
 *
 * It only speeds up look-ups in a table that holds all keys, and is given up when there are many.
 */

#include "core/group/table-narrow.h"
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
  FanoutFrontSlot *slots;   /* NULL: given up, or not begun, or */
  FanoutNarrowSlot *narrow; /* these are in their place */
  gpointer block;           /* what they lie in */
  gsize n_slots;
  gsize n;
  gsize longest; /* key */
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
  FANOUT_FRONT_NEAR = 1 << 14, /* so many slots stay in the second-level cache */
  FANOUT_FRONT_LINE = 64,      /* bytes */
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
      key.hash = fanout_hash_record (seed, bytes, length);
      key.words[0] = key.hash;
      key.words[1] = 0;
    }
  return key;
}

/** Add a key that is not in it. */
void fanout_front_add (FanoutFront *front, const FanoutHashSeed *seed, const FanoutFrontKey *key,
                       gsize length, guint32 id);

/** The slot that is looked at first. The scaling is part of the mask, which saves an instruction.
 */
static inline const FanoutFrontSlot *
fanout_front_slot (const FanoutFrontSlot *slots, guint64 mask, guint64 hash)
{
  const guint64 size = sizeof (FanoutFrontSlot);

  return (const FanoutFrontSlot *) ((const char *) slots + (hash & mask * size));
}

/** The line that this slot is in, also where slots are narrow. */
static inline gconstpointer
fanout_front_line (const FanoutFront *front, guint64 hash)
{
  const gsize size = front->narrow != NULL ? front->n_slots * sizeof (FanoutNarrowSlot)
                                           : front->n_slots * sizeof (FanoutFrontSlot);
  const char *slots
      = front->narrow != NULL ? (const char *) front->narrow : (const char *) front->slots;

  return slots + (hash & (size - FANOUT_FRONT_LINE));
}

static inline gboolean
fanout_front_holds (const FanoutFrontSlot *slot, const guint64 words[2], gsize length)
{
  return ((slot->words[0] ^ words[0]) | (slot->words[1] ^ words[1]) | (slot->tag ^ (length + 1)))
         == 0;
}

/** Where to look after `slot`: at its neighbour in the cache line, then at the lines that follow.
 */
static inline gsize
fanout_front_next (gsize first, gsize slot, gsize mask)
{
  return slot == first         ? slot ^ 1
         : slot == (first ^ 1) ? ((first | 1) + 1) & mask
                               : (slot + 1) & mask;
}

/** The slot of a key, or NULL; of one that is not inline the bytes remain to be compared. `mask` is
 * one less than the number of slots. */
static inline const FanoutFrontSlot *
fanout_front_find (const FanoutFrontSlot *slots, gsize mask, const FanoutFrontKey *key,
                   gsize length)
{
  const gsize first = (gsize) (fanout_front_slot (slots, mask, key->hash) - slots);

  for (gsize i = first;; i = fanout_front_next (first, i, mask))
    if (fanout_front_holds (&slots[i], key->words, length))
      return &slots[i];
    else if (slots[i].tag == 0)
      return NULL;
}
