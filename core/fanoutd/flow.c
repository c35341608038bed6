#include "core/fanoutd/flow.h"

#include <pthread.h>

struct Flow
{
  pthread_mutex_t mutex;
  guint64 bytes;
  gint64 blocked; /* microseconds, of what is done */
  gint64 begun;   /* g_get_monotonic_time; 0: nothing is written now */
  gint64 moved;   /* when a byte was last taken of that */
  char *name;
  char *reason;
};

Flow *
flow_new (void)
{
  Flow *self = g_new0 (Flow, 1);

  pthread_mutex_init (&self->mutex, NULL);
  return self;
}

void
flow_free (Flow *self)
{
  if (self == NULL)
    return;
  pthread_mutex_destroy (&self->mutex);
  g_free (self->name);
  g_free (self->reason);
  g_free (self);
}

void
flow_begin (Flow *self, const char *name)
{
  pthread_mutex_lock (&self->mutex);
  self->begun = self->moved = g_get_monotonic_time ();
  if (g_strcmp0 (self->name, name) != 0)
    {
      g_free (self->name);
      self->name = g_strdup (name);
    }
  pthread_mutex_unlock (&self->mutex);
}

void
flow_move (Flow *self, gsize bytes, const char *reason)
{
  pthread_mutex_lock (&self->mutex);
  self->bytes += bytes;
  if (bytes > 0)
    self->moved = g_get_monotonic_time ();
  if (reason != NULL)
    {
      g_free (self->reason);
      self->reason = g_strdup (reason);
    }
  pthread_mutex_unlock (&self->mutex);
}

void
flow_end (Flow *self)
{
  pthread_mutex_lock (&self->mutex);
  self->blocked += g_get_monotonic_time () - self->begun;
  self->begun = 0;
  g_clear_pointer (&self->reason, g_free);
  pthread_mutex_unlock (&self->mutex);
}

void
flow_read (Flow *self, FlowState *state)
{
  *state = (FlowState){ 0 };
  if (self == NULL)
    return;
  pthread_mutex_lock (&self->mutex);
  const gint64 now = g_get_monotonic_time ();
  state->bytes = self->bytes;
  state->blocked = (double) (self->blocked + (self->begun > 0 ? now - self->begun : 0)) * 1e-6;
  if (self->begun > 0)
    {
      state->standing = (double) (now - self->moved) * 1e-6;
      state->name = g_strdup (self->name);
      state->reason = g_strdup (self->reason);
    }
  pthread_mutex_unlock (&self->mutex);
}

void
flow_state_clear (FlowState *state)
{
  g_clear_pointer (&state->name, g_free);
  g_clear_pointer (&state->reason, g_free);
}
