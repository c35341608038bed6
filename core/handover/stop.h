#pragma once

/** Whether a run is to end before its stream does, for operators that wait for something else than
 * rows. A descriptor to poll, which few runs need: it is made when it is first asked for. */

#include <gio/gio.h>
#include <pthread.h>
#include <stdatomic.h>

typedef struct
{
  _Atomic gboolean stopped;
  _Atomic int write_fd; /* -1: none yet */
  int read_fd;          /* guarded by `mutex`, as is the rest */
  pthread_mutex_t mutex;
  GCancellable *cancellable;
  gulong handler;
} FanoutStop;

/** `cancellable` (may be NULL) stops it too; borrowed. */
void fanout_stop_init (FanoutStop *self, GCancellable *cancellable);
void fanout_stop_clear (FanoutStop *self);

/** For good. Any thread; async-signal-safe. */
void fanout_stop_set (FanoutStop *self);

/** Becomes readable, and stays so, when the run is stopped; -1: the system gives none. Lives as
 * long as `self`. Any thread. */
int fanout_stop_fd (FanoutStop *self);
