#include "core/pass/derive.h"
#include "core/pipeline/private.h"
#include "core/result/result.h"

/* What the result of one table asks of its pipeline. */
typedef struct
{
  FanoutPipeline *pipeline;
  guint table; /* of the plan */
} Asked;

/* `finish` runs while the result is read. */
static void
note_dropped (gpointer data, guint part, const char *reason)
{
  const Asked *asked = data;
  FanoutPipeline *pipeline = asked->pipeline;
  const FanoutPlan *plan = pipeline->plan;
  const guint node = plan->tables[asked->table].first_node + part;
  pthread_mutex_lock (&pipeline->mutex);
  fanout_pipeline_count_dropped (pipeline, fanout_plan_index (plan, plan->nodes[node].aggregate),
                                 reason);
  pthread_mutex_unlock (&pipeline->mutex);
}

/* The result of one run may be written while another goes on. */
static gboolean
find_sink (gpointer data, gboolean terminal, FanoutResultSink *sink, GError **error)
{
  const Asked *asked = data;
  FanoutPipeline *pipeline = asked->pipeline;
  pthread_mutex_lock (&pipeline->mutex);
  const FanoutPlanSink *used = fanout_plan_sink (pipeline->plan, asked->table, terminal, error);
  if (used != NULL)
    *sink = (FanoutResultSink){ used->sink, used->options };
  pthread_mutex_unlock (&pipeline->mutex);
  return used != NULL;
}

/* What results of a run need until the last of them is gone. */
typedef struct
{
  FanoutPasses *passes;
  Asked *asked;     /* for each table of the plan */
  char *leading[2]; /* what the columns before the keys hold */
} Owner;

static void
owner_free (gpointer data)
{
  Owner *owner = data;
  fanout_passes_free (owner->passes);
  g_free (owner->asked);
  for (guint i = 0; i < G_N_ELEMENTS (owner->leading); i++)
    g_free (owner->leading[i]);
  g_free (owner);
}

/* Whether a table without keys has no row all the same: none fell into it, in this window. */
static gboolean
is_empty (const FanoutPartition *whole, guint t)
{
  const FanoutPlanTable *table = &whole->run->plan->tables[t];
  const guint counted = table->base == FANOUT_PLAN_COUNTED ? t : (guint) table->base;
  if (fanout_plan_has_sessions (whole->run->plan) || fanout_plan_result_keys (table) > 0)
    return FALSE;
  return whole->empty[counted] != 0
         || (whole->run->plan->window != NULL && counted != t
             && whole->run->plan->tables[counted].n_keys > 0
             && fanout_table_n_groups (whole->tables[counted]) == 0);
}

/* `release` as for fanout_result_new(). */
static FanoutResult *
make_table (Owner *owner, guint t, GDestroyNotify release, GError **error)
{
  FanoutPartition *whole = owner->passes->partitions[0];
  const FanoutPlanTable *table = &whole->run->plan->tables[t];
  const gboolean sessions = fanout_plan_has_sessions (whole->run->plan);
  g_autofree FanoutResultPart *parts = g_new0 (FanoutResultPart, MAX (table->n_nodes, 1));
  for (guint i = 0; i < table->n_nodes; i++)
    {
      FanoutNode *node = whole->nodes[table->first_node + i];
      parts[i].operator_ = node->plan->operator_;
      parts[i].self = &node->aggregate;
      parts[i].states = node->states;
      parts[i].stride = node->stride;
      parts[i].n_columns = node->plan->n_results;
      parts[i].drop = node->plan->drop;
      parts[i].dropped = node->status == FANOUT_NODE_FAILED;
    }
  FanoutResultPlan result = {
    .table = whole->tables[t],
    .n_parts = table->n_nodes,
    .parts = parts,
    .n_leading = sessions ? 0 : fanout_plan_leading (whole->run->plan),
    .rollup = table->rollup,
    .ordered = sessions,
    .leading = (const char *const *) owner->leading,
    .empty = is_empty (whole, t),
    .layout = table->layout,
    .results = &table->results,
    .n_sorts = table->n_sorts,
    .sorts = table->sorts,
    .offset = table->offset,
    .limit = table->limit,
    .rest = table->rest,
    .threaded = fanout_plan_has_helpers (whole->run->plan),
    .item_rows = table->item_rows,
    .output = table->output_index,
    .memory = &whole->table_memory,
    .find_sink = find_sink,
    .tell_dropped = note_dropped,
    .data = &owner->asked[t],
  };
  return fanout_result_new (&result, owner, release, error);
}

static char *
show_instant (FanoutInstant instant)
{
  g_autoptr (GString) text = g_string_new (NULL);
  fanout_instant_append (text, instant);
  return g_strdup (text->str);
}

FanoutResult *
fanout_pipeline_make_result (FanoutPipeline *pipeline, FanoutPasses *passes,
                             const FanoutWindow *window, GError **error)
{
  const FanoutPlan *plan = pipeline->plan;
  Owner *owner = g_new0 (Owner, 1);
  owner->passes = passes;
  owner->leading[0] = window != NULL ? show_instant (window->start) : g_strdup ("");
  owner->leading[1] = window != NULL ? show_instant (window->end) : g_strdup ("");
  owner->asked = g_new0 (Asked, plan->n_all_tables);
  for (guint t = 0; t < plan->n_all_tables; t++)
    owner->asked[t] = (Asked){ pipeline, t };
  if (!fanout_partition_derive (passes->partitions[0], error))
    {
      owner_free (owner);
      return NULL;
    }
  g_autoptr (FanoutResult) first = make_table (owner, plan->shown[0], owner_free, error);
  for (guint i = 1; first != NULL && i < plan->n_shown; i++)
    {
      FanoutResult *other = make_table (owner, plan->shown[i], NULL, error);
      if (other == NULL)
        return NULL;
      fanout_result_add (first, other);
    }
  return g_steal_pointer (&first);
}
