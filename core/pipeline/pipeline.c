#include "core/pipeline/private.h"
#include "core/base/gio.h"

#include "core/config/option.h"
#include "core/result/result.h"
#include "core/pass/pump.h"

#include <fanout/error.h>
#include <fanout/feed.h>
#include <string.h>
#include <unistd.h>

FanoutPipeline *
fanout_pipeline_new_from_config (FanoutRegistry *registry, FanoutConfig *config, const char *name,
                                 const char *const *inputs, FanoutErrors *errors, GError **error)
{
  if (config == NULL)
    {
      fanout_errors_raise (errors, error);
      return NULL;
    }
  FanoutPlan *plan = fanout_plan_new (registry, config, name, inputs, errors, error);
  return plan != NULL ? fanout_pipeline_new (plan) : NULL;
}

FanoutPipeline *
fanout_pipeline_new_again (FanoutPipeline *running, FanoutRegistry *registry, FanoutConfig *config,
                           const char *name, const char *const *inputs, FanoutErrors *errors,
                           GError **error)
{
  FanoutRun *run = atomic_load (&running->run);
  if (config == NULL)
    {
      fanout_errors_raise (errors, error);
      return NULL;
    }
  FanoutPlan *plan = fanout_plan_new_again (registry, config, name, inputs, running->plan,
                                            run->reader, errors, error);
  g_autoptr (FanoutPipeline) pipeline = plan != NULL ? fanout_pipeline_new (plan) : NULL;
  if (pipeline == NULL || fanout_pipeline_is_stream (pipeline))
    return g_steal_pointer (&pipeline);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
               "%s: a run that goes on needs [window], [output] every or [checkpoint], which say "
               "when it has results",
               name);
  return NULL;
}

FanoutPipeline *
fanout_pipeline_new (FanoutPlan *plan)
{
  FanoutPipeline *pipeline = g_new0 (FanoutPipeline, 1);
  pipeline->aggregate_counters = g_new0 (FanoutAggregateCounters, MAX (plan->n_aggregates, 1));
  pipeline->texts = g_new0 (char *, 1);
  pthread_mutex_init (&pipeline->mutex, NULL);
  pipeline->ask[0] = pipeline->ask[1] = -1;
  pipeline->plan = plan;
  atomic_init (&pipeline->saves, plan->checkpoint != NULL);
  return pipeline;
}

FanoutPipeline *
fanout_pipeline_load (FanoutRegistry *registry, const char *path, const char *const *overrides,
                      const char *const *inputs, GError **error)
{
  FanoutErrors errors;
  fanout_errors_init (&errors);
  FanoutConfig *config = fanout_config_load (path, overrides, &errors);
  FanoutPipeline *pipeline = fanout_pipeline_new_from_config (
      registry, config, strcmp (path, "-") == 0 ? "standard input" : path, inputs, &errors, error);
  fanout_errors_clear (&errors);
  return pipeline;
}

FanoutPipeline *
fanout_pipeline_new_from_key_file (FanoutRegistry *registry, GKeyFile *key_file, const char *folder,
                                   GError **error)
{
  FanoutErrors errors;
  fanout_errors_init (&errors);
  FanoutConfig *config = fanout_config_from_key_file (key_file, folder, NULL, &errors);
  FanoutPipeline *pipeline
      = fanout_pipeline_new_from_config (registry, config, "key file", NULL, &errors, error);
  fanout_errors_clear (&errors);
  return pipeline;
}

/* `config` is taken over; NULL: it could not be read. */
static FanoutPipeline *
make_fed (FanoutRegistry *registry, FanoutConfig *config, const char *name,
          const char *const *columns, FanoutErrors *errors, GError **error)
{
  FanoutPlan *plan = NULL;
  if (config != NULL)
    plan = fanout_plan_new_feed (registry, config, name, columns, errors, error);
  else
    fanout_errors_raise (errors, error);
  fanout_errors_clear (errors);
  return plan != NULL ? fanout_pipeline_new (plan) : NULL;
}

FanoutPipeline *
fanout_pipeline_load_feed (FanoutRegistry *registry, const char *path, const char *const *overrides,
                           const char *const *columns, GError **error)
{
  FanoutErrors errors;
  fanout_errors_init (&errors);
  FanoutConfig *config = fanout_config_load (path, overrides, &errors);
  return make_fed (registry, config, strcmp (path, "-") == 0 ? "standard input" : path, columns,
                   &errors, error);
}

FanoutPipeline *
fanout_pipeline_new_feed_from_key_file (FanoutRegistry *registry, GKeyFile *key_file,
                                        const char *folder, const char *const *columns,
                                        GError **error)
{
  FanoutErrors errors;
  fanout_errors_init (&errors);
  FanoutConfig *config = fanout_config_from_key_file (key_file, folder, NULL, &errors);
  return make_fed (registry, config, "key file", columns, &errors, error);
}

void
fanout_pipeline_free (FanoutPipeline *pipeline)
{
  if (pipeline == NULL)
    return;
  fanout_run_unref (atomic_load (&pipeline->run));
  for (guint i = 0; i < G_N_ELEMENTS (pipeline->ask); i++)
    if (pipeline->ask[i] >= 0)
      close (pipeline->ask[i]);
  fanout_plan_free (pipeline->plan);
  g_strfreev (pipeline->partials);
  fanout_partial_free (pipeline->first);
  g_free (pipeline->part);
  g_free (pipeline->aggregate_counters);
  g_strfreev (pipeline->texts);
  g_free (pipeline->saved.failure);
  pthread_mutex_destroy (&pipeline->mutex);
  g_free (pipeline);
}

/* Sorting is of the run still: who interrupts it now is late, and does not mean the next one. */
FanoutResult *
fanout_pipeline_conclude (FanoutPipeline *pipeline, FanoutPasses *passes, GError **error)
{
  FanoutResult *result
      = passes != NULL ? fanout_pipeline_make_result (pipeline, passes, NULL, error) : NULL;
  fanout_pipeline_end (pipeline);
  return result;
}

FanoutResult *
fanout_pipeline_run (FanoutPipeline *pipeline, GCancellable *cancellable, GError **error)
{
  if (!fanout_pipeline_check_unfed (pipeline, error))
    return NULL;
  if (!fanout_pipeline_set_busy (pipeline, error))
    return NULL;
  FanoutPlace place = { 0 };
  guint64 end;
  gboolean enough;
  FanoutPasses *passes;
  if (pipeline->partials != NULL)
    passes = fanout_pipeline_merge_partials (pipeline, TRUE, &place, &end, &enough, error);
  else if (fanout_pipeline_is_stream (pipeline))
    passes = fanout_pipeline_read_stream (pipeline, cancellable, error);
  else
    passes = fanout_pipeline_read_all (pipeline, cancellable, NULL, error);
  fanout_place_clear (&place);
  return fanout_pipeline_conclude (pipeline, passes, error);
}

/* Without blocking. */

/* The thread of a task and its caller meet under GLib's locks, which ThreadSanitizer does not see;
 * so they meet here as well. */
static void
meet (FanoutPipeline *pipeline)
{
  atomic_fetch_add (&pipeline->meetings, 1);
}

static void
run_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  (void) source;
  GError *error = NULL;
  meet (data);
  FanoutResult *result = fanout_pipeline_run (data, cancellable, &error);
  meet (data);
  if (result != NULL)
    fanout_gio ()->g_task_return_pointer_ (task, result, (GDestroyNotify) fanout_result_free);
  else
    fanout_gio ()->g_task_return_error_ (task, error);
}

typedef struct
{
  FanoutPipeline *pipeline;
  FanoutPasses *passes;
  GSource *pump;
} Async;

static void
async_free (gpointer data)
{
  Async *async = data;
  g_clear_pointer (&async->pump, g_source_unref);
  g_clear_pointer (&async->passes, fanout_passes_free);
  g_free (async);
}

static gboolean
pumped (gpointer data)
{
  GTask *task = data;
  Async *async = fanout_gio ()->g_task_get_task_data_ (task);
  GError *error = NULL;
  g_source_destroy (async->pump);
  g_clear_pointer (&async->pump, g_source_unref);
  FanoutPasses *passes = g_steal_pointer (&async->passes);
  if (!fanout_pipeline_settle (async->pipeline, passes, &error))
    g_clear_pointer (&passes, fanout_passes_free);
  FanoutResult *result = fanout_pipeline_conclude (async->pipeline, passes, &error);
  if (result != NULL)
    fanout_gio ()->g_task_return_pointer_ (task, result, (GDestroyNotify) fanout_result_free);
  else
    fanout_gio ()->g_task_return_error_ (task, error);
  fanout_gio ()->g_object_unref_ (task);
  return G_SOURCE_REMOVE;
}

static gboolean
start_pump (FanoutPipeline *pipeline, GTask *task, GError **error)
{
  if (!fanout_pipeline_check_unfed (pipeline, error) || !fanout_pipeline_set_busy (pipeline, error))
    return FALSE;
  const FanoutGio *gio = fanout_gio ();
  FanoutRun *run = fanout_pipeline_begin (pipeline, gio->g_task_get_cancellable_ (task), error);
  if (run == NULL)
    {
      fanout_pipeline_end (pipeline);
      return FALSE;
    }
  Async *async = g_new0 (Async, 1);
  async->pipeline = pipeline;
  async->passes = fanout_passes_new_single (run, gio->g_task_get_context_ (task));
  gio->g_task_set_task_data_ (task, async, async_free);
  async->pump = fanout_pump_new (async->passes->partitions[0], pumped, gio->g_object_ref_ (task));
  return TRUE;
}

void
fanout_pipeline_run_async (FanoutPipeline *pipeline, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  const FanoutGio *gio = fanout_gio ();
  GTask *task = gio->g_task_new_ (NULL, cancellable, callback, user_data);
  /* What the run answers counts, also when it was cancelled too late to matter. */
  gio->g_task_set_check_cancellable_ (task, FALSE);
  const FanoutPlan *plan = pipeline->plan;
  GError *error = NULL;
  if (plan->strategy != FANOUT_STRATEGY_CALLBACK || plan->partitions != 1
      || fanout_pipeline_is_stream (pipeline) || pipeline->partials != NULL)
    {
      meet (pipeline);
      gio->g_task_set_task_data_ (task, pipeline, NULL);
      gio->g_task_run_in_thread_ (task, run_in_thread);
    }
  else if (!start_pump (pipeline, task, &error))
    gio->g_task_return_error_ (task, error);
  gio->g_object_unref_ (task);
}

FanoutResult *
fanout_pipeline_run_finish (FanoutPipeline *pipeline, GAsyncResult *result, GError **error)
{
  meet (pipeline);
  return fanout_gio ()->g_task_propagate_pointer_ ((GTask *) result, error);
}

void
fanout_pipeline_on_result (FanoutPipeline *pipeline, FanoutResultFunction function, gpointer data)
{
  pipeline->on_result = function;
  pipeline->on_result_data = data;
}

void
fanout_pipeline_interrupt (FanoutPipeline *pipeline)
{
  /* With a checkpoint it ends at a rest, so that nothing is lost. */
  if (atomic_load (&pipeline->saves) && atomic_load (&pipeline->busy))
    {
      fanout_pipeline_ask (pipeline, FANOUT_ASK_STOP);
      return;
    }
  atomic_store (&pipeline->interrupted, TRUE);
  /* A run that is replaced now stays until all are out of here. */
  atomic_fetch_add (&pipeline->interrupting, 1);
  FanoutRun *run = atomic_load (&pipeline->run);
  if (run != NULL)
    fanout_run_interrupt (run);
  atomic_fetch_sub (&pipeline->interrupting, 1);
}

void
fanout_pipeline_counters (FanoutPipeline *pipeline, FanoutCounters *result, gsize size)
{
  FanoutCounters own = { 0 };
  FanoutCounters *counters = &own;
  pthread_mutex_lock (&pipeline->mutex);
  if (!pipeline->running)
    *counters = pipeline->counters;
  else
    {
      FanoutRun *run = atomic_load (&pipeline->run);
      fanout_pipeline_count_run (pipeline, run, counters);
      counters->rows = counters->rows_processed
          = atomic_load_explicit (&run->rows, memory_order_relaxed);
    }
  pthread_mutex_unlock (&pipeline->mutex);
  own.size = (guint32) MIN (size, sizeof own);
  own.aggregate_size = sizeof (FanoutAggregateCounters);
  memcpy (result, &own, own.size);
}

/* Of the run to come, where one waits for it, or of the last one; NULL: there is none. */
static FanoutBlockReader *
reader_of (FanoutPipeline *pipeline)
{
  FanoutRun *run = atomic_load (&pipeline->run);
  if (pipeline->plan->first_reader != NULL)
    return pipeline->plan->first_reader;
  return run != NULL ? run->reader : NULL;
}

const FanoutPlan *
fanout_pipeline_plan (const FanoutPipeline *pipeline)
{
  return pipeline->plan;
}

char *
fanout_pipeline_describe (FanoutPipeline *pipeline)
{
  return fanout_plan_describe (pipeline->plan, reader_of (pipeline));
}

guint
fanout_pipeline_n_outputs (FanoutPipeline *pipeline)
{
  return pipeline->plan->n_outputs;
}

const FanoutOutputOptions *
fanout_pipeline_nth_output (FanoutPipeline *pipeline, guint n)
{
  const FanoutPlan *plan = pipeline->plan;
  for (guint i = 0; i < plan->n_shown; i++)
    if (plan->tables[plan->shown[i]].output_index == n)
      return &plan->tables[plan->shown[i]].output;
  return NULL;
}

const FanoutOutputOptions *
fanout_pipeline_output (FanoutPipeline *pipeline)
{
  return fanout_pipeline_nth_output (pipeline, 0);
}

const char *
fanout_pipeline_note (FanoutPipeline *pipeline)
{
  return pipeline->plan->note;
}

const char *const *
fanout_pipeline_inputs (FanoutPipeline *pipeline)
{
  static const char *const none[] = { NULL };
  FanoutBlockReader *reader = reader_of (pipeline);
  if (pipeline->partials != NULL)
    return (const char *const *) pipeline->partials;
  return reader != NULL ? fanout_reader_paths (reader) : none;
}
