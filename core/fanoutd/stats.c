#include "core/fanoutd/stats.h"
#include "core/fanoutd/json.h"
#include "core/fanoutd/program.h"

#include <math.h>

/* {"column":NAME,"bound":TEXT}, with the table where there are several */
static void
append_bound (GString *json, const FanoutLayout *layout, guint column, const char *bound)
{
  json_item (json);
  g_string_append_c (json, '{');
  if (layout->table != NULL)
    json_text (json, "table", layout->table);
  json_text (json, "column", layout->names[column]);
  json_text (json, "bound", bound);
  g_string_append_c (json, '}');
}

static void
append_approximate (GString *json, FanoutResult *result)
{
  json_open (json, "approximate", '[');
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
  json_item (json);
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
  json_open (json, "aggregates", '[');
  for (guint i = 0; i < counters->n_aggregates; i++)
    append_aggregate (json, fanout_counters_aggregate (counters, i));
  g_string_append_c (json, ']');
}

/* Seconds from then till now, none where the clock was set back; -1: there was no then. */
static double
age_of (double time)
{
  return time > 0 ? MAX (0, (double) g_get_real_time () * 1e-6 - time) : -1;
}

double
stats_checkpoint_age (const FanoutCounters *counters)
{
  return age_of (counters->checkpoint_time);
}

double
stats_lag (const FanoutCounters *counters)
{
  return age_of (counters->watermark);
}

static void
append_age (GString *json, const char *key, double seconds)
{
  if (seconds >= 0)
    json_seconds (json, key, round (seconds * 1e3) / 1e3);
  else
    json_text (json, key, NULL);
}

static void
append_windows (GString *json, const FanoutCounters *counters)
{
  json_open (json, "windows", '{');
  json_count (json, "open", counters->open_windows);
  json_count (json, "closed", counters->windows);
  json_seconds (json, "watermark", counters->watermark);
  append_age (json, "lag_seconds", stats_lag (counters));
  g_string_append_c (json, '}');
}

static void
append_files (GString *json, const FanoutCounters *counters)
{
  json_open (json, "files", '{');
  json_count (json, "taken_up", counters->files_taken_up);
  json_count (json, "rotated", counters->files_rotated);
  json_count (json, "changed", counters->files_changed);
  json_count (json, "lost", counters->files_lost);
  g_string_append_c (json, '}');
}

static void
append_connections (GString *json, const FanoutCounters *counters)
{
  json_open (json, "connections", '{');
  json_count (json, "taken", counters->connections);
  json_count (json, "open", counters->connections_open);
  json_count (json, "refused", counters->connections_refused);
  json_count (json, "datagrams_dropped", counters->datagrams_dropped);
  g_string_append_c (json, '}');
}

static void
append_checkpoints (GString *json, const FanoutCounters *counters)
{
  json_open (json, "checkpoints", '{');
  json_count (json, "written", counters->checkpoints);
  json_count (json, "failed", counters->checkpoints_failed);
  json_count (json, "bytes", counters->checkpoint_bytes);
  json_seconds (json, "seconds", counters->checkpoint_seconds);
  json_seconds (json, "pause_seconds", counters->checkpoint_pause);
  json_seconds (json, "longest_pause_seconds", counters->checkpoint_longest_pause);
  append_age (json, "age_seconds", stats_checkpoint_age (counters));
  json_text (json, "failure", counters->checkpoint_failure);
  g_string_append_c (json, '}');
}

static void
append_output (GString *json, const FlowState *output)
{
  json_open (json, "output", '{');
  json_count (json, "bytes", output->bytes);
  json_seconds (json, "blocked_seconds", output->blocked);
  g_string_append_c (json, '}');
}

void
stats_append (GString *json, const FanoutCounters *counters, const FlowState *output,
              FanoutResult *result)
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
  json_count (json, "state_bytes", counters->state_bytes);
  json_count (json, "open_groups", counters->open_groups);
  json_boolean (json, "interrupted", counters->interrupted);
  json_count (json, "rows_late_by_idle", counters->rows_late_by_others);
  append_windows (json, counters);
  append_files (json, counters);
  append_connections (json, counters);
  append_checkpoints (json, counters);
  append_output (json, output);
  append_approximate (json, result);
  append_aggregates (json, counters);
  g_string_append_c (json, '}');
}

void
stats_print (const FanoutCounters *counters, Flow *flow, FanoutResult *result, const char *more)
{
  g_autoptr (GString) json = g_string_new (NULL);
  FlowState output;

  flow_read (flow, &output);
  stats_append (json, counters, &output, result);
  flow_state_clear (&output);
  if (more != NULL)
    {
      g_string_truncate (json, json->len - 1);
      g_string_append_printf (json, ",%s}", more);
    }
  g_string_append_c (json, '\n');
  print_error (json->str);
}
