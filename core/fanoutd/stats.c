#include "core/fanoutd/stats.h"
#include "core/fanoutd/program.h"

#include <math.h>
#include <string.h>

/* `"key":`, behind a comma but for the first. */
static void
append_key (GString *json, const char *key)
{
  if (json->str[json->len - 1] != '{')
    g_string_append_c (json, ',');
  fanout_json_append (json, key, strlen (key));
  g_string_append_c (json, ':');
}

static void
append_count (GString *json, const char *key, guint64 count)
{
  append_key (json, key);
  g_string_append_printf (json, "%" G_GUINT64_FORMAT, count);
}

/* To the microsecond. */
static void
append_seconds (GString *json, const char *key, double seconds)
{
  char text[FANOUT_NUMBER_TEXT_MAX];

  append_key (json, key);
  fanout_double_format (isfinite (seconds) ? round (seconds * 1e6) / 1e6 : 0, text);
  g_string_append (json, text);
}

static void
append_text (GString *json, const char *key, const char *text)
{
  append_key (json, key);
  if (text != NULL)
    fanout_json_append (json, text, strlen (text));
  else
    g_string_append (json, "null");
}

static void
append_boolean (GString *json, const char *key, gboolean value)
{
  append_key (json, key);
  g_string_append (json, value ? "true" : "false");
}

/* {"column":NAME,"bound":TEXT}, with the table where there are several */
static void
append_bound (GString *json, const FanoutLayout *layout, guint column, const char *bound)
{
  g_string_append (json, json->str[json->len - 1] == '[' ? "{" : ",{");
  if (layout->table != NULL)
    append_text (json, "table", layout->table);
  append_text (json, "column", layout->names[column]);
  append_text (json, "bound", bound);
  g_string_append_c (json, '}');
}

static void
append_approximate (GString *json, FanoutResult *result)
{
  append_key (json, "approximate");
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
  append_text (json, "name", counters->name);
  append_text (json, "type", counters->type);
  append_count (json, "rows", counters->rows);
  append_seconds (json, "busy_seconds", counters->busy_seconds);
  append_seconds (json, "blocked_seconds", counters->blocked_seconds);
  append_count (json, "state_bytes", counters->state_bytes);
  append_text (json, "error", counters->error);
  g_string_append_c (json, '}');
}

static void
append_aggregates (GString *json, const FanoutCounters *counters)
{
  append_key (json, "aggregates");
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
stats_print (const FanoutCounters *counters, FanoutResult *result)
{
  g_autoptr (GString) json = g_string_new ("{");

  append_count (json, "rows", counters->rows);
  append_count (json, "rows_processed", counters->rows_processed);
  append_count (json, "rows_filtered", counters->rows_filtered);
  append_count (json, "rows_late", counters->rows_late);
  append_count (json, "rows_skipped", counters->rows_skipped);
  append_count (json, "values_nulled", counters->values_nulled);
  append_count (json, "numbers_rounded", counters->numbers_rounded);
  append_count (json, "bytes", counters->bytes);
  append_count (json, "batches", counters->batches);
  append_seconds (json, "seconds", counters->seconds);
  append_count (json, "groups", counters->groups);
  append_text (json, "strategy", counters->strategy);
  append_count (json, "partitions", counters->partitions);
  append_count (json, "in_flight", counters->in_flight);
  append_count (json, "peak_state_bytes", counters->peak_state_bytes);
  append_boolean (json, "interrupted", counters->interrupted);
  append_approximate (json, result);
  append_aggregates (json, counters);
  g_string_append (json, "}\n");
  print_error (json->str);
}
