#include "core/base/error.h"
#include "core/fanoutd/json.h"
#include "core/fanoutd/monitor/look.h"
#include "core/fanoutd/stats.h"

#include <string.h>

/* Nothing was taken for so long, in seconds: a disk is no slower. */
#define STANDING   5.0
/* A checkpoint is too old after so many times that it is due, and some seconds. */
#define TIMES_LATE 3
#define LATE       10.0
/* Inputs that are told of each by itself. */
#define INPUTS_MAX 10

static void
add (GPtrArray *reasons, char *reason)
{
  g_ptr_array_add (reasons, reason);
}

static void
add_input (GPtrArray *reasons, const FanoutSurveyed *input)
{
  g_autofree char *name = fanout_escape (input->name, -1);

  add (reasons, input->trouble != NULL
                    ? g_strdup_printf ("the input %s cannot be read: %s", name, input->trouble)
                    : g_strdup_printf ("the input %s is not there", name));
}

static void
add_inputs (GPtrArray *reasons, const GArray *surveyed)
{
  guint n = 0;

  for (guint i = 0; i < surveyed->len; i++)
    {
      const FanoutSurveyed *input = &g_array_index (surveyed, FanoutSurveyed, i);

      if (input->trouble == NULL && (!input->wanted || input->stage != FANOUT_INPUT_ENDED))
        continue;
      if (n++ < INPUTS_MAX)
        add_input (reasons, input);
    }
  if (n > INPUTS_MAX)
    add (reasons, g_strdup_printf ("%u more inputs are gone or cannot be read", n - INPUTS_MAX));
}

static void
add_checkpoint (GPtrArray *reasons, const Look *look)
{
  const double age = stats_checkpoint_age (&look->counters);
  const double every
      = look->plan->checkpoint != NULL ? (double) look->plan->checkpoint->every * 1e-6 : 0;

  if (look->counters.checkpoint_failure != NULL)
    add (reasons,
         g_strdup_printf ("no checkpoint can be written: %s", look->counters.checkpoint_failure));
  if (every > 0 && age > TIMES_LATE * every + LATE)
    add (reasons, g_strdup_printf ("the last checkpoint was written %.0f seconds ago, and one is "
                                   "due every %g",
                                   age, every));
}

static void
add_output (GPtrArray *reasons, const FlowState *output)
{
  if (output->reason != NULL)
    add (reasons, g_strdup_printf ("an output cannot be written: %s", output->reason));
  else if (output->standing > STANDING)
    add (reasons, g_strdup_printf ("the output %s has taken nothing for %.0f seconds", output->name,
                                   output->standing));
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
  if (strcmp (look->state, "running") == 0)
    {
      /* While an output stands still nobody sees what becomes of the inputs. */
      if (look->surveyed != NULL && look->output.standing <= STANDING)
        add_inputs (reasons, look->surveyed);
      add_checkpoint (reasons, look);
      add_output (reasons, &look->output);
    }
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
  g_ptr_array_add (reasons, NULL);
  json_texts (json, "reasons", (const char *const *) reasons->pdata);
  g_string_append_c (json, '}');
  return reasons->len == 1;
}
