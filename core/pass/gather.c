#include "core/pass/gather.h"

#include <fanout/error.h>

struct FanoutGathering
{
  FanoutPasses *made;     /* NULL: the partition was there */
  FanoutPartition *whole; /* of it */
  gboolean moving;
  FanoutNode **carries; /* where states of each node are on their way; NULL: not yet */
  guint32 ids[FANOUT_GATHER_ROWS];
};

/* An aggregate that was dropped in some partition is, from here on. */
static void
pass_on_drops (const FanoutPasses *passes, FanoutPartition *whole)
{
  for (guint i = 0; i < whole->n_nodes; i++)
    for (guint p = 0; p < passes->n_partitions; p++)
      {
        const FanoutNode *node = passes->partitions[p]->nodes[i];
        if (node->status != FANOUT_NODE_FAILED || node->error == NULL
            || whole->nodes[i]->status == FANOUT_NODE_FAILED)
          continue;
        whole->nodes[i]->status = FANOUT_NODE_FAILED;
        whole->nodes[i]->explained = TRUE;
        whole->nodes[i]->error = g_error_copy (node->error);
      }
}

FanoutGathering *
fanout_gathering_into (FanoutPartition *whole)
{
  FanoutGathering *self = g_new0 (FanoutGathering, 1);
  self->whole = whole;
  self->carries = g_new0 (FanoutNode *, MAX (whole->n_nodes, 1));
  return self;
}

FanoutGathering *
fanout_gathering_new (const FanoutPasses *passes)
{
  const FanoutPlan *plan = passes->run->plan;
  FanoutPasses *made = fanout_passes_new_empty (fanout_run_ref (passes->run));
  FanoutGathering *self = fanout_gathering_into (made->partitions[0]);
  self->made = made;
  for (guint t = 0; t < plan->n_tables; t++)
    self->whole->empty[t] = plan->tables[t].n_keys == 0 ? 1 : 0;
  pass_on_drops (passes, self->whole);
  return self;
}

FanoutPartition *
fanout_gathering_whole (const FanoutGathering *self)
{
  return self->whole;
}

static FanoutNode *
get_carry (FanoutGathering *self, guint i)
{
  FanoutNode *node = self->whole->nodes[i];
  if (self->carries[i] == NULL)
    self->carries[i] = fanout_node_new (node->plan, TRUE, &self->whole->run->limit, NULL);
  return self->carries[i];
}

/* An aggregate that is not dropped for it has failed: FALSE. */
static gboolean
fail_node (FanoutNode *node, GError **error)
{
  if (node->error == NULL)
    node->error = fanout_aggregate_take_error (&node->aggregate);
  node->status = FANOUT_NODE_FAILED;
  g_prefix_error (&node->error, "aggregate '%s': ", node->plan->name);
  node->explained = TRUE;
  if (!node->plan->drop)
    g_propagate_error (error, g_error_copy (node->error));
  return node->plan->drop;
}

void
fanout_gathering_set_moving (FanoutGathering *self, gboolean moving)
{
  self->moving = moving;
}

/* `to` NULL: into the first states of a carry. */
static gboolean
bring (const FanoutGathering *self, FanoutNode *into, const guint32 *to, FanoutNode *from,
       const guint32 *states, gsize n, FanoutNode *owner)
{
  if (self->moving && !fanout_node_owns_nothing (from))
    {
      fanout_node_move (into, to, from, states, n, owner);
      return TRUE;
    }
  return to != NULL ? fanout_node_copy_to (into, to, from, states, n)
                    : fanout_node_copy (into, from, states, 0, n);
}

static gboolean
combine_node (FanoutGathering *self, const FanoutPartition *from, guint i, const guint32 *ids,
              const guint32 *states, gsize n, gboolean fresh, GError **error)
{
  FanoutNode *node = self->whole->nodes[i];
  if (node->status == FANOUT_NODE_FAILED)
    return TRUE;
  if (fresh || node->plan->operator_->combine == NULL)
    return bring (self, node, ids, from->nodes[i], states, n, node) || fail_node (node, error);
  FanoutNode *carry = get_carry (self, i);
  if (!bring (self, carry, NULL, from->nodes[i], states, n, node))
    {
      node->error = fanout_aggregate_take_error (&carry->aggregate);
      return fail_node (node, error);
    }
  if (!fanout_node_combine (node, carry, ids, 0, n))
    return fail_node (node, error);
  /* What was combined is gone, and the next states need room as it was made. */
  fanout_node_pack (carry, NULL, 0);
  return TRUE;
}

/* The groups that those of `named` become. */
static gboolean
find_groups (FanoutGathering *self, FanoutTable *into, FanoutTable *named, const guint32 *keys,
             gsize n, GError **error)
{
  for (gsize done = 0; done < n;)
    {
      gsize end = done + 1;
      while (end < n && keys[end] == keys[end - 1] + 1)
        end++;
      if (fanout_table_merge (into, named, keys[done], end - done, self->ids + done) < end - done)
        return fanout_partition_too_many_groups (self->whole, error);
      done = end;
    }
  return TRUE;
}

gboolean
fanout_gathering_states (FanoutGathering *self, const FanoutPartition *from, guint t,
                         const guint32 *ids, const guint32 *states, gsize n, gboolean fresh,
                         GError **error)
{
  const FanoutPlanTable *table = &self->whole->run->plan->tables[t];
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    if (!combine_node (self, from, i, ids, states, n, fresh, error))
      return FALSE;
  if (fanout_memory_limit_exceeded (&self->whole->run->limit))
    return fanout_memory_limit_fail (&self->whole->run->limit, error);
  return TRUE;
}

gboolean
fanout_gathering_add (FanoutGathering *self, const FanoutPartition *from, guint t,
                      FanoutTable *named, const guint32 *keys, const guint32 *states, gsize n,
                      GError **error)
{
  const FanoutPlanTable *table = &self->whole->run->plan->tables[t];
  FanoutTable *into = self->whole->tables[t];
  const guint64 n_before = self->whole->empty[t] != 0 ? 0 : fanout_table_n_groups (into);
  gboolean fresh = TRUE;
  self->whole->empty[t] = 0;
  if (!find_groups (self, into, named, keys, n, error))
    return FALSE;
  for (gsize i = 0; i < n && fresh; i++)
    fresh = self->ids[i] >= n_before;
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    if (self->whole->nodes[i]->status != FANOUT_NODE_FAILED)
      fanout_node_reserve (self->whole->nodes[i], fanout_table_n_groups (into));
  return fanout_gathering_states (self, from, t, self->ids, states, n, fresh, error);
}

FanoutPasses *
fanout_gathering_end (FanoutGathering *self, gboolean done)
{
  FanoutPasses *made = self->made;
  for (guint i = 0; i < self->whole->n_nodes; i++)
    fanout_node_free (self->carries[i]);
  g_free (self->carries);
  g_free (self);
  if (!done)
    g_clear_pointer (&made, fanout_passes_free);
  return made;
}

gboolean
fanout_gathering_add_table (FanoutGathering *self, FanoutPartition *from, guint t, GError **error)
{
  const FanoutPlanTable *table = &from->run->plan->tables[t];
  const guint64 n_groups = fanout_table_n_groups (from->tables[t]);
  guint32 ids[FANOUT_GATHER_ROWS];
  if (from->empty[t] != 0)
    return TRUE;
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    if (from->nodes[i]->status != FANOUT_NODE_FAILED)
      fanout_node_reserve (from->nodes[i], n_groups);
  for (guint64 first = 0; first < n_groups; first += FANOUT_GATHER_ROWS)
    {
      const gsize n = (gsize) MIN ((guint64) FANOUT_GATHER_ROWS, n_groups - first);
      for (gsize i = 0; i < n; i++)
        ids[i] = (guint32) (first + i);
      if (!fanout_gathering_add (self, from, t, from->tables[t], ids, ids, n, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
fanout_gathering_add_slice (FanoutGathering *self, const FanoutPartition *from, guint t,
                            const FanoutSlice *slice, GError **error)
{
  guint32 keys[FANOUT_GATHER_ROWS];
  guint32 states[FANOUT_GATHER_ROWS];
  guint32 at = 0;
  gsize n;
  fanout_table_expect (self->whole->tables[t], fanout_slice_n_groups (slice));
  while ((n = fanout_slice_groups (slice, &at, FANOUT_GATHER_ROWS, keys, states)) > 0)
    if (!fanout_gathering_add (self, from, t, fanout_slices_table (from->slices[t]), keys, states,
                               n, error))
      return FALSE;
  return TRUE;
}

FanoutPasses *
fanout_passes_snapshot (const FanoutPasses *passes, GError **error)
{
  FanoutGathering *self = fanout_gathering_new (passes);
  gboolean done = TRUE;
  for (guint p = 0; p < passes->n_partitions; p++)
    for (guint t = 0; done && t < passes->run->plan->n_tables; t++)
      done = fanout_gathering_add_table (self, passes->partitions[p], t, error);
  return fanout_gathering_end (self, done);
}
