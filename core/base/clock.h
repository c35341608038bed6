#pragma once

/** What time it is, from somewhere that tests can replace: nothing that waits asks the system
 * itself. */

#include <glib.h>

typedef struct FanoutClock FanoutClock;

struct FanoutClock
{
  gint64 (*monotonic) (const FanoutClock *clock);
  gint64 (*real) (const FanoutClock *clock);
};

/** Microseconds since some moment; never fewer than before. `clock` NULL: the system's, here and
 * below. */
static inline gint64
fanout_clock_monotonic (const FanoutClock *clock)
{
  return clock != NULL ? clock->monotonic (clock) : g_get_monotonic_time ();
}

/** Microseconds since 1970 UTC, as they are set: they may go back. */
static inline gint64
fanout_clock_real (const FanoutClock *clock)
{
  return clock != NULL ? clock->real (clock) : g_get_real_time ();
}
