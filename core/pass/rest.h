#pragma once

/** The common resting point of all passes of a run: between two blocks, when everything that was
 * read has been taken. What looks at states, or changes them from outside, does it there. */

#include "core/input/reader.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct
{
  pthread_mutex_t mutex;
  pthread_cond_t over;
  pthread_mutex_t flags; /* guards that both say the same */
  _Atomic gboolean wanted;
  FanoutBlockReader *reader; /* or NULL */
  guint n_passes;            /* that have not ended */
  guint n_resting;
  guint64 turn;
  void (*action) (gpointer data); /* what is done then, by the last one to come */
  gpointer data;
} FanoutRest;

/** Without an action nobody rests. */
void fanout_rest_init (FanoutRest *rest, FanoutBlockReader *reader);
void fanout_rest_clear (FanoutRest *rest);
/** Before the passes run: how many there are. */
void fanout_rest_begin (FanoutRest *rest, guint n_passes);

/** Let all passes rest as soon as they can. Any thread. */
void fanout_rest_want (FanoutRest *rest);
/** A pass rests: returns when the action is done. */
void fanout_rest_arrive (FanoutRest *rest);
/** A pass has ended. */
void fanout_rest_leave (FanoutRest *rest);
