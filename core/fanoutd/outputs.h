#pragma once

/** Where the results of a run go: files that appear when all is well, or, of a stream, that are
 * written on at their ends. */

#include "core/base/output.h"
#include "core/fanoutd/flow.h"
#include "core/fanoutd/monitor/monitor.h"
#include "core/pipeline/pipeline.h"

typedef struct Outputs Outputs;

/** `piped`: what looks like a terminal is somebody else's. `flow` is told what is written. */
Outputs *outputs_new (FanoutPipeline *pipeline, gboolean piped, Flow *flow);
void outputs_free (Outputs *outputs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outputs, outputs_free)

/** Open those that are known before the run. FALSE with `error`. */
gboolean outputs_open (Outputs *outputs, GError **error);
/** Those that a signal leaves nothing of; ends with NULL. */
FanoutOutput *const *outputs_replaced (const Outputs *outputs);

/** Make ready those of a pipeline that is to come in place of the one that runs. FALSE with
 * `error`: they are as they were. */
gboolean outputs_prepare (Outputs *outputs, FanoutPipeline *next, GError **error);
/** It has come: results go there from now on. What is wrong with what they leave is told. */
void outputs_turn (Outputs *outputs);
/** It has not. */
void outputs_stay (Outputs *outputs);

/** `monitor` (NULL: none) sees what comes before the end too. */
void outputs_watch (Outputs *outputs, Monitor *monitor);

/** Handlers of a stream that write to them; `outputs` must outlive the run. */
FanoutStreamHandlers outputs_handlers (Outputs *outputs);

/** Write the result of the whole run, or what ends those that were told before, and let the files
 * appear: all or none, as far as it goes. */
gboolean outputs_end (Outputs *outputs, FanoutResult *result, GError **error);

/** What was said of approximate columns in results that came before the end: lines for people, each
 * once; ends with NULL. */
const char *const *outputs_approximate (const Outputs *outputs);
