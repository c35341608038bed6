#include "core/pass/lookups.h"

#include "core/base/ring.h"

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
  FanoutRing ring;
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

static gpointer
look_ahead (gpointer data)
{
  FanoutLookups *self = data;
  gint place;

  while ((place = fanout_ring_await (&self->ring)) >= 0 && look_up (self, &self->places[place]))
    fanout_ring_fill (&self->ring);
  fanout_ring_end (&self->ring);
  return NULL;
}

FanoutLookups *
fanout_lookups_new (FanoutTable *into, const FanoutTable *from, gboolean threaded)
{
  FanoutLookups *self = g_new0 (FanoutLookups, 1);

  self->into = into;
  self->from = from;
  self->n_groups = fanout_table_n_groups (from);
  fanout_ring_init (&self->ring, PLACES);
  self->threaded = threaded && self->n_groups >= GROUPS_MIN
                   && pthread_create (&self->thread, NULL, look_ahead, self) == 0;
  return self;
}

const FanoutLookup *
fanout_lookups_next (FanoutLookups *self)
{
  gint place;

  if (!self->threaded)
    return look_up (self, self->places) ? self->places : NULL;
  place = fanout_ring_take (&self->ring);
  return place >= 0 ? &self->places[place] : NULL;
}

void
fanout_lookups_free (FanoutLookups *self)
{
  if (self == NULL)
    return;
  if (self->threaded)
    {
      fanout_ring_stop (&self->ring);
      pthread_join (self->thread, NULL);
    }
  fanout_ring_clear (&self->ring);
  g_free (self);
}
