#include "core/group/table-front.h"
#include "core/base/pages.h"

enum
{
  SLOTS_MIN = 1024,
  SPARSE_MAX = 1 << 14, /* up to so many slots one in sixteen is taken, then every second one */
  SLOTS_MAX = 1 << 18,  /* 8 MB: more would not stay in the cache */
  LINE = 64,
};

void
fanout_front_init (FanoutFront *front, FanoutMemory *memory)
{
  memset (front, 0, sizeof *front);
  front->memory = memory;
}

/* What comes from the heap need not begin at a cache line. */
static gsize
size_of (gsize n_slots)
{
  const gsize size = n_slots * sizeof (FanoutFrontSlot);

  return size > 0 && size < FANOUT_PAGES_LARGE ? size + LINE : size;
}

static void
allocate (FanoutFront *front, gsize n_slots)
{
  front->block = fanout_pages_resize (front->memory, NULL, 0, size_of (n_slots));
  front->slots
      = (FanoutFrontSlot *) (((guintptr) front->block + LINE - 1) & ~(guintptr) (LINE - 1));
  front->n_slots = n_slots;
}

void
fanout_front_clear (FanoutFront *front)
{
  fanout_pages_resize (front->memory, front->block, size_of (front->n_slots), 0);
  front->block = NULL;
  front->slots = NULL;
  front->n_slots = 0;
  front->n = 0;
}

gboolean
fanout_front_ready (FanoutFront *front)
{
  if (front->slots == NULL && !front->given_up)
    allocate (front, SLOTS_MIN);
  return front->slots != NULL;
}

static void
put (FanoutFront *front, const FanoutHashSeed *seed, const FanoutFrontSlot *slot)
{
  const gboolean is_inline = slot->tag <= FANOUT_FRONT_INLINE + 1;
  const guint64 hash = is_inline ? fanout_hash_16 (seed, slot->words) : slot->words[0];
  const gsize mask = front->n_slots - 1;
  const gsize first = (gsize) (fanout_front_slot (front->slots, mask, hash) - front->slots);
  gsize i = first;

  while (front->slots[i].tag != 0)
    i = fanout_front_next (first, i, mask);
  front->slots[i] = *slot;
}

static void
grow (FanoutFront *front, const FanoutHashSeed *seed)
{
  const FanoutFront old = *front;

  allocate (front, 2 * old.n_slots);
  for (gsize i = 0; i < old.n_slots; i++)
    if (old.slots[i].tag != 0)
      put (front, seed, &old.slots[i]);
  fanout_pages_resize (front->memory, old.block, size_of (old.n_slots), 0);
}

void
fanout_front_add (FanoutFront *front, const FanoutHashSeed *seed, const FanoutFrontKey *key,
                  gsize length, guint32 id)
{
  const FanoutFrontSlot slot = { { key->words[0], key->words[1] }, (guint32) length + 1, id, 0 };

  if (front->n >= front->n_slots / (front->n_slots <= SPARSE_MAX ? 16 : 2))
    {
      if (front->n_slots >= SLOTS_MAX
          || !fanout_memory_has_room (front->memory, size_of (2 * front->n_slots)))
        {
          fanout_front_clear (front);
          front->given_up = TRUE;
          return;
        }
      grow (front, seed);
    }
  put (front, seed, &slot);
  front->n++;
}
