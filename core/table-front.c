#include "core/table-front.h"

enum
{
  SLOTS_MIN = 1024,
  SPARSE_MAX = 1 << 14, /* up to so many slots one in eight is taken, then every second one */
  SLOTS_MAX = 1 << 17,  /* 3 MB: more would not stay in the cache */
};

void
fanout_front_init (FanoutFront *front, FanoutMemory *memory)
{
  memset (front, 0, sizeof *front);
  front->memory = memory;
}

static gsize
n_slots (const FanoutFront *front)
{
  return front->slots == NULL ? 0 : (gsize) front->mask + 1;
}

void
fanout_front_clear (FanoutFront *front)
{
  fanout_release (front->memory, front->slots, n_slots (front) * sizeof (FanoutFrontSlot));
  front->slots = NULL;
  front->n = 0;
}

gboolean
fanout_front_ready (FanoutFront *front)
{
  if (front->slots == NULL && !front->given_up)
    {
      front->slots = fanout_allocate (front->memory, SLOTS_MIN * sizeof (FanoutFrontSlot));
      front->mask = SLOTS_MIN - 1;
    }
  return front->slots != NULL;
}

static void
put (FanoutFrontSlot *slots, guint64 mask, const FanoutHashSeed *seed, const FanoutFrontSlot *slot)
{
  guint64 i = fanout_hash_16 (seed, slot->words) & mask;

  while (slots[i].id_1 != 0)
    i = (i + 1) & mask;
  slots[i] = *slot;
}

static void
grow (FanoutFront *front, const FanoutHashSeed *seed)
{
  const gsize old = n_slots (front);
  const gsize size = old < SPARSE_MAX ? 4 * old : 2 * old;
  FanoutFrontSlot *slots = fanout_allocate (front->memory, size * sizeof (FanoutFrontSlot));

  for (gsize i = 0; i < old; i++)
    if (front->slots[i].id_1 != 0)
      put (slots, size - 1, seed, &front->slots[i]);
  fanout_release (front->memory, front->slots, old * sizeof (FanoutFrontSlot));
  front->slots = slots;
  front->mask = size - 1;
}

void
fanout_front_add (FanoutFront *front, const FanoutHashSeed *seed, const guint64 words[2],
                  guint32 length, guint32 id)
{
  const FanoutFrontSlot slot = { { words[0], words[1] }, length, id + 1 };

  if (front->n >= n_slots (front) / (n_slots (front) <= SPARSE_MAX ? 8 : 2))
    {
      if (n_slots (front) >= SLOTS_MAX)
        {
          fanout_front_clear (front);
          front->given_up = TRUE;
          return;
        }
      grow (front, seed);
    }
  put (front->slots, front->mask, seed, &slot);
  front->n++;
}
