#pragma once

/** What was seen of a run at one moment, with all that it points to. It never changes. */

#include "core/fanoutd/monitor/references.h"
#include "core/pipeline/pipeline.h"

typedef struct
{
  References references;
  FanoutCounters counters;
  GArray *surveyed; /* of FanoutSurveyed; NULL: nobody knows */
  guint64 n_surveyed;
} Counted;

Counted *counted_new (const FanoutCounters *counters, const GArray *surveyed, guint64 n_surveyed);
Counted *counted_ref (Counted *counted);
void counted_unref (Counted *counted);
