#pragma once

/**
 * Bytes that unpack others.
 *
 * A packed input is one member or more (frames or streams, in the words of some kinds), one behind
 * the other, with zeros between and behind them perhaps. No other byte may follow, and none may be
 * missing.
 */

#include "core/input/bytes.h"
#include "core/input/packed.h"
#include <stdatomic.h>

/**
 * The bytes that are packed in `inner`, which it frees; the `n_begun` bytes at `begun` were read
 * from it already. Members that tell their sizes are shared out to `n_threads` threads, if that is
 * not 0. What it allocates is counted in `memory`. NULL with `error`, and `inner` as it
 * was, when data of this kind cannot be unpacked here.
 */
FanoutBytes *fanout_unpack_new (FanoutBytes *inner, FanoutCompression kind, const char *begun,
                                gsize n_begun, guint n_threads, _Atomic gsize *memory,
                                GError **error);
