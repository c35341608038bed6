#include "core/table-private.h"

enum
{
  SLOTS_MIN = 64,
  FAR_SLOTS = 1 << 15, /* from here on the slots leave the nearest cache */
};

static guint32
hash_of (const FanoutTable *table, const FanoutText *piece)
{
  if (G_UNLIKELY (piece->data == NULL))
    return (guint32) table->seed.words[3];
  return (guint32) (fanout_hash_bytes (&table->seed, piece->data, piece->length) >> 32);
}

static void
put_slot (FanoutTable *table, guint64 slot)
{
  gsize i = (gsize) (slot >> 32 >> table->shift);

  while (table->slots[i] != 0)
    i = (i + 1) & (table->n_slots - 1);
  table->slots[i] = slot;
}

static void
new_slots (FanoutTable *table, gsize n)
{
  table->slots = fanout_allocate (table->memory, n * sizeof (guint64));
  table->n_slots = n;
  table->shift = 32 - (guint) g_bit_storage (n - 1);
  fanout_want_huge_pages (table->slots, n * sizeof (guint64));
}

static void
grow (FanoutTable *table)
{
  const gsize n = table->n_slots;
  guint64 *slots = table->slots;

  new_slots (table, MAX (2 * n, SLOTS_MIN));
  for (gsize i = 0; i < n; i++)
    if (slots[i] != 0)
      put_slot (table, slots[i]);
  fanout_release (table->memory, slots, n * sizeof (guint64));
}

/* Make the slots again after fanout_table_settle. */
static void
rebuild (FanoutTable *table)
{
  gsize n = SLOTS_MIN;

  while (n / 4 * 3 <= table->keys.n)
    n *= 2;
  new_slots (table, n);
  for (guint64 id = 0; id < table->keys.n; id++)
    {
      const FanoutText piece = fanout_table_piece (table, (guint32) id);

      put_slot (table, (guint64) hash_of (table, &piece) << 32 | (id + 1));
    }
}

static void
make_room (FanoutTable *table, gsize n)
{
  if (G_UNLIKELY (table->slots == NULL && table->keys.n > 0))
    rebuild (table);
  while (G_UNLIKELY (table->n_slots / 4 * 3 <= table->keys.n + n))
    grow (table);
}

static inline gboolean
is_piece_of (const FanoutTable *table, guint32 id, const FanoutText *piece)
{
  const FanoutText group = fanout_table_piece (table, id);

  return group.length == piece->length && (group.data == NULL) == (piece->data == NULL)
         && (group.data == NULL || fanout_bytes_equal (group.data, piece->data, group.length));
}

static void
append (FanoutTable *table, const FanoutText *piece)
{
  gsize size;

  if (table->keys.n_keys > 1)
    {
      fanout_keys_append (&table->keys, (const guint8 *) piece->data, piece->length);
      return;
    }
  size = fanout_record_measure (1, piece);
  fanout_table_want_scratch (table, size + FANOUT_KEY_SLACK);
  fanout_record_write (1, piece, table->scratch);
  fanout_keys_append (&table->keys, table->scratch, size);
}

/* 1 + the id of a piece, which is added if it is new; 0 when it would be one group too many. */
static inline guint32
resolve (FanoutTable *table, const FanoutText *piece, guint32 hash)
{
  gsize i = (gsize) (hash >> table->shift);

  for (guint64 slot; (slot = table->slots[i]) != 0; i = (i + 1) & (table->n_slots - 1))
    if (slot >> 32 == hash && is_piece_of (table, (guint32) slot - 1, piece))
      return (guint32) slot;
  if (G_UNLIKELY (table->keys.n >= table->max_groups))
    return 0;
  append (table, piece);
  table->slots[i] = (guint64) hash << 32 | table->keys.n;
  return (guint32) table->keys.n;
}

/* Bring what `resolve` will look at into the cache: slots, then starts, then records. */
static void
prefetch (const FanoutTable *table, const guint32 *hashes, gsize n)
{
  guint32 ids[FANOUT_TABLE_TILE];
  gsize n_ids = 0;

  for (gsize r = 0; r < n; r++)
    fanout_prefetch (&table->slots[hashes[r] >> table->shift]);
  for (gsize r = 0; r < n; r++)
    {
      gsize i = hashes[r] >> table->shift;
      guint64 slot;

      while ((slot = table->slots[i]) != 0 && slot >> 32 != hashes[r])
        i = (i + 1) & (table->n_slots - 1);
      if (slot != 0)
        {
          ids[n_ids++] = (guint32) slot - 1;
          fanout_keys_prefetch_start (&table->keys, (guint32) slot - 1);
        }
    }
  for (gsize r = 0; r < n_ids; r++)
    fanout_keys_prefetch_record (&table->keys, ids[r]);
}

static gsize
resolve_tile (FanoutTable *table, const FanoutText *pieces, gsize n, guint32 *ids)
{
  guint32 hashes[FANOUT_TABLE_TILE];

  make_room (table, n);
  for (gsize r = 0; r < n; r++)
    hashes[r] = hash_of (table, &pieces[r]);
  if (n > 1 && table->n_slots >= FAR_SLOTS)
    prefetch (table, hashes, n);
  for (gsize r = 0; r < n; r++)
    {
      const guint32 id_1 = resolve (table, &pieces[r], hashes[r]);

      if (G_UNLIKELY (id_1 == 0))
        return r;
      ids[r] = id_1 - 1;
    }
  return n;
}

gsize
fanout_table_resolve (FanoutTable *table, const FanoutText *pieces, gsize n, guint32 *ids)
{
  for (gsize done = 0; done < n; done += FANOUT_TABLE_TILE)
    {
      const gsize size = MIN (n - done, FANOUT_TABLE_TILE);
      const gsize got = resolve_tile (table, pieces + done, size, ids + done);

      if (got < size)
        return done + got;
    }
  return n;
}
