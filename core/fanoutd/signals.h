#pragma once

/** SIGINT, SIGTERM and SIGHUP, where they were not ignored before: the first one while a pipeline
 * runs interrupts it; any other ends the program, and leaves nothing behind. A pipeline that is a
 * stream is asked by SIGHUP to read its configuration again, unless its terminal has gone, and by
 * SIGUSR1 for a checkpoint and results. */

#include "core/base/output.h"

#include <fanout/pipeline.h>

/** From now on; one pipeline at a time. `outputs` end with NULL, and stay until the release. */
void signals_catch (FanoutPipeline *pipeline, FanoutOutput *const *outputs);
/** Other outputs in place of those so far; NULL: none for now. */
void signals_use (FanoutOutput *const *outputs);
/** The one that came so far, 0: none. */
int signals_caught (void);
/** The run is over: the next signal ends the program. Answers the one that came, 0: none. */
int signals_settle (void);
/** As it was before; of the outputs nothing is left that was not committed. */
void signals_release (FanoutOutput *const *outputs);
/** Leave nothing behind: what handlers do before they end the program. */
void signals_clean (void);
/** End by the signal `number`, as if it had not been caught: whoever waits for the program sees
 * what became of it. Answers the exit code for where the system does not let it. */
int signals_end (int number);
