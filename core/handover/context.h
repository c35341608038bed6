#pragma once

/** The main context that one thread iterates while its nodes wait for acknowledgements. Most runs
 * never wait, and a context takes a file descriptor: it is made when it is first asked for. */

#include <glib.h>
#include <stdatomic.h>

typedef struct
{
  _Atomic (GMainContext *) context; /* NULL: nobody has asked yet */
  gboolean given;                   /* by who iterates it in any case */
  gboolean inside;                  /* a thread has entered */
  gboolean pushed;                  /* and it is the thread's default */
} FanoutContext;

/** `context`: NULL, or one that the caller of the run iterates. */
void fanout_context_init (FanoutContext *self, GMainContext *context);
void fanout_context_clear (FanoutContext *self);

/** From any thread; lives as long as `self`. */
GMainContext *fanout_context_get (FanoutContext *self);

/** The thread that will iterate it begins and ends its part of the run: between them it is the
 * thread's default, from when there is one. */
void fanout_context_enter (FanoutContext *self);
void fanout_context_leave (FanoutContext *self);
/** In that thread: as fanout_context_get(). */
GMainContext *fanout_context_use (FanoutContext *self);
