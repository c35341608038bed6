#include "core/group/order.h"
#include "core/group/order-keys.h"
#include "core/base/pages.h"
#include <string.h>

enum
{
  RANKS_MIN = 1 << 14, /* so many groups are worth a dictionary */
};

typedef struct
{
  FanoutTable *table;
  const guint32 *ids; /* NULL: all */
  gsize n;
  guint n_levels;
  FanoutOrderLevel *levels; /* those asked for, then the keys */
  FanoutOrderColumn *columns;
  FanoutOrderItem *items;
  guint64 limit;
  gboolean threaded;
  FanoutMemory *memory;
} Order;

/* Where to go on: items `start` .. `end - 1` have equal words so far. */
typedef struct
{
  gsize start, end;
  guint level;
  guint32 depth;
} Run;

static guint32 *single (FanoutTable *table, FanoutOrderColumn *column, FanoutMemory *memory);

static gboolean
load (Order *order, const Run *run, guint *n_levels)
{
  const FanoutOrderLevel *level = &order->levels[run->level];
  FanoutOrderItem *items = order->items + run->start;
  const gsize n = run->end - run->start;

  *n_levels = 0;
  if (level->load == NULL && run->depth == 0 && n >= RANKS_MIN && run->level + 1 < order->n_levels)
    *n_levels = fanout_order_load_ranks (order->table, order->n_levels - run->level, level,
                                         order->columns, items, n, single, order->threaded,
                                         order->memory);
  if (*n_levels > 0)
    return TRUE;
  *n_levels = 1;
  if (level->load != NULL)
    {
      if (!level->load (level->data, items, n, run->depth))
        return FALSE;
    }
  else
    {
      fanout_order_inspect (order->table, level->key, &order->columns[level->key]);
      fanout_order_load_key (order->table, level->key, &order->columns[level->key], items, n,
                             run->depth);
    }
  if (level->descending)
    for (gsize i = 0; i < n; i++)
      if (items[i].word != FANOUT_ORDER_NULL)
        items[i].word = FANOUT_ORDER_NULL - 1 - items[i].word;
  return TRUE;
}

/* Where the run of equal words that begins at `start` ends, and how it goes on. */
static Run
find_run (const FanoutOrderItem *items, const Run *within, gsize start, guint n_levels)
{
  Run run = { start, start, within->level, 0 };

  for (; run.end < within->end && items[run.end].word == items[start].word; run.end++)
    if (items[run.end].next != 0 && (run.depth == 0 || items[run.end].next < run.depth))
      run.depth = items[run.end].next;
  if (run.depth == 0)
    run.level += n_levels;
  return run;
}

/* The longest of the runs is left to the loop, so that the stack stays small. */
static gboolean
refine (Order *order, Run run)
{
  while (run.end - run.start > 1 && run.start < order->limit && run.level < order->n_levels)
    {
      Run longest = { 0, 0, 0, 0 };
      guint n_levels;

      if (!load (order, &run, &n_levels))
        return FALSE;
      fanout_order_words (order->items + run.start, run.end - run.start, order->limit - run.start,
                          order->threaded);
      for (gsize start = run.start; start < run.end && start < order->limit;)
        {
          const Run next = find_run (order->items, &run, start, n_levels);
          const gboolean longer = next.end - next.start > longest.end - longest.start;

          start = next.end;
          if (next.end - next.start > 1 && !refine (order, longer ? longest : next))
            return FALSE;
          if (longer)
            longest = next;
        }
      run = longest;
    }
  return TRUE;
}

static guint32 *
run_order (Order *order)
{
  const gsize n = order->ids != NULL ? order->n : fanout_table_n_groups (order->table);
  const gsize size = n * sizeof (FanoutOrderItem);
  const Run all = { 0, n, 0, 0 };
  guint32 *ids = NULL;

  order->items = fanout_pages_resize (order->memory, NULL, 0, size);
  for (gsize i = 0; i < n; i++)
    order->items[i].id = order->ids != NULL ? order->ids[i] : (guint32) i;
  if (refine (order, all))
    {
      const gsize n_ids = MIN (n, order->limit);

      ids = g_new (guint32, MAX (n_ids, 1));
      for (gsize i = 0; i < n_ids; i++)
        ids[i] = order->items[i].id;
    }
  fanout_pages_resize (order->memory, order->items, size, 0);
  return ids;
}

static guint32 *
single (FanoutTable *table, FanoutOrderColumn *column, FanoutMemory *memory)
{
  FanoutOrderLevel level = { .key = 0 };
  Order order = { .table = table,
                  .n_levels = 1,
                  .levels = &level,
                  .columns = column,
                  .limit = G_MAXUINT64,
                  .memory = memory };

  return run_order (&order);
}

guint32 *
fanout_order (FanoutTable *table, const guint32 *ids, guint64 n, guint n_levels,
              const FanoutOrderLevel *levels, guint64 limit, gboolean threaded,
              FanoutMemory *memory)
{
  const guint n_keys = fanout_table_n_keys (table);
  g_autofree FanoutOrderLevel *all = g_new0 (FanoutOrderLevel, n_levels + n_keys);
  g_autofree FanoutOrderColumn *columns = g_new0 (FanoutOrderColumn, n_keys);
  Order order = { .table = table,
                  .ids = ids,
                  .n = n,
                  .n_levels = n_levels + n_keys,
                  .levels = all,
                  .columns = columns,
                  .limit = limit == 0 ? G_MAXUINT64 : limit,
                  .threaded = threaded,
                  .memory = memory };

  if (n_levels > 0)
    memcpy (all, levels, n_levels * sizeof *levels);
  for (guint k = 0; k < n_keys; k++)
    all[n_levels + k].key = k;
  fanout_table_settle (table);
  return run_order (&order);
}
