#pragma once

/** Loop operators: an ordinary blocking function for each state, on a fiber of its own. */

#include "core/handover/node.h"

/** Most groups of a loop operator: each has a stack. */
#define FANOUT_LOOPS_MAX 10000

FanoutLoops *fanout_loops_new (FanoutNode *node);
void fanout_loops_free (FanoutLoops *loops);
/** In place of the operator's update. */
FanoutAnswer fanout_loops_update (gpointer states, const FanoutInput *input);
/** Let every function return. */
void fanout_loops_end (FanoutLoops *loops);
