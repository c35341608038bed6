#include "core/handover/context.h"

void
fanout_context_init (FanoutContext *self, GMainContext *context)
{
  atomic_init (&self->context, context != NULL ? g_main_context_ref (context) : NULL);
  self->given = context != NULL;
  self->inside = FALSE;
  self->pushed = FALSE;
}

void
fanout_context_clear (FanoutContext *self)
{
  GMainContext *context = atomic_exchange (&self->context, NULL);
  if (context != NULL)
    g_main_context_unref (context);
}

GMainContext *
fanout_context_get (FanoutContext *self)
{
  GMainContext *context = atomic_load (&self->context);
  if (context != NULL)
    return context;
  GMainContext *made = g_main_context_new ();
  if (atomic_compare_exchange_strong (&self->context, &context, made))
    return made;
  g_main_context_unref (made);
  return context;
}

static void
push (FanoutContext *self)
{
  if (self->given || !self->inside || self->pushed)
    return;
  g_main_context_push_thread_default (atomic_load (&self->context));
  self->pushed = TRUE;
}

void
fanout_context_enter (FanoutContext *self)
{
  self->inside = TRUE;
  if (atomic_load (&self->context) != NULL)
    push (self);
}

void
fanout_context_leave (FanoutContext *self)
{
  if (self->pushed)
    g_main_context_pop_thread_default (atomic_load (&self->context));
  self->inside = FALSE;
  self->pushed = FALSE;
}

GMainContext *
fanout_context_use (FanoutContext *self)
{
  GMainContext *context = fanout_context_get (self);
  push (self);
  return context;
}
