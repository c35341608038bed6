#include "core/result/ahead.h"
#include "core/base/ring.h"
#include "core/handover/overflow.h"
#include "core/result/private.h"

enum
{
  ROWS_MIN = 1 << 16, /* fewer are made sooner than a thread gets going */
  PLACES = 8,         /* so that neither side waits each time the other one takes longer */
};

/* Where some rows lie: what of a FanoutOut their cells are in. */
typedef struct
{
  FanoutValue *values;
  GPtrArray *blocks;
  char *free;
  gsize n_free;
  FanoutRows rows;
} Place;

struct FanoutRowsAhead
{
  FanoutResult *result;
  pthread_t thread;
  FanoutRing ring;
  GError *error; /* at its end */
  Place places[PLACES];
};

static void
exchange (FanoutOut *out, Place *place)
{
  const Place theirs = *place;

  place->values = out->values;
  place->blocks = out->blocks;
  place->free = out->free;
  place->n_free = out->n_free;
  out->values = theirs.values;
  out->blocks = theirs.blocks;
  out->free = theirs.free;
  out->n_free = theirs.n_free;
}

static gpointer
make_rows (gpointer data)
{
  FanoutRowsAhead *self = data;
  FanoutOut *out = &self->result->out;
  gint next;

  fanout_guard_thread ();
  while ((next = fanout_ring_await (&self->ring)) >= 0)
    {
      Place *place = &self->places[next];
      const FanoutRows *rows;

      exchange (out, place);
      rows = fanout_result_next (self->result, &self->error);
      if (rows != NULL)
        place->rows = *rows;
      exchange (out, place);
      if (rows == NULL)
        break;
      fanout_ring_fill (&self->ring);
    }
  fanout_ring_end (&self->ring);
  return NULL;
}

/* What a part may do at the end besides: wait for others, or become null and be told of. */
static gboolean
is_alone (const FanoutResultPart *part)
{
  return part->operator_->end == NULL && (part->dropped || !part->drop);
}

static gboolean
may_be (const FanoutResult *result)
{
  if (!result->plan.threaded || result->rest != NULL
      || result->n_rows - MIN (result->next, result->n_rows) < ROWS_MIN)
    return FALSE;
  for (guint p = 0; p < result->plan.n_parts; p++)
    if (!is_alone (&result->parts[p]))
      return FALSE;
  return TRUE;
}

static void
release (FanoutRowsAhead *self)
{
  for (guint i = 0; i < PLACES; i++)
    {
      g_free (self->places[i].values);
      g_ptr_array_unref (self->places[i].blocks);
    }
  fanout_ring_clear (&self->ring);
  g_clear_error (&self->error);
  g_free (self);
}

FanoutRowsAhead *
fanout_rows_ahead_new (FanoutResult *result)
{
  FanoutRowsAhead *self;
  const FanoutOut *out = &result->out;

  if (!may_be (result))
    return NULL;
  self = g_new0 (FanoutRowsAhead, 1);
  self->result = result;
  fanout_ring_init (&self->ring, PLACES);
  for (guint i = 0; i < PLACES; i++)
    {
      self->places[i].values = g_new0 (FanoutValue, out->capacity * out->n_columns);
      self->places[i].blocks = g_ptr_array_new_with_free_func (g_free);
    }
  if (pthread_create (&self->thread, NULL, make_rows, self) == 0)
    return self;
  release (self);
  return NULL;
}

const FanoutRows *
fanout_rows_ahead_next (FanoutRowsAhead *self, GError **error)
{
  const gint place = fanout_ring_take (&self->ring);

  if (place >= 0)
    return &self->places[place].rows;
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return NULL;
}

void
fanout_rows_ahead_free (FanoutRowsAhead *self)
{
  if (self == NULL)
    return;
  fanout_ring_stop (&self->ring);
  pthread_join (self->thread, NULL);
  release (self);
}
