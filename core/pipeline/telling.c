#include "core/pipeline/telling.h"

#include "core/handover/overflow.h"

struct FanoutTelling
{
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  FanoutTellingDo tell;
  gpointer data;
  /* Under the mutex. */
  FanoutRun *run;
  FanoutResult *result; /* NULL: there is none */
  FanoutInstant when;
  gboolean told;
  gboolean ended;
};

/* What is there stays as it is until it is told. */
static void
tell_one (FanoutTelling *self)
{
  GError *error = NULL;
  pthread_mutex_unlock (&self->mutex);
  if (!self->tell (self->data, self->result, self->when, &error))
    fanout_run_fail (self->run, G_MAXUINT64, error);
  pthread_mutex_lock (&self->mutex);
  self->told = TRUE;
  pthread_cond_broadcast (&self->changed);
}

static gpointer
work (gpointer data)
{
  FanoutTelling *self = data;
  fanout_guard_thread ();
  pthread_mutex_lock (&self->mutex);
  while (!self->ended)
    if (self->result != NULL && !self->told)
      tell_one (self);
    else
      pthread_cond_wait (&self->changed, &self->mutex);
  pthread_mutex_unlock (&self->mutex);
  return NULL;
}

FanoutTelling *
fanout_telling_new (FanoutTellingDo tell, gpointer data)
{
  FanoutTelling *self = g_new0 (FanoutTelling, 1);
  *self = (FanoutTelling){ .tell = tell, .data = data };
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->changed, NULL);
  if (pthread_create (&self->thread, NULL, work, self) == 0)
    return self;
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
  return NULL;
}

void
fanout_telling_settle (FanoutTelling *self)
{
  if (self == NULL)
    return;
  pthread_mutex_lock (&self->mutex);
  while (self->result != NULL && !self->told)
    pthread_cond_wait (&self->changed, &self->mutex);
  FanoutResult *result = g_steal_pointer (&self->result);
  FanoutRun *run = g_steal_pointer (&self->run);
  self->told = FALSE;
  pthread_mutex_unlock (&self->mutex);
  g_clear_pointer (&result, fanout_result_free);
  fanout_run_unref (run);
}

void
fanout_telling_start (FanoutTelling *self, FanoutRun *run, FanoutResult *result, FanoutInstant when)
{
  fanout_telling_settle (self);
  pthread_mutex_lock (&self->mutex);
  self->run = fanout_run_ref (run);
  self->result = result;
  self->when = when;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->mutex);
}

void
fanout_telling_free (FanoutTelling *self)
{
  if (self == NULL)
    return;
  fanout_telling_settle (self);
  pthread_mutex_lock (&self->mutex);
  self->ended = TRUE;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->mutex);
  pthread_join (self->thread, NULL);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}
