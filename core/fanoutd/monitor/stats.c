#include "core/fanoutd/stats.h"
#include "core/base/error.h"
#include "core/fanoutd/json.h"
#include "core/fanoutd/log.h"
#include "core/fanoutd/monitor/look.h"

#include <string.h>
#include <unistd.h>

#ifndef FANOUT_VERSION
#define FANOUT_VERSION "unknown"
#endif

LookColumn
look_column (const FanoutPlan *plan, const FanoutPlanTable *table, guint column)
{
  guint first = table->layout.n_keys;

  if (column < first)
    return (LookColumn){ .kind = column < fanout_plan_leading (plan) ? "window" : "key" };
  for (guint n = 0; n < table->n_nodes; n++)
    {
      const FanoutPlanAggregate *aggregate = plan->nodes[table->first_node + n].aggregate;

      if (column < first + aggregate->n_results)
        return (LookColumn){ aggregate, column - first, "aggregate" };
      first += aggregate->n_results;
    }
  return (LookColumn){ .kind = "result" };
}

static gboolean
fail_table (const FanoutPlan *plan, const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *quoted = fanout_quote (name, -1);

  for (guint t = 0; t < plan->n_shown; t++)
    if (plan->tables[plan->shown[t]].name != NULL)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                              plan->tables[plan->shown[t]].name);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "no table is called %s; there %s %s",
               quoted, names->len > 0 ? "are:" : "is", names->len > 0 ? names->str : "only one");
  return FALSE;
}

gboolean
look_find_table (const FanoutPlan *plan, const char *name, guint *table, GError **error)
{
  guint t = 0;

  if (name == NULL || name[0] == '\0')
    {
      *table = 0;
      return TRUE;
    }
  while (t < plan->n_shown && g_strcmp0 (plan->tables[plan->shown[t]].name, name) != 0)
    t++;
  if (t == plan->n_shown)
    return fail_table (plan, name, error);
  *table = t;
  return TRUE;
}

static void
append_columns (GString *json, const FanoutPlan *plan, const FanoutPlanTable *table)
{
  json_open (json, "columns", '[');
  for (guint c = 0; c < table->layout.n_columns; c++)
    {
      const LookColumn column = look_column (plan, table, c);

      json_item (json);
      g_string_append_c (json, '{');
      json_text (json, "name", table->layout.names[c]);
      json_text (json, "kind", column.kind);
      if (column.aggregate != NULL)
        json_text (json, "type", column.aggregate->operator_->name);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
}

static void
append_tables (GString *json, const Look *look)
{
  json_open (json, "tables", '[');
  for (guint t = 0; t < look->plan->n_shown; t++)
    {
      const FanoutPlanTable *table = &look->plan->tables[look->plan->shown[t]];
      g_autoptr (GPtrArray) kept = kept_get (look->kept, t);
      const KeptRows *newest = kept->len > 0 ? kept->pdata[0] : NULL;

      json_item (json);
      g_string_append_c (json, '{');
      json_text (json, "name", table->name);
      json_count (json, "keys", table->layout.n_keys);
      append_columns (json, look->plan, table);
      json_count (json, "windows", kept->len);
      json_count (json, "serial", newest != NULL ? newest->serial : 0);
      json_count (json, "groups", newest != NULL ? newest->n_groups : 0);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
}

const char *
look_input_state (const FanoutSurveyed *input)
{
  if (input->trouble != NULL)
    return "in trouble";
  switch (input->stage)
    {
    case FANOUT_INPUT_NOT_BEGUN:
      return "waiting";
    case FANOUT_INPUT_OPEN:
      return "open";
    case FANOUT_INPUT_ENDED:
    default:
      return input->wanted ? "gone" : "ended";
    }
}

/* How far each of some inputs is. */
static void
append_positions (GString *json, const Look *look)
{
  json_open (json, "positions", '[');
  for (guint i = 0; look->surveyed != NULL && i < look->surveyed->len; i++)
    {
      const FanoutSurveyed *input = &g_array_index (look->surveyed, FanoutSurveyed, i);

      json_item (json);
      g_string_append_c (json, '{');
      json_text (json, "name", input->name);
      json_text (json, "state", look_input_state (input));
      json_text (json, "trouble", input->trouble);
      json_count (json, "bytes", input->bytes);
      json_count (json, "size", input->size);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
  json_count (json, "n_inputs", look->n_surveyed);
}

static void
append_monitor (GString *json, const ServerCounters *server)
{
  json_open (json, "monitor", '{');
  json_count (json, "requests", server->requests);
  json_count (json, "connections", server->connections);
  json_count (json, "followers", server->followers);
  json_count (json, "refused", server->refused);
  json_count (json, "dropped", server->dropped);
  g_string_append_c (json, '}');
}

void
look_append_stats (GString *json, const Look *look)
{
  g_string_append_c (json, '{');
  json_text (json, "version", FANOUT_VERSION);
  json_count (json, "pid", (guint64) getpid ());
  json_text (json, "state", look->state);
  json_text (json, "failure", look->failure);
  json_seconds (json, "started", (double) look->started * 1e-6);
  json_seconds (json, "now", (double) look->now * 1e-6);
  json_boolean (json, "windows", look->plan->window != NULL);
  json_count (json, "max_memory", look->plan->max_memory);
  json_count (json, "bytes_total", look->counters.bytes_total);
  json_seconds (json, "rows_a_second", look->rows_a_second);
  json_seconds (json, "bytes_a_second", look->bytes_a_second);
  json_count (json, "windows_closed", look->counters.windows);
  json_seconds (json, "watermark", look->counters.watermark);
  json_key (json, "lag_seconds");
  if (look->lag >= 0)
    g_string_append_printf (json, "%.3f", look->lag);
  else
    g_string_append (json, "null");
  json_texts (json, "inputs", look->inputs);
  append_positions (json, look);
  json_key (json, "stats");
  stats_append (json, &look->counters, &look->output, NULL);
  json_key (json, "health");
  look_append_health (json, look);
  append_monitor (json, &look->server);
  append_tables (json, look);
  json_count (json, "results", kept_serial (look->kept));
  json_count (json, "log", log_serial ());
  g_string_append_c (json, '}');
}
