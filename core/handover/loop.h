#pragma once

/** Loop operators: an ordinary blocking function for each state, on a fiber of its own. */

#include "core/handover/node.h"

/** Most groups of a loop operator: each has a stack. */
#define FANOUT_LOOPS_MAX 10000

/** Let a node whose operator is a loop take batches; any other stays as it is. */
FANOUT_API void fanout_loops_adapt (FanoutNode *node);
