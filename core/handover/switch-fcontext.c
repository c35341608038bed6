#include "core/handover/switch.h"

/* Boost.Context has no C header: these are its two prototypes. */
typedef struct
{
  void *context;
  void *data;
} Transfer;

Transfer jump_fcontext (void *to, void *data);
void *make_fcontext (void *top, size_t size, void (*entry) (Transfer));

static void
begin (Transfer arrival)
{
  FanoutSwitch *from = arrival.data;
  from->place = arrival.context;
  from->to->entry (from->to->data);
  g_assert_not_reached ();
}

gboolean
fanout_switch_make (FanoutSwitch *self, gpointer base, gsize size, void (*entry) (gpointer data),
                    gpointer data)
{
  self->entry = entry;
  self->data = data;
  self->place = make_fcontext ((char *) base + (size & ~(gsize) 15), size, begin);
  return TRUE;
}

void
fanout_switch_clear (FanoutSwitch *self)
{
  self->place = NULL;
}

void
fanout_switch (FanoutSwitch *from, FanoutSwitch *to)
{
  from->to = to;
  Transfer arrival = jump_fcontext (to->place, from);
  ((FanoutSwitch *) arrival.data)->place = arrival.context;
}
