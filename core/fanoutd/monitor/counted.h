#pragma once

/** Counters of one moment, with all that they point to. They never change. */

#include <fanout/pipeline.h>

typedef struct
{
  _Atomic guint references;
  FanoutCounters counters;
} Counted;

Counted *counted_new (const FanoutCounters *counters);
Counted *counted_ref (Counted *counted);
/** NULL is ignored. */
void counted_unref (Counted *counted);
