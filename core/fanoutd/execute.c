#include "core/fanoutd/execute.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/fanoutd/monitor/monitor.h"
#include "core/fanoutd/notes.h"
#include "core/fanoutd/progress.h"
#include "core/fanoutd/reload.h"
#include "core/fanoutd/service.h"
#include "core/fanoutd/signals.h"
#include "core/fanoutd/stats.h"
#include "core/fanoutd/outputs.h"

/* `number` is the signal that interrupted the run, 0: none. */
static FanoutResult *
run_pipeline (Reload *reload, Flow *flow, Runner *runner, int *number, GError **error)
{
  FanoutPipeline *pipeline = reload->pipeline;
  FanoutStreamHandlers handlers = outputs_handlers (reload->outputs);
  FanoutResult *result;
  Progress *progress;

  reload_handle (reload, &handlers);

  signals_catch (pipeline, outputs_replaced (reload->outputs));
  if (fanout_pipeline_is_stream (pipeline))
    service_watch (pipeline, flow);
  progress = progress_start (pipeline);
  fanout_pipeline_on_stream (pipeline, &handlers);
  result = runner->run (runner->data, error);
  progress_stop (progress);
  *number = signals_settle ();
  service_stopping ();
  return result;
}

static int
tell_end (FanoutPipeline *pipeline, const FanoutCounters *counters, FanoutResult *result,
          int number)
{
  g_autofree char *rows = NULL;

  notes_print (pipeline, counters, result);
  /* A signal that came when all had been read changed nothing. */
  if (number == 0 || !counters->interrupted)
    return notes_any_dropped (counters) ? EXIT_FAILED : EXIT_DONE;
  rows = fanout_count_of (counters->rows, "row");
  message ("interrupted after %s", rows);
  return 128 + number;
}

/* After an interruption what became of the run is less than that it was interrupted. */
static int
tell_failure (FanoutPipeline *pipeline, const FanoutCounters *counters, const GError *error,
              int number, int known)
{
  const int code = message_error (error);

  if (known != 0)
    return known;
  return number != 0 && counters->interrupted ? tell_end (pipeline, counters, NULL, number) : code;
}

int
execute_by (FanoutPipeline *pipeline, const Settings *settings, Runner *runner)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Flow) flow = flow_new ();
  g_autoptr (Outputs) outputs = outputs_new (pipeline, runner->piped, flow);
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (Monitor) monitor = NULL;
  FanoutCounters counters = { 0 };
  int number = 0;
  int code;

  notes_print_inputs (pipeline);
  if (settings->fresh)
    fanout_pipeline_begin_anew (pipeline);
  /* Before the run: it may be long, and what is wrong is known now. */
  if (outputs_open (outputs, &error) && monitor_start (pipeline, &monitor, &error))
    {
      outputs_watch (outputs, monitor);
      Reload reload = { pipeline, runner->load, outputs, monitor };

      result = run_pipeline (&reload, flow, runner, &number, &error);
    }
  FanoutOutput *const *replaced = outputs_replaced (outputs);
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  if (result != NULL && number != 0 && counters.interrupted && replaced[0] != NULL)
    {
      /* Results of some of the rows are not what the file would be taken for. */
      g_set_error (&error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT,
                   "%s: not written, the run was interrupted", fanout_output_name (replaced[0]));
      g_clear_pointer (&result, fanout_result_free);
    }
  if (result != NULL)
    monitor_take (monitor, result);
  if (result != NULL && !outputs_end (outputs, result, &error))
    g_clear_pointer (&result, fanout_result_free);
  monitor_end (monitor, error != NULL ? error->message : NULL);
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  for (const char *const *line = outputs_approximate (outputs); *line != NULL; line++)
    message ("%s", *line);
  code = result != NULL ? tell_end (pipeline, &counters, result, number)
                        : tell_failure (pipeline, &counters, error, number, runner->code);
  if (settings->stats)
    stats_print (&counters, flow, result, runner->stats);
  signals_release (replaced);
  return code;
}

static FanoutResult *
run_alone (gpointer pipeline, GError **error)
{
  return fanout_pipeline_run (pipeline, NULL, error);
}

int
execute (FanoutPipeline *pipeline, const Settings *settings, const Load *load)
{
  Runner runner = { .run = run_alone, .data = pipeline, .load = load };

  return execute_by (pipeline, settings, &runner);
}

int
execute_partial (FanoutPipeline *pipeline, const Settings *settings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutOutput) output
      = fanout_output_open (settings->partial, fanout_pipeline_inputs (pipeline), &error);
  FanoutOutput *const outputs[] = { output, NULL };
  g_autoptr (Monitor) monitor = NULL;
  FanoutCounters counters = { 0 };
  gboolean done = FALSE;
  int number = 0;
  int code;

  notes_print_inputs (pipeline);
  if (output != NULL)
    {
      Progress *progress;

      signals_catch (pipeline, outputs);
      progress = progress_start (pipeline);
      done = monitor_start (pipeline, &monitor, &error)
             && fanout_pipeline_write_partial (pipeline, output, NULL, &error);
      monitor_end (monitor, error != NULL ? error->message : NULL);
      progress_stop (progress);
      number = signals_settle ();
    }
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  code = done ? tell_end (pipeline, &counters, NULL, 0)
              : tell_failure (pipeline, &counters, error, number, 0);
  if (settings->stats)
    stats_print (&counters, NULL, NULL, NULL);
  signals_release (outputs);
  return code;
}
