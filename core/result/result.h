#pragma once

/** The result table: groups in order, states finished chunk by chunk. */

#include "core/group/order.h"
#include "core/plan/results.h"
#include <fanout/aggregate.h>
#include <fanout/pipeline.h>

/** One aggregate's part of the result. Borrowed; where there is a `rest`, states that go into it
 * are taken over, and zeroes are left. */
typedef struct
{
  const FanoutOperator *operator_;
  FanoutAggregate *self;
  gpointer states; /* of group id at states + id * stride */
  gsize stride;
  guint n_columns;  /* result columns of it */
  gboolean drop;    /* on-error: its columns become null where `finish` fails */
  gboolean dropped; /* its columns are null */
} FanoutResultPart;

/** Part `part` has been dropped; `reason` names the aggregate. */
typedef void (*FanoutResultDropped) (gpointer data, guint part, const char *reason);

/** How a result is written. */
typedef struct
{
  const FanoutSink *sink;
  gconstpointer options;
} FanoutResultSink;
/** The one for a `terminal` or none; FALSE with `error`. */
typedef gboolean (*FanoutResultFindSink) (gpointer data, gboolean terminal, FanoutResultSink *sink,
                                          GError **error);

typedef struct
{
  FanoutTable *table; /* only read, but what looking up needs is released */
  guint n_parts;
  const FanoutResultPart *parts;
  guint n_leading;            /* columns before the keys, the same in all rows */
  const char *const *leading; /* their values */
  gboolean empty;             /* there is no group, though a table without keys has one */
  FanoutLayout layout; /* n_leading columns and keys, n_keys together, then the columns of the parts
                          in order, then those that are computed; names are borrowed */
  const FanoutPlanResults *results; /* NULL: nothing is computed */
  gboolean rollup;  /* the last key tells subtotals, which come behind what they are of */
  gboolean ordered; /* groups come in the order of their numbers: nothing sorts or limits them */
  guint n_sorts;
  const FanoutSort *sorts; /* none: by key */
  guint64 offset;          /* the first rows, which are not given */
  guint64 limit;           /* of those behind them; 0: all */
  const char *rest;        /* all groups without a row have one together, with this for its first
                              key; NULL: they have none */
  guint output;            /* of those that the tables of a run are written to */
  gboolean threaded;       /* a thread may work on it beside the caller's */
  gboolean item_rows;      /* written with a row for each item of a list */
  FanoutMemory *memory;    /* what sorting takes is counted */
  FanoutResultFindSink find_sink;
  FanoutResultDropped tell_dropped; /* may be NULL */
  gpointer data;                    /* for these */
} FanoutResultPlan;

/** Chooses the groups and puts them in order; rows are made as they are asked for. `plan`, its
 * parts and its sorts are copied, what they point to is borrowed. `owner` is released with
 * `release` when the result is freed (NULL: nothing), or here on failure. */
FanoutResult *fanout_result_new (const FanoutResultPlan *plan, gpointer owner,
                                 GDestroyNotify release, GError **error);
/** Let `other`, which is taken over, be one more table of a result. It is freed before. */
void fanout_result_add (FanoutResult *result, FanoutResult *other);
