#include "core/result/ahead.h"
#include "core/handover/overflow.h"
#include "core/result/private.h"

#include <pthread.h>

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
  pthread_mutex_t mutex;
  pthread_cond_t made;  /* or ended */
  pthread_cond_t taken; /* or stopped */
  guint64 n_made;
  guint64 n_taken; /* the last one of these is being looked at */
  gboolean stopped;
  gboolean ended;
  GError *error;
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

/* The place for the next rows, when it is free; NULL: none are wanted any more. */
static Place *
await_place (FanoutRowsAhead *self)
{
  Place *place = NULL;

  pthread_mutex_lock (&self->mutex);
  /* The rows that were taken last are being looked at. */
  while (!self->stopped && self->n_made + 1 >= MAX (self->n_taken, 1) + PLACES)
    pthread_cond_wait (&self->taken, &self->mutex);
  if (!self->stopped)
    place = &self->places[self->n_made % PLACES];
  pthread_mutex_unlock (&self->mutex);
  return place;
}

static void
tell_made (FanoutRowsAhead *self, gboolean ended, GError *error)
{
  pthread_mutex_lock (&self->mutex);
  self->n_made += !ended;
  self->ended = ended;
  self->error = error;
  pthread_cond_signal (&self->made);
  pthread_mutex_unlock (&self->mutex);
}

static gpointer
make_rows (gpointer data)
{
  FanoutRowsAhead *self = data;
  FanoutOut *out = &self->result->out;
  Place *place;

  fanout_guard_thread ();
  while ((place = await_place (self)) != NULL)
    {
      GError *error = NULL;
      const FanoutRows *rows;

      exchange (out, place);
      rows = fanout_result_next (self->result, &error);
      if (rows != NULL)
        place->rows = *rows;
      exchange (out, place);
      tell_made (self, rows == NULL, error);
      if (rows == NULL)
        break;
    }
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
  if (result->plan.n_threads < 2 || result->rest != NULL
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
  pthread_cond_destroy (&self->made);
  pthread_cond_destroy (&self->taken);
  pthread_mutex_destroy (&self->mutex);
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
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->made, NULL);
  pthread_cond_init (&self->taken, NULL);
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
  const FanoutRows *rows = NULL;

  pthread_mutex_lock (&self->mutex);
  while (self->n_taken == self->n_made && !self->ended)
    pthread_cond_wait (&self->made, &self->mutex);
  if (self->n_taken < self->n_made)
    rows = &self->places[self->n_taken++ % PLACES].rows;
  else if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  pthread_cond_signal (&self->taken);
  pthread_mutex_unlock (&self->mutex);
  return rows;
}

void
fanout_rows_ahead_free (FanoutRowsAhead *self)
{
  if (self == NULL)
    return;
  pthread_mutex_lock (&self->mutex);
  self->stopped = TRUE;
  pthread_cond_signal (&self->taken);
  pthread_mutex_unlock (&self->mutex);
  pthread_join (self->thread, NULL);
  release (self);
}
