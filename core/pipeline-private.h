#pragma once

/** A pipeline's inside, and what counts its runs. */

#include "core/passes.h"
#include "core/pipeline.h"

struct FanoutPipeline
{
  FanoutPlan *plan;
  _Atomic (FanoutRun *) run; /* the one that goes on, or the last */
  _Atomic gboolean interrupted;
  pthread_mutex_t mutex; /* of the counters */
  gboolean running;
  FanoutCounters counters;
  FanoutAggregateCounters *aggregate_counters;
  char **texts; /* what the counters point to */
};

/** Before the merge, which moves states and counts from one partition to another. */
void fanout_pipeline_count (FanoutPipeline *pipeline, const FanoutPasses *passes);
/** What only the merged table knows. */
void fanout_pipeline_count_merged (FanoutPipeline *pipeline, const FanoutPasses *passes);
/** What is known of a run while it goes on. */
void fanout_count_run (FanoutCounters *counters, FanoutRun *run);
