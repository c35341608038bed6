#pragma once

/** A clock that stands still until a test moves it. */

#include "core/base/clock.h"

#include <stdatomic.h>

typedef struct
{
  FanoutClock clock;
  _Atomic gint64 monotonic;
  _Atomic gint64 real;
} HeldClock;

static inline gint64
held_monotonic (const FanoutClock *clock)
{
  return atomic_load (&((const HeldClock *) clock)->monotonic);
}

static inline gint64
held_real (const FanoutClock *clock)
{
  return atomic_load (&((const HeldClock *) clock)->real);
}

static inline HeldClock
held_clock (gint64 real)
{
  const HeldClock held = { { held_monotonic, held_real }, 0, real };

  return held;
}

static inline void
held_clock_move (HeldClock *held, gint64 microseconds)
{
  atomic_fetch_add (&held->monotonic, microseconds);
  atomic_fetch_add (&held->real, microseconds);
}
