#include "core/pipeline/saving.h"

#include "core/base/error.h"
#include "core/base/lock.h"
#include "core/base/same-file.h"
#include "core/partial/snapshot.h"

#include <errno.h>
#include <fanout/error.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct FanoutSaving
{
  FanoutPipeline *pipeline;
  const FanoutPlanCheckpoint *plan;
  FanoutLock *lock;        /* NULL: there can be none */
  FanoutCheckpoint *found; /* NULL: there is none */
  GByteArray *reader;
  GByteArray *outputs;
  gint64 start;     /* of the last one, g_get_monotonic_time */
  double pause;     /* seconds of it, where it is written beside the run */
  gboolean failing; /* which was told */
  gboolean apart;   /* it is written by `thread`, which has the members below */
  pthread_t thread;
  FanoutSnapshot *snapshot;
  GError *failure;
  gboolean fatal; /* it is no matter of trying again */
  _Atomic gboolean done;
};

void
fanout_saving_begin (FanoutPipeline *pipeline)
{
  pthread_mutex_lock (&pipeline->mutex);
  g_free (pipeline->saved.failure);
  pipeline->saved = (FanoutSaved){ 0 };
  pthread_mutex_unlock (&pipeline->mutex);
}

FanoutSaving *
fanout_saving_new (FanoutPipeline *pipeline)
{
  FanoutSaving *self = g_new0 (FanoutSaving, 1);
  self->pipeline = pipeline;
  self->plan = pipeline->plan->checkpoint;
  self->failing = pipeline->saved.failure != NULL;
  self->reader = g_byte_array_new ();
  self->outputs = g_byte_array_new ();
  return self;
}

void
fanout_saving_free (FanoutSaving *self)
{
  if (self == NULL)
    return;
  fanout_saving_settle (self, NULL);
  fanout_checkpoint_free (self->found);
  fanout_lock_free (self->lock);
  g_byte_array_unref (self->reader);
  g_byte_array_unref (self->outputs);
  g_free (self);
}

/* The newest one is PATH, those before it PATH.1 and on. */
static char *
path_of (const FanoutSaving *self, guint n)
{
  return n == 0 ? g_strdup (self->plan->path) : g_strdup_printf ("%s.%u", self->plan->path, n);
}

/* None of the files that a checkpoint would take the place of is read. */
static gboolean
check_inputs (const FanoutSaving *self, GError **error)
{
  for (guint i = 0; i <= self->plan->keep; i++)
    {
      g_autofree char *path = path_of (self, i);
      g_autofree char *name = fanout_escape (path, -1);
      struct stat status;

      if (stat (path, &status) == 0
          && !fanout_check_is_no_input (name, "checkpoint", &status,
                                        fanout_pipeline_inputs (self->pipeline), error))
        return FALSE;
    }
  return TRUE;
}

/* Two runs would take each other's checkpoints for their own. */
static gboolean
take_lock (FanoutSaving *self, GError **error)
{
  GError *held = NULL;

  if (!check_inputs (self, error))
    return FALSE;
  self->lock = fanout_lock_take (self->plan->path, &held);
  if (held == NULL)
    return TRUE;
  g_propagate_error (error, held);
  return FALSE;
}

gboolean
fanout_saving_succeed (FanoutSaving *self, FanoutSaving *before, GError **error)
{
  if (before == NULL || strcmp (before->plan->path, self->plan->path) != 0)
    return take_lock (self, error);
  self->lock = g_steal_pointer (&before->lock);
  return TRUE;
}

static void
note (const FanoutSaving *self, const char *text)
{
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  if (handlers->note != NULL)
    handlers->note (handlers->data, text);
}

/* FALSE: it is there, but cannot be used. */
static gboolean
try_one (FanoutSaving *self, const char *path, gboolean *there, GError **error)
{
  *there = access (path, F_OK) == 0;
  if (!*there)
    return TRUE;
  if (!fanout_checkpoint_check (path, error))
    return FALSE;
  self->found = fanout_checkpoint_open (path, error);
  return self->found != NULL;
}

gboolean
fanout_saving_find (FanoutSaving *self, GError **error)
{
  g_autoptr (GError) first = NULL;
  if (!take_lock (self, error))
    return FALSE;
  if (self->pipeline->anew)
    return TRUE;
  /* One more than are kept: `keep` may have been larger. */
  for (guint i = 0; i <= MAX (self->plan->keep, 2) && self->found == NULL; i++)
    {
      g_autofree char *path = path_of (self, i);
      g_autoptr (GError) reason = NULL;
      gboolean there;
      if (try_one (self, path, &there, &reason))
        continue;
      g_autofree char *text = g_strdup_printf ("%s; trying the one before", reason->message);
      note (self, text);
      if (first == NULL)
        first = g_steal_pointer (&reason);
    }
  if (self->found != NULL)
    return fanout_checkpoint_fits (self->found, self->pipeline->plan, error);
  if (first == NULL)
    return TRUE;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
               "%s; no checkpoint that is there can be used; --fresh begins anew", first->message);
  return FALSE;
}

gboolean
fanout_saving_restore_reader (const FanoutSaving *self, FanoutBlockReader *reader, GError **error)
{
  gsize length;
  if (self->found == NULL || reader == NULL)
    return TRUE;
  const char *bytes = fanout_checkpoint_reader (self->found, &length);
  return fanout_reader_restore (reader, bytes, length, error);
}

gboolean
fanout_saving_restore (FanoutSaving *self, FanoutPasses *passes, FanoutStreamCounts *counts,
                       GError **error)
{
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  gsize length;
  if (self->found == NULL)
    return handlers->restore == NULL || handlers->restore (handlers->data, NULL, 0, error);
  if (!fanout_checkpoint_load (self->found, passes, NULL, error))
    return FALSE;
  const char *bytes = fanout_checkpoint_outputs (self->found, &length);
  if (handlers->restore != NULL
      && !handlers->restore (handlers->data, bytes != NULL ? bytes : "", length, error))
    return FALSE;
  *counts = *fanout_checkpoint_counts (self->found);
  g_clear_pointer (&self->found, fanout_checkpoint_free);
  return TRUE;
}

/* PATH may be a link to where it is; what is on another disk cannot be kept here. */
static gboolean
keep_too (const char *path, const char *older)
{
  unlink (older);
  return linkat (AT_FDCWD, path, AT_FDCWD, older, AT_SYMLINK_FOLLOW) == 0
         || (errno == EXDEV && link (path, older) == 0);
}

/* Those that are there become one older, and one of them goes; PATH is always there. */
static gboolean
shift (const FanoutSaving *self, GError **error)
{
  for (guint i = self->plan->keep; i-- > 1;)
    {
      g_autofree char *older = path_of (self, i);
      g_autofree char *newer = path_of (self, i - 1);
      if (i > 1 ? rename (newer, older) == 0 : keep_too (newer, older))
        continue;
      if (errno != ENOENT)
        return fanout_error_system (error, FANOUT_ERROR_OUTPUT, errno, "%s", older);
    }
  return TRUE;
}

/* Write one as it is kept (NULL: `passes`, which rest). */
static gboolean
write_file (FanoutSaving *self, FanoutSnapshot *snapshot, const FanoutPasses *passes,
            const FanoutStreamCounts *counts, GError **error)
{
  g_autoptr (FanoutOutput) output = fanout_output_open (self->plan->path, NULL, error);
  if (output == NULL
      || !(snapshot != NULL ? fanout_snapshot_write (snapshot, output, error)
                            : fanout_checkpoint_write (passes, counts, self->reader, self->outputs,
                                                       output, error)))
    return FALSE;
  /* Those that are there are moved once this one is sure to take their place. */
  return fanout_output_sync (output, error) && shift (self, error)
         && fanout_output_commit (output, error);
}

/* What an output could not bring to the disk may be lost: then it is for good. */
static gboolean
finish (FanoutSaving *self, FanoutSnapshot *snapshot, const FanoutPasses *passes,
        const FanoutStreamCounts *counts, GError **error)
{
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  self->fatal = handlers->sync != NULL && !handlers->sync (handlers->data, error);
  return !self->fatal && write_file (self, snapshot, passes, counts, error);
}

static void
count_written (FanoutSaving *self, FanoutSavingWay way)
{
  FanoutSaved *saved = &self->pipeline->saved;
  struct stat status;
  const double seconds = (double) (g_get_monotonic_time () - self->start) * 1e-6;
  pthread_mutex_lock (&self->pipeline->mutex);
  saved->written++;
  saved->bytes = stat (self->plan->path, &status) == 0 ? (guint64) status.st_size : 0;
  saved->seconds = seconds;
  if (way != FANOUT_SAVING_EDGE)
    saved->pause = way == FANOUT_SAVING_APART ? self->pause : seconds;
  saved->longest_pause = MAX (saved->longest_pause, saved->pause);
  saved->time = (double) g_get_real_time () * 1e-6;
  g_clear_pointer (&saved->failure, g_free);
  pthread_mutex_unlock (&self->pipeline->mutex);
}

static void
count_failed (FanoutSaving *self, const GError *error)
{
  FanoutSaved *saved = &self->pipeline->saved;
  pthread_mutex_lock (&self->pipeline->mutex);
  saved->failed++;
  g_free (saved->failure);
  saved->failure = g_strdup (error->message);
  pthread_mutex_unlock (&self->pipeline->mutex);
}

/* Beside the run. */
static gpointer
write_apart (gpointer data)
{
  FanoutSaving *self = data;
  if (finish (self, self->snapshot, NULL, NULL, &self->failure))
    count_written (self, FANOUT_SAVING_APART);
  else
    count_failed (self, self->failure);
  g_clear_pointer (&self->snapshot, fanout_snapshot_free);
  atomic_store (&self->done, TRUE);
  return NULL;
}

/* Tell once that none can be written, and that they are again. */
static void
tell (FanoutSaving *self, const GError *failure)
{
  const gboolean failing = failure != NULL;
  if (failing == self->failing)
    return;
  self->failing = failing;
  g_autofree char *text
      = failing ? g_strdup_printf ("%s; the run goes on, and the checkpoint is tried again",
                                   failure->message)
                : g_strdup ("checkpoints are written again");
  note (self, text);
}

/* What came of one: FALSE where the run cannot go on with that. `failure` is taken over. */
static gboolean
conclude (FanoutSaving *self, GError *failure, gboolean must, GError **error)
{
  if (failure != NULL
      && (must || self->fatal || !g_error_matches (failure, FANOUT_ERROR, FANOUT_ERROR_RETRY)))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  tell (self, failure);
  g_clear_error (&failure);
  return TRUE;
}

gboolean
fanout_saving_settle (FanoutSaving *self, GError **error)
{
  if (!self->apart)
    return TRUE;
  pthread_join (self->thread, NULL);
  self->apart = FALSE;
  return conclude (self, g_steal_pointer (&self->failure), FALSE, error);
}

/* In memory there must be room for a copy of all states. */
static gboolean
can_be_apart (const FanoutPasses *passes)
{
  return atomic_load (&passes->run->limit.reserved) < passes->run->limit.limit / 2;
}

static void
start_apart (FanoutSaving *self, const FanoutPasses *passes, const FanoutStreamCounts *counts)
{
  sigset_t all, before;
  self->snapshot = fanout_snapshot_new (passes, counts, self->reader, self->outputs);
  self->pause = (double) (g_get_monotonic_time () - self->start) * 1e-6;
  atomic_store (&self->done, FALSE);
  /* Signals are for the thread that waits for them. */
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  self->apart = pthread_create (&self->thread, NULL, write_apart, self) == 0;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

gboolean
fanout_saving_write (FanoutSaving *self, const FanoutPasses *passes,
                     const FanoutStreamCounts *counts, FanoutSavingWay way, GError **error)
{
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  GError *failure = NULL;
  /* The one before is not on the disk yet: the next time. */
  if (way == FANOUT_SAVING_APART && self->apart && !atomic_load (&self->done))
    return TRUE;
  if (!fanout_saving_settle (self, error))
    return FALSE;
  self->start = g_get_monotonic_time ();
  g_byte_array_set_size (self->reader, 0);
  g_byte_array_set_size (self->outputs, 0);
  if (passes->run->reader != NULL)
    fanout_reader_save (passes->run->reader, self->reader);
  if (handlers->save != NULL && !handlers->save (handlers->data, self->outputs, error))
    return FALSE;
  if (way == FANOUT_SAVING_APART && can_be_apart (passes))
    start_apart (self, passes, counts);
  if (self->apart)
    return TRUE;
  g_clear_pointer (&self->snapshot, fanout_snapshot_free);
  if (finish (self, NULL, passes, counts, &failure))
    count_written (self, way == FANOUT_SAVING_APART ? FANOUT_SAVING_NOW : way);
  else
    count_failed (self, failure);
  return conclude (self, failure, way == FANOUT_SAVING_MUST || way == FANOUT_SAVING_EDGE, error);
}
