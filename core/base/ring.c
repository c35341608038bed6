#include "core/base/ring.h"

void
fanout_ring_init (FanoutRing *ring, guint n_places)
{
  *ring = (FanoutRing){ .n_places = n_places };
  pthread_mutex_init (&ring->mutex, NULL);
  pthread_cond_init (&ring->filled, NULL);
  pthread_cond_init (&ring->taken, NULL);
}

void
fanout_ring_clear (FanoutRing *ring)
{
  pthread_cond_destroy (&ring->filled);
  pthread_cond_destroy (&ring->taken);
  pthread_mutex_destroy (&ring->mutex);
}

gint
fanout_ring_await (FanoutRing *ring)
{
  gint place = -1;

  pthread_mutex_lock (&ring->mutex);
  /* What was taken last is being looked at. */
  while (!ring->stopped && ring->n_filled + 1 >= MAX (ring->n_taken, 1) + ring->n_places)
    pthread_cond_wait (&ring->taken, &ring->mutex);
  if (!ring->stopped)
    place = (gint) (ring->n_filled % ring->n_places);
  pthread_mutex_unlock (&ring->mutex);
  return place;
}

void
fanout_ring_fill (FanoutRing *ring)
{
  pthread_mutex_lock (&ring->mutex);
  ring->n_filled++;
  pthread_cond_signal (&ring->filled);
  pthread_mutex_unlock (&ring->mutex);
}

void
fanout_ring_end (FanoutRing *ring)
{
  pthread_mutex_lock (&ring->mutex);
  ring->ended = TRUE;
  pthread_cond_signal (&ring->filled);
  pthread_mutex_unlock (&ring->mutex);
}

gint
fanout_ring_take (FanoutRing *ring)
{
  gint place = -1;

  pthread_mutex_lock (&ring->mutex);
  while (ring->n_taken == ring->n_filled && !ring->ended)
    pthread_cond_wait (&ring->filled, &ring->mutex);
  if (ring->n_taken < ring->n_filled)
    place = (gint) (ring->n_taken++ % ring->n_places);
  pthread_cond_signal (&ring->taken);
  pthread_mutex_unlock (&ring->mutex);
  return place;
}

void
fanout_ring_stop (FanoutRing *ring)
{
  pthread_mutex_lock (&ring->mutex);
  ring->stopped = TRUE;
  pthread_cond_signal (&ring->taken);
  pthread_mutex_unlock (&ring->mutex);
}
