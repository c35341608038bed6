#pragma once

/** A partition as a GSource: hand-overs on a GMainContext, for a millisecond at a time. */

#include "core/pass/partition.h"

/** Attach to the partition's context; `done` is called there once the partition is done, then the
 * source is gone. Both are borrowed. */
GSource *fanout_pump_new (FanoutPartition *partition, GSourceFunc done, gpointer user_data);
