#include "core/group/table-front.h"
#include "core/base/pages.h"

enum
{
  SLOTS_MIN = 1024,
  SPARSE_MAX = 1 << 14, /* up to so many slots one in sixteen is taken, then every second one */
  SLOTS_MAX = 1 << 18,  /* 8 MB, and narrow ones twice as many: more would not stay in the cache */
};

void
fanout_front_init (FanoutFront *front, FanoutMemory *memory)
{
  memset (front, 0, sizeof *front);
  front->memory = memory;
}

/* What comes from the heap need not begin at a cache line. */
static gsize
size_of (const FanoutFront *front)
{
  const gsize size
      = front->n_slots
        * (front->narrow != NULL ? sizeof (FanoutNarrowSlot) : sizeof (FanoutFrontSlot));

  return size > 0 && size < FANOUT_PAGES_LARGE ? size + FANOUT_FRONT_LINE : size;
}

static gpointer
align (gpointer block)
{
  const guintptr line = FANOUT_FRONT_LINE;

  return (gpointer) (((guintptr) block + line - 1) & ~(line - 1));
}

/* Until it is there `front` has a pointer that is not NULL for its kind of slots. */
static void
allocate (FanoutFront *front)
{
  front->block = fanout_pages_resize (front->memory, NULL, 0, size_of (front));
  if (front->narrow != NULL)
    front->narrow = align (front->block);
  else
    front->slots = align (front->block);
}

void
fanout_front_clear (FanoutFront *front)
{
  fanout_pages_resize (front->memory, front->block, size_of (front), 0);
  front->block = NULL;
  front->slots = NULL;
  front->narrow = NULL;
  front->n_slots = 0;
  front->n = 0;
}

gboolean
fanout_front_ready (FanoutFront *front)
{
  if (front->n_slots == 0 && !front->given_up)
    {
      front->n_slots = SLOTS_MIN;
      allocate (front);
    }
  return front->n_slots > 0;
}

static void
put_narrow (FanoutFront *front, guint64 hash, const FanoutFrontSlot *slot)
{
  const FanoutNarrowSlot *line = fanout_front_line (front, hash);
  const FanoutNarrowSlot narrow = { slot->words[0], fanout_narrow_rest (slot->words, slot->tag - 1)
                                                        | (guint64) slot->id << 32 };

  fanout_narrow_put (front->narrow, front->n_slots, (gsize) (line - front->narrow), &narrow);
}

static void
put (FanoutFront *front, const FanoutHashSeed *seed, const FanoutFrontSlot *slot)
{
  const gboolean is_inline = slot->tag <= FANOUT_FRONT_INLINE + 1;
  const guint64 hash = is_inline ? fanout_hash_16 (seed, slot->words) : slot->words[0];
  const gsize mask = front->n_slots - 1;
  gsize first, i;

  if (front->narrow != NULL)
    {
      put_narrow (front, hash, slot);
      return;
    }
  first = (gsize) (fanout_front_slot (front->slots, mask, hash) - front->slots);
  for (i = first; front->slots[i].tag != 0; i = fanout_front_next (first, i, mask))
    ;
  front->slots[i] = *slot;
}

static FanoutFrontSlot
get (const FanoutFront *front, gsize i)
{
  FanoutFrontSlot slot = { { 0, 0 }, 0, 0, 0 };

  if (front->narrow == NULL)
    return front->slots[i];
  slot.words[0] = front->narrow[i].start;
  slot.words[1] = fanout_narrow_word (front->narrow[i].rest);
  slot.tag = (guint32) (front->narrow[i].rest >> 60);
  slot.id = fanout_narrow_id (front->narrow[i].rest);
  return slot;
}

/* Have `n_slots`, narrow or not; FALSE where there is no room for them. */
static gboolean
make (FanoutFront *front, const FanoutHashSeed *seed, gsize n_slots, gboolean narrow)
{
  FanoutFront old = *front;

  front->n_slots = n_slots;
  front->slots = narrow ? NULL : (gpointer) front;
  front->narrow = narrow ? (gpointer) front : NULL;
  if (!fanout_memory_has_room (front->memory, size_of (front)))
    {
      *front = old;
      return FALSE;
    }
  allocate (front);
  for (gsize i = 0; i < old.n_slots; i++)
    {
      const FanoutFrontSlot slot = get (&old, i);

      if (slot.tag != 0)
        put (front, seed, &slot);
    }
  fanout_pages_resize (front->memory, old.block, size_of (&old), 0);
  return TRUE;
}

/* Have room for one more key of the lengths that there are; FALSE where that cannot be. */
static gboolean
make_room (FanoutFront *front, const FanoutHashSeed *seed)
{
  const gsize most = front->n_slots / (front->n_slots <= SPARSE_MAX ? 16 : 2);
  const gsize n_slots = front->n >= most ? 2 * front->n_slots : front->n_slots;
  const gboolean narrow = n_slots > FANOUT_FRONT_NEAR && front->longest <= FANOUT_NARROW_LONGEST;

  if (n_slots == front->n_slots && narrow == (front->narrow != NULL))
    return TRUE;
  return n_slots <= (gsize) SLOTS_MAX * (narrow ? 2 : 1) && make (front, seed, n_slots, narrow);
}

void
fanout_front_add (FanoutFront *front, const FanoutHashSeed *seed, const FanoutFrontKey *key,
                  gsize length, guint32 id)
{
  const FanoutFrontSlot slot = { { key->words[0], key->words[1] }, (guint32) length + 1, id, 0 };

  front->longest = MAX (front->longest, length);
  if (!make_room (front, seed))
    {
      fanout_front_clear (front);
      front->given_up = TRUE;
      return;
    }
  put (front, seed, &slot);
  front->n++;
}
