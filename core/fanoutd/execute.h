#pragma once

/** Running a loaded pipeline to its exit code. */

#include "core/fanoutd/arguments.h"

/** Run `pipeline`, print its results and all that is to be said about it. Answers the exit code. */
int execute (FanoutPipeline *pipeline, const Settings *settings);
/** Run `pipeline` and write its states to `settings->partial`. Answers the exit code. */
int execute_partial (FanoutPipeline *pipeline, const Settings *settings);
