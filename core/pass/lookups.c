#include "core/pass/lookups.h"

#include <pthread.h>

enum
{
  GROUPS_MIN = 1 << 16, /* fewer are looked up sooner than a thread gets going */
  PLACES = 4,
};

struct FanoutLookups
{
  FanoutTable *into;
  const FanoutTable *from;
  guint64 n_groups; /* of `from` */
  guint64 n_done;
  gboolean full;
  gboolean threaded;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t made;  /* or ended */
  pthread_cond_t taken; /* or stopped */
  guint64 n_made;
  guint64 n_taken; /* the last one of these is being looked at */
  gboolean stopped;
  gboolean ended;
  FanoutLookup places[PLACES];
};

/* FALSE: there are none. */
static gboolean
look_up (FanoutLookups *self, FanoutLookup *lookup)
{
  const gsize n = (gsize) MIN ((guint64) FANOUT_LOOKUPS_ROWS, self->n_groups - self->n_done);

  if (n == 0 || self->full)
    return FALSE;
  lookup->first = self->n_done;
  lookup->n = n;
  lookup->full
      = fanout_table_merge (self->into, self->from, (guint32) self->n_done, n, lookup->ids) < n;
  lookup->n_groups = fanout_table_n_groups (self->into);
  self->n_done += n;
  self->full = lookup->full;
  return TRUE;
}

/* The place for the next ones, when it is free; NULL: none are wanted any more. */
static FanoutLookup *
await_place (FanoutLookups *self)
{
  FanoutLookup *place = NULL;

  pthread_mutex_lock (&self->mutex);
  /* What was taken last is being looked at. */
  while (!self->stopped && self->n_made + 1 >= MAX (self->n_taken, 1) + PLACES)
    pthread_cond_wait (&self->taken, &self->mutex);
  if (!self->stopped)
    place = &self->places[self->n_made % PLACES];
  pthread_mutex_unlock (&self->mutex);
  return place;
}

static gpointer
look_ahead (gpointer data)
{
  FanoutLookups *self = data;
  FanoutLookup *place;
  gboolean some = TRUE;

  while (some && (place = await_place (self)) != NULL)
    {
      some = look_up (self, place);
      pthread_mutex_lock (&self->mutex);
      if (some)
        self->n_made++;
      self->ended = !some;
      pthread_cond_signal (&self->made);
      pthread_mutex_unlock (&self->mutex);
    }
  return NULL;
}

FanoutLookups *
fanout_lookups_new (FanoutTable *into, const FanoutTable *from, gboolean threaded)
{
  FanoutLookups *self = g_new0 (FanoutLookups, 1);

  self->into = into;
  self->from = from;
  self->n_groups = fanout_table_n_groups (from);
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->made, NULL);
  pthread_cond_init (&self->taken, NULL);
  self->threaded = threaded && self->n_groups >= GROUPS_MIN
                   && pthread_create (&self->thread, NULL, look_ahead, self) == 0;
  return self;
}

static const FanoutLookup *
await_lookup (FanoutLookups *self)
{
  const FanoutLookup *lookup = NULL;

  pthread_mutex_lock (&self->mutex);
  while (self->n_taken == self->n_made && !self->ended)
    pthread_cond_wait (&self->made, &self->mutex);
  if (self->n_taken < self->n_made)
    lookup = &self->places[self->n_taken++ % PLACES];
  pthread_cond_signal (&self->taken);
  pthread_mutex_unlock (&self->mutex);
  return lookup;
}

const FanoutLookup *
fanout_lookups_next (FanoutLookups *self)
{
  if (self->threaded)
    return await_lookup (self);
  return look_up (self, self->places) ? self->places : NULL;
}

void
fanout_lookups_free (FanoutLookups *self)
{
  if (self == NULL)
    return;
  if (self->threaded)
    {
      pthread_mutex_lock (&self->mutex);
      self->stopped = TRUE;
      pthread_cond_signal (&self->taken);
      pthread_mutex_unlock (&self->mutex);
      pthread_join (self->thread, NULL);
    }
  pthread_cond_destroy (&self->made);
  pthread_cond_destroy (&self->taken);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}
