#pragma once

/** Slices that many windows share, combined once: where a window has very many of them. */

#include "core/pass/gather.h"

/** Consecutive slices. */
typedef struct
{
  gint64 start;
  gint64 end; /* behind the last one */
} FanoutSliceRange;

/** Which slices of a window, whose are `range`, blocks stand for: as far as they are whole, see
 * below. Empty where it is not worth it. */
FanoutSliceRange fanout_blocks_of (FanoutSliceRange range);

/** Bring their groups, of all partitions. The window is over, so that rows that still come to its
 * slices make none of them whole. FALSE with `error`. */
gboolean fanout_blocks_add (FanoutPasses *passes, FanoutGathering *gathering,
                            FanoutSliceRange range, GError **error);

/** Windows that close from now on begin with the slice `start`. */
void fanout_blocks_forget (FanoutPasses *passes, gint64 start);
