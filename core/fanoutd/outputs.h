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
