#include "core/pipeline/states.h"
#include "core/base/gio.h"
#include "core/partial/leaves.h"
#include "core/pipeline/private.h"

#include <string.h>

struct FanoutStates
{
  FanoutPipeline *pipeline;
  FanoutPasses *passes;
  FanoutPartialCounters counters; /* the texts are the pipeline's */
  guint64 bytes;                  /* that others read, */
  guint64 total;                  /* of so many */
};

gboolean
fanout_pipeline_scan_part (FanoutPipeline *pipeline, FanoutPartScan *scan, GError **error)
{
  FanoutPart part = *pipeline->part;
  part.quoted = FALSE;
  g_autoptr (FanoutBlockReader) reader = fanout_pipeline_new_reader (pipeline, error);
  return reader != NULL && fanout_reader_set_part (reader, &part, error)
         && fanout_reader_scan_part (reader, scan, error);
}

gboolean
fanout_pipeline_numbers_rows (const FanoutPipeline *pipeline)
{
  return fanout_plan_numbers_rows (pipeline->plan);
}

gboolean
fanout_pipeline_count_part (FanoutPipeline *pipeline, guint64 *rows, GError **error)
{
  g_autoptr (FanoutBlockReader) reader = fanout_pipeline_new_reader (pipeline, error);
  if (reader == NULL || !fanout_reader_set_part (reader, pipeline->part, error))
    return FALSE;
  g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
  FanoutBlock block;
  FanoutPartEnds ends;
  FanoutRead status;
  guint64 record;
  do
    status = fanout_reader_next (lane, &block, NULL, &record, error);
  while (status == FANOUT_READ_BLOCK);
  if (status != FANOUT_READ_END)
    return FALSE;
  fanout_reader_part_ends (reader, &ends);
  *rows = ends.rows;
  return TRUE;
}

FanoutStates *
fanout_pipeline_read_states (FanoutPipeline *pipeline, GError **error)
{
  if (!fanout_pipeline_check_unfed (pipeline, error)
      || !fanout_pipeline_check_possible (pipeline->plan,
                                          pipeline->part != NULL && pipeline->part->numbered, error)
      || !fanout_pipeline_set_busy (pipeline, error))
    return NULL;
  FanoutStates *states = g_new0 (FanoutStates, 1);
  FanoutPlace place = { 0 };
  guint64 end = 0;
  states->pipeline = pipeline;
  states->passes = fanout_pipeline_read_all (pipeline, NULL, &end, error);
  fanout_pipeline_find_place (pipeline, &place);
  /* What is told of a part are its own rows. */
  end -= pipeline->part != NULL ? MIN (end, pipeline->part->record) : 0;
  fanout_pipeline_tell (pipeline, &place, end,
                        states->passes != NULL && atomic_load (&states->passes->run->enough),
                        &states->counters);
  if (states->passes != NULL && !pipeline->counters.interrupted)
    return states;
  if (states->passes != NULL)
    g_set_error_literal (error, FANOUT_IO_ERROR, G_IO_ERROR_CANCELLED, "interrupted");
  fanout_pipeline_show_lines (pipeline, &states->counters.place, error);
  fanout_states_free (states);
  return NULL;
}

void
fanout_pipeline_forget_interrupt (FanoutPipeline *pipeline)
{
  atomic_store (&pipeline->interrupted, FALSE);
}

void
fanout_states_free (FanoutStates *states)
{
  if (states == NULL)
    return;
  fanout_passes_free (states->passes);
  fanout_place_clear (&states->counters.place);
  fanout_pipeline_end (states->pipeline);
  g_free (states);
}

void
fanout_states_empty (FanoutStates *states)
{
  FanoutPartition **whole = &states->passes->partitions[0];
  fanout_partition_free (*whole);
  *whole = fanout_partition_new_empty (states->passes->run);
}

guint64
fanout_states_rows (const FanoutStates *states)
{
  return states->counters.end;
}

guint64
fanout_states_groups (const FanoutStates *states)
{
  const FanoutPartition *whole = states->passes->partitions[0];
  guint64 n = 0;
  for (guint t = 0; t < whole->n_tables; t++)
    n += fanout_table_n_groups (whole->tables[t]);
  return n;
}

gboolean
fanout_states_are_free (const FanoutStates *states)
{
  const FanoutPartition *whole = states->passes->partitions[0];
  for (guint i = 0; i < whole->n_nodes; i++)
    if (whole->nodes[i]->status == FANOUT_NODE_FAILED
        || whole->nodes[i]->plan->operator_->order == FANOUT_ORDER_ORDERED)
      return FALSE;
  return !states->counters.enough;
}

void
fanout_states_found (const FanoutStates *states, FanoutPartFound *found)
{
  *found = (FanoutPartFound){ states->counters.place.ends, states->counters.enough };
}

gboolean
fanout_parts_fit (const FanoutPartFound *found, guint n)
{
  g_autofree FanoutPlace *places = g_new0 (FanoutPlace, n);
  g_autofree FanoutPlaced *placed = g_new0 (FanoutPlaced, n);
  for (guint i = 0; i < n; i++)
    {
      places[i] = (FanoutPlace){ .first = i + 1, .last = i + 1, .count = n, .ends = found[i].ends };
      placed[i] = (FanoutPlaced){ .name = "", .place = &places[i], .enough = found[i].enough };
    }
  return fanout_places_sort (placed, n, TRUE, NULL);
}

void
fanout_states_count_bytes (FanoutStates *states, guint64 bytes, guint64 total)
{
  states->bytes += bytes;
  states->total += total;
}

void
fanout_states_shift (FanoutStates *states, guint64 rows)
{
  if (states->pipeline->part == NULL || !states->pipeline->part->numbered)
    fanout_partial_shift (states->passes->partitions[0], rows);
}

gboolean
fanout_states_write (FanoutStates *states, guint index, guint count, FanoutSealPut put,
                     gpointer data, GError **error)
{
  const FanoutShare share = { index, count };
  return fanout_partial_write (states->passes->partitions[0], &states->counters, &share, put, data,
                               error);
}

static const char *
first_of (FanoutPipeline *pipeline, const char *known, const char *text)
{
  return (known == NULL || known[0] == '\0') && text != NULL && text[0] != '\0'
             ? fanout_pipeline_keep_text (pipeline, text)
             : known;
}

static void
add_counters (FanoutStates *states, const FanoutPartialCounters *more)
{
  FanoutPartialCounters *counters = &states->counters;
  FanoutPipeline *pipeline = states->pipeline;
  if (counters->first_skipped == NULL || counters->first_skipped[0] == '\0')
    {
      counters->first_skipped_line = more->first_skipped_line;
      counters->first_skipped_last = more->first_skipped_last;
    }
  counters->first_skipped = first_of (pipeline, counters->first_skipped, more->first_skipped);
  counters->first_nulled = first_of (pipeline, counters->first_nulled, more->first_nulled);
  counters->first_rounded = first_of (pipeline, counters->first_rounded, more->first_rounded);
  fanout_count_add (&counters->count, &more->count);
  counters->end += more->end;
  counters->enough = more->enough;
  if (counters->place.count > 0)
    fanout_place_join (&counters->place, &more->place);
}

static gboolean
want_no_more (const FanoutStates *states)
{
  const FanoutPartition *whole = states->passes->partitions[0];
  for (guint i = 0; i < whole->n_nodes; i++)
    if (whole->nodes[i]->status != FANOUT_NODE_FAILED)
      return states->counters.enough;
  return TRUE;
}

/* As far as one run would have read them. */
static gboolean
add_rows (FanoutStates *states, FanoutPartial *more, GError **error)
{
  FanoutPartition *whole = states->passes->partitions[0];
  FanoutFeedCount cut;
  if (!fanout_partial_check (more, whole->run->plan, error))
    return FALSE;
  fanout_partial_settle_lines (more, states->counters.place.ends.line);
  FanoutPartialCounters counters = *fanout_partial_counters (more);
  if (fanout_leaves_join (whole->leaves, fanout_partial_leaves (more), whole->n_nodes,
                          &states->counters.count, &cut))
    fanout_partial_cut (&counters, &cut);
  add_counters (states, &counters);
  return TRUE;
}

gboolean
fanout_states_merge (FanoutStates *states, FanoutSealGet get, gpointer data, const char *name,
                     gboolean shared, GError **error)
{
  g_autoptr (FanoutPartial) more = fanout_partial_read (get, data, name, error);
  if (more == NULL)
    return FALSE;
  /* One run would have stopped reading there. */
  if (!shared && want_no_more (states))
    return TRUE;
  if (!shared && !add_rows (states, more, error))
    return FALSE;
  return fanout_partial_merge (more, states->passes->partitions[0], 0, error);
}

FanoutResult *
fanout_states_conclude (FanoutStates *states, GError **error)
{
  FanoutPipeline *pipeline = states->pipeline;
  FanoutPasses *passes = g_steal_pointer (&states->passes);
  pthread_mutex_lock (&pipeline->mutex);
  fanout_pipeline_count_states (pipeline, &states->counters);
  fanout_pipeline_count_merged (pipeline, passes);
  pipeline->counters.bytes += states->bytes;
  pipeline->counters.bytes_total += states->total;
  pthread_mutex_unlock (&pipeline->mutex);
  fanout_place_clear (&states->counters.place);
  g_free (states);
  return fanout_pipeline_conclude (pipeline, passes, error);
}
