#include "core/fanoutd/execute.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/fanoutd/monitor/monitor.h"
#include "core/fanoutd/notes.h"
#include "core/fanoutd/progress.h"
#include "core/fanoutd/signals.h"
#include "core/fanoutd/stats.h"
#include "core/pipeline/pipeline.h"
#include "core/result/writer.h"

static gboolean
put (gpointer output, const char *text, gsize length, GError **error)
{
  return fanout_output_put (output, text, length, error);
}

static void
free_writers (FanoutResultWriter **writers)
{
  for (FanoutResultWriter **writer = writers; *writer != NULL; writer++)
    fanout_result_writer_free (*writer);
  g_free (writers);
}
typedef FanoutResultWriter *Writers;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Writers, free_writers)

static FanoutResultWriter **
make_writers (FanoutOutput *const *outputs, guint n, gboolean piped)
{
  FanoutResultWriter **writers = g_new0 (FanoutResultWriter *, n + 1);

  for (guint i = 0; i < n && outputs[i] != NULL; i++)
    writers[i] = fanout_result_writer_new (i, !piped && fanout_output_is_terminal (outputs[i]),
                                           TRUE, put, outputs[i]);
  return writers;
}

/* Who takes results as they come. */
typedef struct
{
  FanoutResultWriter **writers;
  Monitor *monitor;
} Takers;

/* One that others follow. */
static gboolean
write_some (gpointer data, FanoutResult *result, GError **error)
{
  const Takers *takers = data;

  monitor_take (takers->monitor, result);
  for (FanoutResultWriter **writer = takers->writers; *writer != NULL; writer++)
    if (!fanout_result_writer_add (*writer, result, FALSE, error))
      return FALSE;
  return TRUE;
}

/* `number` is the signal that interrupted the run, 0: none. */
static FanoutResult *
run_pipeline (FanoutPipeline *pipeline, FanoutOutput *const *outputs, Takers *takers,
              Runner *runner, int *number, GError **error)
{
  FanoutResult *result;
  Progress *progress;

  signals_catch (pipeline, outputs);
  progress = progress_start (pipeline);
  fanout_pipeline_on_result (pipeline, write_some, takers);
  result = runner->run (runner->data, error);
  progress_stop (progress);
  *number = signals_settle ();
  return result;
}

static gboolean
write_results (FanoutResult *result, FanoutOutput *const *outputs, FanoutResultWriter **writers,
               GError **error)
{
  for (FanoutResultWriter **writer = writers; *writer != NULL; writer++)
    if (!fanout_result_writer_add (*writer, result, TRUE, error))
      return FALSE;
  /* All or none, as far as it goes. */
  for (guint i = 0; outputs[i] != NULL; i++)
    if (!fanout_output_commit (outputs[i], error))
      return FALSE;
  return TRUE;
}

static void
close_outputs (FanoutOutput **outputs)
{
  for (FanoutOutput **output = outputs; *output != NULL; output++)
    fanout_output_free (*output);
  g_free (outputs);
}
typedef FanoutOutput *Outputs;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outputs, close_outputs)

/* NULL-terminated; FALSE with `error` where one cannot be opened. */
static gboolean
open_outputs (FanoutPipeline *pipeline, FanoutOutput **outputs, GError **error)
{
  for (guint i = 0; i < fanout_pipeline_n_outputs (pipeline); i++)
    {
      outputs[i] = fanout_output_open (fanout_pipeline_nth_output (pipeline, i)->path,
                                       fanout_pipeline_inputs (pipeline), error);
      if (outputs[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

/* The first one that is a file; NULL: there is none. */
static const FanoutOutput *
find_replaced (FanoutOutput *const *outputs)
{
  for (; *outputs != NULL; outputs++)
    if (fanout_output_is_replaced (*outputs))
      return *outputs;
  return NULL;
}

static int
tell_end (const FanoutCounters *counters, FanoutResult *result, int number)
{
  g_autofree char *rows = NULL;

  notes_print (counters, result);
  /* A signal that came when all had been read changed nothing. */
  if (number == 0 || !counters->interrupted)
    return notes_any_dropped (counters) ? EXIT_FAILED : EXIT_DONE;
  rows = fanout_count_of (counters->rows, "row");
  message ("interrupted after %s", rows);
  return 128 + number;
}

/* After an interruption what became of the run is less than that it was interrupted. */
static int
tell_failure (const FanoutCounters *counters, const GError *error, int number, int known)
{
  const int code = message_error (error);

  if (known != 0)
    return known;
  return number != 0 && counters->interrupted ? tell_end (counters, NULL, number) : code;
}

int
execute_by (FanoutPipeline *pipeline, const Settings *settings, Runner *runner)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Outputs) outputs = g_new0 (FanoutOutput *, fanout_pipeline_n_outputs (pipeline) + 1);
  g_autoptr (Writers) writers = NULL;
  g_autoptr (FanoutResult) result = NULL;
  g_autoptr (Monitor) monitor = NULL;
  Takers takers;
  const FanoutOutput *replaced;
  FanoutCounters counters = { 0 };
  int number = 0;
  int code;

  notes_print_inputs (pipeline);
  /* Before the run: it may be long, and what is wrong is known now. */
  const gboolean opened
      = open_outputs (pipeline, outputs, &error) && monitor_start (pipeline, &monitor, &error);
  writers = make_writers (outputs, fanout_pipeline_n_outputs (pipeline), runner->piped);
  takers = (Takers){ writers, monitor };
  if (opened)
    result = run_pipeline (pipeline, outputs, &takers, runner, &number, &error);
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  replaced = find_replaced (outputs);
  if (result != NULL && number != 0 && counters.interrupted && replaced != NULL)
    {
      /* Results of some of the rows are not what the file would be taken for. */
      g_set_error (&error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT,
                   "%s: not written, the run was interrupted", fanout_output_name (replaced));
      g_clear_pointer (&result, fanout_result_free);
    }
  if (result != NULL)
    monitor_take (monitor, result);
  if (result != NULL && !write_results (result, outputs, writers, &error))
    g_clear_pointer (&result, fanout_result_free);
  monitor_end (monitor, error != NULL ? error->message : NULL);
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  code = result != NULL ? tell_end (&counters, result, number)
                        : tell_failure (&counters, error, number, runner->code);
  if (settings->stats)
    stats_print (&counters, result, runner->stats);
  signals_release (outputs);
  return code;
}

static FanoutResult *
run_alone (gpointer pipeline, GError **error)
{
  return fanout_pipeline_run (pipeline, NULL, error);
}

int
execute (FanoutPipeline *pipeline, const Settings *settings)
{
  Runner runner = { .run = run_alone, .data = pipeline };

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
  code = done ? tell_end (&counters, NULL, 0) : tell_failure (&counters, error, number, 0);
  if (settings->stats)
    stats_print (&counters, NULL, NULL);
  signals_release (outputs);
  return code;
}
