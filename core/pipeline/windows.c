#include "core/pipeline/private.h"

#include <fanout/error.h>

/* A run whose windows are told of as they end. */
typedef struct
{
  FanoutPipeline *pipeline;
  FanoutPasses *passes;
  guint64 n_windows;
  guint64 n_groups;
} Stream;

static gboolean
tell_window (gpointer data, FanoutPasses *groups, const FanoutWindow *window, GError **error)
{
  Stream *self = data;
  const FanoutPartition *whole = groups->partitions[0];
  guint64 n_groups = 0;
  for (guint t = 0; t < whole->n_tables; t++)
    n_groups += fanout_table_n_groups (whole->tables[t]);
  self->n_groups += n_groups;
  /* Each session is a window of its own. */
  self->n_windows += window != NULL ? 1 : n_groups;
  g_autoptr (FanoutResult) result
      = fanout_pipeline_make_result (self->pipeline, groups, window, error);
  if (result == NULL)
    return FALSE;
  return self->pipeline->on_result == NULL
         || self->pipeline->on_result (self->pipeline->on_result_data, result, error);
}

/* At a common rest. */
static void
rest (gpointer data)
{
  Stream *self = data;
  FanoutRun *run = self->passes->run;
  GError *error = NULL;
  if (run->error != NULL)
    return;
  const FanoutInstant least = fanout_watermarks_least (&run->watermarks);
  if (!fanout_passes_close (self->passes, fanout_watermark_window (&run->plan->window->axis, least),
                            tell_window, self, &error))
    fanout_run_fail (run, G_MAXUINT64, error);
}

static gboolean
conclude (Stream *self, GError **error)
{
  FanoutRun *run = self->passes->run;
  if (run->error != NULL)
    {
      g_propagate_error (error, g_error_copy (run->error));
      return FALSE;
    }
  return fanout_passes_close (self->passes, G_MAXINT64, tell_window, self, error);
}

/* Nothing is left but the columns. */
static FanoutPasses *
make_empty (FanoutRun *run)
{
  FanoutPasses *passes = fanout_passes_new_empty (fanout_run_ref (run));
  for (guint t = 0; t < run->plan->n_tables; t++)
    passes->partitions[0]->empty[t] = 1;
  return passes;
}

FanoutPasses *
fanout_pipeline_read_windows (FanoutPipeline *pipeline, GCancellable *cancellable, GError **error)
{
  Stream self = { .pipeline = pipeline };
  FanoutRun *run = fanout_pipeline_begin (pipeline, cancellable, error);
  if (run == NULL)
    return NULL;
  run->rest.action = rest;
  run->rest.data = &self;
  g_autoptr (FanoutPasses) passes
      = fanout_passes_new (run, fanout_plan_partitions (pipeline->plan, run->reader));
  self.passes = passes;
  fanout_passes_run (passes);
  const gboolean done = conclude (&self, error);
  pthread_mutex_lock (&pipeline->mutex);
  fanout_pipeline_count (pipeline, passes);
  pipeline->counters.windows = self.n_windows;
  pipeline->counters.groups = self.n_groups;
  pipeline->running = FALSE;
  pthread_mutex_unlock (&pipeline->mutex);
  return done ? make_empty (run) : NULL;
}
