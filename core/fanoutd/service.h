#pragma once

/** The manager of the service that this may be: systemd, by NOTIFY_SOCKET. */

#include "core/fanoutd/flow.h"
#include "core/pipeline/pipeline.h"

/** From now on its state is told, and, where the manager wants to hear so often that it is alive,
 * that: as long as all parts of the run come to a common rest, or wait for whoever takes what goes
 * out. Not before service_ready(). */
void service_watch (FanoutPipeline *pipeline, Flow *flow);
/** The inputs are open, and what comes is not lost. */
void service_ready (void);
/** The configuration is read again: service_ready() ends that. */
void service_reloading (void);
/** The run is over. */
void service_stopping (void);
