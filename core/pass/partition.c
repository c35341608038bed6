#include "core/base/error.h"
#include "core/pass/lookups.h"
#include "core/pass/partition.h"
#include "core/handover/bundle.h"
#include "core/base/gio.h"

#include "core/handover/loop.h"

#include <fanout/error.h>

/* The start and the end of a session, before the keys of its group. */
#define SESSION_KEYS 2

/* `windows`: rows go to those. */
static FanoutPartition *
allocate (FanoutRun *run, GMainContext *context, gboolean windows)
{
  const FanoutPlan *plan = run->plan;
  const gboolean sessions = fanout_plan_has_sessions (plan);
  FanoutPartition *self = g_new0 (FanoutPartition, 1);
  self->run = run;
  self->strategy = fanout_strategy_get (plan->strategy);
  /* Rows that were made ahead are handed over before anything rests; windows hold for each block
   * what is over by then. */
  self->ahead = self->strategy->ahead && (run->rest.action == NULL || plan->window == NULL);
  fanout_context_init (&self->context, context);
  fanout_memory_init (&self->table_memory, &run->limit);
  self->n_tables = plan->n_tables;
  self->tables = g_new0 (FanoutTable *, plan->n_all_tables);
  self->empty = g_new0 (guint8, plan->n_all_tables);
  self->slices = windows ? g_new0 (FanoutSlices *, self->n_tables) : NULL;
  self->sessions = windows ? g_new0 (FanoutSessions *, self->n_tables) : NULL;
  const FanoutAxis axis = windows ? fanout_plan_slices (plan) : (FanoutAxis){ 0 };
  for (guint i = 0; i < self->n_tables; i++)
    if (windows && sessions)
      self->sessions[i]
          = fanout_sessions_new (plan->tables[i].n_keys, plan->max_groups, plan->window->axis.gap,
                                 run->seed, &self->table_memory);
    else if (windows)
      self->slices[i] = fanout_slices_new (plan->tables[i].n_keys, plan->max_groups, &axis,
                                           run->seed, &self->table_memory);
    else
      self->tables[i] = fanout_table_new (plan->tables[i].n_keys + (sessions ? SESSION_KEYS : 0),
                                          plan->max_groups, run->seed, &self->table_memory);
  self->n_nodes = plan->n_nodes;
  self->nodes = g_new0 (FanoutNode *, MAX (plan->n_all_nodes, 1));
  self->leaves = g_new0 (FanoutLeave, MAX (plan->n_nodes, 1));
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const FanoutPlanNode *node = &plan->nodes[i];
      const gboolean grouped = windows || plan->tables[node->table].n_keys > 0 || sessions;
      self->nodes[i] = fanout_node_new (node->aggregate, grouped, &run->limit, NULL);
      self->nodes[i]->view = node->view;
      fanout_loops_adapt (self->nodes[i]);
      fanout_node_wait_in (self->nodes[i], &self->context);
      self->nodes[i]->stop = &run->stop;
      self->nodes[i]->stays = fanout_plan_reads_several (plan);
    }
  return self;
}

/* Where one thread takes all batches. */
static void
bundle_states (FanoutPartition *self)
{
  const FanoutPlan *plan = self->run->plan;
  for (guint t = 0; t < plan->n_tables && plan->strategy != FANOUT_STRATEGY_THREADS; t++)
    fanout_bundle_nodes (self->nodes + plan->tables[t].first_node, plan->tables[t].n_nodes);
}

FanoutPartition *
fanout_partition_new_empty (FanoutRun *run)
{
  return allocate (run, NULL, FALSE);
}

static void
want_rest (gpointer rest)
{
  fanout_rest_want (rest);
}

FanoutPartition *
fanout_partition_new (FanoutRun *run, gboolean blocking, GMainContext *context)
{
  const gboolean windows = run->plan->window != NULL;
  FanoutPartition *self = allocate (run, context, windows);
  FanoutFeedPlan feed = {
    .plan = run->plan,
    .reader = run->reader,
    .generator = run->reader == NULL && !run->plan->fed ? &run->generator : NULL,
    .inlet = run->plan->fed ? &run->inlet : NULL,
    .tables = self->tables,
    .limit = &run->limit,
    .cancellable = run->cancellable,
    .rows = &run->rows,
    .slices = self->slices,
    .sessions = self->sessions,
    .watermarks = windows ? &run->watermarks : NULL,
    .closed = &run->closed,
    .advanced = want_rest,
    .rest_wanted = &run->rest.wanted,
    .data = &run->rest,
    .blocking = blocking,
    .ahead = self->ahead,
  };
  self->feed = fanout_feed_new (&feed);
  if (!windows)
    bundle_states (self);
  return self;
}

void
fanout_partition_free (FanoutPartition *self)
{
  if (self == NULL)
    return;
  if (self->crew != NULL)
    self->strategy->stop (self->crew);
  for (guint i = 0; i < self->run->plan->n_all_nodes; i++)
    fanout_node_free (self->nodes[i]);
  g_free (self->nodes);
  g_free (self->leaves);
  g_clear_error (&self->next_error);
  fanout_feed_free (self->feed);
  for (guint i = 0; i < self->run->plan->n_all_tables; i++)
    fanout_table_free (self->tables[i]);
  for (guint i = 0; self->slices != NULL && i < self->n_tables; i++)
    {
      fanout_slices_free (self->slices[i]);
      fanout_sessions_free (self->sessions[i]);
    }
  g_free (self->tables);
  g_free (self->slices);
  g_free (self->sessions);
  g_free (self->empty);
  fanout_memory_clear (&self->table_memory);
  fanout_context_clear (&self->context);
  g_free (self);
}

/* "FILE:LINE: aggregate 'NAME': text", as far as it is known. */
static void
explain (FanoutPartition *self, FanoutNode *node)
{
  g_autofree char *place
      = node->row_known && self->offered != NULL
            ? fanout_feed_locate (self->feed, self->offered->frame, node->last_row)
            : g_strdup (self->from);
  g_autofree char *prefix = g_strdup_printf ("%s%saggregate '%s': ", place != NULL ? place : "",
                                             place != NULL ? ": " : "", node->plan->name);
  g_prefix_error_literal (&node->error, prefix);
}

/* The earliest failure among the nodes, where it stops the pipeline. */
static gboolean
judge_failures (FanoutPartition *self)
{
  FanoutNode *first = NULL;
  for (guint i = 0; i < self->n_nodes; i++)
    {
      FanoutNode *node = self->nodes[i];
      if (node->status != FANOUT_NODE_FAILED || node->explained)
        continue;
      node->explained = TRUE;
      explain (self, node);
      if (!node->plan->drop && (first == NULL || node->last_row < first->last_row))
        first = node;
    }
  if (first == NULL)
    return TRUE;
  fanout_run_fail (self->run, first->last_row, g_error_copy (first->error));
  return FALSE;
}

static void
note_leaves (FanoutPartition *self)
{
  for (guint i = 0; self->run->leaves && i < self->n_nodes; i++)
    {
      const FanoutNode *node = self->nodes[i];
      if (node->status == FANOUT_NODE_RUNNING || self->leaves[i].known)
        continue;
      self->leaves[i].known = TRUE;
      fanout_feed_count_until (self->feed, self->offered->frame, node->last_row,
                               &self->leaves[i].count);
    }
}

static gboolean
all_gone (const FanoutPartition *self, guint64 *last_row)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      if (self->nodes[i]->status == FANOUT_NODE_RUNNING)
        return FALSE;
      *last_row = MAX (*last_row, self->nodes[i]->last_row);
    }
  return TRUE;
}

static void
offer_end (FanoutPartition *self)
{
  self->ended = TRUE;
  self->offered = NULL;
  fanout_channel_offer (&self->crew->channel, NULL);
}

static void
fail (FanoutPartition *self, guint64 record, GError *error)
{
  fanout_run_fail (self->run, record, error);
  offer_end (self);
}

/* Nobody wants a row more. */
static void
end_early (FanoutPartition *self)
{
  atomic_store (&self->run->enough, TRUE);
  fanout_run_stop (self->run);
  offer_end (self);
}

/* After a hand-over: whether the stream goes on. */
static gboolean
judge (FanoutPartition *self)
{
  const FanoutBatch *batch = self->offered;
  if (G_UNLIKELY (batch->first + batch->n_rows == batch->frame->n_rows)
      && fanout_memory_limit_exceeded (&self->run->limit))
    {
      GError *error = NULL;
      fanout_memory_limit_fail (&self->run->limit, &error);
      fail (self, fanout_batch_row (self->offered, 0), error);
      return FALSE;
    }
  if (G_LIKELY (!atomic_load_explicit (&self->crew->attention, memory_order_relaxed)))
    return TRUE;
  atomic_store_explicit (&self->crew->attention, FALSE, memory_order_relaxed);
  guint64 last_row = 0;
  if (!judge_failures (self))
    {
      offer_end (self);
      return FALSE;
    }
  note_leaves (self);
  if (!all_gone (self, &last_row))
    return TRUE;
  fanout_feed_trim (self->feed, self->offered->frame, last_row);
  end_early (self);
  return FALSE;
}

static void
finish (FanoutPartition *self)
{
  self->done = TRUE;
  judge_failures (self);
  self->strategy->stop (self->crew);
  self->crew = NULL;
}

static gboolean
begin (FanoutPartition *self)
{
  GError *error = NULL;
  self->crew = self->strategy->start (self->n_nodes, self->nodes, self->run->plan->threads,
                                      &self->context, &error);
  guint64 last_row = 0;
  if (self->crew != NULL)
    {
      /* As a checkpoint says. */
      if (self->n_nodes > 0 && all_gone (self, &last_row))
        end_early (self);
      return TRUE;
    }
  fanout_run_fail (self->run, G_MAXUINT64, error);
  self->done = TRUE;
  return FALSE;
}

static FanoutFeedStatus
prepare (FanoutPartition *self)
{
  if (!self->prepared)
    self->next_status
        = fanout_feed_next (self->feed, &self->next, &self->next_record, &self->next_error);
  self->prepared = self->next_status != FANOUT_FEED_WAIT && self->next_status != FANOUT_FEED_NONE
                   && self->next_status != FANOUT_FEED_REST;
  return self->next_status;
}

/* The end may have been met ahead, before the run was cancelled. */
static void
end_stream (FanoutPartition *self)
{
  GError *error = NULL;
  if (fanout_set_error_if_cancelled (self->run->cancellable, &error))
    fail (self, G_MAXUINT64, error);
  else
    offer_end (self);
}

static FanoutStep
hand_over (FanoutPartition *self, guint most)
{
  FanoutFeedStatus status = prepare (self);
  if (status == FANOUT_FEED_WAIT)
    return FANOUT_STEP_WAIT_INPUT;
  if (status == FANOUT_FEED_REST)
    {
      fanout_rest_arrive (&self->run->rest);
      return FANOUT_STEP_MORE;
    }
  self->prepared = FALSE;
  if (status == FANOUT_FEED_NONE)
    return FANOUT_STEP_MORE;
  if (G_UNLIKELY (status == FANOUT_FEED_FAILED))
    {
      self->crowded |= g_error_matches (self->next_error, FANOUT_ERROR, FANOUT_ERROR_STATE)
                       && !fanout_memory_limit_exceeded (&self->run->limit);
      fail (self, self->next_record, g_steal_pointer (&self->next_error));
    }
  else if (G_UNLIKELY (status == FANOUT_FEED_END))
    end_stream (self);
  else
    {
      self->offered = self->next;
      self->batches
          += self->strategy->hand_over (self->crew, self->next, self->run->plan->batch, most);
    }
  return FANOUT_STEP_MORE;
}

FanoutStep
fanout_partition_step (FanoutPartition *self, guint most)
{
  if (self->done || (self->crew == NULL && !begin (self)))
    return FANOUT_STEP_DONE;
  if (!fanout_channel_settled (&self->crew->channel) && !self->strategy->settled (self->crew))
    return FANOUT_STEP_WAIT_TAKEN;
  if (self->ended)
    {
      finish (self);
      return FANOUT_STEP_DONE;
    }
  if (self->offered != NULL && !judge (self))
    return FANOUT_STEP_MORE;
  self->offered = NULL;
  return hand_over (self, most);
}

/* While the batch is being taken, make the next one, unless that means to wait: what comes of this
 * one may be that no other is wanted. */
static void
prepare_ahead (FanoutPartition *self)
{
  fanout_feed_set_blocking (self->feed, FALSE);
  while (prepare (self) == FANOUT_FEED_NONE)
    ;
  fanout_feed_set_blocking (self->feed, TRUE);
}

static void
run_steps (FanoutPartition *self)
{
  while (TRUE)
    switch (fanout_partition_step (self, G_MAXUINT))
      {
      case FANOUT_STEP_MORE:
        if (self->ahead && self->offered != NULL)
          prepare_ahead (self);
        break;
      case FANOUT_STEP_WAIT_TAKEN:
        self->strategy->wait (self->crew);
        break;
      case FANOUT_STEP_WAIT_INPUT:
        break;
      case FANOUT_STEP_DONE:
      default:
        return;
      }
}

void
fanout_partition_run (FanoutPartition *self)
{
  fanout_context_enter (&self->context);
  run_steps (self);
  fanout_context_leave (&self->context);
  fanout_rest_leave (&self->run->rest);
}

/* A failed run may know groups of batches that were never handed over. */
static void
reserve_all (FanoutPartition *self, guint t)
{
  const FanoutPlanTable *table = &self->run->plan->tables[t];
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    if (self->nodes[i]->status != FANOUT_NODE_FAILED)
      fanout_node_reserve (self->nodes[i], fanout_table_n_groups (self->tables[t]));
}

static gboolean
is_merged (const FanoutPartition *into, const FanoutPartition *from, guint i)
{
  return from->nodes[i]->status != FANOUT_NODE_FAILED
         && into->nodes[i]->status != FANOUT_NODE_FAILED;
}

/* The states `first` and on of one aggregate, which are `ids` in `into`. */
static gboolean
merge_node (FanoutPartition *into, FanoutPartition *from, guint i, guint64 n_groups,
            const guint32 *ids, guint64 first, gsize n, GError **error)
{
  FanoutNode *node = into->nodes[i];
  fanout_node_reserve (node, n_groups);
  if (fanout_node_combine (node, from->nodes[i], ids, first, n))
    return TRUE;
  node->explained = TRUE;
  explain (into, node);
  if (!node->plan->drop)
    g_propagate_error (error, g_error_copy (node->error));
  return node->plan->drop;
}

/* The same of all. */
static gboolean
merge_nodes (FanoutPartition *into, FanoutPartition *from, const FanoutPlanTable *table,
             guint64 n_groups, const guint32 *ids, guint64 first, gsize n, GError **error)
{
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    if (is_merged (into, from, i) && !merge_node (into, from, i, n_groups, ids, first, n, error))
      return FALSE;
  return TRUE;
}

/* Of the failures of one aggregate, the one at the first row is told. */
static gboolean
fails_before (const FanoutNode *a, const FanoutNode *b)
{
  return a->status == FANOUT_NODE_FAILED
         && (b->status != FANOUT_NODE_FAILED || a->last_row < b->last_row);
}

static void
merge_drops (FanoutPartition *into, FanoutPartition *from, const FanoutPlanTable *table)
{
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    {
      FanoutNode *node = into->nodes[i];
      FanoutNode *other = from->nodes[i];
      if (fails_before (other, node))
        {
          node->status = FANOUT_NODE_FAILED;
          node->last_row = other->last_row;
          node->gathered = other->gathered;
          g_clear_error (&node->error);
          node->error = g_steal_pointer (&other->error);
        }
      node->counters.rows += other->counters.rows;
      node->counters.sampled_rows += other->counters.sampled_rows;
      node->counters.sampled_ns += other->counters.sampled_ns;
    }
}

gboolean
fanout_partition_too_many_groups (FanoutPartition *self, GError **error)
{
  if (fanout_memory_limit_exceeded (&self->run->limit))
    return fanout_memory_limit_fail (&self->run->limit, error);
  self->crowded = TRUE;
  g_autofree char *most = fanout_count_of (self->run->plan->max_groups, "group");
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
               "%s%smore than %s: [pipeline] max-groups allows more",
               self->from != NULL ? self->from : "", self->from != NULL ? ": " : "", most);
  return FALSE;
}

gboolean
fanout_partition_has_gathered (const FanoutPartition *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    if (self->nodes[i]->status == FANOUT_NODE_FAILED && self->nodes[i]->gathered)
      return TRUE;
  return self->crowded;
}

/* The groups `first` and on have been merged: what they took makes room for what is next. */
static void
pass_groups (FanoutPartition *into, FanoutPartition *from, guint t, guint64 first, gsize n)
{
  const FanoutPlanTable *table = &from->run->plan->tables[t];
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    if (is_merged (into, from, i))
      fanout_node_pass (from->nodes[i], first, n);
  fanout_table_pass (from->tables[t], first, n);
}

gboolean
fanout_partition_merge_table (FanoutPartition *into, FanoutPartition *from, guint t, GError **error)
{
  const FanoutPlan *plan = into->run->plan;
  reserve_all (from, t);
  fanout_table_settle (from->tables[t]);
  g_autoptr (FanoutLookups) lookups
      = fanout_lookups_new (into->tables[t], from->tables[t], fanout_plan_has_helpers (plan));
  const FanoutLookup *some;
  while ((some = fanout_lookups_next (lookups)) != NULL)
    {
      if (some->full)
        return fanout_partition_too_many_groups (into, error);
      if (!merge_nodes (into, from, &plan->tables[t], some->n_groups, some->ids, some->first,
                        some->n, error))
        return FALSE;
      pass_groups (into, from, t, some->first, some->n);
      if (fanout_memory_limit_exceeded (&into->run->limit))
        return fanout_memory_limit_fail (&into->run->limit, error);
    }
  merge_drops (into, from, &plan->tables[t]);
  return TRUE;
}

gboolean
fanout_partition_merge_states (FanoutPartition *into, FanoutPartition *from, guint t,
                               const guint32 *ids, gsize n, GError **error)
{
  const FanoutPlanTable *table = &into->run->plan->tables[t];
  gboolean done = TRUE;
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    {
      const gboolean wanted = done && n > 0 && is_merged (into, from, i);
      if (wanted)
        done
            = merge_node (into, from, i, fanout_table_n_groups (into->tables[t]), ids, 0, n, error);
      fanout_node_remake (from->nodes[i], n, wanted);
    }
  if (!done)
    return FALSE;
  merge_drops (into, from, table);
  if (fanout_memory_limit_exceeded (&into->run->limit))
    return fanout_memory_limit_fail (&into->run->limit, error);
  return TRUE;
}

gboolean
fanout_partition_merge (FanoutPartition *into, FanoutPartition *from, GError **error)
{
  for (guint t = 0; t < into->n_tables; t++)
    if (!fanout_partition_merge_table (into, from, t, error))
      return FALSE;
  return TRUE;
}

void
fanout_partition_renew (FanoutPartition *self, const FanoutPlanTable *table, const guint32 *states,
                        gsize n)
{
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    fanout_node_renew (self->nodes[i], states, n);
}

void
fanout_partition_pack (FanoutPartition *self, const FanoutPlanTable *table, const guint32 *moved,
                       guint64 n)
{
  for (guint i = table->first_node; i < table->first_node + table->n_nodes; i++)
    fanout_node_pack (self->nodes[i], moved, n);
}
