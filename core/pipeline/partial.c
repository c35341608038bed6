#include "core/partial/partial.h"
#include "core/base/gio.h"
#include "core/pipeline/private.h"

#include <fanout/error.h>
#include <string.h>

gboolean
fanout_pipeline_check_possible (const FanoutPlan *plan, gboolean numbered, GError **error)
{
  FanoutErrors errors;
  fanout_errors_init (&errors);
  fanout_partial_possible (plan, numbered, &errors);
  gboolean possible = fanout_errors_raise (&errors, error);
  fanout_errors_clear (&errors);
  return possible;
}

void
fanout_pipeline_find_place (FanoutPipeline *pipeline, FanoutPlace *place)
{
  FanoutRun *run = atomic_load (&pipeline->run);
  if (pipeline->part == NULL || run == NULL || run->reader == NULL)
    return;
  place->first = place->last = pipeline->part->index + 1;
  place->count = pipeline->part->count;
  place->inputs = fanout_partial_inputs (pipeline->plan, run->reader);
  fanout_reader_part_ends (run->reader, &place->ends);
}

void
fanout_pipeline_tell (const FanoutPipeline *pipeline, const FanoutPlace *place, guint64 end,
                      gboolean enough, FanoutPartialCounters *counters)
{
  const FanoutCounters *counted = &pipeline->counters;
  *counters = (FanoutPartialCounters){
    .end = place->count > 0 ? MAX (end, place->ends.rows) : end,
    .enough = enough,
    .count = { .rows = counted->rows,
               .rows_filtered = counted->rows_filtered,
               .rows_skipped = counted->rows_skipped,
               .values_nulled = counted->values_nulled,
               .numbers_rounded = counted->numbers_rounded },
    .first_skipped = counted->first_skipped,
    .first_skipped_line = counted->first_skipped_line,
    .first_skipped_last = counted->first_skipped_last,
    .first_nulled = counted->first_nulled,
    .first_rounded = counted->first_rounded,
    .place = *place,
  };
}

static gboolean
put (gpointer output, const char *bytes, gsize length, GError **error)
{
  return fanout_output_put (output, bytes, length, error);
}

/* What was read before an interruption is not what the file would be taken for. */
static gboolean
write_states (FanoutPipeline *pipeline, FanoutPasses *passes, const FanoutPlace *place, guint64 end,
              gboolean enough, FanoutOutput *output, GError **error)
{
  FanoutPartialCounters counters;
  if (pipeline->counters.interrupted)
    {
      g_set_error (error, FANOUT_IO_ERROR, G_IO_ERROR_CANCELLED,
                   "%s: not written, the run was interrupted", fanout_output_name (output));
      return FALSE;
    }
  fanout_pipeline_tell (pipeline, place, end, enough, &counters);
  return fanout_partial_write (passes->partitions[0], &counters, NULL, put, output, error)
         && fanout_output_commit (output, error);
}

static void
show (FanoutPipeline *pipeline, const char **text, guint64 from)
{
  if (*text == NULL)
    return;
  g_autofree char *shown = fanout_lines_show (*text, from);
  *text = fanout_pipeline_keep_text (pipeline, shown);
}

void
fanout_pipeline_show_lines (FanoutPipeline *pipeline, const FanoutPlace *place, GError **error)
{
  FanoutCounters *counters = &pipeline->counters;
  const FanoutPartEnds ends = place->ends;
  if (!ends.begun)
    return;
  pthread_mutex_lock (&pipeline->mutex);
  show (pipeline, &counters->first_skipped, ends.from);
  show (pipeline, &counters->first_nulled, ends.from);
  show (pipeline, &counters->first_rounded, ends.from);
  if (counters->first_skipped_line >= FANOUT_LINE_OPEN)
    counters->first_skipped_line = counters->first_skipped_last = 0;
  for (guint i = 0; i < pipeline->plan->n_aggregates; i++)
    show (pipeline, &pipeline->aggregate_counters[i].error, ends.from);
  pthread_mutex_unlock (&pipeline->mutex);
  if (error == NULL || *error == NULL)
    return;
  g_autofree char *shown = fanout_lines_show ((*error)->message, ends.from);
  g_autofree char *hint
      = ends.guessed && g_error_matches (*error, FANOUT_ERROR, FANOUT_ERROR_DATA)
            ? g_strdup_printf ("; the part was guessed to begin %s quotes: --%s takes it otherwise",
                               ends.start == FALSE ? "outside" : "inside",
                               ends.start == FALSE ? "quoted" : "unquoted")
            : g_strdup ("");
  g_free ((*error)->message);
  (*error)->message = g_strconcat (shown, hint, NULL);
}

static gboolean
read_and_write (FanoutPipeline *pipeline, FanoutOutput *output, GCancellable *cancellable,
                GError **error)
{
  guint64 end;
  gboolean enough;
  gboolean written = FALSE;
  FanoutPlace place = { 0 };
  g_autoptr (FanoutPasses) passes = NULL;
  if (pipeline->partials != NULL)
    passes = fanout_pipeline_merge_partials (pipeline, FALSE, &place, &end, &enough, error);
  else
    {
      passes = fanout_pipeline_read_all (pipeline, cancellable, &end, error);
      fanout_pipeline_find_place (pipeline, &place);
      enough = passes != NULL && atomic_load (&passes->run->enough);
    }
  if (passes != NULL)
    written = write_states (pipeline, passes, &place, end, enough, output, error);
  fanout_pipeline_show_lines (pipeline, &place, error);
  fanout_place_clear (&place);
  return written;
}

gboolean
fanout_pipeline_set_part (FanoutPipeline *pipeline, const FanoutPart *part, GError **error)
{
  const FanoutPlan *plan = pipeline->plan;
  if (plan->fed || plan->source == NULL || plan->source->decode == NULL)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                   "--part takes a piece of the bytes of files; [source] type = %s has none",
                   plan->source != NULL ? plan->source->name : "");
      return FALSE;
    }
  if (!fanout_pipeline_check_possible (plan, part->numbered, error))
    return FALSE;
  g_free (pipeline->part);
  pipeline->part = g_memdup2 (part, sizeof *part);
  return TRUE;
}

gboolean
fanout_pipeline_write_partial (FanoutPipeline *pipeline, FanoutOutput *output,
                               GCancellable *cancellable, GError **error)
{
  if (!fanout_pipeline_check_possible (pipeline->plan, FALSE, error)
      || !fanout_pipeline_set_busy (pipeline, error))
    return FALSE;
  gboolean written = read_and_write (pipeline, output, cancellable, error);
  fanout_pipeline_end (pipeline);
  return written;
}

gboolean
fanout_pipeline_run_partial (FanoutPipeline *pipeline, const char *path, GCancellable *cancellable,
                             GError **error)
{
  if (!fanout_pipeline_check_unfed (pipeline, error)
      || !fanout_pipeline_check_possible (pipeline->plan, FALSE, error)
      || !fanout_pipeline_set_busy (pipeline, error))
    return FALSE;
  /* Before the run: it may be long, and what is wrong is known now. */
  g_autoptr (FanoutOutput) output
      = fanout_output_open (path, fanout_pipeline_inputs (pipeline), error);
  gboolean written = output != NULL && read_and_write (pipeline, output, cancellable, error);
  fanout_pipeline_end (pipeline);
  return written;
}
