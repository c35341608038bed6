#include "core/partial/partial.h"
#include "core/base/gio.h"
#include "core/pipeline/private.h"

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

/* What was read before an interruption is not what the file would be taken for. */
static gboolean
write_states (FanoutPipeline *pipeline, FanoutPasses *passes, guint64 end, FanoutOutput *output,
              GError **error)
{
  const FanoutCounters *counted = &pipeline->counters;
  if (counted->interrupted)
    {
      g_set_error (error, FANOUT_IO_ERROR, G_IO_ERROR_CANCELLED,
                   "%s: not written, the run was interrupted", fanout_output_name (output));
      return FALSE;
    }
  FanoutPartialCounters counters = {
    .end = end,
    .enough = atomic_load (&passes->run->enough),
    .rows = counted->rows,
    .rows_filtered = counted->rows_filtered,
    .rows_skipped = counted->rows_skipped,
    .values_nulled = counted->values_nulled,
    .numbers_rounded = counted->numbers_rounded,
    .first_skipped = counted->first_skipped,
    .first_skipped_line = counted->first_skipped_line,
    .first_skipped_last = counted->first_skipped_last,
    .first_nulled = counted->first_nulled,
    .first_rounded = counted->first_rounded,
  };
  return fanout_partial_write (passes->partitions[0], &counters, output, error)
         && fanout_output_commit (output, error);
}

static gboolean
read_and_write (FanoutPipeline *pipeline, FanoutOutput *output, GCancellable *cancellable,
                GError **error)
{
  guint64 end;
  g_autoptr (FanoutPasses) passes = fanout_pipeline_read_all (pipeline, cancellable, &end, error);
  return passes != NULL && write_states (pipeline, passes, end, output, error);
}

gboolean
fanout_pipeline_write_partial (FanoutPipeline *pipeline, FanoutOutput *output,
                               GCancellable *cancellable, GError **error)
{
  if (!check_possible (pipeline->plan, error) || !fanout_pipeline_set_busy (pipeline, error))
    return FALSE;
  gboolean written = read_and_write (pipeline, output, cancellable, error);
  fanout_pipeline_end (pipeline);
  return written;
}

gboolean
fanout_pipeline_run_partial (FanoutPipeline *pipeline, const char *path, GCancellable *cancellable,
                             GError **error)
{
  if (!fanout_pipeline_check_unfed (pipeline, error) || !check_possible (pipeline->plan, error)
      || !fanout_pipeline_set_busy (pipeline, error))
    return FALSE;
  /* Before the run: it may be long, and what is wrong is known now. */
  g_autoptr (FanoutOutput) output
      = fanout_output_open (path, fanout_pipeline_inputs (pipeline), error);
  gboolean written = output != NULL && read_and_write (pipeline, output, cancellable, error);
  fanout_pipeline_end (pipeline);
  return written;
}

FanoutPipeline *
fanout_pipeline_merge (FanoutRegistry *registry, const char *const *paths, const FanoutConfig *over,
                       FanoutErrors *errors, GError **error)
{
  g_autoptr (FanoutPartial) first = fanout_partial_open (paths[0], error);
  if (first == NULL)
    return NULL;
  gsize length;
  const char *text = fanout_partial_text (first, &length);
  const char *name = fanout_partial_name (first);
  FanoutConfig *config = fanout_config_parse_written (text, length, name, errors);
  fanout_config_lay (config, over);
  g_autoptr (FanoutPlan) plan = fanout_plan_new_merge (registry, config, name, errors, error);
  /* A file need not be honest: what has no states to combine is not run in their place. */
  if (plan == NULL || !check_possible (plan, error))
    return NULL;
  FanoutPipeline *pipeline = fanout_pipeline_new (g_steal_pointer (&plan));
  pipeline->partials = g_strdupv ((char **) paths);
  pipeline->first = g_steal_pointer (&first);
  return pipeline;
}

FanoutPipeline *
fanout_pipeline_load_partials (FanoutRegistry *registry, const char *const *paths,
                               const char *const *overrides, GError **error)
{
  g_autoptr (FanoutConfig) over = fanout_config_new (NULL);
  FanoutErrors errors;
  fanout_errors_init (&errors);
  for (gsize i = 0; overrides != NULL && overrides[i] != NULL; i++)
    fanout_config_override (over, overrides[i], &errors);
  FanoutPipeline *pipeline = fanout_pipeline_merge (registry, paths, over, &errors, error);
  fanout_errors_clear (&errors);
  return pipeline;
}

/* Of all parts so far; the texts are owned. */
typedef struct
{
  FanoutPartialCounters counters;
  char *first_skipped;
  char *first_nulled;
  char *first_rounded;
} Merged;

static void
keep_first (char **first, const char *text)
{
  if (*first == NULL && text[0] != '\0')
    *first = g_strdup (text);
}

static void
add_part (Merged *merged, const FanoutPartialCounters *part)
{
  merged->counters.end += part->end;
  merged->counters.rows += part->rows;
  merged->counters.rows_filtered += part->rows_filtered;
  merged->counters.rows_skipped += part->rows_skipped;
  merged->counters.values_nulled += part->values_nulled;
  merged->counters.numbers_rounded += part->numbers_rounded;
  if (merged->first_skipped == NULL)
    {
      merged->counters.first_skipped_line = part->first_skipped_line;
      merged->counters.first_skipped_last = part->first_skipped_last;
    }
  keep_first (&merged->first_skipped, part->first_skipped);
  keep_first (&merged->first_nulled, part->first_nulled);
  keep_first (&merged->first_rounded, part->first_rounded);
}

static gboolean
merge_part (FanoutPartial *part, FanoutPartition *whole, Merged *merged, GError **error)
{
  if (!fanout_partial_merge (part, whole, merged->counters.end, error))
    return FALSE;
  add_part (merged, fanout_partial_counters (part));
  return TRUE;
}

/* Another run opens the first one anew. */
static FanoutPartial *
take_first (FanoutPipeline *pipeline, GError **error)
{
  if (pipeline->first != NULL)
    return g_steal_pointer (&pipeline->first);
  return fanout_partial_open (pipeline->partials[0], error);
}

/* One run would have stopped reading there. */
static gboolean
has_enough (const FanoutPartial *part, const FanoutPartition *whole)
{
  if (fanout_partial_counters (part)->enough)
    return TRUE;
  for (guint i = 0; i < whole->n_nodes; i++)
    if (whole->nodes[i]->status != FANOUT_NODE_FAILED)
      return FALSE;
  return TRUE;
}

static gboolean
merge_all (FanoutPipeline *pipeline, FanoutPartition *whole, Merged *merged, GError **error)
{
  gboolean enough = FALSE;
  for (char **path = pipeline->partials; *path != NULL; path++)
    {
      g_autoptr (FanoutPartial) part = path == pipeline->partials
                                           ? take_first (pipeline, error)
                                           : fanout_partial_open (*path, error);
      if (part == NULL || (!enough && !merge_part (part, whole, merged, error)))
        return FALSE;
      enough = enough || has_enough (part, whole);
    }
  return TRUE;
}

static void
count_merged (FanoutPipeline *pipeline, const Merged *merged)
{
  FanoutCounters *counters = &pipeline->counters;
  const FanoutPartialCounters *all = &merged->counters;
  counters->rows += all->rows;
  counters->rows_filtered += all->rows_filtered;
  counters->rows_skipped += all->rows_skipped;
  counters->rows_processed += all->rows - all->rows_filtered - all->rows_skipped;
  counters->values_nulled += all->values_nulled;
  counters->numbers_rounded += all->numbers_rounded;
  counters->first_skipped = fanout_pipeline_keep_text (pipeline, merged->first_skipped);
  counters->first_skipped_line = all->first_skipped_line;
  counters->first_skipped_last = all->first_skipped_last;
  counters->first_nulled = fanout_pipeline_keep_text (pipeline, merged->first_nulled);
  counters->first_rounded = fanout_pipeline_keep_text (pipeline, merged->first_rounded);
}

FanoutPasses *
fanout_pipeline_merge_partials (FanoutPipeline *pipeline, GError **error)
{
  FanoutRun *run = fanout_pipeline_begin (pipeline, NULL, error);
  if (run == NULL)
    return NULL;
  g_autoptr (FanoutPasses) passes = fanout_passes_new_empty (run);
  Merged merged = { .counters = { 0 } };
  gboolean done = merge_all (pipeline, passes->partitions[0], &merged, error);
  gboolean settled = fanout_pipeline_settle (pipeline, passes, done ? error : NULL);
  pthread_mutex_lock (&pipeline->mutex);
  count_merged (pipeline, &merged);
  pthread_mutex_unlock (&pipeline->mutex);
  g_free (merged.first_skipped);
  g_free (merged.first_nulled);
  g_free (merged.first_rounded);
  return done && settled ? g_steal_pointer (&passes) : NULL;
}
