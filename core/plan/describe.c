#include "core/plan/plan.h"

#include <string.h>

static void
add_list (GString *text, const char *const *list)
{
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    {
      g_autofree char *shown = fanout_escape (list[i], -1);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", shown);
    }
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
  static const char *const forms[] = { "", "number", "double", "text", "null or not" };
  for (guint i = 0; i < plan->n_columns; i++)
    g_string_append_printf (text, "%s%s (%s)", i > 0 ? ", " : "", plan->columns[i].name,
                            forms[plan->columns[i].takes]);
  g_string_append (text, plan->n_columns > 0 ? "\n" : "no column\n");
}

static void
add_way (GString *text, const FanoutPlan *plan, FanoutBlockReader *reader)
{
  static const char *const strategies[] = { "fiber", "threads", "callback" };
  g_string_append_printf (text, "strategy    %s", strategies[plan->strategy]);
  if (plan->strategy == FANOUT_STRATEGY_THREADS)
    g_string_append_printf (text, ", %u threads", plan->threads);
  g_string_append_printf (text, "\nbatch       %" G_GSIZE_FORMAT "\npartitions  %u\n", plan->batch,
                          fanout_plan_partitions (plan, reader));
  if (plan->layout.n_keys == 0)
    return;
  g_string_append (text, "group by    ");
  for (guint i = 0; i < plan->layout.n_keys; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", plan->layout.names[i]);
  g_string_append_printf (text, " (at most %" G_GUINT64_FORMAT " groups)\n", plan->max_groups);
}

static void
add_aggregate (GString *text, const FanoutPlan *plan, const FanoutPlanAggregate *aggregate)
{
  g_string_append_printf (text, "aggregate   %s: %s", aggregate->name, aggregate->operator_->name);
  for (guint i = 0; i < aggregate->n_columns; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : " of ",
                            plan->columns[aggregate->columns[i]].name);
  if (aggregate->operator_->promise != NULL)
    g_string_append_printf (text, "; %s", aggregate->operator_->promise);
  g_string_append_c (text, '\n');
}

static void
add_output (GString *text, const FanoutPlan *plan)
{
  g_string_append_printf (text, "output      %s to %s", plan->output.format,
                          strcmp (plan->output.path, "-") == 0 ? "standard output"
                                                               : plan->output.path);
  for (guint i = 0; i < plan->n_sorts; i++)
    g_string_append_printf (text, "%s%s%s", i > 0 ? ", " : ", sorted by ",
                            plan->layout.names[plan->sorts[i].column],
                            plan->sorts[i].descending ? " desc" : "");
  if (plan->limit > 0)
    g_string_append_printf (text, ", at most %" G_GUINT64_FORMAT " rows", plan->limit);
  g_string_append_c (text, '\n');
}

char *
fanout_plan_describe (const FanoutPlan *plan, FanoutBlockReader *reader)
{
  GString *text = g_string_new (NULL);
  add_source (text, plan, reader);
  add_way (text, plan, reader);
  for (guint i = 0; i < plan->n_aggregates; i++)
    add_aggregate (text, plan, &plan->aggregates[i]);
  add_output (text, plan);
  return g_string_free (text, FALSE);
}
