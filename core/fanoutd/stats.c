#include "core/fanoutd/stats.h"
#include "core/fanoutd/json.h"
#include "core/fanoutd/program.h"

/* {"column":NAME,"bound":TEXT}, with the table where there are several */
static void
append_bound (GString *json, const FanoutLayout *layout, guint column, const char *bound)
{
  g_string_append (json, json->str[json->len - 1] == '[' ? "{" : ",{");
  if (layout->table != NULL)
    json_text (json, "table", layout->table);
  json_text (json, "column", layout->names[column]);
  json_text (json, "bound", bound);
  g_string_append_c (json, '}');
}

static void
append_approximate (GString *json, FanoutResult *result)
{
  json_key (json, "approximate");
  g_string_append_c (json, '[');
  for (guint t = 0; result != NULL && t < fanout_result_n_tables (result); t++)
    {
      FanoutResult *table = fanout_result_table (result, t);
      const FanoutLayout *layout = fanout_result_layout (table);
      const char *const *bounds = fanout_result_approximate (table);

      for (guint i = 0; i < layout->n_columns; i++)
        if (bounds[i] != NULL)
          append_bound (json, layout, i, bounds[i]);
    }
  g_string_append_c (json, ']');
}

static void
append_aggregate (GString *json, const FanoutAggregateCounters *counters)
{
  g_string_append_c (json, '{');
  json_text (json, "name", counters->name);
  json_text (json, "type", counters->type);
  json_count (json, "rows", counters->rows);
  json_seconds (json, "busy_seconds", counters->busy_seconds);
  json_seconds (json, "blocked_seconds", counters->blocked_seconds);
  json_count (json, "state_bytes", counters->state_bytes);
  json_text (json, "error", counters->error);
  g_string_append_c (json, '}');
}

static void
append_aggregates (GString *json, const FanoutCounters *counters)
{
  json_key (json, "aggregates");
  g_string_append_c (json, '[');
  for (guint i = 0; i < counters->n_aggregates; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_aggregate (json, &counters->aggregates[i]);
    }
  g_string_append_c (json, ']');
}

void
stats_append (GString *json, const FanoutCounters *counters, FanoutResult *result)
{
  g_string_append_c (json, '{');
  json_count (json, "rows", counters->rows);
  json_count (json, "rows_processed", counters->rows_processed);
  json_count (json, "rows_filtered", counters->rows_filtered);
  json_count (json, "rows_late", counters->rows_late);
  json_count (json, "rows_skipped", counters->rows_skipped);
  json_count (json, "values_nulled", counters->values_nulled);
  json_count (json, "numbers_rounded", counters->numbers_rounded);
  json_count (json, "bytes", counters->bytes);
  json_count (json, "batches", counters->batches);
  json_seconds (json, "seconds", counters->seconds);
  json_count (json, "groups", counters->groups);
  json_text (json, "strategy", counters->strategy);
  json_count (json, "partitions", counters->partitions);
  json_count (json, "in_flight", counters->in_flight);
  json_count (json, "peak_state_bytes", counters->peak_state_bytes);
  json_boolean (json, "interrupted", counters->interrupted);
  append_approximate (json, result);
  append_aggregates (json, counters);
  g_string_append_c (json, '}');
}

void
stats_print (const FanoutCounters *counters, FanoutResult *result, const char *more)
{
  g_autoptr (GString) json = g_string_new (NULL);

  stats_append (json, counters, result);
  if (more != NULL)
    {
      g_string_truncate (json, json->len - 1);
      g_string_append_printf (json, ",%s}", more);
    }
  g_string_append_c (json, '\n');
  print_error (json->str);
}
