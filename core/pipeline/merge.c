#include "core/base/gio.h"
#include "core/partial/leaves.h"
#include "core/partial/partial.h"
#include "core/pipeline/private.h"

#include <fanout/error.h>
#include <string.h>
#include <sys/stat.h>

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
  if (plan == NULL || !fanout_pipeline_check_possible (plan, FALSE, error))
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

/* A part that is to be merged. There may be thousands: only what cannot be opened again is open. */
typedef struct
{
  const char *path;
  char *name;
  FanoutPartial *open;
  FanoutPlace place;
  gboolean enough;
  guint64 rows; /* of the stream, in it */
  guint64 end;  /* and before it */
  FanoutLeave *leaves;
  FanoutFeedCount count; /* what of it counts: all of it, unless */
  gboolean cut;          /* the last aggregate had enough in it */
  guint64 line; /* where it begins in its first file, from FANOUT_LINE_OPEN if nobody knows */
  FanoutPartialCounters counters; /* the texts are owned */
} Part;

static void
clear_counters (Part *part)
{
  g_free ((char *) part->counters.first_skipped);
  g_free ((char *) part->counters.first_nulled);
  g_free ((char *) part->counters.first_rounded);
  part->counters = (FanoutPartialCounters){ 0 };
}

static void
part_clear (gpointer data)
{
  Part *part = data;
  g_free (part->name);
  fanout_partial_free (part->open);
  fanout_place_clear (&part->place);
  g_free (part->leaves);
  clear_counters (part);
}

static gboolean
can_open_again (const char *path)
{
  struct stat status;
  return strcmp (path, "-") != 0 && stat (path, &status) == 0 && S_ISREG (status.st_mode);
}

static gboolean
look_at (FanoutPipeline *pipeline, Part *part, FanoutPartial *open, GError **error)
{
  if (open == NULL)
    open = fanout_partial_open (part->path, error);
  if (open == NULL)
    return FALSE;
  const FanoutPartialCounters *counters = fanout_partial_counters (open);
  part->open = open;
  part->name = g_strdup (fanout_partial_name (open));
  fanout_place_copy (&part->place, &counters->place);
  part->enough = counters->enough;
  part->rows = counters->end;
  part->count = counters->count;
  if (!fanout_partial_check (open, pipeline->plan, error))
    return FALSE;
  part->leaves
      = g_memdup2 (fanout_partial_leaves (open), pipeline->plan->n_nodes * sizeof *part->leaves);
  if (can_open_again (part->path))
    g_clear_pointer (&part->open, fanout_partial_free);
  return TRUE;
}

/* Another run opens the first one anew. */
static GArray *
look_at_all (FanoutPipeline *pipeline, GError **error)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, TRUE, sizeof (Part));
  g_array_set_clear_func (parts, part_clear);
  for (char **path = pipeline->partials; *path != NULL; path++)
    {
      const Part part = { .path = *path };
      FanoutPartial *first = path == pipeline->partials ? g_steal_pointer (&pipeline->first) : NULL;
      g_array_append_val (parts, part);
      if (!look_at (pipeline, &g_array_index (parts, Part, parts->len - 1), first, error))
        return NULL;
    }
  return g_steal_pointer (&parts);
}

/* In the order of the stream, where they say what that is. */
static gboolean
sort_parts (GArray **parts, gboolean whole, GError **error)
{
  const guint n = (*parts)->len;
  g_autofree FanoutPlaced *placed = g_new0 (FanoutPlaced, n);
  g_autoptr (GArray) sorted = g_array_sized_new (FALSE, TRUE, sizeof (Part), n);
  for (guint i = 0; i < n; i++)
    {
      const Part *part = &g_array_index (*parts, Part, i);
      placed[i] = (FanoutPlaced){ part->name, &part->place, part->enough };
    }
  if (!fanout_places_sort (placed, n, whole, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const gsize offset = (gsize) ((const char *) placed[i].place - (*parts)->data);
      g_array_append_vals (sorted, (*parts)->data + offset - G_STRUCT_OFFSET (Part, place), 1);
    }
  memcpy ((*parts)->data, sorted->data, n * sizeof (Part));
  return TRUE;
}

/* What of each counts, and where all aggregates had enough: newly allocated. */
static FanoutLeave *
settle_leaves (GArray *parts, guint n)
{
  FanoutLeave *leaves = g_new0 (FanoutLeave, MAX (n, 1));
  FanoutFeedCount before = { 0 };
  for (guint i = 0; i < parts->len; i++)
    {
      Part *part = &g_array_index (parts, Part, i);
      part->cut = fanout_leaves_join (leaves, part->leaves, n, &before, &part->count);
      part->enough = part->enough || part->cut;
      if (part->enough)
        break;
      fanout_count_add (&before, &part->count);
    }
  return leaves;
}

/* Where each begins, and what all are together. */
static void
number_rows (GArray *parts, FanoutPlace *place, guint64 *end, gboolean *enough)
{
  guint64 rows = 0;
  *enough = FALSE;
  for (guint i = 0; i < parts->len; i++)
    {
      Part *part = &g_array_index (parts, Part, i);
      part->end = rows;
      part->line = i == 0 ? FANOUT_LINE_OPEN : place->ends.line;
      rows += part->rows;
      *enough = *enough || part->enough;
      if (i == 0)
        fanout_place_copy (place, &part->place);
      else
        fanout_place_join (place, &part->place);
    }
  *end = rows;
}

/* One run would have stopped reading there. */
static gboolean
has_enough (const Part *part, const FanoutPartition *whole)
{
  if (part->enough)
    return TRUE;
  for (guint i = 0; i < whole->n_nodes; i++)
    if (whole->nodes[i]->status != FANOUT_NODE_FAILED)
      return FALSE;
  return TRUE;
}

static void
keep_counters (Part *part, const FanoutPartialCounters *counters)
{
  clear_counters (part);
  part->counters = *counters;
  if (part->cut)
    fanout_partial_cut (&part->counters, &part->count);
  part->counters.first_skipped = g_strdup (part->counters.first_skipped);
  part->counters.first_nulled = g_strdup (part->counters.first_nulled);
  part->counters.first_rounded = g_strdup (part->counters.first_rounded);
}

static gboolean
merge_part (Part *part, FanoutPartition *whole, GError **error)
{
  g_autoptr (FanoutPartial) open = g_steal_pointer (&part->open);
  if (open == NULL)
    open = fanout_partial_open (part->path, error);
  if (open == NULL)
    return FALSE;
  fanout_partial_settle_lines (open, part->line);
  keep_counters (part, fanout_partial_counters (open));
  return fanout_partial_merge (open, whole, part->end, error);
}

/* Some parts that follow each other, and what they are merged into by a thread or several. */
typedef struct
{
  FanoutPipeline *pipeline;
  Part *parts;
  guint n;
  FanoutPartition *whole;
  guint n_threads;
  GError *error;
  gboolean done;
} Share;

/* One after the other. */
static void
merge_one_by_one (Share *share)
{
  gboolean enough = FALSE;
  for (guint i = 0; i < share->n && !enough && share->error == NULL; i++)
    {
      Part *part = &share->parts[i];
      if (atomic_load (&share->pipeline->interrupted))
        g_set_error (&share->error, FANOUT_IO_ERROR, G_IO_ERROR_CANCELLED,
                     "not all parts have been merged");
      else if (merge_part (part, share->whole, &share->error))
        enough = has_enough (part, share->whole);
    }
  share->done = share->error == NULL;
}

/* In halves, each by half of the threads; what comes of them meets where they were cut, so that
 * states that want their order have it. */
static gpointer
merge_share (gpointer data)
{
  Share *share = data;
  if (share->n_threads < 2 || share->n < 2)
    {
      merge_one_by_one (share);
      return NULL;
    }
  Share left = *share;
  Share right = *share;
  pthread_t thread;
  left.n = share->n / 2;
  left.n_threads = share->n_threads / 2;
  right.parts += left.n;
  right.n -= left.n;
  right.n_threads -= left.n_threads;
  right.whole = fanout_partition_new_empty (share->whole->run);
  const gboolean started = pthread_create (&thread, NULL, merge_share, &right) == 0;
  merge_share (&left);
  if (started)
    pthread_join (thread, NULL);
  else
    merge_share (&right);
  share->done = left.done && right.done
                && fanout_partition_merge (share->whole, right.whole, &share->error);
  if (!left.done)
    g_propagate_error (&share->error, g_steal_pointer (&left.error));
  else if (!right.done)
    g_propagate_error (&share->error, g_steal_pointer (&right.error));
  g_clear_error (&right.error);
  fanout_partition_free (right.whole);
  return NULL;
}

/* So many of them count, as far as they themselves say. */
static guint
count_wanted (const GArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    if (g_array_index (parts, Part, i).enough)
      return i + 1;
  return parts->len;
}

static gboolean
can_open_all_again (const GArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    if (g_array_index (parts, Part, i).open != NULL)
      return FALSE;
  return TRUE;
}

static gboolean
has_dropped (const FanoutPartition *whole)
{
  for (guint i = 0; i < whole->n_nodes; i++)
    if (whole->nodes[i]->status == FANOUT_NODE_FAILED)
      return TRUE;
  return FALSE;
}

/* What is too much, and where, and what is dropped, is said by those who come one after the other.
 */
static gboolean
merge_all (FanoutPipeline *pipeline, GArray *parts, FanoutPasses *passes, GError **error)
{
  Share all = {
    .pipeline = pipeline,
    .parts = (Part *) (gpointer) parts->data,
    .n = count_wanted (parts),
    .whole = passes->partitions[0],
    .n_threads = can_open_all_again (parts) ? g_get_num_processors () : 1,
  };
  const gboolean several = all.n_threads > 1 && all.n > 1;
  merge_share (&all);
  if (several && (!all.done || has_dropped (all.whole)) && !atomic_load (&pipeline->interrupted))
    {
      g_clear_error (&all.error);
      for (guint i = 0; i < parts->len; i++)
        clear_counters (&g_array_index (parts, Part, i));
      fanout_partition_free (passes->partitions[0]);
      atomic_store (&passes->run->limit.refused, FALSE);
      all.whole = passes->partitions[0] = fanout_partition_new_empty (passes->run);
      merge_one_by_one (&all);
    }
  if (!all.done)
    g_propagate_error (error, all.error);
  return all.done;
}

static const char *
first_of (FanoutPipeline *pipeline, const char *known, const char *text)
{
  return known == NULL && text != NULL && text[0] != '\0'
             ? fanout_pipeline_keep_text (pipeline, text)
             : known;
}

static void
count_merged (FanoutPipeline *pipeline, const GArray *parts)
{
  FanoutCounters *counters = &pipeline->counters;
  for (guint i = 0; i < parts->len; i++)
    {
      const FanoutPartialCounters *part = &g_array_index (parts, Part, i).counters;
      const FanoutFeedCount *count = &part->count;
      counters->rows += count->rows;
      counters->rows_filtered += count->rows_filtered;
      counters->rows_skipped += count->rows_skipped;
      counters->rows_processed += count->rows - count->rows_filtered - count->rows_skipped;
      counters->values_nulled += count->values_nulled;
      counters->numbers_rounded += count->numbers_rounded;
      if (counters->first_skipped == NULL)
        {
          counters->first_skipped_line = part->first_skipped_line;
          counters->first_skipped_last = part->first_skipped_last;
        }
      counters->first_skipped = first_of (pipeline, counters->first_skipped, part->first_skipped);
      counters->first_nulled = first_of (pipeline, counters->first_nulled, part->first_nulled);
      counters->first_rounded = first_of (pipeline, counters->first_rounded, part->first_rounded);
    }
}

FanoutPasses *
fanout_pipeline_merge_partials (FanoutPipeline *pipeline, gboolean whole, FanoutPlace *place,
                                guint64 *end, gboolean *enough, GError **error)
{
  g_autoptr (GArray) parts = look_at_all (pipeline, error);
  if (parts == NULL || !sort_parts (&parts, whole, error))
    return NULL;
  FanoutRun *run = fanout_pipeline_begin (pipeline, NULL, error);
  if (run == NULL)
    return NULL;
  g_autoptr (FanoutPasses) passes = fanout_passes_new_empty (run);
  g_autofree FanoutLeave *leaves = settle_leaves (parts, pipeline->plan->n_nodes);
  number_rows (parts, place, end, enough);
  gboolean done = merge_all (pipeline, parts, passes, error);
  memcpy (passes->partitions[0]->leaves, leaves, pipeline->plan->n_nodes * sizeof *leaves);
  gboolean settled = fanout_pipeline_settle (pipeline, passes, done ? error : NULL);
  pthread_mutex_lock (&pipeline->mutex);
  count_merged (pipeline, parts);
  pipeline->counters.interrupted = !done && atomic_load (&pipeline->interrupted);
  pthread_mutex_unlock (&pipeline->mutex);
  return done && settled ? g_steal_pointer (&passes) : NULL;
}
