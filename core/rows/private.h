#pragma once

/** Inside of a feed: its chunks with what is derived of them. */

#include "core/rows/feed.h"

#define FANOUT_SLOTS 2

/* A chunk and what is derived of it. */
typedef struct
{
  FanoutChunk *chunk;
  FanoutColumn *columns;
  double **reals; /* for the columns wanted as doubles */
  guint32 **ids;  /* for each table */
  guint64 *known; /* groups of each table before the ids of the chunk */
  gsize derived;  /* bytes of what is beside the chunk */
  FanoutFrame frame;
  FanoutFrameView *views;
  guint lane; /* whose block its texts are in */
  /* As it was before the chunk was decoded, to decode it again. */
  FanoutBlock block;
  FanoutChunk before;
  /* And before the blocks in front of that one were, which had no rows for the chunk. */
  FanoutChunk begun;
} FanoutSlot;

struct FanoutFeed
{
  FanoutFeedPlan plan;
  const FanoutColumn **keys;
  guint n_slots;
  FanoutSlot slots[FANOUT_SLOTS];
  FanoutLane *lanes[FANOUT_SLOTS];
  guint lane;         /* whose block is current */
  guint slot;         /* whose chunk is current: the last one with rows */
  gboolean preparing; /* the next one, of which nothing has been handed over */
  FanoutBlock block;
  gboolean have_block;
  gboolean slow;                     /* the last decode ended before the block and the chunk did */
  FanoutBatch batches[FANOUT_SLOTS]; /* as many are in use as there are slots */
  guint batch;                       /* the last one */
  gboolean fresh;                    /* it was not of the current chunk */
  guint64 serial;
  guint64 rows;
  guint64 end;
  GError *pending; /* comes after the rows of the current chunk */
  guint64 pending_record;
  FanoutMemory memory;
  gsize counted; /* of chunks and lanes, in it */
};

/** An empty chunk for the columns of the plan. */
FanoutChunk *fanout_rows_chunk (const FanoutPlan *plan);

void fanout_slot_init (FanoutFeed *feed, FanoutSlot *slot);
void fanout_slot_clear (FanoutFeed *feed, FanoutSlot *slot);

/** Make the frame of what is in the chunk: columns as operators see them, ids of groups. The row
 * that would be one group too many ends the stream, behind all rows before it. */
void fanout_slot_frame (FanoutFeed *feed, FanoutSlot *slot);
