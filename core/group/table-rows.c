#include "core/group/table-private.h"

enum
{
  STEP = 16, /* bytes that are copied at once */
};

/* The id of a piece that the front did not answer, which it can from now on; FALSE when it would be
 * one group too many. */
static gboolean
resolve_behind (FanoutTable *table, const FanoutText *piece, guint32 *id)
{
  if (fanout_table_resolve (table, piece, 1, id) == 0)
    return FALSE;
  if (piece->data == NULL)
    table->null_1 = *id + 1;
  else if (piece->length <= FANOUT_FRONT_LONGEST)
    {
      const FanoutFrontKey key = fanout_front_key (&table->seed, piece->data, piece->length);

      fanout_front_add (&table->front, &table->seed, &key, piece->length, *id);
    }
  return TRUE;
}

/* Whether group `id` has the bytes of a piece, which is as long as its own. */
static inline gboolean
has_bytes (const FanoutKeys *keys, guint32 id, const FanoutText *piece)
{
  const guint8 *record = fanout_keys_record (keys, id);

  return fanout_bytes_equal (record + (keys->n_keys == 1), piece->data, piece->length);
}

static gboolean
look_at_narrow (const FanoutFront *front, const FanoutFrontKey *key, gsize length, guint32 *id)
{
  const FanoutNarrowSlot *line = fanout_front_line (front, key->hash);
  guint32 id_1;

  if (length > FANOUT_NARROW_LONGEST)
    return FALSE;
  id_1 = fanout_narrow_find (front->narrow, front->n_slots, (gsize) (line - front->narrow),
                             key->words[0], fanout_narrow_rest (key->words, length));
  *id = id_1 - 1;
  return id_1 != 0;
}

/* One piece of any kind; FALSE when the front cannot answer it. */
static gboolean
look_at_one (const FanoutTable *table, const FanoutText *piece, gboolean null, guint32 *id)
{
  const FanoutFrontSlot *slot;
  FanoutFrontKey key;

  if (null)
    {
      if (table->null_1 == 0)
        return FALSE;
      *id = table->null_1 - 1;
      return TRUE;
    }
  if (piece->length > FANOUT_FRONT_LONGEST)
    return FALSE;
  key = fanout_front_key (&table->seed, piece->data, piece->length);
  if (table->front.narrow != NULL)
    return look_at_narrow (&table->front, &key, piece->length, id);
  slot = fanout_front_find (table->front.slots, table->front.n_slots - 1, &key, piece->length);
  if (slot == NULL
      || (piece->length > FANOUT_FRONT_INLINE && !has_bytes (&table->keys, slot->id, piece)))
    return FALSE;
  *id = slot->id;
  return TRUE;
}

/* Look up pieces from `r` on as long as they are inline and in the first slot that is looked at,
 * which nearly all are; answers the first that is not. */
static inline gsize
look_at_most (const FanoutTable *table, const FanoutText *pieces, const guint8 *null, gsize r,
              gsize end, guint32 *ids)
{
  const FanoutHashSeed seed = table->seed;
  const FanoutFrontSlot *slots = table->front.slots;
  const guint64 mask = table->front.n_slots - 1;

  for (; r < end; r++)
    {
      const gsize length = pieces[r].length;
      const FanoutFrontSlot *slot;
      guint64 words[2];

      if ((null != NULL && null[r]) || G_UNLIKELY (length > FANOUT_FRONT_INLINE))
        break;
      fanout_load_16 (pieces[r].data, length, words);
      slot = fanout_front_slot (slots, mask, fanout_hash_16 (&seed, words));
      if (G_UNLIKELY (!fanout_front_holds (slot, words, length)))
        break;
      ids[r] = slot->id;
    }
  return r;
}

/* Look up pieces from `r` on; answers the first one that the front cannot answer. */
static gsize
look_in_front (const FanoutTable *table, const FanoutText *pieces, const guint8 *null, gsize r,
               gsize end, guint32 *ids)
{
  for (; r < end; r++)
    {
      if (null == NULL)
        r = look_at_most (table, pieces, NULL, r, end, ids);
      else
        r = look_at_most (table, pieces, null, r, end, ids);
      if (r == end || !look_at_one (table, &pieces[r], null != NULL && null[r], &ids[r]))
        break;
    }
  return r;
}

/* Pieces on their way to a front that is not near: their slots have been asked for. */
typedef struct
{
  gsize first, n;
  guint64 hashes[FANOUT_TABLE_TILE];
  guint64 words[FANOUT_TABLE_TILE][2];
  guint8 tags[FANOUT_TABLE_TILE]; /* 1 + the length; 0: this one is not in a slot */
} FarTile;

static void
start_far (const FanoutTable *table, const FanoutText *pieces, const guint8 *null, gsize first,
           gsize end, FarTile *tile)
{
  const FanoutHashSeed seed = table->seed;
  const FanoutFront front = table->front;
  const gsize longest = front.narrow != NULL ? FANOUT_NARROW_LONGEST : FANOUT_FRONT_INLINE;

  tile->first = first;
  tile->n = MIN (end - first, FANOUT_TABLE_TILE);
  for (gsize i = 0; i < tile->n; i++)
    {
      const FanoutText *piece = &pieces[first + i];
      FanoutFrontKey key = { { 0, 0 }, 0 };

      tile->tags[i] = 0;
      if (G_LIKELY (null == NULL || !null[first + i])
          && G_LIKELY (piece->length <= FANOUT_FRONT_LONGEST))
        {
          key = fanout_front_key (&seed, piece->data, piece->length);
          if (G_LIKELY (piece->length <= longest))
            tile->tags[i] = (guint8) (piece->length + 1);
          fanout_prefetch (fanout_front_line (&front, key.hash));
        }
      tile->hashes[i] = key.hash;
      tile->words[i][0] = key.words[0];
      tile->words[i][1] = key.words[1];
    }
}

/* Whether a slot has an inline piece. */
static inline gboolean
has_inline (const FanoutFrontSlot *slot, const FarTile *tile, gsize i)
{
  return ((slot->words[0] ^ tile->words[i][0]) | (slot->words[1] ^ tile->words[i][1])
          | (slot->tag ^ tile->tags[i]))
         == 0;
}

/* Look up the inline pieces that are in either slot of their line: which one of them they are in is
 * as good as random, so that nothing branches on it. Answers how many are not, which are `left`. */
static gsize
look_at_lines (const FanoutTable *table, const FarTile *tile, guint32 *ids, guint8 *left)
{
  const guint64 mask = table->front.n_slots - 1;
  const FanoutFrontSlot *slots = table->front.slots;
  gsize n_left = 0;

  for (gsize i = 0; i < tile->n; i++)
    {
      const FanoutFrontSlot *line = fanout_front_slot (slots, mask & ~(guint64) 1, tile->hashes[i]);
      const gboolean in_first = has_inline (&line[0], tile, i);
      const gboolean in_second = has_inline (&line[1], tile, i);

      ids[tile->first + i] = line[in_second].id;
      left[n_left] = (guint8) i;
      n_left += !((in_first | in_second) & (tile->tags[i] != 0));
    }
  return n_left;
}

/* The same where slots are narrow. */
static gsize
look_at_narrow_lines (const FanoutTable *table, const FarTile *tile, guint32 *ids, guint8 *left)
{
  const FanoutFront front = table->front;
  gsize n_left = 0;

  for (gsize i = 0; i < tile->n; i++)
    {
      const guint64 rest = fanout_narrow_rest (tile->words[i], (gsize) tile->tags[i] - 1);
      const guint32 id_1 = fanout_narrow_look (fanout_front_line (&front, tile->hashes[i]),
                                               tile->words[i][0], rest);

      ids[tile->first + i] = id_1 - 1;
      left[n_left] = (guint8) i;
      n_left += (id_1 == 0) | (tile->tags[i] == 0);
    }
  return n_left;
}

/* Ask for what the pieces that are left are compared with: the next line, or the record of one that
 * is not inline, whose slots are here. */
static void
prefetch_left (const FanoutTable *table, const FanoutText *pieces, const FarTile *tile,
               const guint8 *left, gsize n_left)
{
  const gsize mask = table->front.n_slots - 1;
  guint32 ids[FANOUT_TABLE_TILE];
  gsize n = 0;

  for (gsize k = 0; k < n_left; k++)
    {
      const gsize i = left[k];
      const FanoutText *piece = &pieces[tile->first + i];
      const FanoutFrontKey key = { { tile->words[i][0], tile->words[i][1] }, tile->hashes[i] };
      const FanoutFrontSlot *slot = fanout_front_slot (table->front.slots, mask, key.hash);

      if (tile->tags[i] != 0)
        {
          const gsize first = (gsize) (slot - table->front.slots);

          fanout_prefetch (&table->front.slots[fanout_front_next (first, first ^ 1, mask)]);
          continue;
        }
      /* Null ones have no words. */
      if (key.words[0] == 0 || piece->length > FANOUT_FRONT_LONGEST)
        continue;
      slot = fanout_front_find (table->front.slots, mask, &key, piece->length);
      if (slot == NULL)
        continue;
      ids[n++] = slot->id;
      fanout_keys_prefetch_start (&table->keys, slot->id);
    }
  for (gsize i = 0; i < n; i++)
    fanout_keys_prefetch_record (&table->keys, ids[i]);
}

/* Look up a tile, with new ids where there are none. Answers how many pieces got one: fewer where
 * the front has been given up, or where it is `full`. */
static gsize
resolve_far (FanoutTable *table, const FanoutText *pieces, const guint8 *null, const FarTile *tile,
             guint32 *ids, gboolean *full)
{
  guint8 left[FANOUT_TABLE_TILE];
  const gboolean narrow = table->front.narrow != NULL;
  const gsize n_left = narrow ? look_at_narrow_lines (table, tile, ids, left)
                              : look_at_lines (table, tile, ids, left);

  if (!narrow)
    prefetch_left (table, pieces, tile, left, n_left);
  for (gsize k = 0; k < n_left; k++)
    {
      const gsize r = tile->first + left[k];
      FanoutText piece = { NULL, 0 };

      if (!fanout_front_ready (&table->front))
        return left[k];
      if (null == NULL || !null[r])
        piece = pieces[r];
      if (look_at_one (table, &piece, piece.data == NULL, &ids[r]))
        continue;
      *full = !resolve_behind (table, &piece, &ids[r]);
      if (*full)
        return left[k];
    }
  return tile->n;
}

/* Look up pieces from `r` on with the help of a front that is not near, as far as it is one. */
static gsize
resolve_by_far_front (FanoutTable *table, const FanoutText *pieces, const guint8 *null, gsize r,
                      gsize n, guint32 *ids, gboolean *full)
{
  FarTile tiles[2];

  start_far (table, pieces, null, r, n, &tiles[0]);
  for (guint t = 0; tiles[t].n > 0 && fanout_front_ready (&table->front); t = !t)
    {
      gsize got;

      start_far (table, pieces, null, tiles[t].first + tiles[t].n, n, &tiles[!t]);
      got = resolve_far (table, pieces, null, &tiles[t], ids, full);
      if (got < tiles[t].n)
        return tiles[t].first + got;
      r = tiles[!t].first;
    }
  return r;
}

/* The front is of use where it is near, or the keys lie in its slots. */
static gboolean
is_useful (const FanoutTable *table, const FanoutText *pieces, const guint8 *null, gsize n)
{
  const gsize some = MIN (n, FANOUT_TABLE_TILE);
  const gsize most
      = table->front.n_slots > FANOUT_FRONT_NEAR ? FANOUT_FRONT_INLINE : FANOUT_FRONT_LONGEST;
  gsize n_long = 0;

  for (gsize r = 0; r < some; r++)
    n_long += (null == NULL || !null[r]) && pieces[r].length > most;
  return n_long <= some / 8;
}

/* Look up `n` pieces with the help of the front, as far as it is one. `full` is set when there
 * would be too many groups. */
static gsize
resolve_by_front (FanoutTable *table, const FanoutText *pieces, const guint8 *null, gsize n,
                  guint32 *ids, gboolean *full)
{
  gsize r = 0;

  *full = FALSE;
  if (!is_useful (table, pieces, null, n))
    return 0;
  while (fanout_front_ready (&table->front))
    {
      FanoutText piece = { NULL, 0 };

      if (table->front.n_slots > FANOUT_FRONT_NEAR)
        return resolve_by_far_front (table, pieces, null, r, n, ids, full);
      r = look_in_front (table, pieces, null, r, n, ids);
      if (r == n)
        break;
      if (null == NULL || !null[r])
        piece = pieces[r];
      *full = !resolve_behind (table, &piece, &ids[r]);
      if (*full)
        break;
      r++;
    }
  return r;
}

/* One key column. */
static gsize
ids_of_texts (FanoutTable *table, const FanoutColumn *key, gsize n, guint32 *ids)
{
  FanoutText pieces[FANOUT_TABLE_PIECES];
  gboolean full;
  gsize done = resolve_by_front (table, key->text, key->null, n, ids, &full);

  while (done < n && !full)
    {
      const gsize size = MIN (n - done, FANOUT_TABLE_PIECES);
      gsize got;

      for (gsize i = 0; i < size; i++)
        if (key->null != NULL && key->null[done + i])
          pieces[i] = (FanoutText){ NULL, 0 };
        else
          pieces[i] = key->text[done + i];
      got = fanout_table_resolve (table, pieces, size, ids + done);
      full = got < size;
      done += got;
    }
  return done;
}

/* The record of one row of any keys. Answers its size, or 0 where the scratch memory holds too much
 * already. */
static gsize
write_record (FanoutTable *table, const FanoutColumn *const *keys, gsize row, gsize used)
{
  const guint n_keys = table->keys.n_keys;
  g_autofree FanoutText *texts = g_new0 (FanoutText, n_keys);
  gsize size;

  for (guint k = 0; k < n_keys; k++)
    if (keys[k]->null == NULL || !keys[k]->null[row])
      texts[k] = keys[k]->text[row];
  size = fanout_record_measure (n_keys, texts);
  if (used + size + FANOUT_KEY_SLACK > table->scratch_size)
    {
      if (used > 0)
        return 0;
      fanout_table_want_scratch (table, size + FANOUT_KEY_SLACK);
    }
  fanout_record_write (n_keys, texts, table->scratch + used);
  return size;
}

/* The same where no key is LONG and there is room; else 0. */
static inline gsize
write_short_record (const FanoutColumn *const *keys, guint n_keys, gsize row, guint8 *record,
                    gsize room)
{
  guint8 *next = record + n_keys;

  for (guint k = 0; k < n_keys; k++)
    {
      const FanoutText *text = &keys[k]->text[row];
      const gsize used = (gsize) (next - record);

      if (G_UNLIKELY (keys[k]->null != NULL && keys[k]->null[row]))
        {
          record[k] = 0;
          continue;
        }
      if (G_UNLIKELY (text->length >= FANOUT_KEY_LONG - 1
                      || used + MAX (text->length, STEP) > room))
        return 0;
      memcpy (next, text->data, STEP);
      if (text->length > STEP)
        memcpy (next + STEP, text->data + STEP, text->length - STEP);
      record[k] = (guint8) (text->length + 1);
      next += text->length;
    }
  return (gsize) (next - record);
}

/* Write the records of rows from `first` on to the scratch memory. Answers how many there are. */
static gsize
write_records (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n,
               FanoutText *pieces)
{
  const guint n_keys = table->keys.n_keys;
  gsize used = 0;

  for (gsize r = 0; r < n; r++)
    {
      const gsize room = table->scratch_size - FANOUT_KEY_SLACK - used;
      gsize size = 0;

      if (G_LIKELY (room > n_keys))
        size = write_short_record (keys, n_keys, first + r, table->scratch + used, room);
      if (G_UNLIKELY (size == 0))
        size = write_record (table, keys, first + r, used);
      if (G_UNLIKELY (size == 0))
        return r;
      pieces[r].data = (const char *) table->scratch + used;
      pieces[r].length = size;
      used = MIN (used + ((size + 7) & ~(gsize) 7), table->scratch_size - FANOUT_KEY_SLACK);
    }
  return n;
}

/* Several key columns. */
static gsize
ids_of_records (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n,
                guint32 *ids)
{
  FanoutText pieces[FANOUT_TABLE_PIECES];
  gboolean full = FALSE;

  for (gsize done = 0; done < n;)
    {
      const gsize size
          = write_records (table, keys, first + done, MIN (n - done, FANOUT_TABLE_PIECES), pieces);
      gsize got = resolve_by_front (table, pieces, NULL, size, ids + done, &full);

      if (got < size && !full)
        got += fanout_table_resolve (table, pieces + got, size - got, ids + done + got);
      done += got;
      if (got < size)
        return done;
    }
  return n;
}

gsize
fanout_table_ids (FanoutTable *table, const FanoutColumn *const *keys, gsize first, gsize n,
                  guint32 *ids)
{
  FanoutColumn key;

  if (table->keys.n_keys == 0)
    {
      memset (ids + first, 0, n * sizeof *ids);
      return n;
    }
  fanout_table_want_scratch (table, FANOUT_TABLE_SCRATCH);
  if (table->keys.n_keys > 1)
    return ids_of_records (table, keys, first, n, ids + first);
  key = *keys[0];
  key.text += first;
  if (key.null != NULL)
    key.null += first;
  return ids_of_texts (table, &key, n, ids + first);
}
