#include "core/table.h"
#include "core/table-front.h"
#include "core/table-keys.h"
#include <sys/mman.h>

enum
{
  TILE = 64, /* rows that are hashed, then looked up together */
  SCRATCH = 16 * 1024,
  SLOTS_MIN = 64,
  FAR_SLOTS = 1 << 15, /* from here on the slots leave the nearest cache */
  SHORT = 16,
};

/* A slot is a hash of 32 bits over 1 + the id, 0 when free; where it lies is given by the upper bits
 * of the hash, so that slots stay in the order of hashes when the table grows. */
struct FanoutTable
{
  FanoutKeys keys;
  guint64 max_groups;
  FanoutHashSeed seed;
  guint64 *slots;
  guint shift; /* of a 32-bit hash to its slot */
  gsize n_slots;
  FanoutFront front;
  guint32 null_1; /* 1 + the id of null where there is one key column; 0: not seen yet */
  guint8 *scratch;
  gsize scratch_size;
  FanoutMemory *memory;
};

typedef struct
{
  gsize n;
  const guint8 *records[TILE];
  gsize sizes[TILE];
  guint32 hashes[TILE];
} Tile;

FanoutTable *
fanout_table_new (guint n_keys, guint64 max_groups, guint64 seed, FanoutMemory *memory)
{
  FanoutTable *table = g_new0 (FanoutTable, 1);

  fanout_keys_init (&table->keys, n_keys, memory);
  table->max_groups = MIN (max_groups, (guint64) G_MAXUINT32 - 1);
  table->seed = fanout_hash_seed (seed);
  fanout_front_init (&table->front, memory);
  table->memory = memory;
  if (n_keys == 0)
    table->keys.n = 1;
  return table;
}

void
fanout_table_settle (FanoutTable *table)
{
  fanout_release (table->memory, table->slots, table->n_slots * sizeof (guint64));
  table->slots = NULL;
  table->n_slots = 0;
  fanout_front_clear (&table->front);
  fanout_release (table->memory, table->scratch, table->scratch_size);
  table->scratch = NULL;
  table->scratch_size = 0;
}

void
fanout_table_free (FanoutTable *table)
{
  if (table == NULL)
    return;
  fanout_table_settle (table);
  fanout_keys_clear (&table->keys);
  g_free (table);
}

guint64
fanout_table_seed (const FanoutTable *table)
{
  return table->seed.words[0];
}

guint
fanout_table_n_keys (const FanoutTable *table)
{
  return table->keys.n_keys;
}

guint64
fanout_table_n_groups (const FanoutTable *table)
{
  return table->keys.n;
}

void
fanout_table_forget (FanoutTable *table, guint64 before)
{
  fanout_table_settle (table);
  fanout_keys_forget (&table->keys, before);
}

/* Random access over many small pages costs a walk of the page table each. */
static void
want_huge_pages (gpointer block, gsize size)
{
#ifdef MADV_HUGEPAGE
  const guintptr page = 2 * 1024 * 1024;
  const guintptr from = ((guintptr) block + page - 1) & ~(page - 1);
  const guintptr to = ((guintptr) block + size) & ~(page - 1);

  if (from < to)
    madvise ((gpointer) from, to - from, MADV_HUGEPAGE);
#else
  (void) block;
  (void) size;
#endif
}

static guint32
record_hash (const FanoutTable *table, const guint8 *record, gsize size)
{
  return (guint32) (fanout_hash_bytes (&table->seed, record, size) >> 32);
}

static void
put_slot (guint64 *slots, gsize n_slots, guint shift, guint64 slot)
{
  gsize i = (gsize) (slot >> 32 >> shift);

  while (slots[i] != 0)
    i = (i + 1) & (n_slots - 1);
  slots[i] = slot;
}

static guint
shift_of (gsize n_slots)
{
  return 32 - (guint) g_bit_storage (n_slots - 1);
}

static guint64 *
new_slots (FanoutTable *table, gsize n)
{
  guint64 *slots = fanout_allocate (table->memory, n * sizeof (guint64));

  want_huge_pages (slots, n * sizeof (guint64));
  return slots;
}

static void
grow (FanoutTable *table)
{
  const gsize n = MAX (2 * table->n_slots, SLOTS_MIN);
  guint64 *slots = new_slots (table, n);

  for (gsize i = 0; i < table->n_slots; i++)
    if (table->slots[i] != 0)
      put_slot (slots, n, shift_of (n), table->slots[i]);
  fanout_release (table->memory, table->slots, table->n_slots * sizeof (guint64));
  table->slots = slots;
  table->n_slots = n;
  table->shift = shift_of (n);
}

/* Make the slots again after fanout_table_settle. */
static void
rebuild (FanoutTable *table)
{
  gsize n = SLOTS_MIN;

  while (n / 4 * 3 <= table->keys.n)
    n *= 2;
  table->slots = new_slots (table, n);
  table->n_slots = n;
  table->shift = shift_of (n);
  for (guint64 id = 0; id < table->keys.n; id++)
    {
      const guint8 *record = fanout_keys_record (&table->keys, (guint32) id);
      const gsize size = fanout_record_size (table->keys.n_keys, record);

      put_slot (table->slots, n, table->shift,
                (guint64) record_hash (table, record, size) << 32 | (id + 1));
    }
}

static gboolean
record_equals (const FanoutTable *table, guint32 id, const guint8 *record, gsize size)
{
  const guint8 *other = fanout_keys_record (&table->keys, id);

  /* One that is shorter differs before its end; what follows it can be read up to the slack. */
  if (size <= SHORT)
    {
      guint64 a[2], b[2];

      fanout_load_16 (record, size, a);
      fanout_load_16 (other, size, b);
      return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
    }
  return fanout_record_size (table->keys.n_keys, other) == size
         && memcmp (other, record, size) == 0;
}

/* 1 + the id of a record, which is added if it is new; 0 when it would be one group too many. */
static guint32
resolve (FanoutTable *table, const guint8 *record, gsize size, guint32 hash)
{
  gsize i = (gsize) (hash >> table->shift);

  for (guint64 slot; (slot = table->slots[i]) != 0; i = (i + 1) & (table->n_slots - 1))
    if (slot >> 32 == hash && record_equals (table, (guint32) slot - 1, record, size))
      return (guint32) slot;
  if (G_UNLIKELY (table->keys.n >= table->max_groups))
    return 0;
  fanout_keys_append (&table->keys, record, size);
  table->slots[i] = (guint64) hash << 32 | table->keys.n;
  return (guint32) table->keys.n;
}

static void
make_room (FanoutTable *table, gsize n)
{
  if (G_UNLIKELY (table->slots == NULL && table->keys.n > 0))
    rebuild (table);
  while (G_UNLIKELY (table->n_slots / 4 * 3 <= table->keys.n + n))
    grow (table);
}

/* Bring what `resolve` will look at into the cache: slots, then starts, then records. */
static void
prefetch (const FanoutTable *table, const Tile *tile)
{
  guint32 ids[TILE];
  gsize n = 0;

  for (gsize r = 0; r < tile->n; r++)
    __builtin_prefetch (&table->slots[tile->hashes[r] >> table->shift]);
  for (gsize r = 0; r < tile->n; r++)
    {
      gsize i = tile->hashes[r] >> table->shift;
      guint64 slot;

      while ((slot = table->slots[i]) != 0 && slot >> 32 != tile->hashes[r])
        i = (i + 1) & (table->n_slots - 1);
      if (slot != 0)
        {
          ids[n++] = (guint32) slot - 1;
          __builtin_prefetch (&table->keys.pages[ids[n - 1] >> FANOUT_KEYS_PAGE_BITS]
                                   .starts[ids[n - 1] & (FANOUT_KEYS_PAGE - 1)]);
        }
    }
  for (gsize r = 0; r < n; r++)
    __builtin_prefetch (fanout_keys_record (&table->keys, ids[r]));
}

/* Answers how many rows of the tile got an id. */
static gsize
resolve_tile (FanoutTable *table, const Tile *tile, guint32 *ids)
{
  make_room (table, tile->n);
  if (table->n_slots >= FAR_SLOTS)
    prefetch (table, tile);
  for (gsize r = 0; r < tile->n; r++)
    {
      const guint32 id_1 = resolve (table, tile->records[r], tile->sizes[r], tile->hashes[r]);

      if (G_UNLIKELY (id_1 == 0))
        return r;
      ids[r] = id_1 - 1;
    }
  return tile->n;
}

static void
grow_scratch (FanoutTable *table, gsize size)
{
  const gsize to = MAX (size, SCRATCH);

  if (to <= table->scratch_size)
    return;
  fanout_release (table->memory, table->scratch, table->scratch_size);
  table->scratch = fanout_allocate (table->memory, to);
  table->scratch_size = to;
}

static gboolean
is_null (const FanoutColumn *column, gsize row)
{
  return column->null != NULL && column->null[row] != 0;
}

/* Write the records of at most `n` rows to the scratch memory. */
static void
pack (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n, Tile *tile)
{
  const guint n_keys = table->keys.n_keys;
  g_autofree FanoutText *many = n_keys > 16 ? g_new (FanoutText, n_keys) : NULL;
  FanoutText few[16];
  FanoutText *texts = many != NULL ? many : few;
  gsize used = 0;

  tile->n = 0;
  for (gsize r = first; r < first + n; r++)
    {
      gsize size;

      for (guint k = 0; k < n_keys; k++)
        if (G_UNLIKELY (is_null (keys[k], r)))
          texts[k] = (FanoutText){ NULL, 0 };
        else
          texts[k] = keys[k]->text[r];
      size = fanout_record_measure (n_keys, texts);
      if (used + size + 2 * FANOUT_KEY_SLACK > table->scratch_size)
        {
          if (tile->n > 0)
            return;
          grow_scratch (table, size + 2 * FANOUT_KEY_SLACK);
        }
      fanout_record_write (n_keys, texts, table->scratch + used);
      tile->records[tile->n] = table->scratch + used;
      tile->sizes[tile->n++] = size;
      used = (used + size + 7) & ~(gsize) 7;
    }
}

static void
hash_tile (const FanoutTable *table, Tile *tile)
{
  for (gsize r = 0; r < tile->n; r++)
    tile->hashes[r] = record_hash (table, tile->records[r], tile->sizes[r]);
}

static gsize
ids_by_tiles (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n, guint32 *ids)
{
  Tile tile;

  for (gsize done = 0; done < n;)
    {
      gsize got;

      pack (table, keys, first + done, MIN (n - done, TILE), &tile);
      hash_tile (table, &tile);
      got = resolve_tile (table, &tile, ids + first + done);
      done += got;
      if (got < tile.n)
        return done;
    }
  return n;
}

/* 1 + the id of a key that the front does not know, or 0. */
static guint32
resolve_text (FanoutTable *table, FanoutText text)
{
  const gsize size = fanout_record_measure (1, &text);
  guint32 id_1;

  make_room (table, 1);
  grow_scratch (table, size + 2 * FANOUT_KEY_SLACK);
  fanout_record_write (1, &text, table->scratch);
  id_1 = resolve (table, table->scratch, size, record_hash (table, table->scratch, size));
  if (id_1 == 0)
    return 0;
  if (text.data == NULL)
    table->null_1 = id_1;
  else if (text.length <= SHORT)
    {
      guint64 words[2];

      fanout_load_16 (text.data, text.length, words);
      fanout_front_add (&table->front, &table->seed, words, (guint32) text.length, id_1 - 1);
    }
  return id_1;
}

/* As far as the front is there: short texts in one look, others one by one. */
static gsize
ids_by_front (FanoutTable *table, const FanoutColumn *key, gsize first, gsize n, guint32 *ids)
{
  const FanoutHashSeed seed = table->seed;
  const FanoutFrontSlot *slots = table->front.slots;
  guint64 mask = table->front.mask;

  for (gsize r = first; r < first + n; r++)
    {
      FanoutText text = { NULL, 0 };
      guint32 id_1 = table->null_1;

      if (G_LIKELY (!is_null (key, r)))
        {
          guint64 words[2];

          text = key->text[r];
          id_1 = 0;
          if (G_LIKELY (text.length <= SHORT))
            {
              fanout_load_16 (text.data, text.length, words);
              id_1 = fanout_front_find (slots, mask, fanout_hash_16 (&seed, words), words,
                                        (guint32) text.length);
            }
        }
      if (G_UNLIKELY (id_1 == 0))
        {
          id_1 = resolve_text (table, text);
          if (id_1 == 0)
            return r - first;
          slots = table->front.slots;
          mask = table->front.mask;
        }
      ids[r] = id_1 - 1;
      if (G_UNLIKELY (slots == NULL))
        return r + 1 - first;
    }
  return n;
}

gsize
fanout_table_ids (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n,
                  guint32 *ids)
{
  gsize done = 0;

  if (table->keys.n_keys == 0)
    {
      memset (ids + first, 0, n * sizeof *ids);
      return n;
    }
  grow_scratch (table, SCRATCH);
  if (table->keys.n_keys == 1 && fanout_front_ready (&table->front))
    {
      done = ids_by_front (table, keys[0], first, n, ids);
      if (table->front.slots != NULL)
        return done;
    }
  return done + ids_by_tiles (table, keys, first + done, n - done, ids);
}

gsize
fanout_table_merge (FanoutTable *into, FanoutTable *from, guint32 first, gsize n, guint32 *ids)
{
  Tile tile;

  if (into->keys.n_keys == 0)
    {
      memset (ids, 0, n * sizeof *ids);
      return n;
    }
  fanout_table_settle (from);
  for (gsize done = 0; done < n;)
    {
      gsize got;

      tile.n = MIN (n - done, TILE);
      for (gsize r = 0; r < tile.n; r++)
        {
          tile.records[r] = fanout_keys_record (&from->keys, (guint32) (first + done + r));
          tile.sizes[r] = fanout_record_size (from->keys.n_keys, tile.records[r]);
        }
      hash_tile (into, &tile);
      got = resolve_tile (into, &tile, ids + done);
      done += got;
      if (got < tile.n)
        return done;
    }
  return n;
}

gboolean
fanout_table_key (const FanoutTable *table, guint32 id, guint key, FanoutText *text)
{
  const guint8 *record = fanout_keys_record (&table->keys, id);
  const guint8 *next = record + table->keys.n_keys;

  if (record[key] == 0)
    return FALSE;
  for (guint k = 0; k < table->keys.n_keys; k++)
    if (G_UNLIKELY (record[k] == FANOUT_KEY_LONG))
      {
        g_autofree FanoutText *texts = g_new (FanoutText, table->keys.n_keys);

        fanout_record_read_long (table->keys.n_keys, record, texts);
        *text = texts[key];
        return TRUE;
      }
  for (guint k = 0; k < key; k++)
    next += (gsize) record[k] - (record[k] != 0);
  text->data = (const char *) next;
  text->length = (gsize) record[key] - 1;
  return TRUE;
}

void
fanout_table_keys (const FanoutTable *table, guint32 id, FanoutText *texts)
{
  fanout_record_read (table->keys.n_keys, fanout_keys_record (&table->keys, id), texts);
}
