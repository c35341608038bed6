#pragma once

/** Places in a ring that one thread fills while another one looks at those that are full, in their
 * order. What is in them is whose the ring is. */

#include <glib.h>
#include <pthread.h>

typedef struct
{
  guint n_places;
  pthread_mutex_t mutex;
  pthread_cond_t filled; /* one of them, or ended */
  pthread_cond_t taken;  /* one of them, or stopped */
  guint64 n_filled;
  guint64 n_taken; /* the last one of these is being looked at */
  gboolean stopped;
  gboolean ended;
} FanoutRing;

/** At least two places. */
void fanout_ring_init (FanoutRing *ring, guint n_places);
void fanout_ring_clear (FanoutRing *ring);

/** Who fills: the next place, once it is free; -1: none are wanted any more. */
gint fanout_ring_await (FanoutRing *ring);
/** The place that was awaited is full. */
void fanout_ring_fill (FanoutRing *ring);
/** There is nothing more to be filled in. */
void fanout_ring_end (FanoutRing *ring);

/** Who looks: the next full place, which stays until the next call; -1: that was all. What was
 * written before fanout_ring_end() can be seen then. */
gint fanout_ring_take (FanoutRing *ring);
/** Nothing more is looked at. */
void fanout_ring_stop (FanoutRing *ring);
