#include "core/group/order-halves.h"
#include <pthread.h>

typedef struct
{
  void (*work) (gpointer half);
  gpointer half;
} Half;

static gpointer
run (gpointer data)
{
  const Half *half = data;

  half->work (half->half);
  return NULL;
}

void
fanout_halves (void (*work) (gpointer half), gpointer a, gpointer b, gboolean threaded)
{
  Half other = { work, b };
  pthread_t thread;
  const gboolean beside = threaded && pthread_create (&thread, NULL, run, &other) == 0;

  work (a);
  if (beside)
    pthread_join (thread, NULL);
  else
    work (b);
}
