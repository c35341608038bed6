#pragma once

/**
 * States on disk: what one run saw, to be combined with what others saw.
 *
 * A file holds, little-endian: magic and format version; then, in sealed pieces, the configuration
 * as an INI text, a fingerprint of what decides the states, counters, the operators with the
 * versions of their states, table by table, then every group with its keys and encoded states.
 */

#include "core/base/output.h"
#include "core/partial/place.h"
#include "core/partial/seal.h"
#include "core/pass/partition.h"

/** Why the plan gives no partial results, one mistake for each aggregate; TRUE: it gives them.
 * `numbered`: of rows that are numbered as those of the whole stream. */
gboolean fanout_partial_possible (const FanoutPlan *plan, gboolean numbered, FanoutErrors *errors);

/** What the parts of one stream have in common: how many bytes each input has, and how they are
 * read. For a reader with a part; newly allocated. */
char *fanout_partial_inputs (const FanoutPlan *plan, FanoutBlockReader *reader);

/** What a file says of the run beside the states. */
typedef struct
{
  guint64 end;     /* rows of the stream: those of the next part are numbered from here */
  gboolean enough; /* no aggregate wanted more: what comes behind it does not count */
  FanoutFeedCount count;
  const char *first_skipped;  /* "FILE:LINE: text"; empty or NULL: none. They live as long as the
                                 FanoutPartial */
  guint64 first_skipped_line; /* as in FanoutCounters */
  guint64 first_skipped_last;
  const char *first_nulled;
  const char *first_rounded;
  FanoutPlace place; /* which part of the stream it is */
} FanoutPartialCounters;

/** Groups dealt by their keys: the `index`-th of `count` shares, from 0. */
typedef struct
{
  guint index;
  guint count;
} FanoutShare;

/** Write all states of `whole`, which has merged all partitions, or those of a share (NULL: all).
 * What they are written to is not finished. */
gboolean fanout_partial_write (FanoutPartition *whole, const FanoutPartialCounters *counters,
                               const FanoutShare *share, FanoutSealPut put, gpointer data,
                               GError **error);

typedef struct FanoutPartial FanoutPartial;

/** Open a file, a pipe or "-", standard input, and read all of it but the groups:
 * FANOUT_ERROR_INPUT says what was found and what is wanted. */
FanoutPartial *fanout_partial_open (const char *path, GError **error);
/** The same of what `get` gives, called `name` in messages. */
FanoutPartial *fanout_partial_read (FanoutSealGet get, gpointer data, const char *name,
                                    GError **error);
/** What it is called in messages. */
const char *fanout_partial_name (const FanoutPartial *partial);
void fanout_partial_free (FanoutPartial *partial);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutPartial, fanout_partial_free)

/** The configuration of the run, `length` bytes of an INI text. */
const char *fanout_partial_text (const FanoutPartial *partial, gsize *length);
const FanoutPartialCounters *fanout_partial_counters (const FanoutPartial *partial);
/** Where its aggregates had enough; as many as the plan has nodes, once that has been checked. */
const FanoutLeave *fanout_partial_leaves (const FanoutPartial *partial);

/** FALSE with `error` when it does not belong to `plan`. */
gboolean fanout_partial_check (const FanoutPartial *partial, const FanoutPlan *plan,
                               GError **error);
/** In what it tells, count the lines `before` it where its own are open. */
void fanout_partial_settle_lines (FanoutPartial *partial, guint64 before);

/** Merge its states into `whole`, as if its rows came after those of the `end` rows before; once.
 * FALSE with `error` when it does not belong to the plan of `whole`, is damaged, or is more than
 * max-groups or max-memory allow. */
gboolean fanout_partial_merge (FanoutPartial *partial, FanoutPartition *whole, guint64 end,
                               GError **error);
/** Let the rows of all its states come after so many others. */
void fanout_partial_shift (FanoutPartition *whole, guint64 rows);
