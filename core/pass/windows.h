#pragma once

/** Windows that are over: their slices, of all partitions, combined. */

#include "core/pass/passes.h"

/** One window. */
typedef struct
{
  FanoutInstant start;
  FanoutInstant end; /* behind it */
} FanoutWindow;

/** What is done with the groups of a window, which are in the one partition of `groups`, taken
 * over. FALSE with `error`: no more. */
typedef gboolean (*FanoutWindowDo) (gpointer data, FanoutPasses *groups, const FanoutWindow *window,
                                    GError **error);

/** While all partitions rest, or have ended: the windows up to `over`, in their order; what only
 * they needed is given back. */
gboolean fanout_passes_close (FanoutPasses *passes, gint64 over, FanoutWindowDo do_, gpointer data,
                              GError **error);
