#include "core/base/park.h"

#include <sched.h>

/* A hand-over on another core takes less than a microsecond; where there is no other core,
 * giving way is what lets it happen. */
#define SPINS  1000
#define YIELDS 50

static inline void
relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

void
fanout_park_init (FanoutPark *park)
{
  pthread_mutex_init (&park->mutex, NULL);
  pthread_cond_init (&park->woken, NULL);
  atomic_init (&park->asleep, 0);
}

void
fanout_park_clear (FanoutPark *park)
{
  pthread_cond_destroy (&park->woken);
  pthread_mutex_destroy (&park->mutex);
}

void
fanout_park_rouse (FanoutPark *park)
{
  pthread_mutex_lock (&park->mutex);
  atomic_store_explicit (&park->asleep, 0, memory_order_relaxed);
  pthread_cond_signal (&park->woken);
  pthread_mutex_unlock (&park->mutex);
}

gboolean
fanout_park_spin (gboolean (*ready) (gpointer data), gpointer data, guint times)
{
  for (guint i = 0; i < SPINS * times; i++)
    {
      if (ready (data))
        return TRUE;
      relax ();
    }
  return FALSE;
}

void
fanout_park_wait (FanoutPark *park, gboolean (*ready) (gpointer data), gpointer data)
{
  if (fanout_park_spin (ready, data, 1))
    return;
  for (guint i = 0; i < YIELDS; i++)
    {
      if (ready (data))
        return;
      sched_yield ();
    }
  pthread_mutex_lock (&park->mutex);
  for (atomic_exchange (&park->asleep, 1); !ready (data); atomic_exchange (&park->asleep, 1))
    pthread_cond_wait (&park->woken, &park->mutex);
  atomic_store_explicit (&park->asleep, 0, memory_order_relaxed);
  pthread_mutex_unlock (&park->mutex);
}
