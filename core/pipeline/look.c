#include "core/pipeline/private.h"

#include "core/pass/gather.h"

enum
{
  /* A look costs the run no more than one part of so many, and there are no more than some in a
   * second: to rest takes its time, too. */
  LOOK_SHARE = 50,
  LOOK_TIME = 200 * 1000,
  INPUTS_MAX = 100, /* that are told of each by itself */
};

void
fanout_pipeline_on_look (FanoutPipeline *pipeline, FanoutLookFunction function, gpointer data)
{
  pipeline->look = function;
  pipeline->look_data = data;
}

gboolean
fanout_pipeline_look (FanoutPipeline *pipeline)
{
  if (!atomic_load (&pipeline->may_look)
      || g_get_monotonic_time () < atomic_load (&pipeline->next_look))
    return FALSE;
  /* As for who interrupts: the run stays until all are out of here. */
  atomic_fetch_add (&pipeline->interrupting, 1);
  FanoutRun *run = atomic_load (&pipeline->run);
  const gboolean may = run != NULL && atomic_load (&pipeline->may_look);
  if (may)
    {
      atomic_store (&pipeline->look_wanted, TRUE);
      fanout_rest_want (&run->rest);
    }
  atomic_fetch_sub (&pipeline->interrupting, 1);
  return may;
}

gboolean
fanout_pipeline_looks (const FanoutPipeline *pipeline)
{
  return pipeline->look != NULL;
}

/* Whether there is room for a second copy of all states; none is worth a failure. */
static gboolean
can_copy (const FanoutPlan *plan, FanoutMemoryLimit *limit)
{
  for (guint i = 0; i < plan->n_aggregates; i++)
    if (fanout_plan_why_at_end (plan->aggregates[i].operator_) != NULL)
      return FALSE;
  return atomic_load (&limit->reserved) < limit->limit / 4;
}

static FanoutResult *
results_so_far (FanoutPipeline *pipeline, const FanoutPasses *passes)
{
  const gint64 now = fanout_clock_real (pipeline->plan->reader.clock) * 1000;
  const FanoutWindow at = { now, now };
  if (pipeline->plan->window != NULL || !can_copy (pipeline->plan, &passes->run->limit))
    return NULL;
  FanoutPasses *groups = fanout_passes_snapshot (passes, NULL);
  return groups != NULL ? fanout_pipeline_make_result (pipeline, groups, &at, NULL) : NULL;
}

gboolean
fanout_pipeline_is_looked_at (FanoutPipeline *pipeline)
{
  return atomic_load (&pipeline->look_wanted);
}

void
fanout_pipeline_show (FanoutPipeline *pipeline, const FanoutPasses *passes)
{
  const gint64 start = g_get_monotonic_time ();
  atomic_store (&pipeline->look_wanted, FALSE);
  FanoutCounters counters = pipeline->counters;
  counters.size = sizeof counters;
  counters.aggregate_size = sizeof (FanoutAggregateCounters);
  FanoutLook look = { .counters = &counters, .result = results_so_far (pipeline, passes) };
  g_autoptr (GArray) inputs
      = passes->run->reader != NULL
            ? fanout_reader_survey (passes->run->reader, INPUTS_MAX, &look.n_inputs)
            : NULL;
  look.inputs = inputs;
  pipeline->look (pipeline->look_data, &look);
  fanout_result_free (look.result);
  const gint64 end = g_get_monotonic_time ();
  atomic_store (&pipeline->next_look, end + MAX ((end - start) * LOOK_SHARE, (gint64) LOOK_TIME));
}
