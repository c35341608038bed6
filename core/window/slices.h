#pragma once

/**
 * The groups of each slice of event time: keys to groups as in a table without windows, then the
 * state that a group has in a slice. What is over is given back: states, and keys that no slice has
 * any more.
 */

#include "core/group/table.h"
#include "core/window/axis.h"

/** Rows of one slice that count from window `first` on: those before were over when they came. */
typedef struct
{
  gint64 number;
  gint64 first;
} FanoutSliceKey;

/** Consecutive rows of one slice, or of two that take turns; `end` is behind the last one. */
typedef struct
{
  FanoutSliceKey key;
  gsize end;
  FanoutSliceKey later;
  const guint8 *is_later; /* by row: 1 where it is of `later`; NULL: all are of `key` */
} FanoutSliceRun;

/** Of one of its rows. */
static inline FanoutSliceKey
fanout_slice_run_key (const FanoutSliceRun *run, gsize row)
{
  return run->is_later != NULL && run->is_later[row] != 0 ? run->later : run->key;
}

typedef struct FanoutSlice FanoutSlice;
typedef struct FanoutSlices FanoutSlices;

/** Whether rows of the slice count in all windows that it is in: none was over when they came. */
static inline gboolean
fanout_slice_is_whole (const FanoutAxis *axis, FanoutSliceKey key)
{
  return key.first == fanout_axis_first_window (axis, key.number);
}

/** As fanout_table_new(); `max_groups` are those of all slices together. */
FANOUT_API FanoutSlices *fanout_slices_new (guint n_keys, guint64 max_groups,
                                            const FanoutAxis *axis, guint64 seed,
                                            FanoutMemory *memory);
FANOUT_API void fanout_slices_free (FanoutSlices *slices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutSlices, fanout_slices_free)

/** Numbers of states for the rows 0 .. `n` - 1 into `ids`; the runs cover them. `index` (NULL: row
 * i is row i) says which row of the runs each is. Answers how many rows got one, as
 * fanout_table_ids(). */
FANOUT_API gsize fanout_slices_ids (FanoutSlices *slices, const FanoutColumn *const *keys,
                                    const FanoutSliceRun *runs, const guint32 *index, gsize n,
                                    guint32 *ids);

/** All numbers of states are below. */
FANOUT_API guint64 fanout_slices_n_states (const FanoutSlices *slices);
/** States in use. */
FANOUT_API guint64 fanout_slices_n_groups (const FanoutSlices *slices);
/** Slices that have any. */
FANOUT_API guint fanout_slices_n_open (const FanoutSlices *slices);

/** One of these, from 0, in the order of time. */
FANOUT_API FanoutSlice *fanout_slices_nth (FanoutSlices *slices, guint n);

/** The keys of all groups. */
FANOUT_API FanoutTable *fanout_slices_table (FanoutSlices *slices);

/** The first of the windows from `from` on that has rows; FALSE: there is none. */
FANOUT_API gboolean fanout_slices_next_window (const FanoutSlices *slices, const FanoutAxis *axis,
                                               gint64 from, gint64 *window);

/** The next slice of the numbers `start` to `end` - 1, from the `at`-th on (0 at first; it is moved
 * on); NULL: there is no other one. */
FANOUT_API FanoutSlice *fanout_slices_in (FanoutSlices *slices, gint64 start, gint64 end,
                                          guint *at);
/** The same of those alone that are not whole. */
FANOUT_API FanoutSlice *fanout_slices_cut_in (FanoutSlices *slices, gint64 start, gint64 end,
                                              guint *at);
FANOUT_API FanoutSliceKey fanout_slice_key (const FanoutSlice *slice);
FANOUT_API guint32 fanout_slice_n_groups (const FanoutSlice *slice);
/** Its next groups, at most `n`: their numbers among the keys, and those of their states. `at` as
 * above. Answers how many there are. */
FANOUT_API gsize fanout_slice_groups (const FanoutSlice *slice, guint32 *at, gsize n, guint32 *keys,
                                      guint32 *states);

/** Forget the slices that are in no window behind `window`. Their states are gone: `release` is
 * told, some at a time. */
typedef void (*FanoutSlicesRelease) (gpointer data, const guint32 *states, gsize n);
FANOUT_API void fanout_slices_close (FanoutSlices *slices, const FanoutAxis *axis, gint64 window,
                                     FanoutSlicesRelease release, gpointer data);

/** Whether so much was given back that it is worth moving what is left together. */
FANOUT_API gboolean fanout_slices_is_sparse (const FanoutSlices *slices);
/** Move states together, and forget keys that are not in use. The new number of the state that
 * was at i is `moved`[i], G_MAXUINT32 where there was none; never above i. Owned by the caller. */
FANOUT_API guint32 *fanout_slices_pack (FanoutSlices *slices);

/** A state for a group of a slice, both of which may be new, as when states are read back.
 * FALSE: as fanout_slices_ids() with no row. */
FANOUT_API gboolean fanout_slices_put (FanoutSlices *slices, FanoutSliceKey key,
                                       const FanoutColumn *const *keys, guint32 *id);
