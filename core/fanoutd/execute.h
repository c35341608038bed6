#pragma once

/** Running a loaded pipeline to its exit code. */

#include "core/fanoutd/arguments.h"

/** Run `pipeline`, print its results and all that is to be said about it. Answers the exit code. */
int execute (FanoutPipeline *pipeline, const Settings *settings);
