#include "core/pass/windows.h"

#include <fanout/error.h>

/* Groups that are combined at one go. */
#define ROWS 1024

/* One window in the making. */
typedef struct
{
  FanoutPartition *whole;
  FanoutNode **carries; /* where states of each node are on their way; NULL: not yet */
  const FanoutAxis *axis;
  gint64 window;
  guint32 keys[ROWS];
  guint32 states[ROWS];
  guint32 ids[ROWS];
} Closing;

static FanoutNode *
get_carry (Closing *self, guint i)
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

static gboolean
combine_node (Closing *self, const FanoutPartition *from, guint i, guint64 n_groups, gsize n,
              GError **error)
{
  FanoutNode *node = self->whole->nodes[i];
  if (node->status == FANOUT_NODE_FAILED)
    return TRUE;
  fanout_node_reserve (node, n_groups);
  /* Its windows have one slice, and one partition. */
  if (node->plan->operator_->combine == NULL)
    return fanout_node_copy_to (node, self->ids, from->nodes[i], self->states, n)
           || fail_node (node, error);
  FanoutNode *carry = get_carry (self, i);
  if (!fanout_node_copy (carry, from->nodes[i], self->states, 0, n))
    {
      node->error = fanout_aggregate_take_error (&carry->aggregate);
      return fail_node (node, error);
    }
  if (!fanout_node_combine (node, carry, self->ids, 0, n))
    return fail_node (node, error);
  /* What was combined is gone, and the next states need room as it was made. */
  fanout_node_pack (carry, NULL, 0);
  return TRUE;
}

/* The groups of the window that those of a slice are in. */
static gboolean
find_groups (Closing *self, FanoutTable *into, FanoutTable *keys, gsize n, GError **error)
{
  for (gsize done = 0; done < n;)
    {
      gsize end = done + 1;
      while (end < n && self->keys[end] == self->keys[end - 1] + 1)
        end++;
      if (fanout_table_merge (into, keys, self->keys[done], end - done, self->ids + done)
          < end - done)
        return fanout_partition_too_many_groups (self->whole, error);
      done = end;
    }
  return TRUE;
}

static gboolean
combine_slice (Closing *self, const FanoutPartition *from, guint t, const FanoutSlice *slice,
               GError **error)
{
  const FanoutPlanTable *table = &self->whole->run->plan->tables[t];
  FanoutTable *into = self->whole->tables[t];
  guint32 at = 0;
  gsize n;
  while ((n = fanout_slice_groups (slice, &at, ROWS, self->keys, self->states)) > 0)
    {
      self->whole->empty[t] = 0;
      if (!find_groups (self, into, fanout_slices_table (from->slices[t]), n, error))
        return FALSE;
      for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
        if (!combine_node (self, from, i, fanout_table_n_groups (into), n, error))
          return FALSE;
      if (fanout_memory_limit_exceeded (&self->whole->run->limit))
        return fanout_memory_limit_fail (&self->whole->run->limit, error);
    }
  return TRUE;
}

static gboolean
combine_table (Closing *self, FanoutPasses *passes, guint t, GError **error)
{
  self->whole->empty[t] = self->whole->run->plan->tables[t].n_keys == 0 ? 1 : 0;
  for (guint p = 0; p < passes->n_partitions; p++)
    {
      FanoutPartition *from = passes->partitions[p];
      const FanoutSlice *slice;
      guint at = 0;
      while ((slice = fanout_slices_of_window (from->slices[t], self->axis, self->window, &at))
             != NULL)
        if (!combine_slice (self, from, t, slice, error))
          return FALSE;
    }
  return TRUE;
}

/* An aggregate that was dropped in some partition is, from here on. */
static void
pass_on_drops (FanoutPasses *passes, FanoutPartition *whole)
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

static FanoutPasses *
combine_window (FanoutPasses *passes, gint64 window, GError **error)
{
  g_autoptr (FanoutPasses) made = fanout_passes_new_empty (fanout_run_ref (passes->run));
  g_autofree Closing *self = g_new0 (Closing, 1);
  gboolean done = TRUE;
  self->whole = made->partitions[0];
  self->axis = &passes->run->plan->window->axis;
  self->window = window;
  self->carries = g_new0 (FanoutNode *, MAX (self->whole->n_nodes, 1));
  pass_on_drops (passes, self->whole);
  for (guint t = 0; done && t < self->whole->n_tables; t++)
    done = combine_table (self, passes, t, error);
  for (guint i = 0; i < self->whole->n_nodes; i++)
    fanout_node_free (self->carries[i]);
  g_free (self->carries);
  return done ? g_steal_pointer (&made) : NULL;
}

typedef struct
{
  FanoutPartition *partition;
  const FanoutPlanTable *table;
} Releasing;

static void
release_states (gpointer data, const guint32 *states, gsize n)
{
  const Releasing *self = data;
  for (guint i = self->table->first_node; i < self->table->first_node + self->table->n_nodes; i++)
    fanout_node_renew (self->partition->nodes[i], states, n);
}

static void
pack_table (FanoutPartition *partition, guint t)
{
  const FanoutPlanTable *table = &partition->run->plan->tables[t];
  FanoutSlices *slices = partition->slices[t];
  if (!fanout_slices_is_sparse (slices))
    return;
  g_autofree guint32 *moved = fanout_slices_pack (slices);
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    fanout_node_pack (partition->nodes[i], moved, fanout_slices_n_states (slices));
}

static void
give_back (FanoutPasses *passes, gint64 window)
{
  const FanoutPlan *plan = passes->run->plan;
  for (guint p = 0; p < passes->n_partitions; p++)
    for (guint t = 0; t < plan->n_tables; t++)
      {
        Releasing releasing = { passes->partitions[p], &plan->tables[t] };
        fanout_slices_close (releasing.partition->slices[t], &plan->window->axis, window,
                             release_states, &releasing);
        pack_table (releasing.partition, t);
      }
}

static gboolean
find_window (const FanoutPasses *passes, gint64 *window)
{
  const FanoutPlan *plan = passes->run->plan;
  gboolean found = FALSE;
  for (guint p = 0; p < passes->n_partitions; p++)
    for (guint t = 0; t < plan->n_tables; t++)
      {
        gint64 next;
        if (!fanout_slices_next_window (
                passes->partitions[p]->slices[t], &plan->window->axis,
                passes->run->closed == G_MININT64 ? G_MININT64 : passes->run->closed + 1, &next))
          continue;
        *window = found ? MIN (*window, next) : next;
        found = TRUE;
      }
  return found;
}

gboolean
fanout_passes_close (FanoutPasses *passes, gint64 over, FanoutWindowDo do_, gpointer data,
                     GError **error)
{
  const FanoutAxis *axis = &passes->run->plan->window->axis;
  gint64 window;
  while (find_window (passes, &window) && window <= over)
    {
      const FanoutWindow told = { fanout_axis_start (axis, fanout_axis_window_start (axis, window)),
                                  fanout_axis_start (axis, fanout_axis_window_end (axis, window)) };
      FanoutPasses *made = combine_window (passes, window, error);
      if (made == NULL || !do_ (data, made, &told, error))
        return FALSE;
      passes->run->closed = window;
      give_back (passes, window);
    }
  passes->run->closed = MAX (passes->run->closed, over);
  return TRUE;
}
