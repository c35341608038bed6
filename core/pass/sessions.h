#pragma once

/** Sessions that are over: their pieces, of all partitions, combined. */

#include "core/pass/closing.h"

/** As fanout_passes_close(): the sessions whose last row is not behind `over`, in the order of
 * their ends. */
gboolean fanout_passes_close_sessions (FanoutPasses *passes, gint64 over, FanoutWindowDo do_,
                                       gpointer data, GError **error);
