#pragma once

/** Bytes that a thread of their own reads from others, ahead of who reads them. */

#include "core/input/bytes.h"
#include <stdatomic.h>

/** Frees `inner`. It holds up to `room` bytes, and a little more; what it allocates is counted in
 * `memory`. NULL with `error`, and `inner` as it was, where the system has no more threads or file
 * descriptors. */
FanoutBytes *fanout_ahead_new (FanoutBytes *inner, gsize room, _Atomic gsize *memory,
                               GError **error);

/** From now on. Any thread. */
void fanout_ahead_set_room (FanoutBytes *ahead, gsize room);
