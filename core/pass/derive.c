#include "core/pass/derive.h"

#include "core/base/error.h"
#include "core/pass/key-rows.h"

#include <fanout/error.h>
#include <string.h>

/* Groups that are combined at one go. */
#define ROWS 1024

/* Some groups of the base, with their keys as the table has them. */
typedef struct
{
  FanoutPartition *whole;
  const FanoutPlanTable *table;
  const FanoutPlanTable *base;
  const FanoutTable *from;
  FanoutTable *into;
  FanoutKeyRows keys; /* of the table, with the one that says which they are */
  guint32 ids[ROWS];
} Deriving;

static void
deriving_init (Deriving *self, FanoutPartition *whole, guint t)
{
  const FanoutPlan *plan = whole->run->plan;
  self->whole = whole;
  self->table = &plan->tables[t];
  self->base = &plan->tables[self->table->base];
  self->from = whole->tables[self->table->base];
  self->into = whole->tables[t];
  fanout_key_rows_init (&self->keys, fanout_plan_result_keys (self->table), ROWS);
}

/* The keys of a group, of which only the first `level` count in a rollup. */
static void
put_keys (Deriving *self, guint32 id, gsize row, guint level, const char *grouping)
{
  const guint n = self->table->n_keys;
  for (guint k = 0; k < n; k++)
    {
      FanoutText text = { 0 };
      const gboolean null
          = k >= level || !fanout_table_key (self->from, id, self->table->base_keys[k], &text);
      fanout_key_rows_put (&self->keys, k, row, text, null);
    }
  if (self->table->rollup)
    fanout_key_rows_put (&self->keys, n, row, (FanoutText){ grouping, strlen (grouping) },
                         grouping[0] == '\0');
}

static void
fill_keys (Deriving *self, guint32 first, gsize n, guint level, const char *grouping)
{
  fanout_key_rows_begin (&self->keys);
  for (gsize i = 0; i < n; i++)
    put_keys (self, first + (guint32) i, i, level, grouping);
  fanout_key_rows_end (&self->keys, n);
}

static FanoutNode *
find_node (const FanoutPartition *whole, const FanoutPlanTable *table,
           const FanoutPlanAggregate *aggregate)
{
  guint i = table->first_node;
  while (whole->nodes[i]->plan != aggregate)
    i++;
  return whole->nodes[i];
}

/* FALSE: an aggregate that is not dropped for it has failed. */
static gboolean
combine_node (Deriving *self, FanoutNode *node, guint32 first, gsize n, GError **error)
{
  FanoutRun *run = self->whole->run;
  FanoutNode *from = find_node (self->whole, self->base, node->plan);
  if (node->status == FANOUT_NODE_FAILED)
    return TRUE;
  FanoutNode *copy = fanout_node_new (node->plan, TRUE, &run->limit, NULL);
  fanout_node_reserve (node, fanout_table_n_groups (self->into));
  gboolean done = fanout_node_copy (copy, from, NULL, first, n);
  if (!done)
    node->error = fanout_aggregate_take_error (&copy->aggregate);
  else
    done = fanout_node_combine (node, copy, self->ids, 0, n);
  fanout_node_free (copy);
  if (done)
    return TRUE;
  node->status = FANOUT_NODE_FAILED;
  g_prefix_error (&node->error, "aggregate '%s': ", node->plan->name);
  node->explained = TRUE;
  if (!node->plan->drop)
    g_propagate_error (error, g_error_copy (node->error));
  return node->plan->drop;
}

static gboolean
combine_groups (Deriving *self, guint32 first, gsize n, guint level, const char *grouping,
                GError **error)
{
  fill_keys (self, first, n, level, grouping);
  if (self->keys.n_keys == 0)
    memset (self->ids, 0, n * sizeof *self->ids);
  else if (fanout_table_ids (self->into, self->keys.pointers, 0, n, self->ids) < n)
    return fanout_partition_too_many_groups (self->whole, error);
  for (guint i = self->table->first_node; i < self->table->first_node + self->table->n_nodes; i++)
    if (!combine_node (self, self->whole->nodes[i], first, n, error))
      return FALSE;
  if (!fanout_memory_limit_exceeded (&self->whole->run->limit))
    return TRUE;
  fanout_memory_limit_fail (&self->whole->run->limit, error);
  return FALSE;
}

static gboolean
combine_level (Deriving *self, guint level, GError **error)
{
  const guint64 n_groups = fanout_table_n_groups (self->from);
  g_autofree char *grouping = fanout_plan_grouping (self->table, level);
  for (guint64 first = 0; first < n_groups; first += ROWS)
    {
      const gsize n = (gsize) MIN ((guint64) ROWS, n_groups - first);
      if (!combine_groups (self, (guint32) first, n, level, grouping, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
derive (FanoutPartition *whole, guint t, GError **error)
{
  g_autofree Deriving *self = g_new0 (Deriving, 1);
  gboolean done = TRUE;
  deriving_init (self, whole, t);
  const guint last = self->table->rollup ? 0 : self->table->n_keys;
  for (guint level = self->table->n_keys + 1; done && level-- > last;)
    done = combine_level (self, level, error);
  fanout_key_rows_clear (&self->keys);
  return done;
}

static void
make_nodes (FanoutPartition *whole, const FanoutPlanTable *table)
{
  const FanoutPlan *plan = whole->run->plan;
  const FanoutPlanTable *base = &plan->tables[table->base];
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    {
      const FanoutPlanAggregate *aggregate = plan->nodes[i].aggregate;
      const FanoutNode *from = find_node (whole, base, aggregate);
      FanoutNode *node = fanout_node_new (aggregate, fanout_plan_result_keys (table) > 0,
                                          &whole->run->limit, NULL);
      whole->nodes[i] = node;
      if (from->status != FANOUT_NODE_FAILED)
        continue;
      node->status = FANOUT_NODE_FAILED;
      node->explained = TRUE;
      node->error = g_error_copy (from->error);
    }
}

gboolean
fanout_partition_derive (FanoutPartition *whole, GError **error)
{
  const FanoutPlan *plan = whole->run->plan;
  for (guint t = plan->n_tables; t < plan->n_all_tables; t++)
    {
      const FanoutPlanTable *table = &plan->tables[t];
      whole->tables[t] = fanout_table_new (fanout_plan_result_keys (table), plan->max_groups,
                                           whole->run->seed, &whole->table_memory);
      make_nodes (whole, table);
      if (!derive (whole, t, error))
        return FALSE;
    }
  return TRUE;
}
