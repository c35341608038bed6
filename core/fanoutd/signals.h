#pragma once

/** SIGINT and SIGTERM while a pipeline runs: the first interrupts it, a second one ends the
 * program. */

#include <fanout/pipeline.h>

/** From now on; one pipeline at a time. */
void signals_catch (FanoutPipeline *pipeline);
/** No more. Answers the signal that came, 0: none. */
int signals_release (void);
