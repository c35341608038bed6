#include "core/pipeline/private.h"

#include "core/pass/gather.h"
#include "core/pipeline/reload.h"
#include "core/pipeline/saving.h"
#include "core/pipeline/telling.h"
#include "core/pipeline/ticker.h"

#include <fanout/error.h>

/* A run whose results come as it goes on. */
typedef struct
{
  FanoutPipeline *pipeline;
  FanoutPasses *passes;
  FanoutRun *run;
  FanoutSaving *saving;   /* NULL: there is no [checkpoint] */
  FanoutTelling *telling; /* of windows, while the passes run; NULL: they wait for it */
  guint64 n_groups;
  FanoutStreamCounts before; /* what the checkpoint had counted */
  guint64 n_windows;
  _Atomic gint64 next_result; /* real time of [output] every; 0: none */
  _Atomic gint64 next_save;   /* monotonic time */
  gboolean saved;             /* and stopped: nothing is told at the end */
  gboolean told;              /* the passes went with what was told last */
  FanoutReload *next;         /* what is run when the passes have ended; NULL: nothing */
} Stream;

static const FanoutClock *
clock_of (const Stream *self)
{
  return self->pipeline->plan->reader.clock;
}

/* Nobody else counts while all rest. */
static void
count (Stream *self)
{
  FanoutPipeline *pipeline = self->pipeline;
  FanoutCounters *counters = &pipeline->counters;
  pthread_mutex_lock (&pipeline->mutex);
  fanout_pipeline_count (pipeline, self->passes);
  counters->rows_processed += self->before.rows_processed;
  counters->rows_filtered += self->before.rows_filtered;
  counters->rows_late += self->before.rows_late;
  counters->rows_late_by_others += self->before.rows_late_by_others;
  counters->rows_skipped += self->before.rows_skipped;
  counters->rows = counters->rows_processed + counters->rows_filtered + counters->rows_late
                   + counters->rows_skipped;
  counters->values_nulled += self->before.values_nulled;
  counters->numbers_rounded += self->before.numbers_rounded;
  counters->bytes += self->before.bytes;
  counters->windows = self->before.windows + self->n_windows;
  counters->groups = self->n_groups;
  pthread_mutex_unlock (&pipeline->mutex);
}

static FanoutStreamCounts
counted (const Stream *self)
{
  const FanoutCounters *counters = &self->pipeline->counters;
  return (FanoutStreamCounts){
    .rows_processed = counters->rows_processed,
    .rows_filtered = counters->rows_filtered,
    .rows_late = counters->rows_late,
    .rows_late_by_others = counters->rows_late_by_others,
    .rows_skipped = counters->rows_skipped,
    .values_nulled = counters->values_nulled,
    .numbers_rounded = counters->numbers_rounded,
    .windows = counters->windows,
    .bytes = counters->bytes,
  };
}

/* Taken over. */
static FanoutResult *
make_result (Stream *self, FanoutPasses *groups, const FanoutWindow *window, GError **error)
{
  const gboolean windows = self->pipeline->plan->window != NULL;
  const FanoutPartition *whole = groups->partitions[0];
  guint64 n_groups = 0;
  for (guint t = 0; t < whole->n_tables; t++)
    n_groups += fanout_table_n_groups (whole->tables[t]);
  /* Each session is a window of its own. */
  if (windows)
    self->n_windows += window != NULL ? 1 : n_groups;
  self->n_groups = windows ? self->n_groups + n_groups : n_groups;
  return fanout_pipeline_make_result (self->pipeline, groups, window, error);
}

static gboolean
tell (Stream *self, FanoutPasses *groups, const FanoutWindow *window, GError **error)
{
  FanoutPipeline *pipeline = self->pipeline;
  g_autoptr (FanoutResult) result = make_result (self, groups, window, error);
  if (result == NULL)
    return FALSE;
  if (pipeline->handlers.result != NULL)
    return pipeline->handlers.result (pipeline->handlers.data, result,
                                      window != NULL ? window->start : 0, error);
  return pipeline->on_result == NULL
         || pipeline->on_result (pipeline->on_result_data, result, error);
}

static gboolean
turn (gpointer data, FanoutInstant start, GError **error)
{
  const Stream *self = data;
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  fanout_telling_settle (self->telling);
  return handlers->turn == NULL || handlers->turn (handlers->data, start, error);
}

static gboolean
tell_window (gpointer data, FanoutPasses *groups, const FanoutWindow *window, GError **error)
{
  Stream *self = data;
  if (self->telling == NULL || window == NULL)
    return tell (self, groups, window, error);
  FanoutResult *result = make_result (self, groups, window, error);
  if (result != NULL)
    fanout_telling_start (self->telling, self->run, result, window->start);
  return result != NULL;
}

/* The results as of `when`, in microseconds. */
static gboolean
tell_so_far (Stream *self, gint64 when, GError **error)
{
  const FanoutWindow at = { when * 1000, when * 1000 };
  FanoutPasses *groups = fanout_passes_snapshot (self->passes, error);
  return groups != NULL && tell (self, groups, &at, error);
}

/* Whether there can be results before the end. */
static gboolean
has_results (const FanoutPlan *plan)
{
  for (guint i = 0; i < plan->n_aggregates; i++)
    if (fanout_plan_why_at_end (plan->aggregates[i].operator_) != NULL)
      return FALSE;
  return TRUE;
}

/* Those of the end: the states are merged as they are. */
static gboolean
tell_last (Stream *self, GError **error)
{
  const gint64 now = fanout_clock_real (clock_of (self)) * 1000;
  const FanoutWindow at = { now, now };
  count (self);
  if (!fanout_passes_merge (self->passes, error))
    return FALSE;
  self->told = TRUE;
  return tell (self, g_steal_pointer (&self->passes), &at, error);
}

static void
note_inputs (Stream *self)
{
  FanoutBlockReader *reader = self->run->reader;
  if (reader == NULL)
    return;
  const guint n = fanout_reader_n_inputs (reader);
  fanout_watermarks_set_inputs (&self->run->watermarks, n);
  for (guint i = 0; i < n; i++)
    fanout_watermarks_set_ended (&self->run->watermarks, i,
                                 fanout_reader_input_stage (reader, i) == FANOUT_INPUT_ENDED);
}

static gboolean
close_windows (Stream *self, GError **error)
{
  FanoutRun *run = self->run;
  note_inputs (self);
  const FanoutInstant least = fanout_watermarks_least (&run->watermarks);
  /* When all inputs have ended for now, others may come: only the end of the stream closes all. */
  if (least == FANOUT_INSTANT_END)
    return TRUE;
  return fanout_passes_close (self->passes,
                              fanout_watermark_window (&run->plan->window->axis, least), turn,
                              tell_window, self, error);
}

static gboolean
save (Stream *self, FanoutSavingWay way, GError **error)
{
  fanout_telling_settle (self->telling);
  count (self);
  const FanoutStreamCounts counts = counted (self);
  atomic_store (&self->next_save, fanout_clock_monotonic (clock_of (self))
                                      + (gint64) self->pipeline->plan->checkpoint->every);
  return fanout_saving_write (self->saving, self->passes, &counts, way, error);
}

static gboolean
save_now (gpointer data, GError **error)
{
  return save (data, FANOUT_SAVING_MUST, error);
}

static gboolean
tell_due (Stream *self, guint asked, GError **error)
{
  const gint64 every = (gint64) self->pipeline->plan->every;
  const gint64 now = fanout_clock_real (clock_of (self));
  const gint64 due = atomic_load (&self->next_result);
  if (self->pipeline->plan->window != NULL)
    return close_windows (self, error);
  if (every > 0 && now >= due)
    {
      const gint64 at = now - now % every;
      atomic_store (&self->next_result, at + every);
      return tell_so_far (self, at, error);
    }
  return (asked & FANOUT_ASK_RESULTS) == 0 || !has_results (self->pipeline->plan)
         || tell_so_far (self, now, error);
}

static gboolean
save_due (Stream *self, guint asked, GError **error)
{
  const gboolean stop = (asked & FANOUT_ASK_STOP) != 0;
  if (self->saving == NULL)
    return TRUE;
  if (!stop && (asked & FANOUT_ASK_CHECKPOINT) == 0
      && fanout_clock_monotonic (clock_of (self)) < atomic_load (&self->next_save))
    return TRUE;
  return save (self,
               stop                                   ? FANOUT_SAVING_EDGE
               : (asked & FANOUT_ASK_CHECKPOINT) != 0 ? FANOUT_SAVING_NOW
                                                      : FANOUT_SAVING_APART,
               error);
}

/* All that is open is told. */
static gboolean
tell_open (Stream *self, GError **error)
{
  return self->pipeline->plan->window != NULL
             ? fanout_passes_close (self->passes, G_MAXINT64, turn, tell_window, self, error)
             : tell_so_far (self, fanout_clock_real (clock_of (self)), error);
}

static FanoutReload *
prepare_reload (const Stream *self, GError **error)
{
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  g_autoptr (FanoutPipeline) next = handlers->reload (handlers->reload_data, error);
  return next != NULL ? fanout_reload_new (self->passes, g_steal_pointer (&next->plan), error)
                      : NULL;
}

/* What is kept is made ready while all rest; then the passes end, and others run. */
static void
reload (Stream *self)
{
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  g_autoptr (GError) reason = NULL;
  GError *error = NULL;
  if (handlers->reload == NULL)
    return;
  fanout_telling_settle (self->telling);
  self->next = prepare_reload (self, &reason);
  if (self->next == NULL)
    handlers->reloaded (handlers->reload_data, NULL, reason);
  /* Of what is not kept nobody would ever know. */
  else if (self->next->changes->anew && !tell_open (self, &error))
    fanout_run_fail (self->run, G_MAXUINT64, error);
  else
    fanout_run_stop (self->run);
}

/* At a common rest. */
static void
rest (gpointer data)
{
  Stream *self = data;
  FanoutRun *run = self->run;
  GError *error = NULL;
  const guint asked = atomic_exchange (&self->pipeline->asked, 0);
  fanout_telling_settle (self->telling);
  if (run->error != NULL)
    return;
  if (!tell_due (self, asked, &error) || !save_due (self, asked, &error))
    {
      fanout_run_fail (run, G_MAXUINT64, error);
      return;
    }
  if (fanout_pipeline_is_looked_at (self->pipeline))
    {
      fanout_telling_settle (self->telling);
      count (self);
      fanout_pipeline_show (self->pipeline, self->passes);
    }
  if ((asked & FANOUT_ASK_RELOAD) != 0 && (asked & FANOUT_ASK_STOP) == 0)
    reload (self);
  if ((asked & FANOUT_ASK_STOP) == 0)
    return;
  self->saved = self->saving != NULL;
  fanout_run_interrupt (run);
}

/* When the ticker has to look again. */
static gint64
next_due (gpointer data, gint64 now)
{
  Stream *self = data;
  const FanoutPlanWindow *window = self->pipeline->plan->window;
  gint64 due = G_MAXINT64;
  if (self->saving != NULL)
    due = MIN (due, atomic_load (&self->next_save));
  if (self->pipeline->plan->every > 0)
    due = MIN (
        due, now + MAX (0, atomic_load (&self->next_result) - fanout_clock_real (clock_of (self))));
  if (window != NULL && window->idle > 0)
    {
      const gint64 idle = window->idle / 1000;
      gint64 next = G_MAXINT64;
      if (fanout_watermarks_idle (&self->run->watermarks, now, idle, &next))
        fanout_rest_want (&self->run->rest);
      due = MIN (due, next);
    }
  return due;
}

static void
changed (gpointer rest)
{
  fanout_rest_want (rest);
}

static gboolean
run_passes (Stream *self, GError **error)
{
  FanoutPipeline *pipeline = self->pipeline;
  const FanoutPlan *plan = pipeline->plan;
  FanoutTicker *ticker = NULL;
  if (self->run->reader != NULL)
    fanout_reader_on_change (self->run->reader, plan->window != NULL ? changed : NULL,
                             &self->run->rest);
  if (self->run->reader != NULL && pipeline->handlers.note != NULL)
    fanout_reader_on_note (self->run->reader, pipeline->handlers.note, pipeline->handlers.data);
  ticker = fanout_ticker_start (&self->run->rest, pipeline->ask[0], plan->reader.clock, next_due,
                                self, error);
  if (ticker == NULL)
    return FALSE;
  /* Whoever asked while nothing ran has woken nobody. */
  if (atomic_load (&pipeline->asked) != 0)
    fanout_rest_want (&self->run->rest);
  atomic_store (&pipeline->may_look, pipeline->look != NULL);
  /* Who has one partition wants one processor. */
  if (plan->window != NULL && self->passes->n_partitions > 1 && pipeline->handlers.result != NULL)
    self->telling = fanout_telling_new (pipeline->handlers.result, pipeline->handlers.data);
  fanout_passes_run (self->passes);
  g_clear_pointer (&self->telling, fanout_telling_free);
  atomic_store (&pipeline->may_look, FALSE);
  fanout_ticker_stop (ticker, pipeline->ask[1]);
  if (self->run->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->run->error));
  return FALSE;
}

/* The stream has ended: all that is open is told. */
static gboolean
conclude (Stream *self, GError **error)
{
  const gboolean windows = self->pipeline->plan->window != NULL;
  if (self->saved)
    return TRUE;
  if (!windows && !has_results (self->pipeline->plan))
    return tell_last (self, error);
  /* Windows that are told are over, and known to be; results so far are told by whoever goes on
   * from there, in their place. */
  if (!windows && self->saving != NULL && !save (self, FANOUT_SAVING_EDGE, error))
    return FALSE;
  if (!tell_open (self, error))
    return FALSE;
  return !windows || self->saving == NULL || save (self, FANOUT_SAVING_EDGE, error);
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

static void
set_times (Stream *self)
{
  const FanoutPlan *plan = self->pipeline->plan;
  const gint64 every = (gint64) plan->every;
  const gint64 now = fanout_clock_real (clock_of (self));
  if (every > 0)
    atomic_store (&self->next_result, now - now % every + every);
  if (plan->checkpoint != NULL)
    atomic_store (&self->next_save,
                  fanout_clock_monotonic (clock_of (self)) + (gint64) plan->checkpoint->every);
}

/* What was there before is there again, or nothing was. */
static gboolean
begin (Stream *self, GError **error)
{
  FanoutPipeline *pipeline = self->pipeline;
  const FanoutStreamHandlers *handlers = &pipeline->handlers;
  if (self->saving != NULL
      && !fanout_saving_restore_reader (self->saving, self->run->reader, error))
    return FALSE;
  self->passes
      = fanout_passes_new (self->run, fanout_plan_partitions (pipeline->plan, self->run->reader));
  /* Whoever is told that the run is ready may connect. */
  if (self->run->reader != NULL && !fanout_reader_listen (self->run->reader, error))
    return FALSE;
  if (self->saving == NULL)
    return handlers->restore == NULL || handlers->restore (handlers->data, NULL, 0, error);
  if (!fanout_saving_restore (self->saving, self->passes, &self->before, error))
    return FALSE;
  /* The lengths of outputs are known before anything is written to them. */
  return save (self, FANOUT_SAVING_EDGE, error);
}

/* Count on from what was counted so far; bytes are counted by the reader, which stays. */
static void
count_on (Stream *self)
{
  const guint64 bytes = self->before.bytes;
  count (self);
  self->before = counted (self);
  self->before.bytes = bytes;
  self->n_windows = 0;
}

static gboolean
use_saving (Stream *self, GError **error)
{
  const gboolean saves = self->pipeline->plan->checkpoint != NULL;
  FanoutSaving *before = g_steal_pointer (&self->saving);
  self->saving = saves ? fanout_saving_new (self->pipeline) : NULL;
  self->pipeline->save = saves ? save_now : NULL;
  const gboolean done = !saves || fanout_saving_succeed (self->saving, before, error);
  fanout_saving_free (before);
  return done;
}

/* The passes have ended for what comes in their place. */
static gboolean
replace (Stream *self, GError **error)
{
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  g_autoptr (FanoutReload) next = g_steal_pointer (&self->next);
  g_autoptr (FanoutPasses) before = g_steal_pointer (&self->passes);
  FanoutBlockReader *reader = self->run->reader;
  self->passes = before;
  count_on (self);
  self->passes = g_steal_pointer (&next->passes);
  FanoutRun *ended = self->run;
  self->run = self->passes->run;
  if (reader != NULL)
    fanout_reader_go_on (reader);
  FanoutPlan *plan
      = fanout_pipeline_replace (self->pipeline, g_steal_pointer (&next->plan), self->run);
  ended->reader = NULL;
  const gboolean kept = use_saving (self, error);
  set_times (self);
  handlers->replace (handlers->reload_data);
  g_clear_pointer (&before, fanout_passes_free);
  fanout_plan_free (plan);
  if (!kept || (self->saving != NULL && !save (self, FANOUT_SAVING_NOW, error)))
    return FALSE;
  handlers->reloaded (handlers->reload_data, next->changes, NULL);
  return TRUE;
}

/* To the end of the stream, by one plan after the other. */
static gboolean
run_all (Stream *self, GError **error)
{
  while (run_passes (self, error))
    {
      if (self->next == NULL)
        return TRUE;
      if (self->saving != NULL && !fanout_saving_settle (self->saving, error))
        break;
      if (!replace (self, error))
        return FALSE;
    }
  g_clear_pointer (&self->next, fanout_reload_free);
  return FALSE;
}

static FanoutPasses *
run_stream (Stream *self, GError **error)
{
  self->run->rest.action = rest;
  self->run->rest.data = self;
  self->pipeline->save = self->saving != NULL ? save_now : NULL;
  self->pipeline->save_data = self;
  set_times (self);
  const gboolean done = begin (self, error) && run_all (self, error) && conclude (self, error);
  if (self->passes != NULL)
    count (self);
  else if (!self->told)
    /* It could not even begin, and nobody has taken it over. */
    fanout_run_unref (self->run);
  self->pipeline->running = FALSE;
  self->pipeline->save = NULL;
  FanoutPasses *empty = done ? make_empty (self->run) : NULL;
  g_clear_pointer (&self->passes, fanout_passes_free);
  return empty;
}

FanoutPasses *
fanout_pipeline_read_stream (FanoutPipeline *pipeline, GCancellable *cancellable, GError **error)
{
  Stream self = { .pipeline = pipeline };
  fanout_saving_begin (pipeline);
  if (!fanout_pipeline_open_ask (pipeline, error))
    return NULL;
  if (pipeline->plan->checkpoint != NULL)
    {
      self.saving = fanout_saving_new (pipeline);
      if (!fanout_saving_find (self.saving, error))
        {
          fanout_saving_free (self.saving);
          return NULL;
        }
    }
  self.run = fanout_pipeline_begin (pipeline, cancellable, error);
  FanoutPasses *passes = self.run != NULL ? run_stream (&self, error) : NULL;
  fanout_saving_free (self.saving);
  return passes;
}
