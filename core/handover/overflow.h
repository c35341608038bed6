#pragma once

/** Who ran over the end of a fiber's stack: a signal handler can tell, by the address. */

#include <fanout/abi.h>

/** A stretch of addresses below a stack that nothing may touch. */
typedef struct FanoutGuard
{
  const guint8 *from;
  gsize size;
  const char *owner; /* name of the aggregate whose stack it is; NULL: not known */
  struct FanoutGuard *before;
  struct FanoutGuard *after;
} FanoutGuard;

/** From now on, until it is taken back; `guard` stays where it is. Any thread. */
void fanout_guard_add (FanoutGuard *guard);
void fanout_guard_remove (FanoutGuard *guard);

/** The guard that `address` is in, or NULL. Safe in a signal handler: it takes no lock. */
FANOUT_API const FanoutGuard *fanout_guard_find (const void *address);

/** Signal handlers that ask for it (SA_ONSTACK) run on a stack of their own in this thread, until
 * it ends; where none is asked for nothing happens. */
void fanout_guard_thread (void);
/** It is asked for, for threads from now on, and for this one. */
FANOUT_API void fanout_guard_threads (void);
