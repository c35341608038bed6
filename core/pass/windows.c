#include "core/pass/windows.h"

#include "core/pass/blocks.h"
#include "core/pass/sessions.h"

static FanoutSliceRange
slices_of (const FanoutAxis *axis, gint64 window)
{
  return (FanoutSliceRange){ fanout_axis_window_start (axis, window),
                             fanout_axis_window_end (axis, window) };
}

/* Those of a range, or those of it alone that are not whole. */
static gboolean
add_range (FanoutGathering *self, FanoutPartition *from, guint t, const FanoutAxis *axis,
           gint64 window, FanoutSliceRange range, gboolean cut, GError **error)
{
  FanoutSlices *slices = from->slices[t];
  const FanoutSlice *slice;
  guint at = 0;
  while ((slice = cut ? fanout_slices_cut_in (slices, range.start, range.end, &at)
                      : fanout_slices_in (slices, range.start, range.end, &at))
         != NULL)
    {
      const FanoutSliceKey key = fanout_slice_key (slice);
      if (key.first > window)
        continue;
      fanout_gathering_set_moving (self, fanout_axis_last_window (axis, key.number) <= window);
      if (!fanout_gathering_add_slice (self, from, t, slice, error))
        return FALSE;
    }
  return TRUE;
}

/* What blocks cover is not walked through: a window may have very many slices. */
static gboolean
combine_table (FanoutGathering *self, FanoutPasses *passes, guint t, gint64 window, GError **error)
{
  const FanoutAxis axis = fanout_plan_slices (passes->run->plan);
  const FanoutSliceRange all = slices_of (&axis, window);
  const FanoutSliceRange covered = fanout_blocks_of (all);
  const FanoutSliceRange before = { all.start, covered.start };
  const FanoutSliceRange behind = { covered.end, all.end };
  for (guint p = 0; p < passes->n_partitions; p++)
    {
      FanoutPartition *from = passes->partitions[p];
      if (!add_range (self, from, t, &axis, window, before, FALSE, error)
          || !add_range (self, from, t, &axis, window, covered, TRUE, error)
          || !add_range (self, from, t, &axis, window, behind, FALSE, error))
        return FALSE;
    }
  return TRUE;
}

static FanoutPasses *
combine_window (FanoutPasses *passes, gint64 window, GError **error)
{
  FanoutGathering *self = fanout_gathering_new (passes);
  const FanoutAxis axis = fanout_plan_slices (passes->run->plan);
  gboolean done = fanout_blocks_add (passes, self, slices_of (&axis, window), error);
  for (guint t = 0; done && t < passes->run->plan->n_tables; t++)
    done = combine_table (self, passes, t, window, error);
  return fanout_gathering_end (self, done);
}

typedef struct
{
  FanoutPartition *partition;
  const FanoutPlanTable *table;
} Releasing;

static void
release_states (gpointer data, const guint32 *states, gsize n)
{
  const Releasing *self = data;
  fanout_partition_renew (self->partition, self->table, states, n);
}

static void
pack_table (FanoutPartition *partition, guint t)
{
  const FanoutPlanTable *table = &partition->run->plan->tables[t];
  FanoutSlices *slices = partition->slices[t];
  if (!fanout_slices_is_sparse (slices))
    return;
  g_autofree guint32 *moved = fanout_slices_pack (slices);
  fanout_partition_pack (partition, table, moved, fanout_slices_n_states (slices));
}

static void
give_back (FanoutPasses *passes, gint64 window)
{
  const FanoutPlan *plan = passes->run->plan;
  const FanoutAxis axis = fanout_plan_slices (plan);
  for (guint p = 0; p < passes->n_partitions; p++)
    for (guint t = 0; t < plan->n_tables; t++)
      {
        Releasing releasing = { passes->partitions[p], &plan->tables[t] };
        fanout_slices_close (releasing.partition->slices[t], &axis, window, release_states,
                             &releasing);
        pack_table (releasing.partition, t);
      }
  fanout_blocks_forget (passes, fanout_axis_window_start (&axis, window + 1));
}

static gboolean
find_window (const FanoutPasses *passes, gint64 *window)
{
  const FanoutPlan *plan = passes->run->plan;
  const FanoutAxis axis = fanout_plan_slices (plan);
  gboolean found = FALSE;
  for (guint p = 0; p < passes->n_partitions; p++)
    for (guint t = 0; t < plan->n_tables; t++)
      {
        gint64 next;
        if (!fanout_slices_next_window (
                passes->partitions[p]->slices[t], &axis,
                passes->run->closed == G_MININT64 ? G_MININT64 : passes->run->closed + 1, &next))
          continue;
        *window = found ? MIN (*window, next) : next;
        found = TRUE;
      }
  return found;
}

gboolean
fanout_passes_close (FanoutPasses *passes, gint64 over, FanoutWindowBefore before,
                     FanoutWindowDo do_, gpointer data, GError **error)
{
  const FanoutAxis *axis = &passes->run->plan->window->axis;
  gint64 window = G_MAXINT64;
  if (axis->gap > 0)
    return fanout_passes_close_sessions (passes, over, do_, data, error);
  while (find_window (passes, &window) && window <= over)
    {
      const FanoutWindow told = { fanout_axis_start (axis, fanout_axis_window_start (axis, window)),
                                  fanout_axis_start (axis, fanout_axis_window_end (axis, window)) };
      if (!before (data, told.start, error))
        return FALSE;
      FanoutPasses *made = combine_window (passes, window, error);
      if (made == NULL || !do_ (data, made, &told, error))
        return FALSE;
      passes->run->closed = window;
      give_back (passes, window);
    }
  /* Behind the end of the stream a later run may go on. */
  if (over != G_MAXINT64)
    passes->run->closed = MAX (passes->run->closed, over);
  return TRUE;
}
