#include "core/base/pages.h"
#include "core/group/table-private.h"

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
  return (guint32) (fanout_hash_record (&table->seed, piece->data, piece->length) >> 32);
}

static gsize
first_of (const FanoutTable *table, guint64 slot)
{
  return (gsize) (slot >> 32 >> table->shift);
}

static void
put_slot (FanoutTable *table, guint64 slot)
{
  gsize i = first_of (table, slot);

  while (table->slots[i] != 0)
    i = (i + 1) & (table->n_slots - 1);
  table->slots[i] = slot;
}

static void
resize (FanoutTable *table, gsize n)
{
  table->slots = fanout_pages_resize (table->memory, table->slots,
                                      table->n_slots * sizeof (guint64), n * sizeof (guint64));
  table->n_slots = n;
  table->shift = 32 - (guint) g_bit_storage (n - 1);
}

/* Put slot `i` of the first half where it belongs, if that is behind it and before the end. */
static gboolean
move_up (FanoutTable *table, gsize i)
{
  const guint64 slot = table->slots[i];
  gsize to = first_of (table, slot);

  table->slots[i] = 0;
  if (to <= i)
    return FALSE;
  while (to < table->n_slots && table->slots[to] != 0)
    to++;
  if (to == table->n_slots)
    return FALSE;
  table->slots[to] = slot;
  return TRUE;
}

/*
 * Twice as many slots, in place; FALSE when there is no memory for them. They are in the order of
 * hashes, so each goes to about twice its index: from the last one on, all that lies between a slot
 * and its new place has been moved already. The few for which that is not so wait until the end.
 */
static gboolean
grow (FanoutTable *table)
{
  const gsize n = table->n_slots;
  const gsize to = MAX (2 * n, SLOTS_MIN);
  g_autoptr (GArray) late = NULL;

  if (!fanout_may_allocate (table->memory, (to - n) * sizeof (guint64)))
    return FALSE;
  late = g_array_new (FALSE, FALSE, sizeof (guint64));
  resize (table, to);
  for (gsize i = n; i-- > 0;)
    {
      const guint64 slot = table->slots[i];

      if (slot != 0 && !move_up (table, i))
        g_array_append_val (late, slot);
    }
  for (guint i = 0; i < late->len; i++)
    put_slot (table, g_array_index (late, guint64, i));
  return TRUE;
}

void
fanout_table_expect (FanoutTable *table, guint64 n)
{
  gsize slots = SLOTS_MIN;

  if (table->slots != NULL || table->keys.n > 0)
    return;
  while (slots / 4 * 3 <= n)
    slots *= 2;
  /* Where there is no memory for all of them, they grow as far as they can. */
  if (fanout_may_allocate (table->memory, slots * sizeof (guint64)))
    resize (table, slots);
}

/* Make the slots again after fanout_table_settle. */
static gboolean
rebuild (FanoutTable *table)
{
  gsize n = SLOTS_MIN;

  while (n / 4 * 3 <= table->keys.n)
    n *= 2;
  if (!fanout_may_allocate (table->memory, n * sizeof (guint64)))
    return FALSE;
  resize (table, n);
  for (guint64 id = 0; id < table->keys.n; id++)
    {
      const FanoutText piece = fanout_table_piece (table, (guint32) id);
      const guint64 slot = (guint64) hash_of (table, &piece) << 32 | (id + 1);

      put_slot (table, slot);
    }
  return TRUE;
}

static gboolean
make_room (FanoutTable *table, gsize n)
{
  if (G_UNLIKELY (table->slots == NULL && table->keys.n > 0) && !rebuild (table))
    return FALSE;
  while (G_UNLIKELY (table->n_slots / 4 * 3 <= table->keys.n + n))
    if (!grow (table))
      return FALSE;
  return TRUE;
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

/* Some pieces on their way. */
typedef struct
{
  const FanoutText *pieces;
  gsize n;
  guint32 hashes[FANOUT_TABLE_TILE];
} Tile;

static void
start (const FanoutTable *table, const FanoutText *pieces, gsize n, Tile *tile)
{
  tile->pieces = pieces;
  tile->n = MIN (n, FANOUT_TABLE_TILE);
  for (gsize r = 0; r < tile->n; r++)
    {
      tile->hashes[r] = hash_of (table, &pieces[r]);
      fanout_prefetch (&table->slots[tile->hashes[r] >> table->shift]);
    }
}

/* Bring what `resolve` will look at behind the slots into the cache: starts, then records. */
static void
prefetch (const FanoutTable *table, const Tile *tile)
{
  guint32 ids[FANOUT_TABLE_TILE];
  gsize n = 0;

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

static gsize
resolve_tile (FanoutTable *table, const Tile *tile, guint32 *ids)
{
  if (tile->n > 1 && table->n_slots >= FAR_SLOTS)
    prefetch (table, tile);
  for (gsize r = 0; r < tile->n; r++)
    {
      const guint32 id_1 = resolve (table, &tile->pieces[r], tile->hashes[r]);

      if (G_UNLIKELY (id_1 == 0))
        return r;
      ids[r] = id_1 - 1;
    }
  return tile->n;
}

gsize
fanout_table_resolve (FanoutTable *table, const FanoutText *pieces, gsize n, guint32 *ids)
{
  Tile tiles[2];

  if (!make_room (table, n))
    return 0;
  start (table, pieces, n, &tiles[0]);
  for (gsize done = 0, t = 0; done < n; t = !t)
    {
      const gsize next = done + tiles[t].n;
      gsize got;

      start (table, pieces + next, n - next, &tiles[!t]);
      got = resolve_tile (table, &tiles[t], ids + done);
      if (got < tiles[t].n)
        return done + got;
      done = next;
    }
  return n;
}
