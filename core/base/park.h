#pragma once

/** Where one thread waits for a condition that another makes true: spin for a short while, then
 * sleep. */

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>

typedef struct
{
  pthread_mutex_t mutex;
  pthread_cond_t woken;
  _Atomic guint asleep;
} FanoutPark;

void fanout_park_init (FanoutPark *park);
void fanout_park_clear (FanoutPark *park);

/** Spin, `times` as long as before sleep; whether it became `ready (data)`. */
gboolean fanout_park_spin (gboolean (*ready) (gpointer data), gpointer data, guint times);

/** Return once `ready (data)`. One thread at a time. */
void fanout_park_wait (FanoutPark *park, gboolean (*ready) (gpointer data), gpointer data);

/** Out of line part of fanout_park_wake. */
void fanout_park_rouse (FanoutPark *park);

/** After making the condition true: wake who sleeps, once for each sleep. Any thread. Answers
 * whether somebody slept. */
static inline gboolean
fanout_park_wake (FanoutPark *park)
{
  /* Two exchanges of one atomic have an order: either this one sees the sleeper, or the sleeper
   * sees what came before this one. */
  if (G_LIKELY (atomic_fetch_or (&park->asleep, 0) == 0))
    return FALSE;
  fanout_park_rouse (park);
  return TRUE;
}
