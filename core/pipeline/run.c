#include "core/pipeline/private.h"
#include "core/base/gio.h"

#include <fanout/error.h>
#include <sched.h>

FanoutBlockReader *
fanout_pipeline_new_reader (FanoutPipeline *pipeline, GError **error)
{
  const FanoutPlan *plan = pipeline->plan;
  g_autoptr (FanoutBlockReader) reader = fanout_reader_new (&plan->reader, error);
  g_auto (GStrv) names = NULL;
  gboolean known;
  if (reader == NULL || !fanout_reader_fields (reader, &names, &known, NULL, error))
    return NULL;
  g_autofree const char **wanted = g_new0 (const char *, plan->n_columns + 1);
  for (guint i = 0; i < plan->n_columns; i++)
    wanted[i] = plan->columns[i].name;
  fanout_reader_select (reader, plan->n_columns, wanted, plan->positions);
  return g_steal_pointer (&reader);
}

/* The reader that read the header serves the first run; later ones open the inputs anew. */
static gboolean
find_reader (FanoutPipeline *pipeline, FanoutBlockReader **reader, GError **error)
{
  FanoutPlan *plan = pipeline->plan;
  *reader = NULL;
  if (plan->source == NULL || plan->source->decode == NULL)
    return TRUE;
  if (plan->first_reader != NULL)
    {
      *reader = g_steal_pointer (&plan->first_reader);
      return TRUE;
    }
  *reader = fanout_pipeline_new_reader (pipeline, error);
  return *reader != NULL;
}

static gboolean
take_reader (FanoutPipeline *pipeline, FanoutBlockReader **reader, GError **error)
{
  g_autoptr (FanoutBlockReader) found = NULL;
  if (!find_reader (pipeline, &found, error)
      || (pipeline->part != NULL && !fanout_reader_set_part (found, pipeline->part, error)))
    return FALSE;
  *reader = g_steal_pointer (&found);
  return TRUE;
}

gboolean
fanout_pipeline_check_unfed (const FanoutPipeline *pipeline, GError **error)
{
  if (!pipeline->plan->fed)
    return TRUE;
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                       "the rows of this pipeline are put in by fanout_feed_begin () and on");
  return FALSE;
}

gboolean
fanout_pipeline_set_busy (FanoutPipeline *pipeline, GError **error)
{
  if (!atomic_exchange (&pipeline->busy, TRUE))
    return TRUE;
  g_set_error_literal (error, FANOUT_IO_ERROR, G_IO_ERROR_PENDING,
                       "the pipeline is running already");
  return FALSE;
}

/* The counters and whoever interrupts may be looking at the old one. */
static void
replace_run (FanoutPipeline *pipeline, FanoutRun *run)
{
  pthread_mutex_lock (&pipeline->mutex);
  FanoutRun *old = atomic_exchange (&pipeline->run, fanout_run_ref (run));
  pipeline->running = TRUE;
  pthread_mutex_unlock (&pipeline->mutex);
  while (atomic_load (&pipeline->interrupting) > 0)
    sched_yield ();
  fanout_run_unref (old);
}

FanoutPlan *
fanout_pipeline_replace (FanoutPipeline *pipeline, FanoutPlan *plan, FanoutRun *run)
{
  pthread_mutex_lock (&pipeline->mutex);
  FanoutPlan *before = pipeline->plan;
  pipeline->plan = plan;
  g_free (pipeline->aggregate_counters);
  pipeline->aggregate_counters = g_new0 (FanoutAggregateCounters, MAX (plan->n_aggregates, 1));
  pipeline->counters.n_aggregates = 0;
  pipeline->counters.aggregates = pipeline->aggregate_counters;
  atomic_store (&pipeline->saves, plan->checkpoint != NULL);
  pthread_mutex_unlock (&pipeline->mutex);
  replace_run (pipeline, run);
  if (atomic_load (&pipeline->interrupted))
    fanout_run_interrupt (run);
  return before;
}

FanoutRun *
fanout_pipeline_begin (FanoutPipeline *pipeline, GCancellable *cancellable, GError **error)
{
  FanoutBlockReader *reader;
  if (!take_reader (pipeline, &reader, error))
    return NULL;
  FanoutRun *run = fanout_run_new (pipeline->plan, reader, cancellable);
  replace_run (pipeline, run);
  if (atomic_load (&pipeline->interrupted))
    fanout_run_interrupt (run);
  return run;
}

void
fanout_pipeline_end (FanoutPipeline *pipeline)
{
  pthread_mutex_lock (&pipeline->mutex);
  pipeline->running = FALSE;
  pthread_mutex_unlock (&pipeline->mutex);
  atomic_store (&pipeline->interrupted, FALSE);
  atomic_store (&pipeline->busy, FALSE);
}

gboolean
fanout_pipeline_settle (FanoutPipeline *pipeline, FanoutPasses *passes, GError **error)
{
  pthread_mutex_lock (&pipeline->mutex);
  fanout_pipeline_count (pipeline, passes);
  pthread_mutex_unlock (&pipeline->mutex);
  gboolean merged = fanout_passes_merge (passes, error);
  pthread_mutex_lock (&pipeline->mutex);
  fanout_pipeline_count_merged (pipeline, passes);
  pipeline->running = FALSE;
  pthread_mutex_unlock (&pipeline->mutex);
  return merged;
}

static gboolean
can_read_again (FanoutPipeline *pipeline)
{
  FanoutRun *run = atomic_load (&pipeline->run);
  return !atomic_load (&pipeline->interrupted)
         && (run->reader == NULL || fanout_reader_total (run->reader) > 0);
}

static guint64
end_of (const FanoutPasses *passes)
{
  guint64 end = 0;
  for (guint i = 0; i < passes->n_partitions; i++)
    {
      FanoutFeedCounters feed;
      fanout_feed_counters (passes->partitions[i]->feed, &feed);
      end = MAX (end, feed.end);
    }
  return end;
}

/* A run that somebody may look at. */
typedef struct
{
  FanoutPipeline *pipeline;
  FanoutPasses *passes;
} Looked;

/* At a common rest. */
static void
show (gpointer data)
{
  const Looked *self = data;
  if (self->passes->run->error != NULL || !fanout_pipeline_is_looked_at (self->pipeline))
    return;
  pthread_mutex_lock (&self->pipeline->mutex);
  fanout_pipeline_count (self->pipeline, self->passes);
  pthread_mutex_unlock (&self->pipeline->mutex);
  fanout_pipeline_show (self->pipeline, self->passes);
}

FanoutPasses *
fanout_pipeline_read_all (FanoutPipeline *pipeline, GCancellable *cancellable, guint64 *end,
                          GError **error)
{
  guint n = 0;
  while (TRUE)
    {
      FanoutRun *run = fanout_pipeline_begin (pipeline, cancellable, error);
      if (run == NULL)
        return NULL;
      if (n == 0)
        n = fanout_plan_partitions (pipeline->plan, run->reader);
      run->leaves = end != NULL && n == 1;
      Looked looked = { .pipeline = pipeline };
      if (fanout_pipeline_looks (pipeline))
        {
          run->rest.data = &looked;
          run->rest.action = show;
        }
      g_autoptr (FanoutPasses) passes = fanout_passes_new (run, n);
      looked.passes = passes;
      g_autoptr (GError) failure = NULL;
      atomic_store (&pipeline->may_look, fanout_pipeline_looks (pipeline));
      fanout_passes_run (passes);
      atomic_store (&pipeline->may_look, FALSE);
      const guint64 rows = end_of (passes);
      gboolean whole = fanout_pipeline_settle (pipeline, passes, &failure);
      if (n > 1 && fanout_passes_in_doubt (passes) && can_read_again (pipeline))
        {
          n = 1;
          continue;
        }
      if (!whole)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
      if (end != NULL)
        *end = rows;
      return g_steal_pointer (&passes);
    }
}
