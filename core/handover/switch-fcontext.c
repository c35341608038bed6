#include "core/handover/switch.h"

/* Boost.Context has no C header: these are its two prototypes. */
typedef struct
{
  void *context;
  void *data;
} Transfer;

Transfer jump_fcontext (void *to, void *data);
void *make_fcontext (void *top, size_t size, void (*entry) (Transfer));

/* What a jump brings along: where it came from, and who is meant. */
typedef struct
{
  FanoutSwitch *from;
  FanoutSwitch *to;
} Jump;

static void
begin (Transfer arrival)
{
  const Jump *jump = arrival.data;
  FanoutSwitch *to = jump->to;
  jump->from->place = arrival.context;
  to->entry (to->data);
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
  Jump jump = { from, to };
  Transfer arrival = jump_fcontext (to->place, &jump);
  ((const Jump *) arrival.data)->from->place = arrival.context;
}
