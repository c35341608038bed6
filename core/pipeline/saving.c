#include "core/pipeline/saving.h"

#include "core/base/error.h"

#include <errno.h>
#include <fanout/error.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct FanoutSaving
{
  FanoutPipeline *pipeline;
  const FanoutPlanCheckpoint *plan;
  FanoutCheckpoint *found; /* NULL: there is none */
  GByteArray *reader;
  GByteArray *outputs;
};

FanoutSaving *
fanout_saving_new (FanoutPipeline *pipeline)
{
  FanoutSaving *self = g_new0 (FanoutSaving, 1);
  self->pipeline = pipeline;
  self->plan = pipeline->plan->checkpoint;
  pthread_mutex_lock (&pipeline->mutex);
  g_free (pipeline->saved.failure);
  pipeline->saved = (FanoutSaved){ 0 };
  pthread_mutex_unlock (&pipeline->mutex);
  self->reader = g_byte_array_new ();
  self->outputs = g_byte_array_new ();
  return self;
}

void
fanout_saving_free (FanoutSaving *self)
{
  if (self == NULL)
    return;
  fanout_checkpoint_free (self->found);
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

static gboolean
write_file (FanoutSaving *self, const FanoutPasses *passes, const FanoutStreamCounts *counts,
            GError **error)
{
  g_autoptr (FanoutOutput) output = fanout_output_open (self->plan->path, NULL, error);
  /* Those that are there are moved once this one is sure to take their place. */
  return output != NULL
         && fanout_checkpoint_write (passes, counts, self->reader, self->outputs, output, error)
         && fanout_output_sync (output, error) && shift (self, error)
         && fanout_output_commit (output, error);
}

static void
count_written (FanoutSaving *self, gint64 start)
{
  FanoutSaved *saved = &self->pipeline->saved;
  struct stat status;
  pthread_mutex_lock (&self->pipeline->mutex);
  saved->written++;
  saved->bytes = stat (self->plan->path, &status) == 0 ? (guint64) status.st_size : 0;
  saved->seconds = saved->pause = (double) (g_get_monotonic_time () - start) * 1e-6;
  saved->longest_pause = MAX (saved->longest_pause, saved->pause);
  saved->time = (double) g_get_real_time () * 1e-6;
  g_clear_pointer (&saved->failure, g_free);
  pthread_mutex_unlock (&self->pipeline->mutex);
}

/* TRUE: it is the first that failed since one was written. */
static gboolean
count_failed (FanoutSaving *self, const GError *error)
{
  FanoutSaved *saved = &self->pipeline->saved;
  pthread_mutex_lock (&self->pipeline->mutex);
  const gboolean first = saved->failure == NULL;
  saved->failed++;
  g_free (saved->failure);
  saved->failure = g_strdup (error->message);
  pthread_mutex_unlock (&self->pipeline->mutex);
  return first;
}

static gboolean
save (FanoutSaving *self, const FanoutPasses *passes, const FanoutStreamCounts *counts,
      gboolean *again, GError **error)
{
  const FanoutStreamHandlers *handlers = &self->pipeline->handlers;
  g_byte_array_set_size (self->reader, 0);
  g_byte_array_set_size (self->outputs, 0);
  if (passes->run->reader != NULL)
    fanout_reader_save (passes->run->reader, self->reader);
  /* What an output could not bring to the disk may be lost. */
  *again = FALSE;
  if (handlers->save != NULL && !handlers->save (handlers->data, self->outputs, error))
    return FALSE;
  *again = TRUE;
  return write_file (self, passes, counts, error);
}

gboolean
fanout_saving_write (FanoutSaving *self, const FanoutPasses *passes,
                     const FanoutStreamCounts *counts, gboolean must, GError **error)
{
  const gint64 start = g_get_monotonic_time ();
  const gboolean failing = self->pipeline->saved.failure != NULL;
  g_autoptr (GError) failure = NULL;
  gboolean again;
  if (save (self, passes, counts, &again, &failure))
    {
      count_written (self, start);
      if (failing)
        note (self, "checkpoints are written again");
      return TRUE;
    }
  const gboolean first = count_failed (self, failure);
  if (must || !again || !g_error_matches (failure, FANOUT_ERROR, FANOUT_ERROR_RETRY))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  g_autofree char *text = g_strdup_printf ("%s; the run goes on, and the checkpoint is tried again",
                                           failure->message);
  if (first)
    note (self, text);
  return TRUE;
}
