#include "core/partial.h"
#include "core/pipeline-private.h"

#include <fanout/error.h>
#include <string.h>

static gboolean
check_possible (const FanoutPlan *plan, GError **error)
{
  FanoutErrors errors;
  fanout_errors_init (&errors);
  fanout_partial_possible (plan, &errors);
  gboolean possible = fanout_errors_raise (&errors, error);
  fanout_errors_clear (&errors);
  return possible;
}

static guint64
end_of (const FanoutPasses *passes)
{
  guint64 end = 0;
  for (guint i = 0; i < passes->n_partitions; i++)
    {
      FanoutFeedCounters feed;
      fanout_feed_counters (passes->partitions[i]->feed, &feed);
      end = MAX (end, feed.end);
    }
  return end;
}

/* What was read before an interruption is not what the file would be taken for. */
static gboolean
write_file (FanoutPipeline *pipeline, FanoutPasses *passes, guint64 end, const char *path,
            GError **error)
{
  const FanoutCounters *counted = &pipeline->counters;
  if (counted->interrupted)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                   "%s: not written, the run was interrupted", path);
      return FALSE;
    }
  FanoutPartialCounters counters = {
    .end = end,
    .rows = counted->rows,
    .rows_skipped = counted->rows_skipped,
    .values_nulled = counted->values_nulled,
    .integers_rounded = counted->integers_rounded,
  };
  g_autoptr (FanoutOutput) output
      = fanout_output_open (path, fanout_pipeline_inputs (pipeline), error);
  return output != NULL
         && fanout_partial_write (passes->partitions[0], &counters, output, error)
         && fanout_output_sync (output, error) && fanout_output_commit (output, error);
}

gboolean
fanout_pipeline_run_partial (FanoutPipeline *pipeline, const char *path, GCancellable *cancellable,
                             GError **error)
{
  if (!check_possible (pipeline->plan, error))
    return FALSE;
  FanoutRun *run = fanout_pipeline_begin (pipeline, cancellable, error);
  if (run == NULL)
    return FALSE;
  g_autoptr (FanoutPasses) passes
      = fanout_passes_new (run, fanout_plan_partitions (pipeline->plan, run->reader));
  fanout_passes_run (passes);
  guint64 end = end_of (passes);
  return fanout_pipeline_settle (pipeline, passes, error)
         && write_file (pipeline, passes, end, path, error);
}

FanoutPipeline *
fanout_pipeline_load_partials (FanoutRegistry *registry, const char *const *paths,
                               const char *const *overrides, GError **error)
{
  g_autoptr (FanoutPartial) first = fanout_partial_open (paths[0], error);
  if (first == NULL)
    return NULL;
  gsize length;
  const char *text = fanout_partial_text (first, &length);
  FanoutErrors errors;
  fanout_errors_init (&errors);
  FanoutConfig *config = fanout_config_parse (text, length, paths[0], NULL, overrides, &errors);
  FanoutPlan *plan = fanout_plan_new_merge (registry, config, paths[0], &errors, error);
  fanout_errors_clear (&errors);
  if (plan == NULL)
    return NULL;
  FanoutPipeline *pipeline = fanout_pipeline_new (plan);
  pipeline->partials = g_strdupv ((char **) paths);
  return pipeline;
}

static void
add_counters (FanoutCounters *counters, const FanoutPartialCounters *part)
{
  counters->rows += part->rows;
  counters->rows_skipped += part->rows_skipped;
  counters->rows_processed += part->rows - part->rows_skipped;
  counters->values_nulled += part->values_nulled;
  counters->integers_rounded += part->integers_rounded;
}

static gboolean
merge_all (FanoutPipeline *pipeline, FanoutPartition *whole, FanoutCounters *counters,
           GError **error)
{
  guint64 end = 0;
  for (char **path = pipeline->partials; *path != NULL; path++)
    {
      g_autoptr (FanoutPartial) part = fanout_partial_open (*path, error);
      if (part == NULL || !fanout_partial_merge (part, whole, end, error))
        return FALSE;
      const FanoutPartialCounters *counted = fanout_partial_counters (part);
      end += counted->end;
      add_counters (counters, counted);
      if (!fanout_memory_limit_exceeded (&whole->run->limit))
        continue;
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
                   "%s: states and keys take more than [pipeline] max-memory allows", *path);
      return FALSE;
    }
  return TRUE;
}

FanoutPasses *
fanout_pipeline_merge_partials (FanoutPipeline *pipeline, GError **error)
{
  FanoutRun *run = fanout_pipeline_begin (pipeline, NULL, error);
  if (run == NULL)
    return NULL;
  g_autoptr (FanoutPasses) passes = fanout_passes_new_empty (run);
  FanoutCounters counters = { 0 };
  gboolean done = merge_all (pipeline, passes->partitions[0], &counters, error);
  gboolean settled = fanout_pipeline_settle (pipeline, passes, done ? error : NULL);
  add_counters (&pipeline->counters,
                &(FanoutPartialCounters){ .rows = counters.rows,
                                          .rows_skipped = counters.rows_skipped,
                                          .values_nulled = counters.values_nulled,
                                          .integers_rounded = counters.integers_rounded });
  return done && settled ? g_steal_pointer (&passes) : NULL;
}
