#include "core/pipeline/ticker.h"

#include <errno.h>
#include <fanout/error.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define PATIENCE_MS 100

struct FanoutTicker
{
  pthread_t thread;
  FanoutRest *rest;
  int wake;
  const FanoutClock *clock;
  FanoutTickerDue due;
  gpointer data;
  _Atomic gboolean ended;
};

static int
milliseconds_until (gint64 due, gint64 now)
{
  return due == G_MAXINT64 ? -1 : (int) MIN ((due - now + 999) / 1000, 3600 * 1000);
}

static void
drain (int fd)
{
  char bytes[64];
  while (read (fd, bytes, sizeof bytes) > 0)
    continue;
}

static gpointer
tick (gpointer data)
{
  FanoutTicker *self = data;
  int patience = -1; /* nothing is due */
  while (!atomic_load (&self->ended))
    {
      struct pollfd fd = { self->wake, POLLIN, 0 };
      gint64 now = fanout_clock_monotonic (self->clock);
      const gint64 due = self->due (self->data, now);
      /* It may be long until everything rests, and what is due is done: a full disk is waited for.
       */
      patience = due > now ? -1 : MIN (2 * patience + 2, PATIENCE_MS);
      const int ready = poll (&fd, 1, patience >= 0 ? patience : milliseconds_until (due, now));
      if (ready > 0)
        drain (self->wake);
      if (atomic_load (&self->ended))
        break;
      now = fanout_clock_monotonic (self->clock);
      if (ready > 0 || now >= due)
        fanout_rest_want (self->rest);
    }
  return NULL;
}

FanoutTicker *
fanout_ticker_start (FanoutRest *rest, int wake, const FanoutClock *clock, FanoutTickerDue due,
                     gpointer data, GError **error)
{
  FanoutTicker *self = g_new0 (FanoutTicker, 1);
  sigset_t all, before;
  *self = (FanoutTicker){ .rest = rest, .wake = wake, .clock = clock, .due = due, .data = data };
  /* Signals are for the thread that waits for them. */
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  const int failure = pthread_create (&self->thread, NULL, tick, self);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (failure == 0)
    return self;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE, "the system refuses a thread: %s",
               g_strerror (failure));
  g_free (self);
  return NULL;
}

void
fanout_ticker_stop (FanoutTicker *self, int wake_up)
{
  if (self == NULL)
    return;
  atomic_store (&self->ended, TRUE);
  while (write (wake_up, "", 1) < 0 && errno == EINTR)
    continue;
  pthread_join (self->thread, NULL);
  g_free (self);
}
