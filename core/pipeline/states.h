#pragma once

/**
 * The states of a run as a thing of their own: for processes that each read a part of the inputs
 * and send them to each other until one of them has all.
 */

#include "core/partial/seal.h"
#include "core/pipeline/pipeline.h"

typedef struct FanoutStates FanoutStates;

/** What a part says of those behind it, before any is read: see fanout_part_settle(). For a
 * pipeline with a part; needs no run. */
FANOUT_API gboolean fanout_pipeline_scan_part (FanoutPipeline *pipeline, FanoutPartScan *scan,
                                               GError **error);

/** Whether what is asked depends on the numbers of rows in the whole stream. */
FANOUT_API gboolean fanout_pipeline_numbers_rows (const FanoutPipeline *pipeline);
/** How many rows of the stream begin in the part: it is read, and nothing of it is decoded. */
FANOUT_API gboolean fanout_pipeline_count_part (FanoutPipeline *pipeline, guint64 *rows,
                                                GError **error);

/** Run to the end of the inputs, or of the part. The run goes on until the states are freed, or
 * there are results of them. NULL with `error`. */
FANOUT_API FanoutStates *fanout_pipeline_read_states (FanoutPipeline *pipeline, GError **error);
/** Whatever was to end has ended: what is read next is not interrupted by that. */
FANOUT_API void fanout_pipeline_forget_interrupt (FanoutPipeline *pipeline);
/** Nothing but the counters of what was read, of states that others have. */
FANOUT_API void fanout_states_empty (FanoutStates *states);
FANOUT_API void fanout_states_free (FanoutStates *states);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutStates, fanout_states_free)

/** Rows of the stream that they come from. */
FANOUT_API guint64 fanout_states_rows (const FanoutStates *states);
/** In all tables. */
FANOUT_API guint64 fanout_states_groups (const FanoutStates *states);
/** Whether they may be merged in any order: all rows count, and so does every aggregate, none of
 * which wants its rows in their order. */
FANOUT_API gboolean fanout_states_are_free (const FanoutStates *states);
/** How the part begins and ends that they are of. Plain data, to be sent. */
typedef struct
{
  FanoutPartEnds ends;
  gboolean enough; /* what comes behind it does not count */
} FanoutPartFound;

FANOUT_API void fanout_states_found (const FanoutStates *states, FanoutPartFound *found);
/** Whether all `n` parts of the inputs, in their order, begin as those before them end: what was
 * guessed of how they do was right. */
FANOUT_API gboolean fanout_parts_fit (const FanoutPartFound *found, guint n);
/** Let their rows come after so many others, where their part is not numbered: before any merge,
 * where they are merged so. */
FANOUT_API void fanout_states_shift (FanoutStates *states, guint64 rows);

/** Write those of the share `index` of `count` of their groups. */
FANOUT_API gboolean fanout_states_write (FanoutStates *states, guint index, guint count,
                                         FanoutSealPut put, gpointer data, GError **error);
/** Merge what `get` gives, called `name` in messages: of rows behind these (`shared`: of a share,
 * whose rows are counted elsewhere). */
FANOUT_API gboolean fanout_states_merge (FanoutStates *states, FanoutSealGet get, gpointer data,
                                         const char *name, gboolean shared, GError **error);

/** Others have read so many bytes, of so many. */
FANOUT_API void fanout_states_count_bytes (FanoutStates *states, guint64 bytes, guint64 total);
/** The result of all; they are gone then. */
FANOUT_API FanoutResult *fanout_states_conclude (FanoutStates *states, GError **error);
