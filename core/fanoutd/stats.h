#pragma once

/** The JSON object of --stats. */

#include <fanout/pipeline.h>

/** Print it on standard error. `result` is NULL when there are no results. */
void stats_print (const FanoutCounters *counters, FanoutResult *result);
