#include "core/config/option.h"
#include "core/plan/plan.h"

#include <string.h>

/* Names as a list in a file. */
static void
add_list (GString *text, const char *const *names)
{
  g_autoptr (GString) list = g_string_new (NULL);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    fanout_list_append (list, names[i]);
  g_autofree char *shown = fanout_escape (list->str, (gssize) list->len);
  g_string_append (text, shown);
}

static void
add_name (GString *text, const char *name)
{
  const char *const names[] = { name, NULL };
  add_list (text, names);
}

static void
add_source (GString *text, const FanoutPlan *plan, FanoutBlockReader *reader)
{
  if (plan->source == NULL)
    return;
  g_string_append_printf (text, "source      %s", plan->source->name);
  if (reader != NULL)
    {
      g_string_append (text, ": ");
      add_list (text, fanout_reader_paths (reader));
    }
  g_string_append_c (text, '\n');
  if (plan->fields != NULL)
    {
      g_string_append (text, "columns     ");
      add_list (text, (const char *const *) plan->fields);
      g_string_append_c (text, '\n');
    }
  g_string_append (text, "decoded     ");
  static const char *const forms[] = { "", "number", "double", "text", "null or not", "number" };
  for (guint i = 0; i < plan->n_columns; i++)
    {
      g_string_append (text, i > 0 ? ", " : "");
      add_name (text, plan->columns[i].name);
      g_string_append_printf (text, " (%s)", forms[plan->columns[i].takes]);
    }
  g_string_append (text, plan->n_columns > 0 ? "\n" : "no column\n");
}

static void
add_way (GString *text, const FanoutPlan *plan, FanoutBlockReader *reader)
{
  static const char *const strategies[] = { "fiber", "threads", "callback" };
  g_string_append_printf (text, "strategy    %s", strategies[plan->strategy]);
  if (plan->strategy == FANOUT_STRATEGY_THREADS)
    g_string_append_printf (text, ", %u thread%s", plan->threads, plan->threads == 1 ? "" : "s");
  g_string_append_printf (text, "\nbatch       %" G_GSIZE_FORMAT "\npartitions  %u\n", plan->batch,
                          fanout_plan_partitions (plan, reader));
}

/* " of a, b": the columns that are read for a register. */
static void
add_columns_of (GString *text, const FanoutPlan *plan, const FanoutProgram *program,
                guint register_)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint c = 0; c < plan->n_columns; c++)
    {
      const char *name = plan->columns[c].name;
      if (!fanout_program_reads (program, register_, c)
          || !g_hash_table_add (seen, (gpointer) name))
        continue;
      g_string_append (text, g_hash_table_size (seen) > 1 ? ", " : " of ");
      add_name (text, name);
    }
}

/* What is computed of the columns. */
static void
add_derived (GString *text, const FanoutPlan *plan)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  if (plan->where >= 0)
    {
      g_string_append_printf (text, "where       %s: a condition", plan->where_text);
      add_columns_of (text, plan, plan->filter, (guint) plan->where);
      g_string_append_c (text, '\n');
    }
  for (guint i = 0; i < plan->n_derived; i++)
    {
      const FanoutPlanDerived *derived = &plan->derived[i];
      if (!g_hash_table_add (seen, (gpointer) derived->name))
        continue;
      g_string_append (text, "derived     ");
      add_name (text, derived->name);
      g_string_append_printf (text, ": %s", fanout_kind_words (derived->kind));
      add_columns_of (text, plan, plan->program, derived->register_);
      g_string_append_c (text, '\n');
    }
}

static void
add_keys (GString *text, const FanoutPlan *plan, const FanoutPlanTable *table)
{
  if (table->n_keys == 0)
    return;
  g_autofree char *groups = fanout_count_of (plan->max_groups, "group");
  g_string_append (text, "group by    ");
  for (guint i = 0; i < table->n_keys; i++)
    {
      g_string_append (text, i > 0 ? ", " : "");
      add_name (text, table->key_names[i]);
    }
  g_string_append_printf (text, " (at most %s)\n", groups);
}

static void
add_table (GString *text, const FanoutPlan *plan, const FanoutPlanTable *table)
{
  if (table->name != NULL)
    {
      g_string_append (text, "table       ");
      add_name (text, table->name);
      if (table->where != NULL)
        g_string_append_printf (text, ", where %s", table->where);
      if (table->having != NULL)
        g_string_append_printf (text, ", having %s", table->having);
      if (table->base != FANOUT_PLAN_COUNTED)
        {
          g_string_append (text, ", combined from ");
          if (!plan->tables[table->base].hidden)
            add_name (text, plan->tables[table->base].name);
          else if (table->rollup)
            g_string_append (text, "the groups of all its keys");
          else
            {
              g_string_append (text, "the groups of all keys of ");
              add_name (text, plan->tables[table->base].name);
            }
          g_string_append (text, table->rollup ? ", with subtotals" : "");
        }
      g_string_append_c (text, '\n');
    }
  add_keys (text, plan, table);
}

static void
add_aggregate (GString *text, const FanoutPlan *plan, const FanoutPlanAggregate *aggregate)
{
  g_string_append_printf (text, "aggregate   %s: %s", aggregate->name, aggregate->operator_->name);
  for (guint i = 0; i < aggregate->n_columns; i++)
    {
      g_string_append (text, i > 0 ? ", " : " of ");
      add_name (text, fanout_plan_column_name (plan, aggregate->columns[i]));
    }
  if (aggregate->where != NULL)
    g_string_append_printf (text, ", where %s", aggregate->where);
  if (aggregate->operator_->promise != NULL)
    g_string_append_printf (text, "; %s", aggregate->operator_->promise);
  g_string_append_c (text, '\n');
}

/* What a value is made of: columns, and totals as they are called. */
static void
add_reads (GString *text, const FanoutPlanTable *table, const FanoutPlanResult *result)
{
  const FanoutPlanResults *results = &table->results;
  const char *before = " of ";
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < results->n_reads; i++)
    {
      const guint place = results->reads[i].place;
      const gboolean total = place >= FANOUT_PLAN_TOTAL;
      const char *name
          = total ? results->totals[place - FANOUT_PLAN_TOTAL].text : table->layout.names[place];
      if (!fanout_program_reads (results->program, result->register_, i)
          || !g_hash_table_add (seen, (gpointer) name))
        continue;
      g_string_append (text, before);
      if (total)
        g_string_append (text, name);
      else
        add_name (text, name);
      before = ", ";
    }
}

static void
add_results (GString *text, const FanoutPlanTable *table)
{
  const FanoutPlanResults *results = &table->results;
  const guint first = table->layout.n_columns - results->n_columns;
  for (guint i = 0; i < results->n_columns; i++)
    {
      const FanoutPlanResult *result = &results->columns[i];
      g_string_append (text, "result      ");
      add_name (text, table->layout.names[first + i]);
      if (table->name != NULL)
        {
          g_string_append (text, " in ");
          add_name (text, table->name);
        }
      g_string_append_printf (text, ": %s",
                              result->place != FANOUT_PLAN_COMPUTED ? "a copy"
                              : result->kind == FANOUT_KIND_FREE
                                  ? fanout_kind_words (FANOUT_KIND_TEXT)
                                  : fanout_kind_words (result->kind));
      add_reads (text, table, result);
      g_string_append_c (text, '\n');
    }
}

static void
add_output (GString *text, const FanoutPlanTable *table)
{
  g_string_append_printf (text, "output      %s to %s", table->output.format,
                          strcmp (table->output.path, "-") == 0 ? "standard output"
                                                                : table->output.path);
  for (guint i = 0; i < table->n_sorts; i++)
    {
      g_string_append (text, i > 0 ? ", " : ", sorted by ");
      add_name (text, table->layout.names[table->sorts[i].column]);
      g_string_append (text, table->sorts[i].descending ? " desc" : "");
    }
  if (table->offset > 0)
    g_string_append_printf (text, ", from row %" G_GUINT64_FORMAT " on", table->offset + 1);
  if (table->limit > 0)
    {
      g_autofree char *rows = fanout_count_of (table->limit, "row");
      g_string_append_printf (text, ", at most %s", rows);
    }
  if (table->rest != NULL)
    {
      g_string_append (text, ", the rest as ");
      add_name (text, table->rest);
    }
  if (table->item_rows)
    g_string_append (text, ", a row for each item of a list");
  g_string_append_c (text, '\n');
}

/* A width of the axis, as it could be written. */
static void
add_width (GString *text, const FanoutAxis *axis, gint64 slices)
{
  static const struct
  {
    gint64 ns;
    const char *unit;
  } spans[] = {
    { 3600 * FANOUT_NS_IN_SECOND, "h" },
    { 60 * FANOUT_NS_IN_SECOND, "m" },
    { FANOUT_NS_IN_SECOND, "s" },
    { 1000000, "ms" },
  };
  const gint64 width = slices * axis->step;
  const char *unit = axis->unit == FANOUT_AXIS_DAYS ? "d" : "mo";
  gint64 ns = 1;
  for (guint i = 0; axis->unit == FANOUT_AXIS_SPANS && ns == 1; i++)
    if (width % spans[i].ns == 0)
      {
        ns = spans[i].ns;
        unit = spans[i].unit;
      }
  g_string_append_printf (text, "%" G_GINT64_FORMAT "%s", width / ns, unit);
}

/* What is left of [window], as it stands in the file. */
static void
add_window_keys (GString *text, const FanoutPlan *plan)
{
  static const char *const keys[] = { "time", "zone", "lateness", "idle", "ahead", "late" };
  const FanoutConfigGroup *group = fanout_config_find (plan->config, "window");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const FanoutConfigEntry *entry = fanout_config_entry (group, keys[i]);
      if (entry != NULL && entry->value[0] != '\0')
        g_string_append_printf (text, "; %s %s", keys[i], entry->value);
    }
  g_string_append_c (text, '\n');
}

static void
add_slices (GString *text, const FanoutPlan *plan)
{
  const FanoutAxis *axis = &plan->window->axis;
  g_string_append (text, "slices      ");
  add_width (text, axis, 1);
  if (axis->size == 1)
    g_string_append (text, ": each is a window\n");
  else if (!plan->window->repeated)
    g_string_append_printf (text, "; %" G_GINT64_FORMAT " are combined for each window\n",
                            axis->size);
  else
    g_string_append_printf (
        text,
        "; not combined, which not all aggregates can be: a row updates %s%" G_GINT64_FORMAT
        " windows\n",
        axis->size % axis->every == 0 ? "" : "up to ", fanout_axis_n_windows (axis));
}

static void
add_window (GString *text, const FanoutPlan *plan)
{
  if (plan->window == NULL)
    return;
  const FanoutAxis *axis = &plan->window->axis;
  g_string_append (text, "window      ");
  if (axis->gap > 0)
    {
      const FanoutAxis gap = { .step = axis->gap };
      g_string_append (text, "a session of each group, with gaps of at most ");
      add_width (text, &gap, 1);
      add_window_keys (text, plan);
      return;
    }
  add_width (text, axis, axis->size);
  if (axis->every < axis->size)
    {
      g_string_append (text, " every ");
      add_width (text, axis, axis->every);
    }
  add_window_keys (text, plan);
  add_slices (text, plan);
}

char *
fanout_plan_describe (const FanoutPlan *plan, FanoutBlockReader *reader)
{
  GString *text = g_string_new (NULL);
  add_source (text, plan, reader);
  add_derived (text, plan);
  add_window (text, plan);
  add_way (text, plan, reader);
  for (guint i = 0; i < plan->n_shown; i++)
    add_table (text, plan, &plan->tables[plan->shown[i]]);
  for (guint i = 0; i < plan->n_aggregates; i++)
    add_aggregate (text, plan, &plan->aggregates[i]);
  for (guint i = 0; i < plan->n_shown; i++)
    add_results (text, &plan->tables[plan->shown[i]]);
  for (guint i = 0; i < plan->n_shown; i++)
    add_output (text, &plan->tables[plan->shown[i]]);
  return g_string_free (text, FALSE);
}
