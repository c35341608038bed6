#include "core/fanoutd/outcome.h"

#include <pthread.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static OutcomeCounts counts;
static gboolean last_failed;
static char *last;

void
outcome_add (gboolean failed, char *json)
{
  pthread_mutex_lock (&mutex);
  if (failed)
    counts.failed++;
  else
    counts.reloads++;
  last_failed = failed;
  g_free (last);
  last = json;
  pthread_cond_broadcast (&changed);
  pthread_mutex_unlock (&mutex);
}

OutcomeCounts
outcome_counts (void)
{
  pthread_mutex_lock (&mutex);
  const OutcomeCounts answer = counts;
  pthread_mutex_unlock (&mutex);
  return answer;
}

gboolean
outcome_wait (guint64 before, gint64 microseconds, gboolean *failed, GString *text)
{
  struct timespec end;

  clock_gettime (CLOCK_REALTIME, &end);
  end.tv_sec += (time_t) (microseconds / G_USEC_PER_SEC);
  end.tv_nsec += (long) (microseconds % G_USEC_PER_SEC) * 1000;
  end.tv_sec += end.tv_nsec / 1000000000;
  end.tv_nsec %= 1000000000;
  pthread_mutex_lock (&mutex);
  while (counts.reloads + counts.failed <= before
         && pthread_cond_timedwait (&changed, &mutex, &end) == 0)
    continue;
  const gboolean there = counts.reloads + counts.failed > before;
  if (there)
    {
      *failed = last_failed;
      g_string_append (text, last);
    }
  pthread_mutex_unlock (&mutex);
  return there;
}
