#include "core/config/list.h"
#include "core/pipeline/private.h"

#include <string.h>

static const char *
keep (GPtrArray *texts, const char *text)
{
  if (text == NULL)
    return NULL;
  g_ptr_array_add (texts, g_strdup (text));
  return g_ptr_array_index (texts, texts->len - 1);
}

static void
count_feed (FanoutCounters *counters, const FanoutPasses *passes, GPtrArray *texts)
{
  guint64 late = G_MAXUINT64;
  guint64 skipped = G_MAXUINT64;
  guint64 nulled = G_MAXUINT64;
  guint64 rounded = G_MAXUINT64;
  for (guint i = 0; i < passes->n_partitions; i++)
    {
      FanoutFeedCounters feed;
      if (passes->partitions[i]->feed == NULL)
        continue;
      fanout_feed_counters (passes->partitions[i]->feed, &feed);
      counters->batches += passes->partitions[i]->batches;
      counters->rows_processed += feed.rows;
      counters->rows_filtered += feed.rows_filtered;
      counters->rows_late += feed.rows_late;
      counters->rows_late_by_others += feed.rows_late_by_others;
      counters->rows_skipped += feed.rows_skipped;
      counters->values_nulled += feed.values_nulled;
      counters->numbers_rounded += feed.numbers_rounded;
      if (feed.first_skipped != NULL && feed.first_skipped_record < skipped)
        {
          skipped = feed.first_skipped_record;
          counters->first_skipped = keep (texts, feed.first_skipped);
          counters->first_skipped_line = feed.first_skipped_line;
          counters->first_skipped_last = feed.first_skipped_last;
        }
      if (feed.first_late != NULL && feed.first_late_record < late)
        {
          late = feed.first_late_record;
          counters->first_late = keep (texts, feed.first_late);
        }
      if (feed.first_rounded != NULL && feed.first_rounded_record < rounded)
        {
          rounded = feed.first_rounded_record;
          counters->first_rounded = keep (texts, feed.first_rounded);
        }
      if (feed.first_nulled != NULL && feed.first_nulled_record < nulled)
        {
          nulled = feed.first_nulled_record;
          counters->first_nulled = keep (texts, feed.first_nulled);
        }
    }
  counters->rows = counters->rows_processed + counters->rows_filtered + counters->rows_late
                   + counters->rows_skipped;
}

static gboolean
was_seen (const FanoutPasses *passes, guint column)
{
  for (guint i = 0; i < passes->n_partitions; i++)
    {
      const FanoutFeed *feed = passes->partitions[i]->feed;
      if (feed != NULL && fanout_feed_has_seen (feed, column))
        return TRUE;
    }
  return FALSE;
}

/* Columns of rows that need not have them, each once. Where not all rows were wanted nobody knows
 * of those behind. */
static void
count_unseen (FanoutCounters *counters, const FanoutPlan *plan, const FanoutPasses *passes,
              GPtrArray *texts)
{
  if (plan->source == NULL || (plan->source->flags & FANOUT_SPARSE) == 0
      || counters->rows_processed + counters->rows_filtered == 0
      || atomic_load (&passes->run->enough))
    return;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint c = 0; c < plan->n_columns; c++)
    if (!was_seen (passes, c)
        && !g_ptr_array_find_with_equal_func (names, plan->columns[c].name, g_str_equal, NULL))
      g_ptr_array_add (names, (gpointer) plan->columns[c].name);
  if (names->len == 0)
    return;
  g_ptr_array_add (names, NULL);
  const char *const *all = (const char *const *) names->pdata;
  g_autofree char *list = fanout_list_show (all);
  g_autofree char *dashed = fanout_plan_dashed_name (plan, all);
  g_autofree char *told = g_strconcat (list, dashed != NULL ? "; did you mean \"" : NULL, dashed,
                                       "\", in double quotes?", NULL);
  counters->never_seen = keep (texts, told);
}

static double
busy_seconds (const FanoutNodeCounters *counters)
{
  if (counters->sampled_rows == 0)
    return 0;
  return (double) counters->sampled_ns * 1e-9 * (double) counters->rows
         / (double) counters->sampled_rows;
}

/* What an aggregate met behind the row that ended the run never was. */
static gboolean
was_dropped (const FanoutRun *run, const FanoutNode *node)
{
  if (node->status != FANOUT_NODE_FAILED || node->error == NULL)
    return FALSE;
  return run->error == NULL || node->last_row < run->error_record
         || strcmp (node->error->message, run->error->message) == 0;
}

static void
count_aggregates (FanoutPipeline *pipeline, const FanoutPasses *passes, GPtrArray *texts)
{
  FanoutCounters *counters = &pipeline->counters;
  const guint n_nodes = pipeline->plan->n_nodes;
  for (guint a = 0; a < pipeline->plan->n_aggregates; a++)
    {
      FanoutAggregateCounters *aggregate = &pipeline->aggregate_counters[a];
      memset (aggregate, 0, sizeof *aggregate);
      aggregate->name = pipeline->plan->aggregates[a].name;
      aggregate->type = pipeline->plan->aggregates[a].operator_->name;
      double all = 0;
      guint64 first = 0;
      for (guint i = 0; i < passes->n_partitions * n_nodes; i++)
        {
          const FanoutNode *node = passes->partitions[i / n_nodes]->nodes[i % n_nodes];
          if (node->plan != &pipeline->plan->aggregates[a])
            continue;
          aggregate->rows += node->counters.rows;
          aggregate->busy_seconds += busy_seconds (&node->counters);
          aggregate->state_bytes += node->memory.peak;
          all += counters->seconds;
          if (!was_dropped (passes->run, node)
              || (aggregate->error != NULL && first <= node->last_row))
            continue;
          aggregate->error = keep (texts, node->error->message);
          first = node->last_row;
        }
      aggregate->blocked_seconds = MAX (0, all - aggregate->busy_seconds);
      counters->peak_state_bytes += aggregate->state_bytes;
    }
  for (guint i = 0; i < passes->n_partitions; i++)
    {
      const FanoutFeed *feed = passes->partitions[i]->feed;
      counters->peak_state_bytes += passes->partitions[i]->table_memory.peak
                                    + (feed != NULL ? fanout_feed_memory (feed) : 0);
    }
  counters->n_aggregates = pipeline->plan->n_aggregates;
  counters->aggregates = pipeline->aggregate_counters;
}

static void
count_states (FanoutCounters *counters, const FanoutPasses *passes)
{
  gsize bytes = 0;
  for (guint i = 0; i < passes->n_partitions; i++)
    {
      const FanoutPartition *partition = passes->partitions[i];
      bytes += partition->table_memory.used
               + (partition->feed != NULL ? fanout_feed_memory (partition->feed) : 0);
      for (guint n = 0; n < partition->n_nodes; n++)
        bytes += partition->nodes[n]->memory.used;
    }
  counters->state_bytes = bytes;
}

typedef struct
{
  gint64 first;
  gint64 last;
} Windows;

static int
compare_windows (gconstpointer a, gconstpointer b)
{
  const gint64 x = ((const Windows *) a)->first;
  const gint64 y = ((const Windows *) b)->first;
  return (x > y) - (x < y);
}

static void
add_windows (GArray *open, FanoutSlices *slices, const FanoutAxis *axis, gint64 closed)
{
  const guint n = fanout_slices_n_open (slices);
  for (guint i = 0; i < n; i++)
    {
      const FanoutSliceKey key = fanout_slice_key (fanout_slices_nth (slices, i));
      const gint64 first = MAX (fanout_axis_first_window (axis, key.number), key.first);
      const Windows windows = { closed == G_MININT64 ? first : MAX (first, closed + 1),
                                fanout_axis_last_window (axis, key.number) };
      if (windows.first <= windows.last)
        g_array_append_val (open, windows);
    }
}

/* Each once, in however many tables and partitions it has rows. */
static guint64
count_windows (const FanoutPasses *passes)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (Windows));
  const FanoutAxis axis = fanout_plan_slices (passes->run->plan);
  guint64 n = 0;
  gint64 next = G_MININT64;
  for (guint i = 0; i < passes->n_partitions; i++)
    for (guint t = 0; t < passes->partitions[i]->n_tables; t++)
      if (passes->partitions[i]->slices != NULL)
        add_windows (open, passes->partitions[i]->slices[t], &axis, passes->run->closed);
  g_array_sort (open, compare_windows);
  for (guint i = 0; i < open->len; i++)
    {
      const Windows *windows = &g_array_index (open, Windows, i);
      const gint64 first = MAX (windows->first, next);
      if (first > windows->last)
        continue;
      n += (guint64) (windows->last - first + 1);
      next = windows->last + 1;
    }
  return n;
}

static guint64
count_groups (const FanoutPartition *partition, guint t)
{
  if (partition->slices == NULL)
    return fanout_table_n_groups (partition->tables[t]);
  return partition->slices[t] != NULL ? fanout_slices_n_groups (partition->slices[t])
                                      : fanout_sessions_n_groups (partition->sessions[t]);
}

static void
count_open (FanoutCounters *counters, const FanoutPasses *passes)
{
  for (guint i = 0; i < passes->n_partitions; i++)
    for (guint t = 0; t < passes->partitions[i]->n_tables; t++)
      counters->open_groups += count_groups (passes->partitions[i], t);
  if (fanout_plan_has_sessions (passes->run->plan))
    counters->open_windows = counters->open_groups;
  else if (passes->run->plan->window != NULL)
    counters->open_windows = count_windows (passes);
}

static double
watermark_of (FanoutRun *run)
{
  if (run->plan->window == NULL)
    return 0;
  const FanoutInstant least = fanout_watermarks_least (&run->watermarks);
  return least > -FANOUT_INSTANT_MAX && least < FANOUT_INSTANT_MAX ? (double) least * 1e-9 : 0;
}

static void
count_inputs (FanoutCounters *counters, FanoutBlockReader *reader)
{
  const FanoutReaderFiles files = fanout_reader_files (reader);
  const FanoutReaderSockets sockets = fanout_reader_sockets (reader);
  counters->files_taken_up = files.taken_up;
  counters->files_rotated = files.rotated;
  counters->files_changed = files.changed;
  counters->files_lost = files.lost;
  counters->connections = sockets.taken;
  counters->connections_open = sockets.open;
  counters->connections_refused = sockets.refused;
  counters->datagrams_dropped = sockets.dropped;
}

static void
count_saved (FanoutCounters *counters, const FanoutSaved *saved)
{
  counters->checkpoints = saved->written;
  counters->checkpoints_failed = saved->failed;
  counters->checkpoint_bytes = saved->bytes;
  counters->checkpoint_seconds = saved->seconds;
  counters->checkpoint_pause = saved->pause;
  counters->checkpoint_longest_pause = saved->longest_pause;
  counters->checkpoint_time = saved->time;
}

void
fanout_pipeline_count_run (const FanoutPipeline *pipeline, FanoutRun *run, FanoutCounters *counters)
{
  count_saved (counters, &pipeline->saved);
  if (run->reader != NULL)
    count_inputs (counters, run->reader);
  counters->bytes = run->reader != NULL ? fanout_reader_bytes (run->reader) : 0;
  counters->bytes_total = run->reader != NULL ? fanout_reader_total (run->reader) : 0;
  counters->seconds = (double) ((guint64) g_get_monotonic_time () - run->started) * 1e-6;
  counters->watermark = watermark_of (run);
}

/* Before the merge, which moves states and counts from one partition to another. */
void
fanout_pipeline_count (FanoutPipeline *pipeline, const FanoutPasses *passes)
{
  FanoutCounters *counters = &pipeline->counters;
  const FanoutStrategy *strategy = fanout_strategy_get (pipeline->plan->strategy);
  memset (counters, 0, sizeof *counters);
  GPtrArray *texts = g_ptr_array_new ();
  fanout_pipeline_count_run (pipeline, passes->run, counters);
  counters->checkpoint_failure = keep (texts, pipeline->saved.failure);
  count_feed (counters, passes, texts);
  count_unseen (counters, pipeline->plan, passes, texts);
  count_aggregates (pipeline, passes, texts);
  count_states (counters, passes);
  count_open (counters, passes);
  counters->strategy = strategy->name;
  counters->in_flight = strategy->ahead ? 2 : 1;
  counters->partitions = passes->n_partitions;
  counters->interrupted = atomic_load (&pipeline->interrupted) && fanout_run_is_cut (passes->run);
  g_ptr_array_add (texts, NULL);
  g_strfreev (pipeline->texts);
  pipeline->texts = (char **) g_ptr_array_free (texts, FALSE);
}

const char *
fanout_pipeline_keep_text (FanoutPipeline *pipeline, const char *text)
{
  if (text == NULL)
    return NULL;
  const guint n = g_strv_length (pipeline->texts);
  pipeline->texts = g_renew (char *, pipeline->texts, n + 2);
  pipeline->texts[n] = g_strdup (text);
  pipeline->texts[n + 1] = NULL;
  return pipeline->texts[n];
}

void
fanout_pipeline_count_dropped (FanoutPipeline *pipeline, guint aggregate, const char *reason)
{
  FanoutAggregateCounters *counters = &pipeline->aggregate_counters[aggregate];
  if (counters->error == NULL)
    counters->error = fanout_pipeline_keep_text (pipeline, reason);
}

void
fanout_pipeline_count_states (FanoutPipeline *pipeline, const FanoutPartialCounters *counted)
{
  FanoutCounters *counters = &pipeline->counters;
  const FanoutFeedCount *count = &counted->count;
  counters->rows = count->rows;
  counters->rows_filtered = count->rows_filtered;
  counters->rows_skipped = count->rows_skipped;
  counters->rows_processed = count->rows - count->rows_filtered - count->rows_skipped;
  counters->values_nulled = count->values_nulled;
  counters->numbers_rounded = count->numbers_rounded;
  counters->first_skipped = counted->first_skipped;
  counters->first_skipped_line = counted->first_skipped_line;
  counters->first_skipped_last = counted->first_skipped_last;
  counters->first_nulled = counted->first_nulled;
  counters->first_rounded = counted->first_rounded;
  counters->groups = 0;
}

/* What only the merged table and its nodes know. */
void
fanout_pipeline_count_merged (FanoutPipeline *pipeline, const FanoutPasses *passes)
{
  FanoutCounters *counters = &pipeline->counters;
  fanout_pipeline_count_run (pipeline, passes->run, counters);
  const FanoutPartition *whole = passes->partitions[0];
  for (guint t = 0; t < whole->n_tables; t++)
    counters->groups += fanout_table_n_groups (whole->tables[t]);
  for (guint i = 0; i < whole->n_nodes; i++)
    {
      const FanoutNode *node = whole->nodes[i];
      if (was_dropped (passes->run, node))
        fanout_pipeline_count_dropped (pipeline, fanout_plan_index (pipeline->plan, node->plan),
                                       node->error->message);
    }
}
