#pragma once

/** Inside of <fanout/pipeline.h>. */

#include "core/base/output.h"
#include "core/plan/plan.h"

/** A pipeline of `config` (taken over; NULL: it could not be read), called `name` in messages.
 * `errors` has the mistakes of its making. */
FANOUT_API FanoutPipeline *fanout_pipeline_new_from_config (FanoutRegistry *registry,
                                                            FanoutConfig *config, const char *name,
                                                            const char *const *inputs,
                                                            FanoutErrors *errors, GError **error);

/** What runs. It lives as long as the pipeline. */
FANOUT_API const FanoutPlan *fanout_pipeline_plan (const FanoutPipeline *pipeline);

/** Read one piece of the inputs alone, of which states can be written. FALSE with `error` where
 * they cannot be cut. */
FANOUT_API gboolean fanout_pipeline_set_part (FanoutPipeline *pipeline, const FanoutPart *part,
                                              GError **error);

/** fanout_pipeline_load_partials () with the keys of `over` in place of overrides. */
FANOUT_API FanoutPipeline *fanout_pipeline_merge (FanoutRegistry *registry,
                                                  const char *const *paths,
                                                  const FanoutConfig *over, FanoutErrors *errors,
                                                  GError **error);

/** fanout_pipeline_run_partial() to an output that is open already; it is committed. */
FANOUT_API gboolean fanout_pipeline_write_partial (FanoutPipeline *pipeline, FanoutOutput *output,
                                                   GCancellable *cancellable, GError **error);
