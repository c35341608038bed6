#include "core/fanoutd/execute.h"
#include "core/base/error.h"
#include "core/fanoutd/notes.h"
#include "core/fanoutd/progress.h"
#include "core/fanoutd/signals.h"
#include "core/fanoutd/stats.h"
#include "core/result/sink-writer.h"

/* `number` is the signal that interrupted the run, 0: none. */
static FanoutResult *
run_pipeline (FanoutPipeline *pipeline, int *number, GError **error)
{
  FanoutResult *result;
  Progress *progress;

  signals_catch (pipeline);
  progress = progress_start (pipeline);
  result = fanout_pipeline_run (pipeline, NULL, error);
  progress_stop (progress);
  *number = signals_release ();
  return result;
}

/* Where the results go, and how. Before the run: it may be long, and what is wrong is known now. */
static FanoutOutput *
open_output (FanoutPipeline *pipeline, const FanoutSink **sink, GError **error)
{
  const FanoutOutputOptions *options = fanout_pipeline_output (pipeline);
  g_autoptr (FanoutOutput) output
      = fanout_output_open (options->path, fanout_pipeline_inputs (pipeline), error);

  if (output == NULL)
    return NULL;
  *sink = fanout_pipeline_sink (pipeline, fanout_output_is_terminal (output));
  if (*sink != NULL)
    return g_steal_pointer (&output);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN,
               "there is no sink for [output] format = %s", options->format);
  return NULL;
}

static gboolean
write_results (FanoutPipeline *pipeline, FanoutResult *result, const FanoutSink *sink,
               FanoutOutput *output, GError **error)
{
  const gboolean header = fanout_pipeline_output (pipeline)->header;

  return fanout_result_write (result, sink, output, header, error)
         && fanout_output_commit (output, error);
}

static int
tell_end (const FanoutCounters *counters, FanoutResult *result, int number)
{
  g_autofree char *rows = NULL;

  notes_print (counters, result);
  if (number == 0)
    return notes_any_dropped (counters) ? EXIT_FAILED : EXIT_DONE;
  rows = fanout_count_of (counters->rows, "row");
  message ("interrupted after %s", rows);
  return 128 + number;
}

int
execute (FanoutPipeline *pipeline, const Settings *settings)
{
  const FanoutSink *sink = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutOutput) output = NULL;
  g_autoptr (FanoutResult) result = NULL;
  FanoutCounters counters = { 0 };
  int number = 0;
  int code;

  notes_print_inputs (pipeline);
  output = open_output (pipeline, &sink, &error);
  if (output != NULL)
    result = run_pipeline (pipeline, &number, &error);
  if (result != NULL && !write_results (pipeline, result, sink, output, &error))
    g_clear_pointer (&result, fanout_result_free);
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  code = result != NULL ? tell_end (&counters, result, number) : message_error (error);
  if (settings->stats)
    stats_print (&counters, result);
  return code;
}

int
execute_partial (FanoutPipeline *pipeline, const Settings *settings)
{
  g_autoptr (GError) error = NULL;
  FanoutCounters counters = { 0 };
  Progress *progress;
  gboolean done;
  int number;
  int code;

  notes_print_inputs (pipeline);
  signals_catch (pipeline);
  progress = progress_start (pipeline);
  done = fanout_pipeline_run_partial (pipeline, settings->partial, NULL, &error);
  progress_stop (progress);
  number = signals_release ();
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  if (done)
    code = tell_end (&counters, NULL, 0);
  else if (number != 0)
    {
      message_error (error);
      code = tell_end (&counters, NULL, number);
    }
  else
    code = message_error (error);
  if (settings->stats)
    stats_print (&counters, NULL);
  return code;
}
