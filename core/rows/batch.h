#pragma once

/** What is handed over at one rendezvous: a slice of a frame, which is a chunk with all that was
 * derived of it. */

#include <fanout/batch.h>

/** Rows of a frame as some aggregates see them: all of them or those that a condition leaves, with
 * the groups of one table. */
typedef struct
{
  const FanoutColumn *columns; /* whole; those that these aggregates take are there */
  const guint32 *ids;          /* NULL: no groups */
  guint64 n_groups;            /* that the ids may name */
  guint64 first_row;
  const guint64 *rows;   /* NULL: consecutive */
  const guint32 *before; /* how many of them come before each row of the frame, and before its end;
                            NULL: they are all rows */
} FanoutFrameView;

/** A decoded chunk. */
typedef struct
{
  guint64 serial; /* another one for each chunk of a partition */
  gsize n_rows;
  guint64 first_row;
  const guint64 *rows;          /* NULL: consecutive */
  const FanoutFrameView *views; /* in the order of the plan */
} FanoutFrame;

/** Rows `first` .. `first + n_rows - 1` of a frame. */
typedef struct
{
  const FanoutFrame *frame;
  gsize first;
  gsize n_rows;
} FanoutBatch;

/** Go on with the next `rows` rows of the frame, or the fewer that are left; FALSE, and nothing
 * changes, when there are none. */
static inline gboolean
fanout_batch_advance (FanoutBatch *batch, gsize rows)
{
  const gsize first = batch->first + batch->n_rows;
  const gsize left = batch->frame->n_rows - first;
  if (left == 0)
    return FALSE;
  batch->first = first;
  batch->n_rows = MIN (rows, left);
  return TRUE;
}

/** Number of row `i` of a frame in the stream. */
static inline guint64
fanout_frame_record (const FanoutFrame *frame, gsize i)
{
  return frame->rows != NULL ? frame->rows[i] : frame->first_row + i;
}

static inline guint64
fanout_batch_row (const FanoutBatch *batch, gsize i)
{
  return fanout_frame_record (batch->frame, batch->first + i);
}
