#pragma once

/** Two halves of some work beside each other. */

#include <glib.h>

enum
{
  FANOUT_HALVES_MIN = 1 << 14, /* fewer items are done sooner than a thread gets going */
};

/** Do `work` for `a` and for `b`; `threaded`: for `b` in a thread of its own, where there can be
 * one. Returns when both are done. */
void fanout_halves (void (*work) (gpointer half), gpointer a, gpointer b, gboolean threaded);
