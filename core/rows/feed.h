#pragma once

/**
 * One partition's stream: blocks or generated rows, decoded into chunks, with group ids, sliced
 * into batches.
 */

#include "core/rows/batch.h"
#include "core/base/memory.h"
#include "core/plan/plan.h"
#include "core/group/table.h"
#include "core/window/sessions.h"
#include "core/window/slices.h"
#include "core/window/watermark.h"

/** Rows of a source without bytes, dealt to partitions. */
typedef struct
{
  const FanoutSource *source;
  gconstpointer options;
  guint64 total;
  _Atomic guint64 next;
  _Atomic gboolean stopped;
} FanoutGenerator;

void fanout_generator_init (FanoutGenerator *generator, const FanoutSource *source,
                            gconstpointer options);

/** What stands for the name of a file where rows are put in; a row's number stands for its line. */
#define FANOUT_INLET_NAME "feed"

/** Rows that somebody puts in one by one: those of the next batch. */
typedef struct
{
  FanoutChunk *chunk; /* never fuller than the batch */
  gboolean ended;     /* none follow */
  GError *failure;    /* what comes behind them; NULL: the end */
  _Atomic gboolean stopped;
} FanoutInlet;

void fanout_inlet_init (FanoutInlet *inlet, const FanoutPlan *plan);
void fanout_inlet_clear (FanoutInlet *inlet);
/** Say that the text put into a column of the row `record` is no number. */
void fanout_inlet_refuse (guint64 record, const char *column, const char *text, gsize length,
                          GError **error);

typedef enum
{
  FANOUT_FEED_BATCH = 0,
  FANOUT_FEED_WAIT, /* a pipe has nothing now, nobody has put anything in */
  FANOUT_FEED_NONE, /* what was read had no row left; there may be more */
  FANOUT_FEED_REST, /* nobody is to read on for now */
  FANOUT_FEED_END,
  FANOUT_FEED_FAILED,
} FanoutFeedStatus;

/** What was met on the way. Texts are owned by the feed. */
typedef struct
{
  guint64 rows; /* delivered */
  guint64 rows_filtered;
  guint64 rows_late;
  guint64 rows_late_by_others; /* of them, since other inputs went on without theirs */
  const char *first_late;      /* "FILE:LINE" */
  guint64 first_late_record;
  guint64 end; /* number of the last row delivered + 1; 0: none */
  guint64 rows_skipped;
  guint64 values_nulled;
  guint64 numbers_rounded;
  const char *first_skipped;
  guint64 first_skipped_record;
  guint64 first_skipped_line;
  guint64 first_skipped_last; /* line; 0: unknown */
  const char *first_rounded;
  guint64 first_rounded_record;
  const char *first_nulled;
  guint64 first_nulled_record;
} FanoutFeedCounters;

/** What was read of the stream, up to some row. */
typedef struct
{
  guint64 rows; /* of every kind */
  guint64 rows_filtered;
  guint64 rows_skipped;
  guint64 values_nulled;
  guint64 numbers_rounded;
} FanoutFeedCount;

typedef struct
{
  const FanoutPlan *plan;
  FanoutBlockReader *reader;       /* over bytes, else NULL */
  FanoutGenerator *generator;      /* without bytes, else NULL */
  FanoutInlet *inlet;              /* where rows are put in, else NULL */
  FanoutTable *const *tables;      /* of the plan's; with windows unused */
  FanoutSlices *const *slices;     /* with windows: in place of them */
  FanoutSessions *const *sessions; /* the same where these are sessions */
  FanoutWatermarks *watermarks;
  const gint64 *closed;                /* the last window that is over; does not change between two
                                          rests */
  void (*advanced) (gpointer data);    /* more windows are over */
  const _Atomic gboolean *rest_wanted; /* NULL: never */
  gpointer data;                       /* for `advanced` */
  FanoutMemoryLimit *limit;
  GCancellable *cancellable; /* may be NULL */
  _Atomic guint64 *rows;     /* of the whole run, for progress */
  gboolean blocking;
  gboolean ahead; /* a batch may be prepared while the one before is still in use */
} FanoutFeedPlan;

typedef struct FanoutFeed FanoutFeed;

FanoutFeed *fanout_feed_new (const FanoutFeedPlan *plan);
void fanout_feed_free (FanoutFeed *feed);

/** The next batch, valid until the next call but one with `ahead`, else until the next. On FAILED
 * `record` is the number of the row that failed (G_MAXUINT64: none). The caller may move the batch
 * on in its frame: what comes next begins behind it. */
FanoutFeedStatus fanout_feed_next (FanoutFeed *feed, FanoutBatch **batch, guint64 *record,
                                   GError **error);

/** Whether fanout_feed_next waits for bytes (as the plan says at first), or answers WAIT. */
void fanout_feed_set_blocking (FanoutFeed *feed, gboolean blocking);

/** All aggregates have left, the last with row `record` of the frame `frame`: count, and know
 * groups, as if nothing after it had been read. */
void fanout_feed_trim (FanoutFeed *feed, const FanoutFrame *frame, guint64 record);

/** What would be counted then, where the stream goes on. Takes as long as to decode the frame. */
void fanout_feed_count_until (FanoutFeed *feed, const FanoutFrame *frame, guint64 record,
                              FanoutFeedCount *count);

/** "FILE:LINE" of row `record` of a frame still in use, newly allocated; NULL when there are no
 * lines. */
char *fanout_feed_locate (FanoutFeed *feed, const FanoutFrame *frame, guint64 record);

void fanout_feed_counters (FanoutFeed *feed, FanoutFeedCounters *counters);
/** Whether a row had column `column` of the plan, where the source is FANOUT_SPARSE. */
gboolean fanout_feed_has_seen (const FanoutFeed *feed, guint column);
/** Bytes of its chunks and lanes at their peak. */
gsize fanout_feed_memory (const FanoutFeed *feed);
