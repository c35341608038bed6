#include "core/fanoutd/json.h"
#include "core/fanoutd/monitor/look.h"

#include <string.h>

static void
add (GPtrArray *reasons, char *reason)
{
  g_ptr_array_add (reasons, reason);
}

GPtrArray *
look_find_reasons (const Look *look)
{
  GPtrArray *reasons = g_ptr_array_new_with_free_func (g_free);
  const FanoutCounters *counters = &look->counters;

  if (look->failure != NULL)
    add (reasons, g_strdup_printf ("the run failed: %s", look->failure));
  if (look->lag >= 0 && look->plan->monitor.max_lag > 0
      && look->lag > (double) look->plan->monitor.max_lag * 1e-6)
    add (reasons, g_strdup_printf ("%.0f seconds behind the clock, and max-lag is %.0f", look->lag,
                                   (double) look->plan->monitor.max_lag * 1e-6));
  for (guint i = 0; i < counters->n_aggregates; i++)
    {
      const FanoutAggregateCounters *aggregate = fanout_counters_aggregate (counters, i);

      if (aggregate->error != NULL)
        add (reasons, g_strdup_printf ("an aggregate was dropped: %s", aggregate->error));
    }
  return reasons;
}

gboolean
look_append_health (GString *json, const Look *look)
{
  g_autoptr (GPtrArray) reasons = look_find_reasons (look);

  g_string_append_c (json, '{');
  json_text (json, "status", reasons->len == 0 ? "ok" : "unwell");
  json_text (json, "state", look->state);
  json_key (json, "reasons");
  g_string_append_c (json, '[');
  for (guint i = 0; i < reasons->len; i++)
    {
      const char *reason = reasons->pdata[i];

      if (i > 0)
        g_string_append_c (json, ',');
      fanout_json_append (json, reason, strlen (reason));
    }
  g_string_append (json, "]}");
  return reasons->len == 0;
}
