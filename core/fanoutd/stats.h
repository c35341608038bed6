#pragma once

/** The JSON object of --stats. */

#include "core/fanoutd/flow.h"

#include <fanout/pipeline.h>

/** Append it; `output` is how results go out. `result` is NULL when there are no results. */
void stats_append (GString *json, const FanoutCounters *counters, const FlowState *output,
                   FanoutResult *result);
/** Print it on standard error; `flow` (nullable) is where results went, `more` (nullable) has
 * further members. */
void stats_print (const FanoutCounters *counters, Flow *flow, FanoutResult *result,
                  const char *more);

/** Seconds since the last checkpoint, or by which the watermark is behind the clock; negative:
 * there is none. */
double stats_checkpoint_age (const FanoutCounters *counters);
double stats_lag (const FanoutCounters *counters);
