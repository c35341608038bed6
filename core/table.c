#include "core/table.h"
#include "core/table-front.h"
#include "core/table-keys.h"

enum
{
  TILE = 64, /* rows that are hashed, then looked up together */
  SCRATCH = 16 * 1024,
  SLOTS_MIN = 64,
  FAR_SLOTS = 1 << 15, /* from here on the slots leave the nearest cache */
  SHORT = 16,
  NEAR_SLOTS = 1 << 14, /* so many slots of the front stay in the second-level cache */
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

/* What is looked up: the text where there is one key column (a null has no bytes), else the record. */
typedef struct
{
  const guint8 *bytes;
  gsize size;
} View;

typedef struct
{
  gsize n;
  View views[TILE];
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

static guint32
hash_of (const FanoutTable *table, View view)
{
  if (G_UNLIKELY (view.bytes == NULL))
    return (guint32) table->seed.words[3];
  return (guint32) (fanout_hash_bytes (&table->seed, view.bytes, view.size) >> 32);
}

static View
view_text (FanoutText text)
{
  return (View){ (const guint8 *) text.data, text.length };
}

/* The group as it would be looked up. */
static View
view_group (const FanoutKeys *keys, guint32 id)
{
  const guint8 *record = fanout_keys_record (keys, id);
  FanoutText text;

  if (keys->n_keys > 1)
    return (View){ record, fanout_record_size (keys->n_keys, record) };
  fanout_record_read (1, record, &text);
  return view_text (text);
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

  fanout_want_huge_pages (slots, n * sizeof (guint64));
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
      const View view = view_group (&table->keys, (guint32) id);

      put_slot (table->slots, n, table->shift, (guint64) hash_of (table, view) << 32 | (id + 1));
    }
}

static gboolean
is_group (const FanoutTable *table, guint32 id, View view)
{
  const View group = view_group (&table->keys, id);

  return group.size == view.size && (group.bytes == NULL) == (view.bytes == NULL)
         && (view.bytes == NULL || fanout_bytes_equal (group.bytes, view.bytes, view.size));
}

static void
append (FanoutTable *table, View view)
{
  const FanoutText text = { (const char *) view.bytes, view.size };
  gsize size;

  if (table->keys.n_keys > 1)
    {
      fanout_keys_append (&table->keys, view.bytes, view.size);
      return;
    }
  size = fanout_record_measure (1, &text);
  grow_scratch (table, size + FANOUT_KEY_SLACK);
  fanout_record_write (1, &text, table->scratch);
  fanout_keys_append (&table->keys, table->scratch, size);
}

/* 1 + the id of what is looked up, which is added if it is new; 0 when it would be one group too many. */
static guint32
resolve (FanoutTable *table, View view, guint32 hash)
{
  gsize i = (gsize) (hash >> table->shift);

  for (guint64 slot; (slot = table->slots[i]) != 0; i = (i + 1) & (table->n_slots - 1))
    if (slot >> 32 == hash && is_group (table, (guint32) slot - 1, view))
      return (guint32) slot;
  if (G_UNLIKELY (table->keys.n >= table->max_groups))
    return 0;
  append (table, view);
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
          fanout_keys_prefetch_start (&table->keys, (guint32) slot - 1);
        }
    }
  for (gsize r = 0; r < n; r++)
    fanout_keys_prefetch_record (&table->keys, ids[r]);
}

/* Answers how many rows of the tile got an id. */
static gsize
resolve_tile (FanoutTable *table, Tile *tile, guint32 *ids)
{
  make_room (table, tile->n);
  for (gsize r = 0; r < tile->n; r++)
    tile->hashes[r] = hash_of (table, tile->views[r]);
  if (table->n_slots >= FAR_SLOTS)
    prefetch (table, tile);
  for (gsize r = 0; r < tile->n; r++)
    {
      const guint32 id_1 = resolve (table, tile->views[r], tile->hashes[r]);

      if (G_UNLIKELY (id_1 == 0))
        return r;
      ids[r] = id_1 - 1;
    }
  return tile->n;
}

static gboolean
is_null (const FanoutColumn *column, gsize row)
{
  return column->null != NULL && column->null[row] != 0;
}

/* The texts of at most TILE rows. */
static void
view_texts (const FanoutColumn *key, gsize first, gsize n, Tile *tile)
{
  tile->n = MIN (n, TILE);
  for (gsize r = 0; r < tile->n; r++)
    if (G_UNLIKELY (is_null (key, first + r)))
      tile->views[r] = (View){ NULL, 0 };
    else
      tile->views[r] = view_text (key->text[first + r]);
}

/* The record of one row of any keys; answers its size. */
static gsize
write_record (FanoutTable *table, const FanoutColumn *const *keys, gsize row, gsize used)
{
  const guint n_keys = table->keys.n_keys;
  g_autofree FanoutText *texts = g_new0 (FanoutText, n_keys);
  gsize size;

  for (guint k = 0; k < n_keys; k++)
    if (!is_null (keys[k], row))
      texts[k] = keys[k]->text[row];
  size = fanout_record_measure (n_keys, texts);
  if (used + size + FANOUT_KEY_SLACK > table->scratch_size)
    {
      if (used > 0)
        return 0;
      grow_scratch (table, size + FANOUT_KEY_SLACK);
    }
  fanout_record_write (n_keys, texts, table->scratch + used);
  return size;
}

/* The same where the keys are short and there is room for them; else 0. */
static inline gsize
write_short_record (const FanoutColumn *const *keys, guint n_keys, gsize row, guint8 *record,
                    gsize room)
{
  guint8 *next = record + n_keys;

  for (guint k = 0; k < n_keys; k++)
    {
      const FanoutText *text = &keys[k]->text[row];

      if (G_UNLIKELY (is_null (keys[k], row)))
        {
          record[k] = 0;
          continue;
        }
      if (G_UNLIKELY (text->length > SHORT))
        {
          if (text->length >= FANOUT_KEY_LONG - 1
              || (gsize) (next - record) + text->length + FANOUT_KEY_SLACK > room)
            return 0;
          memcpy (next, text->data, text->length);
        }
      else
        {
          if (G_UNLIKELY ((gsize) (next - record) + SHORT > room))
            return 0;
          memcpy (next, text->data, SHORT);
        }
      record[k] = (guint8) (text->length + 1);
      next += text->length;
    }
  return (gsize) (next - record);
}

/* Write the records of at most TILE rows to the scratch memory. */
static void
view_records (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n, Tile *tile)
{
  const guint n_keys = table->keys.n_keys;
  gsize used = 0;

  tile->n = 0;
  for (gsize r = first; r < first + MIN (n, TILE); r++)
    {
      const gsize room = table->scratch_size - FANOUT_KEY_SLACK - used;
      gsize size = 0;

      if (G_LIKELY (room > n_keys))
        size = write_short_record (keys, n_keys, r, table->scratch + used, room);
      if (G_UNLIKELY (size == 0))
        {
          size = write_record (table, keys, r, used);
          if (size == 0)
            return;
        }
      tile->views[tile->n++] = (View){ table->scratch + used, size };
      used += MIN ((size + 7) & ~(gsize) 7, table->scratch_size - FANOUT_KEY_SLACK - used);
    }
}

static gsize
ids_by_tiles (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n, guint32 *ids)
{
  Tile tile;

  for (gsize done = 0; done < n;)
    {
      gsize got;

      if (table->keys.n_keys == 1)
        view_texts (keys[0], first + done, n - done, &tile);
      else
        view_records (table, keys, first + done, n - done, &tile);
      got = resolve_tile (table, &tile, ids + first + done);
      done += got;
      if (got < tile.n)
        return done;
    }
  return n;
}

/* The id of a key that the front does not know; FALSE when it would be one group too many. */
static gboolean
resolve_behind (FanoutTable *table, View view, guint32 *id)
{
  guint32 id_1;

  make_room (table, 1);
  id_1 = resolve (table, view, hash_of (table, view));
  if (id_1 == 0)
    return FALSE;
  *id = id_1 - 1;
  if (view.bytes == NULL)
    table->null_1 = id_1;
  else if (view.size <= SHORT)
    {
      guint64 words[2];

      fanout_load_16 (view.bytes, view.size, words);
      fanout_front_add (&table->front, &table->seed, words, view.size, *id);
    }
  return TRUE;
}

/* Look up texts from row `r` on; answers the first one that the front cannot answer. */
static inline gsize
look_in_front (const FanoutTable *table, const FanoutText *texts, const guint8 *null, gsize r,
               gsize end, guint32 *ids)
{
  const FanoutHashSeed seed = table->seed;
  const FanoutFrontSlot *slots = table->front.slots;
  const guint64 mask = table->front.n_slots - 1;
  const guint32 null_1 = table->null_1;

  for (; r < end; r++)
    {
      const FanoutFrontSlot *slot;
      guint64 words[2];

      if (null != NULL && null[r])
        {
          if (null_1 == 0)
            break;
          ids[r] = null_1 - 1;
          continue;
        }
      if (G_UNLIKELY (texts[r].length > SHORT))
        break;
      fanout_load_16 (texts[r].data, texts[r].length, words);
      slot = fanout_front_find (slots, mask, fanout_hash_16 (&seed, words), words, texts[r].length);
      if (G_UNLIKELY (slot == NULL))
        break;
      ids[r] = slot->id;
    }
  return r;
}

/* The slots of the next texts, where the front is large: all are asked for before one is waited for. */
static void
prefetch_front (const FanoutTable *table, const FanoutText *texts, const guint8 *null, gsize n)
{
  const FanoutHashSeed seed = table->seed;
  const guint64 mask = table->front.n_slots - 1;

  for (gsize r = 0; r < n; r++)
    {
      guint64 words[2];

      if ((null != NULL && null[r]) || texts[r].length > SHORT)
        continue;
      fanout_load_16 (texts[r].data, texts[r].length, words);
      __builtin_prefetch (&table->front.slots[fanout_hash_16 (&seed, words) & mask]);
    }
}

static gsize
look_ahead (const FanoutTable *table, const FanoutColumn *key, gsize r, gsize end, guint32 *ids)
{
  const FanoutText *texts = key->text;
  const guint8 *null = key->null;
  const gboolean far = table->front.n_slots > NEAR_SLOTS;

  while (r < end)
    {
      const gsize stop = far ? MIN (end, r + TILE) : end;

      if (far)
        prefetch_front (table, texts + r, null == NULL ? NULL : null + r, stop - r);
      if (null == NULL)
        r = look_in_front (table, texts, NULL, r, stop, ids);
      else
        r = look_in_front (table, texts, null, r, stop, ids);
      if (r < stop)
        break;
    }
  return r;
}

/* As far as the front is there: short texts in one look, others one by one. */
static gsize
ids_by_front (FanoutTable *table, const FanoutColumn *key, gsize first, gsize n, guint32 *ids)
{
  const gsize end = first + n;
  gsize r = first;

  while (table->front.slots != NULL)
    {
      r = look_ahead (table, key, r, end, ids);
      if (r == end
          || !resolve_behind (table,
                              is_null (key, r) ? (View){ NULL, 0 } : view_text (key->text[r]),
                              &ids[r]))
        break;
      r++;
    }
  return r - first;
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
        tile.views[r] = view_group (&from->keys, (guint32) (first + done + r));
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
  return fanout_record_key (table->keys.n_keys, fanout_keys_record (&table->keys, id), key, text);
}

const FanoutKeys *
fanout_table_store (const FanoutTable *table)
{
  return &table->keys;
}

void
fanout_table_keys (const FanoutTable *table, guint32 id, FanoutText *texts)
{
  fanout_record_read (table->keys.n_keys, fanout_keys_record (&table->keys, id), texts);
}
