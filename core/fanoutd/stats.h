#pragma once

/** The JSON object of --stats. */

#include <fanout/pipeline.h>

/** Append it. `result` is NULL when there are no results. */
void stats_append (GString *json, const FanoutCounters *counters, FanoutResult *result);
/** Print it on standard error; `more` (nullable) has further members. */
void stats_print (const FanoutCounters *counters, FanoutResult *result, const char *more);
