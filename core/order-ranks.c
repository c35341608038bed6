#include "core/order-keys.h"
#include <string.h>

enum
{
  TILE = 1024,
  PROBE = 1 << 16, /* so many items show whether a column has few distinct keys */
};

/* The distinct keys of one column. */
typedef struct
{
  FanoutTable *keys;
  guint32 *ranks; /* by id in `keys` */
  gsize n;
} Dictionary;

static gsize
codes_of_tile (FanoutTable *keys, const FanoutTable *table, guint key, FanoutOrderItem *items, gsize n)
{
  FanoutText texts[TILE];
  guint8 null[TILE];
  guint32 codes[TILE];
  const FanoutColumn column = { .form = FANOUT_FORM_TEXT, .null = null, .text = texts };
  const FanoutColumn *const columns[] = { &column };
  gsize got;

  for (gsize i = 0; i < n; i++)
    null[i] = !fanout_table_key (table, items[i].id, key, &texts[i]);
  got = fanout_table_ids (keys, columns, 0, n, codes);
  for (gsize i = 0; i < got; i++)
    items[i].next = codes[i];
  return got;
}

/* Give the items the codes of their keys; NULL when there are too many distinct ones. */
static FanoutTable *
encode (const FanoutTable *table, guint key, FanoutOrderItem *items, gsize n, FanoutMemory *memory)
{
  g_autoptr (FanoutTable) keys = fanout_table_new (1, n / 8, fanout_table_seed (table), memory);

  for (gsize done = 0; done < n; done += TILE)
    {
      const gsize size = MIN (n - done, TILE);

      if (codes_of_tile (keys, table, key, items + done, size) < size)
        return NULL;
      if (done <= PROBE && done + TILE > PROBE && fanout_table_n_groups (keys) > PROBE / 2)
        return NULL;
    }
  return g_steal_pointer (&keys);
}

static guint32 *
ranks_of (FanoutTable *keys, FanoutOrderColumn *column, gboolean descending, FanoutMemory *memory)
{
  const gsize n = fanout_table_n_groups (keys);
  g_autofree guint32 *ids = fanout_order_single (keys, column, memory);
  guint32 *ranks = g_new (guint32, n);
  FanoutText text;
  gsize n_texts = n;

  if (!fanout_table_key (keys, ids[n - 1], 0, &text))
    n_texts--;
  for (gsize i = 0; i < n; i++)
    ranks[ids[i]] = (guint32) (descending && i < n_texts ? n_texts - 1 - i : i);
  return ranks;
}

guint
fanout_order_load_ranks (const FanoutTable *table, guint n_levels, const FanoutOrderLevel *levels,
                         FanoutOrderColumn *columns, FanoutOrderItem *items, gsize n,
                         FanoutMemory *memory)
{
  guint used = 0;
  guint done = 0;

  for (; done < n_levels && levels[done].load == NULL; done++)
    {
      FanoutOrderColumn *column = &columns[levels[done].key];
      g_autoptr (FanoutTable) keys = NULL;
      g_autofree guint32 *ranks = NULL;
      guint bits;

      /* The distinct keys of all groups tell as much of the column as the groups do, and sooner. */
      if (n < fanout_table_n_groups (table))
        fanout_order_inspect (table, levels[done].key, column);
      keys = encode (table, levels[done].key, items, n, memory);
      if (keys == NULL)
        break;
      bits = (guint) g_bit_storage (fanout_table_n_groups (keys) - 1);
      if (used + bits > 64)
        break;
      ranks = ranks_of (keys, column, levels[done].descending, memory);
      for (gsize i = 0; i < n; i++)
        items[i].word = (done > 0 ? items[i].word << (bits & 63) : 0) | ranks[items[i].next];
      used += bits;
    }
  for (gsize i = 0; i < n && done > 0; i++)
    items[i].next = 0;
  return done;
}
