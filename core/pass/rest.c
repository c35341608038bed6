#include "core/pass/rest.h"

void
fanout_rest_init (FanoutRest *rest, FanoutBlockReader *reader)
{
  pthread_mutex_init (&rest->mutex, NULL);
  pthread_mutex_init (&rest->flags, NULL);
  pthread_cond_init (&rest->over, NULL);
  atomic_init (&rest->wanted, FALSE);
  rest->reader = reader;
}

void
fanout_rest_clear (FanoutRest *rest)
{
  pthread_cond_destroy (&rest->over);
  pthread_mutex_destroy (&rest->flags);
  pthread_mutex_destroy (&rest->mutex);
}

void
fanout_rest_begin (FanoutRest *rest, guint n_passes)
{
  rest->n_passes = n_passes;
  rest->n_resting = 0;
}

static void
set_wanted (FanoutRest *rest, gboolean wanted)
{
  pthread_mutex_lock (&rest->flags);
  if (atomic_load (&rest->wanted) != wanted)
    {
      atomic_store (&rest->wanted, wanted);
      if (rest->reader != NULL)
        fanout_reader_rest (rest->reader, wanted);
    }
  pthread_mutex_unlock (&rest->flags);
}

void
fanout_rest_want (FanoutRest *rest)
{
  set_wanted (rest, TRUE);
}

/* All are here. What is wanted from now on is another rest. Under the mutex. */
static void
act (FanoutRest *rest)
{
  set_wanted (rest, FALSE);
  if (rest->action != NULL)
    rest->action (rest->data);
  rest->n_resting = 0;
  rest->turn++;
  pthread_cond_broadcast (&rest->over);
}

void
fanout_rest_arrive (FanoutRest *rest)
{
  pthread_mutex_lock (&rest->mutex);
  const guint64 turn = rest->turn;
  rest->n_resting++;
  if (rest->n_resting == rest->n_passes)
    act (rest);
  while (turn == rest->turn)
    pthread_cond_wait (&rest->over, &rest->mutex);
  pthread_mutex_unlock (&rest->mutex);
}

void
fanout_rest_leave (FanoutRest *rest)
{
  pthread_mutex_lock (&rest->mutex);
  rest->n_passes--;
  if (rest->n_resting > 0 && rest->n_resting == rest->n_passes)
    act (rest);
  pthread_mutex_unlock (&rest->mutex);
}
