#include "core/handover/switch.h"

#include <ucontext.h>

/* makecontext passes ints, so a pointer travels in two halves. */
static void
begin (guint high, guint low)
{
  FanoutSwitch *self = GSIZE_TO_POINTER ((gsize) (((guint64) high << 32) | low));
  self->entry (self->data);
  g_assert_not_reached ();
}

gboolean
fanout_switch_make (FanoutSwitch *self, gpointer base, gsize size, void (*entry) (gpointer data),
                    gpointer data)
{
  ucontext_t *place = g_new0 (ucontext_t, 1);
  self->place = place;
  if (getcontext (place) != 0)
    return FALSE;
  place->uc_stack.ss_sp = base;
  place->uc_stack.ss_size = size;
  self->entry = entry;
  self->data = data;
  guint64 address = GPOINTER_TO_SIZE (self);
  makecontext (place, (void (*) (void)) begin, 2, (guint) (address >> 32), (guint) address);
  return TRUE;
}

void
fanout_switch_clear (FanoutSwitch *self)
{
  g_clear_pointer (&self->place, g_free);
}

void
fanout_switch (FanoutSwitch *from, FanoutSwitch *to)
{
  if (from->place == NULL)
    from->place = g_new0 (ucontext_t, 1);
  swapcontext (from->place, to->place);
}
