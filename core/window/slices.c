#include "core/window/slices.h"

#include "core/base/memory.h"
#include "core/window/stock.h"

#include <string.h>

enum
{
  ROOM_MIN = 16,
  /* So many times its groups a slice may have cells where they stand by the keys' numbers. */
  DENSE = 4,
  /* Rows that are looked up together. */
  TILE = 64,
};

/* Which state each key has: by the key's number, 1 + the state's, 0 where there is none; or, when
 * it has few of all keys, a hash table of 1 + the key's and the state's. */
struct FanoutSlice
{
  FanoutSliceKey key;
  guint32 n;
  guint32 room; /* cells; of the hash table: a power of two of pairs */
  gboolean hashed;
  guint32 *cells;
};

struct FanoutSlices
{
  FanoutStock stock;
  FanoutAxis axis;
  GPtrArray *order; /* by number, then by the first window */
  GPtrArray *cut;   /* those of them that lack windows of theirs, in the same order */
  guint begin;      /* those before are closed */
  FanoutSlice *last;
};

FanoutSlices *
fanout_slices_new (guint n_keys, guint64 max_groups, const FanoutAxis *axis, guint64 seed,
                   FanoutMemory *memory)
{
  FanoutSlices *slices = g_new0 (FanoutSlices, 1);
  fanout_stock_init (&slices->stock, n_keys, max_groups, seed, memory);
  slices->axis = *axis;
  slices->order = g_ptr_array_new ();
  slices->cut = g_ptr_array_new ();
  return slices;
}

static gsize
cells_size (const FanoutSlice *slice)
{
  return (gsize) slice->room * (slice->hashed ? 2 : 1) * sizeof *slice->cells;
}

static void
slice_free (FanoutSlices *slices, FanoutSlice *slice)
{
  fanout_release (slices->stock.memory, slice->cells, cells_size (slice));
  fanout_release (slices->stock.memory, slice, sizeof *slice);
}

void
fanout_slices_free (FanoutSlices *slices)
{
  if (slices == NULL)
    return;
  for (guint i = slices->begin; i < slices->order->len; i++)
    slice_free (slices, g_ptr_array_index (slices->order, i));
  g_ptr_array_unref (slices->order);
  g_ptr_array_unref (slices->cut);
  fanout_stock_clear (&slices->stock);
  g_free (slices);
}

guint64
fanout_slices_n_states (const FanoutSlices *slices)
{
  return slices->stock.n_states;
}

guint64
fanout_slices_n_groups (const FanoutSlices *slices)
{
  return fanout_stock_n_used (&slices->stock);
}

guint
fanout_slices_n_open (const FanoutSlices *slices)
{
  return slices->order->len - slices->begin;
}

FanoutSlice *
fanout_slices_nth (FanoutSlices *slices, guint n)
{
  return g_ptr_array_index (slices->order, slices->begin + n);
}

FanoutTable *
fanout_slices_table (FanoutSlices *slices)
{
  return slices->stock.keys;
}

static gint
compare (FanoutSliceKey a, FanoutSliceKey b)
{
  if (a.number != b.number)
    return a.number < b.number ? -1 : 1;
  return a.first < b.first ? -1 : a.first > b.first;
}

/* Where in an order, from `first` on, a slice is, or would be. */
static guint
place_in (const GPtrArray *order, guint first, FanoutSliceKey key)
{
  guint end = order->len;
  while (first < end)
    {
      const guint middle = first + (end - first) / 2;
      const FanoutSlice *slice = g_ptr_array_index (order, middle);
      if (compare (slice->key, key) < 0)
        first = middle + 1;
      else
        end = middle;
    }
  return first;
}

static guint
place_of (const FanoutSlices *slices, FanoutSliceKey key)
{
  return place_in (slices->order, slices->begin, key);
}

static FanoutSlice *
get_slice (FanoutSlices *slices, FanoutSliceKey key)
{
  if (slices->last != NULL && compare (slices->last->key, key) == 0)
    return slices->last;
  const guint place = place_of (slices, key);
  FanoutSlice *slice = place < slices->order->len ? g_ptr_array_index (slices->order, place) : NULL;
  if (slice == NULL || compare (slice->key, key) != 0)
    {
      slice = fanout_allocate (slices->stock.memory, sizeof *slice);
      *slice = (FanoutSlice){ .key = key };
      g_ptr_array_insert (slices->order, (gint) place, slice);
      if (!fanout_slice_is_whole (&slices->axis, key))
        g_ptr_array_insert (slices->cut, (gint) place_in (slices->cut, 0, key), slice);
    }
  return slices->last = slice;
}

static inline guint32
bucket_of (const FanoutSlice *slice, guint32 key)
{
  return (guint32) ((key * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 32) & (slice->room - 1);
}

/* The pair of a key, or the free one where it would be. */
static guint32 *
find_pair (const FanoutSlice *slice, guint32 key)
{
  guint32 at = bucket_of (slice, key);
  while (slice->cells[2 * (gsize) at] != 0 && slice->cells[2 * (gsize) at] != key + 1)
    at = (at + 1) & (slice->room - 1);
  return &slice->cells[2 * (gsize) at];
}

/* 1 + its state; 0: it has none. */
static inline guint32
look_up (const FanoutSlice *slice, guint32 key)
{
  if (!slice->hashed)
    return key < slice->room ? slice->cells[key] : 0;
  const guint32 *pair = find_pair (slice, key);
  return pair[0] != 0 ? pair[1] + 1 : 0;
}

static void
store (FanoutSlice *slice, guint32 key, guint32 state)
{
  if (!slice->hashed)
    {
      slice->cells[key] = state + 1;
      return;
    }
  guint32 *pair = find_pair (slice, key);
  pair[0] = key + 1;
  pair[1] = state;
}

/* Cells for one key more, and for this one. */
static void
make_room (FanoutSlices *slices, FanoutSlice *slice, guint32 key)
{
  const guint64 n_keys = fanout_table_n_groups (slices->stock.keys);
  const gboolean hashed = n_keys > (guint64) DENSE * (slice->n + ROOM_MIN);
  FanoutSlice wider = *slice;
  if (slice->hashed ? (slice->n + 1) * 2 <= slice->room && hashed : key < slice->room)
    return;
  wider.hashed = hashed;
  wider.room = ROOM_MIN;
  if (hashed)
    while (wider.room < (slice->n + 1) * 4)
      wider.room *= 2;
  else
    wider.room = (guint32) MIN (MAX (n_keys + n_keys / 4, ROOM_MIN), G_MAXUINT32);
  wider.cells = fanout_allocate (slices->stock.memory, cells_size (&wider));
  memset (wider.cells, 0, cells_size (&wider));
  guint32 keys[64], states[64], at = 0;
  gsize n;
  while ((n = fanout_slice_groups (slice, &at, G_N_ELEMENTS (keys), keys, states)) > 0)
    for (gsize i = 0; i < n; i++)
      store (&wider, keys[i], states[i]);
  fanout_release (slices->stock.memory, slice->cells, cells_size (slice));
  *slice = wider;
}

static guint32
add_state (FanoutSlices *slices, FanoutSlice *slice, guint32 key)
{
  const guint32 state = fanout_stock_take (&slices->stock, key);
  make_room (slices, slice, key);
  store (slice, key, state);
  slice->n++;
  return state;
}

/* Its cells where each key of the table has one, else NULL. */
static inline const guint32 *
direct_cells (const FanoutSlice *slice, guint64 n_keys)
{
  return slice != NULL && !slice->hashed && n_keys <= slice->room ? slice->cells : NULL;
}

/* The states of a tile's keys in place of them, where all have one: FALSE, and nothing changes,
 * where some have none (or a number beyond half of all). No branch depends on a row. */
static inline gboolean
find_tile (const guint32 *cells, gsize n, guint32 *ids)
{
  guint32 found[TILE], any = 0;
  for (gsize i = 0; i < n; i++)
    {
      found[i] = cells[ids[i]] - 1;
      any |= found[i];
    }
  if (G_UNLIKELY (any > G_MAXINT32))
    return FALSE;
  memcpy (ids, found, n * sizeof *ids);
  return TRUE;
}

/* The same in two slices that take turns. */
static inline gboolean
find_mixed_tile (const guint32 *const cells[2], const guint8 *is_later, gsize n, guint32 *ids)
{
  guint32 found[TILE], any = 0;
  for (gsize i = 0; i < n; i++)
    {
      found[i] = cells[is_later[i]][ids[i]] - 1;
      any |= found[i];
    }
  if (G_UNLIKELY (any > G_MAXINT32))
    return FALSE;
  memcpy (ids, found, n * sizeof *ids);
  return TRUE;
}

/* FALSE: there can be no state more. */
static inline gboolean
find_state (FanoutSlices *slices, FanoutSlice *slice, guint32 *id)
{
  const guint32 found = look_up (slice, *id);
  if (G_UNLIKELY (found == 0
                  && fanout_stock_is_full (&slices->stock, 2 * ROOM_MIN * sizeof (guint32))))
    return FALSE;
  *id = G_LIKELY (found != 0) ? found - 1 : add_state (slices, slice, *id);
  return TRUE;
}

/* The states of keys in one slice, in place of the keys. Answers how many got one. */
static gsize
find_states (FanoutSlices *slices, FanoutSlice *slice, gsize n, guint32 *ids)
{
  const guint64 n_keys = fanout_table_n_groups (slices->stock.keys);
  for (gsize i = 0; i < n;)
    {
      const gsize end = MIN (i + TILE, n);
      const guint32 *cells = direct_cells (slice, n_keys);
      if (cells != NULL && find_tile (cells, end - i, ids + i))
        i = end;
      for (; i < end; i++)
        if (!find_state (slices, slice, &ids[i]))
          return i;
    }
  return n;
}

/* The slice where it is there. */
static FanoutSlice *
peek_slice (const FanoutSlices *slices, FanoutSliceKey key)
{
  const guint place = place_of (slices, key);
  FanoutSlice *slice = place < slices->order->len ? g_ptr_array_index (slices->order, place) : NULL;
  return slice != NULL && compare (slice->key, key) == 0 ? slice : NULL;
}

/* As find_states() in those of a run; `rows` (NULL: the first is `row`, and so on) are theirs in
 * it. A slice that no row is in is none. */
static gsize
find_mixed_states (FanoutSlices *slices, const FanoutSliceRun *run, const guint32 *rows, gsize row,
                   gsize n, guint32 *ids)
{
  const guint64 n_keys = fanout_table_n_groups (slices->stock.keys);
  FanoutSlice *both[] = { peek_slice (slices, run->key), peek_slice (slices, run->later) };
  for (gsize i = 0; i < n;)
    {
      const gsize end = MIN (i + TILE, n);
      const guint32 *const cells[]
          = { direct_cells (both[0], n_keys), direct_cells (both[1], n_keys) };
      if (rows == NULL && cells[0] != NULL && cells[1] != NULL
          && find_mixed_tile (cells, run->is_later + row + i, end - i, ids + i))
        i = end;
      for (; i < end; i++)
        {
          const guint8 later = run->is_later[rows != NULL ? rows[i] : row + i];
          if (both[later] == NULL)
            both[later] = get_slice (slices, later != 0 ? run->later : run->key);
          if (!find_state (slices, both[later], &ids[i]))
            return i;
        }
    }
  return n;
}

gsize
fanout_slices_ids (FanoutSlices *slices, const FanoutColumn *const *keys,
                   const FanoutSliceRun *runs, const guint32 *index, gsize n, guint32 *ids)
{
  n = fanout_stock_find_keys (&slices->stock, keys, n, ids);
  for (gsize done = 0; done < n; runs++)
    {
      gsize end = done;
      if (index == NULL)
        end = MIN (runs->end, n);
      else
        while (end < n && index[end] < runs->end)
          end++;
      if (end == done)
        continue;
      const gsize got
          = runs->is_later != NULL
                ? find_mixed_states (slices, runs, index != NULL ? index + done : NULL, done,
                                     end - done, ids + done)
                : find_states (slices, get_slice (slices, runs->key), end - done, ids + done);
      if (got < end - done)
        return done + got;
      done = end;
    }
  return n;
}

gboolean
fanout_slices_put (FanoutSlices *slices, FanoutSliceKey key, const FanoutColumn *const *keys,
                   guint32 *id)
{
  const FanoutSliceRun run = { .key = key, .end = 1 };
  return fanout_slices_ids (slices, keys, &run, NULL, 1, id) == 1;
}

FanoutSliceKey
fanout_slice_key (const FanoutSlice *slice)
{
  return slice->key;
}

guint32
fanout_slice_n_groups (const FanoutSlice *slice)
{
  return slice->n;
}

gsize
fanout_slice_groups (const FanoutSlice *slice, guint32 *at, gsize n, guint32 *keys, guint32 *states)
{
  gsize found = 0;
  for (; found < n && *at < slice->room; (*at)++)
    {
      const guint32 *cell = &slice->cells[(gsize) *at * (slice->hashed ? 2 : 1)];
      if (*cell == 0)
        continue;
      keys[found] = slice->hashed ? cell[0] - 1 : *at;
      states[found++] = slice->hashed ? cell[1] : cell[0] - 1;
    }
  return found;
}

gboolean
fanout_slices_next_window (const FanoutSlices *slices, const FanoutAxis *axis, gint64 from,
                           gint64 *window)
{
  gint64 best = G_MAXINT64;
  for (guint i = slices->begin; i < slices->order->len; i++)
    {
      const FanoutSlice *slice = g_ptr_array_index (slices->order, i);
      const gint64 first = MAX (from, slice->key.first);
      /* Windows of those that follow begin no earlier. */
      if (MAX (from, fanout_axis_first_window (axis, slice->key.number)) >= best)
        break;
      if (first <= fanout_axis_last_window (axis, slice->key.number))
        best = MIN (best, first);
    }
  if (best == G_MAXINT64)
    return FALSE;
  *window = best;
  return TRUE;
}

static FanoutSlice *
next_in (const GPtrArray *order, guint begin, gint64 start, gint64 end, guint *at)
{
  if (*at == 0)
    *at = place_in (order, begin, (FanoutSliceKey){ start, G_MININT64 });
  if (*at == order->len)
    return NULL;
  FanoutSlice *slice = g_ptr_array_index (order, *at);
  if (slice->key.number >= end)
    return NULL;
  ++*at;
  return slice;
}

FanoutSlice *
fanout_slices_in (FanoutSlices *slices, gint64 start, gint64 end, guint *at)
{
  return next_in (slices->order, slices->begin, start, end, at);
}

FanoutSlice *
fanout_slices_cut_in (FanoutSlices *slices, gint64 start, gint64 end, guint *at)
{
  return next_in (slices->cut, 0, start, end, at);
}

static void
give_back (FanoutSlices *slices, const FanoutSlice *slice, FanoutSlicesRelease release,
           gpointer data)
{
  guint32 keys[256], states[256], at = 0;
  gsize n;
  while ((n = fanout_slice_groups (slice, &at, G_N_ELEMENTS (keys), keys, states)) > 0)
    {
      fanout_stock_give_back (&slices->stock, keys, states, n);
      release (data, states, n);
    }
}

void
fanout_slices_close (FanoutSlices *slices, const FanoutAxis *axis, gint64 window,
                     FanoutSlicesRelease release, gpointer data)
{
  guint n_cut = 0;
  while (slices->begin < slices->order->len)
    {
      FanoutSlice *slice = g_ptr_array_index (slices->order, slices->begin);
      if (fanout_axis_last_window (axis, slice->key.number) > window)
        break;
      n_cut += fanout_slice_is_whole (&slices->axis, slice->key) ? 0 : 1;
      give_back (slices, slice, release, data);
      slice_free (slices, slice);
      slices->begin++;
    }
  slices->last = NULL;
  if (n_cut > 0)
    g_ptr_array_remove_range (slices->cut, 0, n_cut);
  if (slices->begin > slices->order->len / 2)
    {
      g_ptr_array_remove_range (slices->order, 0, slices->begin);
      slices->begin = 0;
    }
}

gboolean
fanout_slices_is_sparse (const FanoutSlices *slices)
{
  return fanout_stock_is_sparse (&slices->stock);
}

guint32 *
fanout_slices_pack (FanoutSlices *slices)
{
  guint32 *states = fanout_stock_move_states (&slices->stock);
  g_autofree guint32 *keys = fanout_stock_move_keys (&slices->stock);
  for (guint i = slices->begin; i < slices->order->len; i++)
    {
      FanoutSlice *slice = g_ptr_array_index (slices->order, i);
      FanoutSlice old = *slice;
      guint32 of_keys[64], of_states[64], at = 0;
      gsize n;
      *slice = (FanoutSlice){ .key = old.key };
      while ((n = fanout_slice_groups (&old, &at, G_N_ELEMENTS (of_keys), of_keys, of_states)) > 0)
        for (gsize j = 0; j < n; j++)
          {
            make_room (slices, slice, keys[of_keys[j]]);
            store (slice, keys[of_keys[j]], states[of_states[j]]);
            slice->n++;
          }
      fanout_release (slices->stock.memory, old.cells, cells_size (&old));
    }
  slices->last = NULL;
  return states;
}
