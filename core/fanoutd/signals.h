#pragma once

/** SIGINT, SIGTERM and SIGHUP, where they were not ignored before: the first one while a pipeline
 * runs interrupts it; any other ends the program, and leaves nothing behind. */

#include "core/base/output.h"

#include <fanout/pipeline.h>

/** From now on; one pipeline at a time. */
void signals_catch (FanoutPipeline *pipeline, FanoutOutput *output);
/** The run is over: the next signal ends the program. Answers the one that came, 0: none. */
int signals_settle (void);
/** As it was before; of `output`, which may be NULL, nothing is left that was not committed. */
void signals_release (FanoutOutput *output);
/** Leave nothing behind: what handlers do before they end the program. */
void signals_clean (void);
/** End by the signal `number`, as if it had not been caught: whoever waits for the program sees
 * what became of it. Answers the exit code for where the system does not let it. */
int signals_end (int number);
