#include "core/pass/blocks.h"

/* A block has so many slices, or two times as many, and so on; it begins with a multiple of their
 * number. */
#define LEAST  3
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

static gboolean
add_block (FanoutGathering *gathering, const Block *block, GError **error)
{
  FanoutPartition *whole = block->groups->partitions[0];
  for (guint t = 0; t < whole->n_tables; t++)
    if (!fanout_gathering_add_table (gathering, whole, t, error))
      return FALSE;
  return TRUE;
}

static const Block *get_block (FanoutPasses *passes, guint level, gint64 index, GError **error);

static gboolean
fill_block (FanoutPasses *passes, FanoutGathering *gathering, guint level, gint64 index,
            GError **error)
{
  if (level == LEAST)
    return add_slices (passes, gathering,
                       (FanoutSliceRange){ index * SLICES, (index + 1) * SLICES }, error);
  for (gint64 half = 2 * index; half < 2 * index + 2; half++)
    {
      const Block *block = get_block (passes, level - 1, half, error);
      if (block == NULL || !add_block (gathering, block, error))
        return FALSE;
    }
  return TRUE;
}

static const Block *
get_block (FanoutPasses *passes, guint level, gint64 index, GError **error)
{
  const gint64 id = index * 64 + level;
  if (passes->blocks == NULL)
    passes->blocks = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, block_free);
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
      const Block *block = get_block (passes, level, at >> level, error);
      if (block == NULL || !add_block (gathering, block, error))
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
  if (passes->blocks != NULL)
    g_hash_table_foreach_remove (passes->blocks, is_over, &start);
}
