#include "core/pass/blocks.h"

/* A block has so many slices, or two times as many, and so on; it begins with a multiple of their
 * number. */
#define LEAST  3
#define LEVELS 63 /* more than there are slices for */
#define SLICES (G_GINT64_CONSTANT (1) << LEAST)
/* A window with fewer of them does without. */
#define WORTH  (4 * SLICES)

/* One of 2^level slices, combined. */
typedef struct
{
  gint64 id;
  gint64 end; /* behind its last slice */
  FanoutPasses *groups;
} Block;

static void
block_free (gpointer data)
{
  Block *block = data;
  fanout_passes_free (block->groups);
  g_free (block);
}

FanoutSliceRange
fanout_blocks_of (FanoutSliceRange range)
{
  const FanoutSliceRange covered
      = { fanout_floor_divide (range.start + SLICES - 1, SLICES) * SLICES,
          fanout_floor_divide (range.end, SLICES) * SLICES };
  if (range.end - range.start < WORTH)
    return (FanoutSliceRange){ range.start, range.start };
  return covered;
}

static gboolean
add_slices (FanoutPasses *passes, FanoutGathering *gathering, FanoutSliceRange range,
            GError **error)
{
  const FanoutPlan *plan = passes->run->plan;
  for (guint p = 0; p < passes->n_partitions; p++)
    for (guint t = 0; t < plan->n_tables; t++)
      {
        FanoutSlices *slices = passes->partitions[p]->slices[t];
        const FanoutSlice *slice;
        guint at = 0;
        while ((slice = fanout_slices_in (slices, range.start, range.end, &at)) != NULL)
          if (fanout_slice_is_whole (&plan->window->axis, fanout_slice_key (slice))
              && !fanout_gathering_add_slice (gathering, passes->partitions[p], t, slice, error))
            return FALSE;
      }
  return TRUE;
}

/* Slices that a window has yet never get whole rows again, so what has none needs no block. */
static gboolean
has_slices (const FanoutPasses *passes, guint level, gint64 index)
{
  const gint64 start = index * (G_GINT64_CONSTANT (1) << level);
  for (guint p = 0; p < passes->n_partitions; p++)
    for (guint t = 0; t < passes->run->plan->n_tables; t++)
      {
        guint at = 0;
        if (fanout_slices_in (passes->partitions[p]->slices[t], start,
                              start + (G_GINT64_CONSTANT (1) << level), &at)
            != NULL)
          return TRUE;
      }
  return FALSE;
}

static gboolean
add_block (FanoutGathering *gathering, const Block *block, GError **error)
{
  FanoutPartition *whole = block->groups->partitions[0];
  for (guint t = 0; t < whole->n_tables; t++)
    if (!fanout_gathering_add_table (gathering, whole, t, error))
      return FALSE;
  return TRUE;
}

static gboolean add_blocks (FanoutPasses *passes, FanoutGathering *gathering, guint level,
                            gint64 index, GError **error);

static gboolean
fill_block (FanoutPasses *passes, FanoutGathering *gathering, guint level, gint64 index,
            GError **error)
{
  if (level == LEAST)
    return add_slices (passes, gathering,
                       (FanoutSliceRange){ index * SLICES, (index + 1) * SLICES }, error);
  for (gint64 half = 2 * index; half < 2 * index + 2; half++)
    if (!add_blocks (passes, gathering, level - 1, half, error))
      return FALSE;
  return TRUE;
}

static const Block *
get_block (FanoutPasses *passes, guint level, gint64 index, GError **error)
{
  const gint64 id = index * 64 + level;
  if (passes->blocks == NULL)
    {
      passes->blocks = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, block_free);
      passes->blocks_from = G_MININT64;
    }
  Block *block = g_hash_table_lookup (passes->blocks, &id);
  if (block != NULL)
    return block;
  FanoutGathering *gathering = fanout_gathering_new (passes);
  const gboolean done = fill_block (passes, gathering, level, index, error);
  FanoutPasses *groups = fanout_gathering_end (gathering, done);
  if (groups == NULL)
    return NULL;
  block = g_new (Block, 1);
  *block = (Block){ id, (index + 1) * (G_GINT64_CONSTANT (1) << level), groups };
  g_hash_table_insert (passes->blocks, &block->id, block);
  return block;
}

static gboolean
add_blocks (FanoutPasses *passes, FanoutGathering *gathering, guint level, gint64 index,
            GError **error)
{
  if (!has_slices (passes, level, index))
    return TRUE;
  const Block *block = get_block (passes, level, index, error);
  return block != NULL && add_block (gathering, block, error);
}

gboolean
fanout_blocks_add (FanoutPasses *passes, FanoutGathering *gathering, FanoutSliceRange range,
                   GError **error)
{
  const FanoutSliceRange covered = fanout_blocks_of (range);
  for (gint64 at = covered.start; at < covered.end;)
    {
      guint level = LEAST;
      while (at % ((gint64) 2 << level) == 0 && at + ((gint64) 2 << level) <= covered.end)
        level++;
      if (!add_blocks (passes, gathering, level, at >> level, error))
        return FALSE;
      at += (gint64) 1 << level;
    }
  return TRUE;
}

static gboolean
is_over (gpointer key, gpointer value, gpointer data)
{
  const Block *block = value;
  (void) key;
  return block->end <= *(const gint64 *) data;
}

void
fanout_blocks_forget (FanoutPasses *passes, gint64 start)
{
  const gint64 from = passes->blocks_from;
  passes->blocks_from = start;
  if (passes->blocks == NULL || start <= from)
    return;
  if ((guint64) start - (guint64) from > g_hash_table_size (passes->blocks))
    {
      g_hash_table_foreach_remove (passes->blocks, is_over, &start);
      return;
    }
  /* Those that end in between, by their names: there may be very many others. */
  for (guint level = LEAST; level < LEVELS && start >> level > from >> level; level++)
    for (gint64 index = from >> level; index < start >> level; index++)
      {
        const gint64 id = index * 64 + level;
        g_hash_table_remove (passes->blocks, &id);
      }
}
