#pragma once

/** A look into a run from outside, by HTTP: a page, metrics, results, health. */

#include "core/fanoutd/flow.h"

#include <fanout/pipeline.h>

typedef struct Monitor Monitor;

/** Listen as [monitor] of the pipeline has it, before its run; `monitor` stays NULL where it has
 * none. FALSE with `error` where that cannot be. */
gboolean monitor_start (FanoutPipeline *pipeline, Monitor **monitor, GError **error);

/* All of these ignore NULL. */

/** Results go out by `flow`, which stays as long as the monitor. */
void monitor_watch (Monitor *monitor, Flow *flow);
/** Keep a copy of results. Any thread, one at a time. */
void monitor_take (Monitor *monitor, FanoutResult *result);
/** The pipeline has another plan; while nothing of the run goes on. */
void monitor_turn (Monitor *monitor);
/** The run has ended; `failure`: why it has no results, NULL: it has. */
void monitor_end (Monitor *monitor, const char *failure);
/** Who looks on sees the end; then it is over. Before the pipeline is freed. */
void monitor_stop (Monitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Monitor, monitor_stop)
