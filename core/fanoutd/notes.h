#pragma once

/** What should be known about a run besides its results. */

#include <fanout/pipeline.h>

/** What is known before the run. */
void notes_print_inputs (FanoutPipeline *pipeline);
/** One line each on standard error, after the results have been read. */
void notes_print (FanoutPipeline *pipeline, const FanoutCounters *counters, FanoutResult *result);
/** Whether an aggregate was dropped. */
gboolean notes_any_dropped (const FanoutCounters *counters);

/** Which columns of a result (NULL: of none) are approximate, and how: a line each, ends with NULL.
 * Owned by the caller. */
char **notes_approximate (FanoutResult *result);
