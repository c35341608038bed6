#include "core/pass/run.h"
#include "core/base/gio.h"

#include <sys/random.h>

/* Some session ends in nearly each block. Of files, 8 are 4 MiB, which take some milliseconds. */
#define BLOCKS_BETWEEN 8

/* GLib's own numbers need a generator of 2.5 kB to be seeded first. */
static guint64
random_seed (void)
{
  guint64 seed;
  return getentropy (&seed, sizeof seed) == 0 ? seed
                                              : (guint64) g_random_int () << 32 | g_random_int ();
}

FanoutRun *
fanout_run_new (const FanoutPlan *plan, FanoutBlockReader *reader, GCancellable *cancellable)
{
  FanoutRun *run = g_new0 (FanoutRun, 1);
  atomic_init (&run->references, 1);
  run->plan = plan;
  run->reader = reader;
  if (plan->fed)
    fanout_inlet_init (&run->inlet, plan);
  else if (reader == NULL && plan->source != NULL)
    fanout_generator_init (&run->generator, plan->source, plan->source_options);
  fanout_memory_limit_init (&run->limit, plan->max_memory);
  if (cancellable != NULL)
    {
      run->cancellable = fanout_cancellable_ref (cancellable);
      if (reader != NULL)
        fanout_reader_watch (reader, cancellable);
    }
  fanout_stop_init (&run->stop, run->cancellable);
  fanout_rest_init (&run->rest, reader);
  run->closed = G_MININT64;
  if (plan->window != NULL)
    {
      fanout_watermarks_init (&run->watermarks, &plan->window->axis, plan->window->lateness,
                              plan->reader.clock);
      fanout_watermarks_set_inputs (&run->watermarks,
                                    reader != NULL ? fanout_reader_n_inputs (reader) : 1);
      if (plan->window->axis.gap > 0 && reader != NULL && fanout_reader_total (reader) > 0)
        fanout_watermarks_set_patience (&run->watermarks, BLOCKS_BETWEEN);
    }
  run->seed = random_seed ();
  atomic_init (&run->rows, 0);
  atomic_init (&run->enough, FALSE);
  run->started = (guint64) g_get_monotonic_time ();
  pthread_mutex_init (&run->mutex, NULL);
  return run;
}

FanoutRun *
fanout_run_ref (FanoutRun *run)
{
  atomic_fetch_add (&run->references, 1);
  return run;
}

void
fanout_run_unref (FanoutRun *run)
{
  if (run == NULL || atomic_fetch_sub (&run->references, 1) > 1)
    return;
  g_clear_pointer (&run->reader, fanout_reader_free);
  fanout_inlet_clear (&run->inlet);
  fanout_stop_clear (&run->stop);
  fanout_rest_clear (&run->rest);
  if (run->plan->window != NULL)
    fanout_watermarks_clear (&run->watermarks);
  g_clear_pointer (&run->cancellable, fanout_cancellable_unref);
  g_clear_error (&run->error);
  pthread_mutex_destroy (&run->mutex);
  g_free (run);
}

void
fanout_run_stop (FanoutRun *run)
{
  if (run->reader != NULL)
    fanout_reader_stop (run->reader);
  else if (run->plan->fed)
    atomic_store_explicit (&run->inlet.stopped, TRUE, memory_order_relaxed);
  else
    atomic_store_explicit (&run->generator.stopped, TRUE, memory_order_relaxed);
}

void
fanout_run_interrupt (FanoutRun *run)
{
  fanout_run_stop (run);
  fanout_stop_set (&run->stop);
}

gboolean
fanout_run_is_cut (FanoutRun *run)
{
  if (atomic_load (&run->enough))
    return FALSE;
  if (run->reader != NULL)
    return fanout_reader_has_more (run->reader);
  if (run->plan->fed)
    return !run->inlet.ended || run->inlet.chunk->n_rows > 0;
  return atomic_load (&run->generator.next) < run->generator.total;
}

void
fanout_run_fail (FanoutRun *run, guint64 record, GError *error)
{
  pthread_mutex_lock (&run->mutex);
  if (run->error == NULL || record < run->error_record)
    {
      g_clear_error (&run->error);
      run->error = error;
      run->error_record = record;
    }
  else
    g_error_free (error);
  pthread_mutex_unlock (&run->mutex);
  if (run->plan->window != NULL)
    fanout_watermarks_give_up (&run->watermarks);
  if (record == G_MAXUINT64 || run->reader == NULL)
    fanout_run_stop (run);
  else
    fanout_reader_stop_after (run->reader, record);
}
