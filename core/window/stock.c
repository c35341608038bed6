#include "core/window/stock.h"

#include "core/base/memory.h"

#include <string.h>

enum
{
  ROOM_MIN = 16,
  SPARSE_MIN = 1024,
};

void
fanout_stock_init (FanoutStock *stock, guint n_keys, guint64 max_groups, guint64 seed,
                   FanoutMemory *memory)
{
  /* Keys that are over stay for a while. */
  *stock = (FanoutStock){ .keys = fanout_table_new (n_keys, G_MAXUINT32 - 1, seed, memory),
                          .max_groups = MIN (max_groups, (guint64) G_MAXUINT32 - 1),
                          .memory = memory,
                          .spare = g_array_new (FALSE, FALSE, sizeof (guint32)) };
}

void
fanout_stock_clear (FanoutStock *stock)
{
  g_array_unref (stock->spare);
  fanout_release (stock->memory, stock->uses, stock->uses_room * sizeof *stock->uses);
  fanout_table_free (stock->keys);
}

static void
count_use (FanoutStock *stock, guint32 key)
{
  if (key >= stock->uses_room)
    {
      const gsize room = MAX (ROOM_MIN, (gsize) key + key / 2 + 1);
      stock->uses
          = fanout_reallocate (stock->memory, stock->uses, stock->uses_room * sizeof *stock->uses,
                               room * sizeof *stock->uses);
      stock->uses_room = room;
    }
  if (stock->uses[key]++ == 0)
    stock->n_used++;
}

gsize
fanout_stock_find_keys (FanoutStock *stock, const FanoutColumn *const *keys, gsize n, guint32 *ids)
{
  if (fanout_table_n_keys (stock->keys) > 0)
    return fanout_table_ids (stock->keys, keys, 0, n, ids);
  memset (ids, 0, n * sizeof *ids);
  return n;
}

gboolean
fanout_stock_is_full (const FanoutStock *stock, gsize bytes)
{
  return fanout_stock_n_used (stock) >= stock->max_groups
         || !fanout_may_allocate (stock->memory, bytes);
}

guint32
fanout_stock_take (FanoutStock *stock, guint32 key)
{
  guint32 state;
  if (stock->spare->len > 0)
    {
      state = g_array_index (stock->spare, guint32, stock->spare->len - 1);
      g_array_set_size (stock->spare, stock->spare->len - 1);
    }
  else
    state = (guint32) stock->n_states++;
  count_use (stock, key);
  return state;
}

void
fanout_stock_give_back (FanoutStock *stock, const guint32 *keys, const guint32 *states, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (--stock->uses[keys[i]] == 0)
      stock->n_used--;
  g_array_append_vals (stock->spare, states, (guint) n);
}

static gboolean
is_mostly (guint64 part, guint64 whole)
{
  return part == whole ? part > 0 : part >= SPARSE_MIN && part > whole / 2;
}

gboolean
fanout_stock_is_sparse (const FanoutStock *stock)
{
  const guint64 n_keys = fanout_table_n_groups (stock->keys);
  return is_mostly (stock->spare->len, stock->n_states)
         || (fanout_table_n_keys (stock->keys) > 0 && is_mostly (n_keys - stock->n_used, n_keys));
}

guint32 *
fanout_stock_move_states (FanoutStock *stock)
{
  guint32 *moved = g_new0 (guint32, MAX (stock->n_states, 1));
  guint32 next = 0;
  for (guint i = 0; i < stock->spare->len; i++)
    moved[g_array_index (stock->spare, guint32, i)] = G_MAXUINT32;
  for (guint64 i = 0; i < stock->n_states; i++)
    if (moved[i] != G_MAXUINT32)
      moved[i] = next++;
  stock->n_states = next;
  g_array_set_size (stock->spare, 0);
  return moved;
}

guint32 *
fanout_stock_move_keys (FanoutStock *stock)
{
  const guint64 n = fanout_table_n_groups (stock->keys);
  const guint n_keys = fanout_table_n_keys (stock->keys);
  guint32 *moved = g_new0 (guint32, MAX (n, 1));
  if (n_keys == 0)
    return moved;
  fanout_table_settle (stock->keys);
  FanoutTable *kept
      = fanout_table_new (n_keys, G_MAXUINT32 - 1, fanout_table_seed (stock->keys), stock->memory);
  for (guint32 key = 0; key < n;)
    {
      guint32 end = key;
      while (end < n && end < stock->uses_room && stock->uses[end] > 0)
        end++;
      fanout_table_merge (kept, stock->keys, key, end - key, moved + key);
      while (end < n && (end >= stock->uses_room || stock->uses[end] == 0))
        end++;
      key = end;
    }
  const guint64 n_kept = fanout_table_n_groups (kept);
  for (guint32 key = 0, next = 0; key < n && key < stock->uses_room; key++)
    if (stock->uses[key] > 0)
      stock->uses[next++] = stock->uses[key];
  if (stock->uses_room > n_kept)
    memset (stock->uses + n_kept, 0, (stock->uses_room - n_kept) * sizeof *stock->uses);
  fanout_table_free (stock->keys);
  stock->keys = kept;
  return moved;
}
