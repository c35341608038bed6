#pragma once

/** Windows that are over: their slices, of all partitions, combined. */

#include "core/pass/closing.h"

/** While all partitions rest, or have ended: the windows up to `over`, in their order; what only
 * they needed is given back. `before` is not called for sessions. */
gboolean fanout_passes_close (FanoutPasses *passes, gint64 over, FanoutWindowBefore before,
                              FanoutWindowDo do_, gpointer data, GError **error);
