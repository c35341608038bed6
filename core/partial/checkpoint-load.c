#include "core/partial/checkpoint-private.h"
#include "core/base/error.h"
#include "core/partial/groups.h"

#include <string.h>

/* The most keys and nodes of a table: no file makes us take more memory than that. */
#define MOST 100000

/* One group on its way in. */
typedef struct
{
  FanoutCheckpoint *file;
  FanoutPartition *into;
  guint t;
  const FanoutPlanTable *table; /* NULL: nothing of it is kept */
  guint n_keys;
  guint n_nodes; /* in the file */
  gint *kept;    /* for each: which node of the table it is; -1: it is not kept */
  FanoutText *texts;
  guint8 *nulls;
  FanoutColumn *columns;
  const FanoutColumn **pointers;
  FanoutBuffer arena;
  FanoutBuffer state;
  FanoutNode **carries; /* of the table: for groups that are there already */
} Loading;

static void
loading_init (Loading *self)
{
  const guint n = self->n_keys;
  self->arena.memory = self->state.memory = &self->into->table_memory;
  self->texts = g_new0 (FanoutText, n + 1);
  self->nulls = g_new0 (guint8, n + 1);
  self->columns = g_new0 (FanoutColumn, n + 1);
  self->pointers = g_new0 (const FanoutColumn *, n + 1);
  self->carries = g_new0 (FanoutNode *, self->n_nodes + 1);
  for (guint k = 0; k < n; k++)
    {
      self->columns[k] = (FanoutColumn){ .form = FANOUT_FORM_TEXT,
                                         .text = &self->texts[k],
                                         .null = &self->nulls[k] };
      self->pointers[k] = &self->columns[k];
    }
}

static void
loading_clear (Loading *self)
{
  for (guint i = 0; self->carries != NULL && i < self->n_nodes; i++)
    fanout_node_free (self->carries[i]);
  g_free (self->carries);
  g_free (self->kept);
  fanout_buffer_clear (&self->arena);
  fanout_buffer_clear (&self->state);
  g_free (self->texts);
  g_free (self->nulls);
  g_free (self->columns);
  g_free (self->pointers);
}

static gboolean
get_keys (Loading *self)
{
  self->arena.length = 0;
  fanout_buffer_pad (&self->arena);
  for (guint k = 0; k < self->n_keys; k++)
    {
      guint64 length;
      if (!fanout_get_length (self->file->in, &length))
        return FALSE;
      self->nulls[k] = length == 0;
      self->texts[k] = (FanoutText){ GSIZE_TO_POINTER (self->arena.length),
                                     length > 0 ? (gsize) length - 1 : 0 };
      if (length > 0 && !fanout_get_bytes (self->file->in, &self->arena, length - 1))
        return FALSE;
    }
  fanout_buffer_pad (&self->arena);
  for (guint k = 0; k < self->n_keys; k++)
    self->texts[k].data = self->arena.data + GPOINTER_TO_SIZE (self->texts[k].data);
  return TRUE;
}

/* The group with these keys, and whether it is new. */
static gboolean
get_group (Loading *self, FanoutSliceKey slice, guint32 *id, gboolean *fresh, GError **error)
{
  FanoutPartition *into = self->into;
  guint64 before, after;
  gboolean found = TRUE;
  if (fanout_plan_has_sessions (into->run->plan))
    {
      *fresh = TRUE;
      return fanout_sessions_put (into->sessions[self->t], self->pointers, slice.number,
                                  slice.first, id)
             || fanout_partition_too_many_groups (into, error);
    }
  if (into->run->plan->window != NULL)
    {
      before = fanout_slices_n_groups (into->slices[self->t]);
      found = fanout_slices_put (into->slices[self->t], slice, self->pointers, id);
      after = fanout_slices_n_groups (into->slices[self->t]);
    }
  else
    {
      before = fanout_table_n_groups (into->tables[self->t]);
      *id = 0;
      if (self->n_keys > 0)
        found = fanout_table_ids (into->tables[self->t], self->pointers, 0, 1, id) == 1;
      after = fanout_table_n_groups (into->tables[self->t]);
    }
  *fresh = after > before;
  return found || fanout_partition_too_many_groups (into, error);
}

static gboolean
decode (FanoutNode *node, guint32 id, const FanoutBuffer *bytes)
{
  fanout_node_reserve (node, id + (guint64) 1);
  return node->plan->operator_->decode (&node->aggregate, fanout_node_state (node, id),
                                        (const guint8 *) bytes->data, bytes->length);
}

static gboolean
combine (Loading *self, guint i, guint32 id)
{
  FanoutNode *node = self->into->nodes[self->table->first_node + (guint) self->kept[i]];
  if (self->carries[i] == NULL)
    self->carries[i] = fanout_node_new (node->plan, TRUE, &self->into->run->limit, NULL);
  FanoutNode *carry = self->carries[i];
  fanout_node_reserve (node, id + (guint64) 1);
  if (node->plan->operator_->combine == NULL || !decode (carry, 0, &self->state)
      || !fanout_node_combine (node, carry, &id, 0, 1))
    return FALSE;
  fanout_node_pack (carry, NULL, 0);
  return TRUE;
}

static gboolean
get_states (Loading *self, guint32 id, gboolean fresh)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      if (!fanout_get_state (self->file->in, &self->state))
        return FALSE;
      if (self->table == NULL || self->kept[i] < 0)
        continue;
      FanoutNode *node = self->into->nodes[self->table->first_node + (guint) self->kept[i]];
      if (node->status == FANOUT_NODE_FAILED)
        continue;
      if (fresh ? !decode (node, id, &self->state) : !combine (self, i, id))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_instant (gint64 value)
{
  return value >= -FANOUT_INSTANT_MAX && value <= FANOUT_INSTANT_MAX;
}

/* Whether any row may be in such a slice, or session: only windows that it is in are told. */
static gboolean
is_place (const FanoutPlan *plan, FanoutSliceKey key)
{
  if (plan->window == NULL)
    return TRUE;
  if (fanout_plan_has_sessions (plan))
    return is_instant (key.number) && is_instant (key.first) && key.number <= key.first;
  const FanoutAxis axis = fanout_plan_slices (plan);
  return key.number >= fanout_axis_slice (&axis, -FANOUT_INSTANT_MAX)
         && key.number <= fanout_axis_slice (&axis, FANOUT_INSTANT_MAX)
         && key.first >= fanout_axis_first_window (&axis, key.number)
         && key.first <= fanout_axis_last_window (&axis, key.number);
}

/* Where the next groups are, and how many they are. */
static gboolean
get_place (Loading *self, FanoutSliceKey *key, guint64 *n)
{
  guint64 number, first;
  if (!fanout_get_u64 (self->file->in, &number) || !fanout_get_u64 (self->file->in, &first)
      || !fanout_get_u64 (self->file->in, n))
    return FALSE;
  *key = (FanoutSliceKey){ (gint64) number, (gint64) first };
  /* Groups without keys are the same one. */
  return (self->table == NULL || is_place (self->into->run->plan, *key))
         && (self->n_keys > 0 || *n <= 1);
}

static gboolean
load_slice (Loading *self, gboolean first, GError **error)
{
  FanoutSliceKey slice;
  guint64 n;
  if (!get_place (self, &slice, &n))
    return fanout_checkpoint_refuse (self->file, "the checkpoint is damaged", error);
  for (guint64 i = 0; i < n; i++)
    {
      guint32 id = 0;
      gboolean fresh = TRUE;
      if (!get_keys (self))
        return fanout_checkpoint_refuse (self->file, "the checkpoint is damaged", error);
      if (self->table != NULL && !get_group (self, slice, &id, &fresh, error))
        return FALSE;
      /* A table without keys and windows has its group from the beginning. */
      if (!get_states (
              self, id,
              fresh || (first && self->into->run->plan->window == NULL && self->n_keys == 0)))
        return fanout_checkpoint_refuse (self->file, "the checkpoint is damaged", error);
      if (fanout_memory_limit_exceeded (&self->into->run->limit))
        return fanout_memory_limit_fail (&self->into->run->limit, error);
    }
  return TRUE;
}

static gboolean
is_kept (const FanoutChanges *changes, const char *definition)
{
  return changes == NULL || g_hash_table_contains (changes->same, definition);
}

/* Whether the states of the table may be kept at all. */
static gboolean
is_table_kept (const FanoutChanges *changes, const FanoutPlanTable *table)
{
  g_autofree char *name = fanout_checkpoint_table_name (table);
  return is_kept (changes, name);
}

static gboolean
is_aggregate_kept (const FanoutChanges *changes, const char *name)
{
  g_autofree char *definition = g_strdup_printf ("[aggregate %s]", name);
  return is_kept (changes, definition);
}

static const FanoutPlanTable *
find_table (const FanoutPlan *plan, const char *name, guint *t)
{
  for (*t = 0; *t < plan->n_tables; ++*t)
    if (g_strcmp0 (plan->tables[*t].name, name[0] != '\0' ? name : NULL) == 0)
      return &plan->tables[*t];
  return NULL;
}

static gint
find_node (const FanoutPlan *plan, const FanoutPlanTable *table, const char *name)
{
  for (guint i = 0; table != NULL && i < table->n_nodes; i++)
    if (strcmp (plan->nodes[table->first_node + i].aggregate->name, name) == 0)
      return (gint) i;
  return -1;
}

/* What the next table of the file is, and what of it is kept. */
static gboolean
get_table (Loading *self, const FanoutPlan *plan, const FanoutChanges *changes)
{
  FanoutCheckpoint *file = self->file;
  g_autofree char *name = NULL;
  if (!fanout_get_text (file->in, &name) || !fanout_get_u32 (file->in, &self->n_keys)
      || !fanout_get_u32 (file->in, &self->n_nodes) || self->n_keys > MOST
      || self->n_nodes > plan->n_aggregates + MOST)
    return FALSE;
  self->table = find_table (plan, name, &self->t);
  if (self->table != NULL && !is_table_kept (changes, self->table))
    self->table = NULL;
  if (self->table != NULL && self->table->n_keys != self->n_keys)
    return FALSE;
  self->kept = g_new0 (gint, self->n_nodes + 1);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_autofree char *node = NULL;
      if (!fanout_get_text (file->in, &node))
        return FALSE;
      self->kept[i] = is_aggregate_kept (changes, node) ? find_node (plan, self->table, node) : -1;
    }
  return TRUE;
}

static gboolean
load_table (FanoutCheckpoint *self, FanoutPartition *into, const FanoutChanges *changes,
            guint32 n_partitions, GError **error)
{
  Loading loading = { .file = self, .into = into };
  gboolean done = get_table (&loading, into->run->plan, changes)
                  || fanout_checkpoint_refuse (self, "the checkpoint is damaged", error);
  if (done)
    loading_init (&loading);
  for (guint32 p = 0; done && p < n_partitions; p++)
    {
      guint64 n_slices = 0;
      done = fanout_get_u64 (self->in, &n_slices)
             || fanout_checkpoint_refuse (self, "the checkpoint is damaged", error);
      for (guint64 i = 0; done && i < n_slices; i++)
        done = load_slice (&loading, p == 0 && i == 0, error);
    }
  loading_clear (&loading);
  return done;
}

/* An aggregate that was dropped, or had enough, goes on so. */
static void
set_status (FanoutPasses *passes, const char *name, FanoutNodeStatus status, guint64 last_row,
            const char *reason)
{
  for (guint p = 0; p < passes->n_partitions; p++)
    for (guint i = 0; i < passes->partitions[p]->n_nodes; i++)
      {
        FanoutNode *node = passes->partitions[p]->nodes[i];
        if (strcmp (node->plan->name, name) != 0 || node->status != FANOUT_NODE_RUNNING)
          continue;
        node->status = status;
        node->last_row = last_row;
        if (status != FANOUT_NODE_FAILED)
          continue;
        node->explained = TRUE;
        node->error = g_error_new_literal (FANOUT_ERROR, FANOUT_ERROR_STATE, reason);
      }
}

static gboolean
load_nodes (FanoutCheckpoint *self, FanoutPasses *passes, const FanoutChanges *changes)
{
  guint32 n;
  if (!fanout_get_u32 (self->in, &n))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *name = NULL;
      g_autofree char *written = NULL;
      guint32 status;
      guint64 last_row;
      if (!fanout_get_text (self->in, &name) || !fanout_get_u32 (self->in, &status)
          || status > FANOUT_NODE_FAILED || !fanout_get_u64 (self->in, &last_row)
          || !fanout_get_text (self->in, &written))
        return FALSE;
      g_autofree char *reason = fanout_escape (written, -1);
      if (status != FANOUT_NODE_RUNNING && is_aggregate_kept (changes, name))
        set_status (passes, name, (FanoutNodeStatus) status, last_row, reason);
    }
  return TRUE;
}

static gboolean
is_over (const FanoutPlan *plan, gint64 closed)
{
  if (closed == G_MININT64)
    return TRUE;
  if (fanout_plan_has_sessions (plan))
    return is_instant (closed);
  const FanoutAxis axis = fanout_plan_slices (plan);
  return closed <= fanout_axis_slice (&axis, FANOUT_INSTANT_MAX);
}

static gboolean
load_times (const FanoutCheckpoint *self, FanoutRun *run)
{
  if (run->plan->window == NULL)
    return TRUE;
  if (!is_over (run->plan, self->closed))
    return FALSE;
  run->closed = self->closed;
  for (guint i = 0; i < self->tides->len; i++)
    {
      const FanoutInstant largest = g_array_index (self->tides, FanoutTide, i).largest;
      if (largest != FANOUT_INSTANT_NONE && !is_instant (largest))
        return FALSE;
      fanout_watermarks_restore (&run->watermarks, i, largest);
    }
  return TRUE;
}

gboolean
fanout_checkpoint_load (FanoutCheckpoint *self, FanoutPasses *passes, const FanoutChanges *changes,
                        GError **error)
{
  FanoutRun *run = passes->run;
  guint32 n_tables, n_partitions;
  if ((changes == NULL || changes->times) && !load_times (self, run))
    return fanout_checkpoint_refuse (self, "the checkpoint is damaged", error);
  if (changes != NULL && changes->anew)
    return TRUE;
  if (!load_nodes (self, passes, changes) || !fanout_get_u32 (self->in, &n_tables)
      || !fanout_get_u32 (self->in, &n_partitions))
    return fanout_checkpoint_refuse (self, "the checkpoint is damaged", error);
  for (guint32 t = 0; t < n_tables; t++)
    if (!load_table (self, passes->partitions[0], changes, n_partitions, error))
      return FALSE;
  return fanout_sealed_at_end (self->in)
         || fanout_checkpoint_refuse (self, "the checkpoint is damaged", error);
}
