#pragma once

/** Switching stacks: Boost.Context where there is one, ucontext elsewhere. */

#include <glib.h>

/** A stack that does not run now. */
typedef struct FanoutSwitch FanoutSwitch;

struct FanoutSwitch
{
  gpointer place;   /* where to go on: the backend's own */
  FanoutSwitch *to; /* where it went last */
  void (*entry) (gpointer data);
  gpointer data;
};

/** Lay `entry (data)` on the stack [base, base + size): it begins at the first switch to it and
 * must not return. FALSE when the backend refuses. */
gboolean fanout_switch_make (FanoutSwitch *self, gpointer base, gsize size,
                             void (*entry) (gpointer data), gpointer data);
/** Free what `make` allocated; the stack stays the caller's. */
void fanout_switch_clear (FanoutSwitch *self);

/** Leave the running stack as `from`, go on with `to`. */
void fanout_switch (FanoutSwitch *from, FanoutSwitch *to);
