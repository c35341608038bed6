#include "core/plan/private.h"

#include <string.h>
#include <unistd.h>

const FanoutConfigGroup *
fanout_planning_group (const FanoutPlanning *self, const char *name, FanoutConfigGroup *none)
{
  const FanoutConfigGroup *group = fanout_config_find (self->plan->config, name);
  if (group != NULL)
    return group;
  *none = (FanoutConfigGroup){ .name = name, .origin = self->name };
  return none;
}

void
fanout_planning_note (FanoutPlanning *self, char *text)
{
  g_autofree char *own = text;
  g_autofree char *before = g_steal_pointer (&self->plan->note);
  self->plan->note = before != NULL && own != NULL ? g_strconcat (before, "\n", own, NULL)
                     : before != NULL              ? g_steal_pointer (&before)
                                                   : g_steal_pointer (&own);
}

static guint
column_hash (gconstpointer data)
{
  const FanoutPlanColumn *column = data;
  return g_str_hash (column->name) * 31 + (guint) column->takes;
}

static gboolean
column_equal (gconstpointer a, gconstpointer b)
{
  const FanoutPlanColumn *first = a, *second = b;
  return first->takes == second->takes && strcmp (first->name, second->name) == 0;
}

guint
fanout_planning_column (FanoutPlanning *self, const char *name, FanoutTakes takes,
                        const FanoutConfigGroup *group, const char *key, gboolean has_as)
{
  const FanoutPlanColumn wanted = { .index = self->columns->len,
                                    .name = name,
                                    .takes = takes,
                                    .group = group,
                                    .key = key,
                                    .has_as = has_as };
  FanoutPlanColumn *column = g_hash_table_lookup (self->by_name, &wanted);
  if (column != NULL)
    {
      column->has_as &= has_as;
      return column->index;
    }
  column = g_memdup2 (&wanted, sizeof wanted);
  g_ptr_array_add (self->columns, column);
  g_hash_table_add (self->by_name, column);
  return column->index;
}

static guint64
half_of_memory (void)
{
  long pages = sysconf (_SC_PHYS_PAGES);
  long size = sysconf (_SC_PAGESIZE);
  return pages > 0 && size > 0 ? (guint64) pages * (guint64) size / 2
                               : G_GUINT64_CONSTANT (1) << 32;
}

static void
plan_pipeline (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  FanoutConfigGroup none;
  const FanoutConfigGroup *group = fanout_planning_group (self, "pipeline", &none);
  const FanoutOption *const tables[] = { fanout_pipeline_options, NULL };
  fanout_options_bind (plan->config, group, tables, (gpointer[]){ &self->pipeline }, NULL, NULL,
                       self->errors);
  const FanoutPipelineOptions *options = &self->pipeline;
  plan->strategy = (FanoutStrategyKind) options->strategy;
  plan->threads = (guint) options->threads;
  /* To count the cores takes as long as to sum some thousand rows. */
  if (plan->threads == 0 && plan->strategy == FANOUT_STRATEGY_THREADS)
    plan->threads = g_get_num_processors ();
  plan->batch = (gsize) MAX (options->batch, 1);
  plan->max_groups = options->max_groups;
  plan->max_memory = options->max_memory != 0 ? options->max_memory : half_of_memory ();
  plan->reader.max_memory = plan->max_memory;
}

static void
check_groups (FanoutPlanning *self)
{
  static const char *const names[]
      = { "pipeline", "source", "let",        "aggregate NAME", "result", "table NAME",
          "window",   "output", "checkpoint", "monitor",        NULL };
  for (guint i = 0; i < fanout_config_n_groups (self->plan->config); i++)
    {
      const FanoutConfigGroup *group = fanout_config_group (self->plan->config, i);
      if (g_strv_contains (names, group->name) && !g_str_has_suffix (group->name, " NAME"))
        continue;
      if (g_str_has_prefix (group->name, "aggregate ") || g_str_has_prefix (group->name, "table "))
        continue;
      const char *example = strcmp (group->name, "aggregate") == 0 ? "aggregate mean_delay"
                            : strcmp (group->name, "table") == 0   ? "table by_origin"
                                                                   : NULL;
      if (example != NULL)
        {
          fanout_errors_add (self->errors, group->origin, "[%s]: a name is wanted, such as [%s]",
                             group->name, example);
          continue;
        }
      g_autofree char *quoted = fanout_quote (group->name, -1);
      const char *near = fanout_nearest_name (group->name, names);
      fanout_errors_add (self->errors, group->origin,
                         "no group is called %s; there are [pipeline], [source], [let], "
                         "[aggregate NAME], [result], [table NAME], [window], [output], "
                         "[checkpoint] and [monitor]%s%s%s",
                         quoted, near != NULL ? "; did you mean [" : "", near != NULL ? near : "",
                         near != NULL ? "]?" : "");
    }
}

static void
publish_columns (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  plan->n_columns = self->columns->len;
  plan->columns = g_new0 (FanoutChunkWant, MAX (plan->n_columns, 1));
  plan->column_fields = g_new0 (guint, MAX (plan->n_columns, 1));
  plan->where_reads = g_new0 (guint8, MAX (plan->n_columns, 1));
  for (guint i = 0; i < plan->n_columns; i++)
    {
      const FanoutPlanColumn *column = g_ptr_array_index (self->columns, i);
      plan->columns[i].name = column->name;
      plan->columns[i].takes = column->takes;
      plan->where_reads[i] = column->first ? 1 : 0;
      if (column->has_as
          && (column->takes == FANOUT_TAKES_NUMBER || column->takes == FANOUT_TAKES_WIDE))
        plan->columns[i].hint = "as = text compares texts";
    }
}

/* Now that it is known how many are decoded. */
static void
settle_derived (FanoutPlan *plan, guint n, guint *columns)
{
  for (guint i = 0; i < n; i++)
    if (columns[i] >= FANOUT_PLAN_DERIVED)
      columns[i] = columns[i] - FANOUT_PLAN_DERIVED + plan->n_columns;
}

static void
publish_derived (FanoutPlanning *self)
{
  FanoutPlan *plan = self->plan;
  plan->n_derived = self->derived->len;
  plan->derived
      = (FanoutPlanDerived *) (gpointer) g_array_free (g_steal_pointer (&self->derived), FALSE);
  for (guint i = 0; i < plan->n_aggregates; i++)
    settle_derived (plan, plan->aggregates[i].n_columns, plan->aggregates[i].columns);
  for (guint i = 0; i < plan->n_all_tables; i++)
    settle_derived (plan, plan->tables[i].n_keys, plan->tables[i].keys);
}

static gboolean
plan_all (FanoutPlanning *self, GError **error)
{
  check_groups (self);
  plan_pipeline (self);
  fanout_planning_monitor (self);
  if (!self->merge)
    {
      fanout_planning_source (self);
      if (self->running != NULL)
        fanout_planning_check_running (self);
      if (self->plan->source != NULL)
        fanout_planning_fields (self);
    }
  fanout_planning_expressions (self);
  fanout_planning_stream (self);
  fanout_planning_tables (self);
  fanout_planning_aggregates (self);
  fanout_planning_nodes (self);
  fanout_planning_results (self);
  fanout_planning_output (self);
  fanout_planning_partitions (self);
  fanout_planning_check_window (self);
  fanout_planning_check_stream (self);
  publish_columns (self);
  publish_derived (self);
  fanout_planning_selections (self);
  if (self->plan->source != NULL && !fanout_planning_resolve (self, error))
    return FALSE;
  return fanout_errors_raise (self->errors, error);
}

static FanoutPlan *
make (FanoutPlanning *self, FanoutRegistry *registry, FanoutConfig *config, GError **error)
{
  g_autoptr (FanoutPlan) plan = g_new0 (FanoutPlan, 1);
  atomic_init (&plan->references, 1);
  plan->registry = fanout_registry_ref (registry);
  plan->config = config;
  self->plan = plan;
  self->columns = g_ptr_array_new_with_free_func (g_free);
  self->by_name = g_hash_table_new (column_hash, column_equal);
  self->derived = g_array_new (FALSE, FALSE, sizeof (FanoutPlanDerived));
  gboolean done = plan_all (self, error);
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->columns);
  g_clear_pointer (&self->derived, g_array_unref);
  g_clear_error (&self->unreadable);
  return done ? g_steal_pointer (&plan) : NULL;
}

FanoutPlan *
fanout_plan_new (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                 const char *const *inputs, FanoutErrors *errors, GError **error)
{
  FanoutPlanning self = { .errors = errors, .name = name, .inputs = inputs };
  return make (&self, registry, config, error);
}

FanoutPlan *
fanout_plan_new_again (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                       const char *const *inputs, const FanoutPlan *running,
                       FanoutBlockReader *reader, FanoutErrors *errors, GError **error)
{
  FanoutPlanning self
      = { .errors = errors, .name = name, .inputs = inputs, .running = running, .reader = reader };
  return make (&self, registry, config, error);
}

FanoutPlan *
fanout_plan_new_merge (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                       FanoutErrors *errors, GError **error)
{
  FanoutPlanning self = { .errors = errors, .name = name, .merge = TRUE };
  return make (&self, registry, config, error);
}

FanoutPlan *
fanout_plan_new_feed (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                      const char *const *columns, FanoutErrors *errors, GError **error)
{
  FanoutPlanning self = { .errors = errors, .name = name, .fed = columns };
  return make (&self, registry, config, error);
}

static void
free_table (FanoutPlanTable *table)
{
  g_free (table->keys);
  g_free (table->base_keys);
  g_free ((gpointer) table->layout.names);
  fanout_plan_results_clear (&table->results);
  g_free (table->sorts);
  for (guint i = 0; i < table->n_sinks; i++)
    fanout_plan_release_sink (&table->sinks[i]);
}

gboolean
fanout_plan_defers (const FanoutPlan *plan)
{
  return plan->where >= 0 || plan->window != NULL || fanout_program_length (plan->program) > 0;
}

FanoutPlan *
fanout_plan_ref (FanoutPlan *plan)
{
  atomic_fetch_add (&plan->references, 1);
  return plan;
}

void
fanout_plan_free (FanoutPlan *plan)
{
  if (plan == NULL || atomic_fetch_sub (&plan->references, 1) > 1)
    return;
  for (guint i = 0; i < plan->n_aggregates; i++)
    {
      FanoutPlanAggregate *aggregate = &plan->aggregates[i];
      if (aggregate->prepared && aggregate->operator_->release != NULL)
        aggregate->operator_->release (aggregate->options);
      g_free (aggregate->columns);
    }
  g_free (plan->aggregates);
  for (guint i = 0; i < plan->n_all_tables; i++)
    free_table (&plan->tables[i]);
  g_free (plan->shown);
  g_free (plan->tables);
  g_free (plan->views);
  for (guint i = 0; i < plan->n_selections; i++)
    g_free (plan->selections[i].columns);
  g_free (plan->selections);
  g_free (plan->derived);
  fanout_program_free (plan->filter);
  fanout_plan_window_free (plan->window);
  g_free (plan->checkpoint);
  fanout_program_free (plan->program);
  g_clear_pointer (&plan->expressions, g_ptr_array_unref);
  g_free (plan->nodes);
  g_clear_pointer (&plan->first_reader, fanout_reader_free);
  if (plan->source_prepared && plan->source->release != NULL)
    plan->source->release (plan->source_options);
  g_free (plan->columns);
  g_free (plan->column_fields);
  g_free (plan->positions);
  g_free (plan->where_reads);
  g_strfreev (plan->fields);
  g_free (plan->note);
  g_clear_pointer (&plan->config, fanout_config_free);
  fanout_registry_unref (plan->registry);
  g_free (plan);
}
