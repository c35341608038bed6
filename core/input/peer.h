#pragma once

/** Bytes that somebody sends. */

#include "core/input/bytes.h"
#include <stdatomic.h>

/** Those of a connection, up to its end, however it ends; takes `fd`. */
FanoutBytes *fanout_peer_new (int fd, const char *name);
/** Those of datagrams, of which each ends a row; takes `fd`, which does not block. What the kernel
 * had to drop is counted in `dropped`. `one`: a read is of one of them. */
FanoutBytes *fanout_datagrams_new (int fd, const char *name, gboolean one,
                                   _Atomic guint64 *dropped);
/** Whether the bytes that were read last end a datagram, where a read is of `one`. */
gboolean fanout_datagrams_at_end (const FanoutBytes *bytes);
