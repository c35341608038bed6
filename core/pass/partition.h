#pragma once

/** One of several independent passes over disjoint parts of the stream, and their combination at
 * the end. */

#include "core/pass/run.h"
#include "core/handover/strategy.h"

/** Where an aggregate wanted no more. */
typedef struct
{
  gboolean known;
  FanoutFeedCount count;
} FanoutLeave;

typedef struct
{
  FanoutRun *run;
  const FanoutStrategy *strategy;
  gboolean ahead;        /* the next batch is prepared while one is being taken */
  FanoutContext context; /* where its thread waits for acknowledgements */
  guint n_tables;
  FanoutTable **tables;  /* of the plan's; those that are combined come behind, at the end. Where
                            rows go to windows, none */
  FanoutSlices **slices; /* where rows go to windows: of each table; else NULL */
  FanoutSessions **sessions; /* where these are sessions: in place of slices */
  guint8 *empty;             /* tables without keys that no row fell into, of one window */
  FanoutMemory table_memory;
  guint n_nodes;
  FanoutNode **nodes;  /* in the order of the plan; the same */
  FanoutLeave *leaves; /* of each */
  FanoutFeed *feed;    /* NULL: only merged into */
  const char *from;    /* what is being merged into it, for messages; NULL: nothing with a name */
  FanoutCrew *crew;
  const FanoutBatch *offered; /* being taken, or taken and not yet looked at */
  gboolean prepared;          /* the members below hold what comes next */
  FanoutFeedStatus next_status;
  FanoutBatch *next;
  guint64 next_record;
  GError *next_error;
  guint64 batches;
  gboolean crowded; /* there are too many groups, in it or in what was merged into it */
  gboolean ended;   /* the end has been offered */
  gboolean done;
} FanoutPartition;

/** What a step came to. */
typedef enum
{
  FANOUT_STEP_MORE = 0,
  FANOUT_STEP_WAIT_INPUT, /* a pipe has nothing now (only when not blocking) */
  FANOUT_STEP_WAIT_TAKEN, /* acknowledgements are out */
  FANOUT_STEP_DONE,
} FanoutStep;

/** `blocking` FALSE: steps answer WAIT_INPUT in place of waiting for bytes. `context` NULL: one of
 * its own, made when wanted. */
FanoutPartition *fanout_partition_new (FanoutRun *run, gboolean blocking, GMainContext *context);
/** One that takes nothing in but other partitions. */
FanoutPartition *fanout_partition_new_empty (FanoutRun *run);
void fanout_partition_free (FanoutPartition *partition);

/** Hand over up to `most` batches, at least 1. Failures go to the run. */
FanoutStep fanout_partition_step (FanoutPartition *partition, guint most);
/** Steps until done, waiting as needed. */
void fanout_partition_run (FanoutPartition *partition);

/** Whether something failed by what had come together of the part that it has seen: it may have
 * done so at an earlier row of the whole stream. */
gboolean fanout_partition_has_gathered (const FanoutPartition *partition);
/** Merge `from`, which is done, into `into`; it is empty then. FALSE with `error`. */
gboolean fanout_partition_merge (FanoutPartition *into, FanoutPartition *from, GError **error);
/** The same for one table alone. */
gboolean fanout_partition_merge_table (FanoutPartition *into, FanoutPartition *from, guint table,
                                       GError **error);
/** The same for the first `n` states of `from`, which are those of the groups `ids` in `into`: they
 * are as they were made then. */
gboolean fanout_partition_merge_states (FanoutPartition *into, FanoutPartition *from, guint table,
                                        const guint32 *ids, gsize n, GError **error);
/** Say so, or that there is no memory for more, and answer FALSE. */
gboolean fanout_partition_too_many_groups (FanoutPartition *partition, GError **error);

/** States of all aggregates of a table: clear these, so that they are as they were made; */
void fanout_partition_renew (FanoutPartition *partition, const FanoutPlanTable *table,
                             const guint32 *states, gsize n);
/** move the state i to `moved`[i], G_MAXUINT32: nowhere; `n` are left. */
void fanout_partition_pack (FanoutPartition *partition, const FanoutPlanTable *table,
                            const guint32 *moved, guint64 n);
