#pragma once

/** Inside of a feed: its chunks with what is derived of them. */

#include "core/expression/evaluate.h"
#include "core/rows/feed.h"

#define FANOUT_SLOTS 2

/** Somebody looks at a decoded column (`column` >= 0) or a register, in the rows where `condition`
 * holds (NULL: in all). */
typedef struct
{
  FanoutEvaluator *evaluator;
  guint register_;
  gint column;
  const FanoutVector *condition;
} FanoutLook;

/** Where the cells of a column are gathered. */
typedef struct
{
  gpointer cells;
  guint8 *scales;
  guint8 *null;
} FanoutSelectedRoom;

/** A selection of the plan in one frame. */
typedef struct
{
  gsize n_rows;
  gboolean whole;          /* all rows of the frame: what follows is not filled */
  guint32 *index;          /* of each row in the frame */
  guint32 *before;         /* how many come before each row of the frame, and before its end */
  guint64 *rows;           /* their numbers in the stream */
  FanoutSliceRun *windows; /* where rows are repeated: the window of each */
  FanoutColumn *columns;
  FanoutSelectedRoom *rooms; /* for each column that is looked at */
} FanoutSelected;

/** What a block knows of event time, and passes on to the next one. */
typedef struct
{
  enum
  {
    FANOUT_TIDE_PASSED = 0, /* to the next one */
    FANOUT_TIDE_AWAITED,    /* from the one before */
    FANOUT_TIDE_KNOWN,
  } state;
  guint input;
  guint64 block;
  gboolean last; /* of its input */
  FanoutInstant largest;
} FanoutFeedTide;

/** Room for numbers of a column in which none is wide; NULL until it is needed. */
typedef struct
{
  gint64 *mantissa;
  guint8 *scales;
} FanoutNarrow;

/* A chunk and what is derived of it. */
typedef struct
{
  FanoutChunk *chunk;
  FanoutColumn *columns;
  double **reals;                   /* for the columns wanted as doubles */
  FanoutNarrow *narrow;             /* for derived columns of who knows no wide decimals */
  guint32 **ids;                    /* for each table */
  guint64 *known;                   /* groups of each table before the ids of the chunk */
  gsize derived;                    /* bytes of what is beside the chunk */
  FanoutEvaluator *filter;          /* NULL: no [pipeline] where */
  FanoutEvaluator *clock;           /* with windows: of when rows are */
  GArray *runs;                     /* with windows: of FanoutSliceRun, where they are in time */
  guint8 *later;                    /* with other windows: what the runs say of each row */
  FanoutInstant *instants;          /* with sessions: the times of rows that are left */
  FanoutEvaluator *evaluator;       /* NULL: nothing is derived */
  FanoutLook *looks;                /* room for them; NULL: values are judged as they are decoded */
  guint where;                      /* the register of it */
  GHashTable *nulled;               /* with a filter: what it took for nulls in the chunk */
  guint32 *kept;                    /* with a filter or windows: rows of the chunk that are left */
  FanoutChunkFilter while_decoding; /* the same, asked by the decoder */
  gsize n_dropped;                  /* rows that it did not keep */
  gsize n_decided;                  /* rows that it kept because the condition holds */
  gboolean filtered_late;           /* rows that were decoded were filtered: see `kept` */
  gsize n_read;                     /* rows before the filter, */
  gsize n_left;                     /* and behind it */
  guint64 filtered;                 /* since `begun`, with those of chunks that had no row left */
  FanoutSelected *selected;
  guint32 **view_ids; /* of views that have some rows of their table's */
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
  guint64 filtered;
  guint64 late;
  guint64 late_by_others;
  char *first_late;
  guint64 first_late_record;
  FanoutFeedTide tide;
  guint64 serial_made; /* blocks, where there is no reader to count them */
  guint64 end;
  GError *pending; /* comes after the rows of the current chunk */
  guint64 pending_record;
  FanoutMemory memory;
  gsize counted; /* of chunks and lanes, in it */
};

/** Number of row `row` of the chunk in the stream. */
static inline guint64
fanout_slot_record (const FanoutSlot *slot, gsize row)
{
  const FanoutChunk *chunk = slot->chunk;
  return chunk->consecutive ? chunk->first_row + row : chunk->rows[row];
}

/** An empty chunk for the columns of the plan, where no more than `rows` are expected. */
FanoutChunk *fanout_rows_chunk (const FanoutPlan *plan, guint64 rows);

void fanout_slot_init (FanoutFeed *feed, FanoutSlot *slot);
void fanout_slot_clear (FanoutFeed *feed, FanoutSlot *slot);

/** Make the frame of what is in the chunk: the rows that are left, columns as operators see them,
 * ids of groups. The first row that fails, or would be one group too many, ends the stream, behind
 * all rows before it. */
void fanout_slot_frame (FanoutFeed *feed, FanoutSlot *slot);

/* Derived columns and filters: derive.c. */
void fanout_slot_init_derive (FanoutFeed *feed, FanoutSlot *slot);
void fanout_slot_clear_derive (FanoutSlot *slot);
gsize fanout_slot_derive_bytes (const FanoutSlot *slot);
/** Filter the chunk, compute what is derived, and judge what is looked at. */
void fanout_slot_derive (FanoutFeed *feed, FanoutSlot *slot);
/** The derived columns, behind those that are decoded. */
void fanout_slot_derived (FanoutFeed *feed, FanoutSlot *slot);

/** Run a program over what is in the chunk until nothing bad is looked at. Answers how many rows
 * come before one that fails. */
gsize fanout_slot_run (FanoutFeed *feed, FanoutSlot *slot, FanoutEvaluator *evaluator, guint end,
                       guint n_looks, const FanoutLook *looks);

/* Event time: time.c. */
/** Find the slices of the chunk's rows, and leave those that are not late. */
void fanout_slot_place (FanoutFeed *feed, FanoutSlot *slot);
/** Another block has begun. */
void fanout_feed_begin_tide (FanoutFeed *feed);
/** The largest time of its input so far; waits for the blocks before. */
FanoutInstant fanout_feed_largest (FanoutFeed *feed);
/** All rows of the block have been placed. */
void fanout_feed_pass_tide (FanoutFeed *feed);

/* Values that are bad: judge.c. */
void fanout_slot_sort_findings (FanoutSlot *slot);
/** Find bad values that are looked at in the first `n_rows` rows. Where they are taken for nulls:
 * TRUE when there were some, so that all has to be computed again. Else FALSE, and with `error`
 * `n_rows` is the first row that has one. */
gboolean fanout_slot_judge (FanoutFeed *feed, FanoutSlot *slot, guint n_looks,
                            const FanoutLook *looks, gsize *n_rows, GError **error);
void fanout_slot_count_rounded (FanoutFeed *feed, FanoutSlot *slot);
/** Whether a row of this number is in the chunk. */
gboolean fanout_slot_has (const FanoutSlot *slot, guint64 record);

/* Selections: select.c. */
void fanout_slot_init_select (FanoutFeed *feed, FanoutSlot *slot);
void fanout_slot_clear_select (FanoutFeed *feed, FanoutSlot *slot);
gsize fanout_slot_select_bytes (const FanoutPlan *plan, gsize capacity);
/** Find the rows of each selection, once for each of their windows where they are repeated, and
 * bring the columns together that are looked at in them. */
void fanout_slot_select (FanoutFeed *feed, FanoutSlot *slot);
/** The ids of the rows `to`, all of which are in `from`, whose `ids` are known. */
void fanout_slot_select_ids (const FanoutSelected *from, const FanoutSelected *to,
                             const guint32 *ids, guint32 *selected);

/* Places: locate.c. */
/** The line in which the row of this number begins, which is one of the slot's chunk. */
guint64 fanout_slot_line (const FanoutFeed *feed, const FanoutSlot *slot, guint64 record);
/** "FILE:LINE" of that row; NULL when there are no lines. */
char *fanout_slot_locate (const FanoutFeed *feed, const FanoutSlot *slot, guint64 record);
