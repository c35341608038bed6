#pragma once

/**
 * All states, positions and watermarks at one common rest, on disk.
 *
 * A file holds, little-endian: magic and format version; then, in sealed pieces, what decides the
 * states, part by part, so that what differs can be named; counters; how far the windows and the
 * inputs are; bytes of the reader and of whoever writes the results; then every group of each table
 * (slice by slice with windows), partition after partition: loaded, groups of one key are combined.
 */

#include "core/base/output.h"
#include "core/pass/passes.h"

/** What was counted before, and goes on being counted. */
typedef struct
{
  guint64 rows_processed;
  guint64 rows_filtered;
  guint64 rows_late;
  guint64 rows_late_by_others;
  guint64 rows_skipped;
  guint64 values_nulled;
  guint64 numbers_rounded;
  guint64 windows;
  guint64 bytes;
} FanoutStreamCounts;

/** Write all states of `passes`, which rest. `reader` and `outputs` are bytes to be given back when
 * it is read. Neither synced nor committed. */
gboolean fanout_checkpoint_write (const FanoutPasses *passes, const FanoutStreamCounts *counts,
                                  const GByteArray *reader, const GByteArray *outputs,
                                  FanoutOutput *output, GError **error);

typedef struct FanoutCheckpoint FanoutCheckpoint;

/** Open a file, and read all of it but the groups. NULL with FANOUT_ERROR_INPUT, which says what
 * was found: it is damaged, or no checkpoint. */
FanoutCheckpoint *fanout_checkpoint_open (const char *path, GError **error);
void fanout_checkpoint_free (FanoutCheckpoint *checkpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutCheckpoint, fanout_checkpoint_free)

/** Read all of a file, and see whether its seals are whole. */
gboolean fanout_checkpoint_check (const char *path, GError **error);

/** Whether it is one of `plan`. FALSE with FANOUT_ERROR_CONFIG, which names what differs. */
gboolean fanout_checkpoint_fits (const FanoutCheckpoint *checkpoint, const FanoutPlan *plan,
                                 GError **error);

const FanoutStreamCounts *fanout_checkpoint_counts (const FanoutCheckpoint *checkpoint);
/** What was given to fanout_checkpoint_write(). They live as long as it does. */
const char *fanout_checkpoint_reader (const FanoutCheckpoint *checkpoint, gsize *length);
const char *fanout_checkpoint_outputs (const FanoutCheckpoint *checkpoint, gsize *length);

/** One in memory, opened, of passes that rest. Aggregates whose states cannot be written are not in
 * it. NULL with `error`. */
FanoutCheckpoint *fanout_checkpoint_keep (const FanoutPasses *passes, GError **error);

/** What became of the states of one plan in another one: names of aggregates, and lines of text. */
typedef struct
{
  GPtrArray *kept;
  GPtrArray *added;
  GPtrArray *changed; /* they begin anew */
  GPtrArray *gone;
  GPtrArray *notes; /* what else is not kept, and why */
  gboolean anew;    /* no state is */
  gboolean times;   /* windows and inputs are where they were */
  GHashTable *same; /* names of all definitions that have not changed */
} FanoutChanges;

FanoutChanges *fanout_changes_new (void);
void fanout_changes_free (FanoutChanges *changes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutChanges, fanout_changes_free)

/** Compare the plan that a checkpoint is of with another one. */
FanoutChanges *fanout_checkpoint_compare (const FanoutCheckpoint *checkpoint,
                                          const FanoutPlan *plan);

/** Give the states to the first partition of `passes`, which has none, and to its run how far
 * windows and inputs are. FALSE with `error`. Once. `changes` NULL: it fits the plan. Else only
 * what they say has not changed is kept. */
gboolean fanout_checkpoint_load (FanoutCheckpoint *checkpoint, FanoutPasses *passes,
                                 const FanoutChanges *changes, GError **error);
