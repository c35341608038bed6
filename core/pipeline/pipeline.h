#pragma once

/** Inside of <fanout/pipeline.h>. */

#include "core/plan/plan.h"

/** A pipeline from the text of an INI file in memory, called `name` in messages. */
FANOUT_API FanoutPipeline *fanout_pipeline_parse (FanoutRegistry *registry, const char *text,
                                                  gsize length, const char *name,
                                                  const char *folder, const char *const *overrides,
                                                  const char *const *inputs, GError **error);

const FanoutPlan *fanout_pipeline_plan (const FanoutPipeline *pipeline);
