#pragma once

/** Inside of a result: states to cells. */

#include "core/group/order.h"
#include "core/result/frame.h"
#include "core/result/result.h"
#include "core/result/value.h"

struct FanoutResult
{
  FanoutResultPlan plan;
  FanoutResultPart *parts;
  guint *firsts; /* the first column of each part, then of those that are computed */
  gpointer owner;
  GDestroyNotify release;
  guint32 *ids;  /* groups in order; before they are put so: those that `having` leaves, in order
                    of their numbers; NULL: all */
  guint64 n_ids; /* as long as there are `ids` */
  guint64 n_rows;
  guint64 next;
  gpointer *rest; /* the state of each part for the last row; NULL: there is no such row */
  FanoutResultFrame *frame; /* NULL: nothing is computed */
  guint8 *read;             /* for each part: whether something computed reads a column of it */
  const FanoutPlanResult **wanted; /* the columns that are computed */
  FanoutOut out;
  FanoutRows rows; /* those of the last fanout_result_next() */
  gsize chunk;     /* rows that are finished together */
  guint8 *states;  /* where states that lie apart are brought together */
  gsize states_size;
  FanoutText *texts; /* the keys of one group */
  GPtrArray *others; /* the tables behind this one; NULL: there are none */
};

/** Finish the states of `n` <= chunk groups of part `part` into rows 0 .. n - 1 of `out`, which is
 * reset. */
gboolean fanout_result_finish (FanoutResult *result, guint part, const guint32 *ids, gsize n,
                               GError **error);
/** The same of whatever the computed columns are made of; the frame is turned to these rows. `ids`
 * NULL: the row for the rest. */
gboolean fanout_result_finish_read (FanoutResult *result, const guint32 *ids, gsize n,
                                    GError **error);
/** The same, and compute column `column` of the layout in these rows. */
gboolean fanout_result_compute (FanoutResult *result, guint column, const guint32 *ids, gsize n,
                                GError **error);

/** The ids of `n` groups from number `first` on among those that are left: the next ones, at
 * `ids`, or in `room`. */
const guint32 *fanout_result_ids (const FanoutResult *result, guint64 first, gsize n,
                                  guint32 *room);
/** How many groups are left. */
guint64 fanout_result_n_left (const FanoutResult *result);

/** Take over `ids` in place of those that there are. */
void fanout_result_set_ids (FanoutResult *result, guint32 *ids, guint64 n);

/** The groups that are left by `levels`, then by their keys: fanout_order. */
guint32 *fanout_result_order (FanoutResult *result, guint n_levels, const FanoutOrderLevel *levels,
                              guint64 limit);

/** Get ready to compute, where anything is computed. */
void fanout_result_begin (FanoutResult *result);
/** All totals. */
gboolean fanout_result_total (FanoutResult *result, GError **error);
/** Leave the groups for which `having` holds. */
gboolean fanout_result_filter (FanoutResult *result, GError **error);
/** Let `error` name the first of all rows left, by their keys, that has a bad value there; the
 * result is of no more use. */
void fanout_result_blame (FanoutResult *result, guint n_wanted,
                          const FanoutPlanResult *const *wanted, GError **error);
/** Look for bad values in the computed columns of all rows. */
gboolean fanout_result_try (FanoutResult *result, GError **error);
/** Bring together the states of all groups without a row, where there are any. */
gboolean fanout_result_combine (FanoutResult *result, GError **error);
void fanout_result_free_rest (FanoutResult *result);
/** The columns of part `part` are null from here on, whatever `finish` wrote for `n` rows. */
void fanout_result_drop (FanoutResult *result, guint part, gsize n, const GError *reason);
/** The states of `ids`, one after the other: where they lie, or a copy of all. */
gpointer fanout_result_gather (FanoutResult *result, guint part, const guint32 *ids, gsize n);

/** What to sort by: one result column, and the first failure. */
typedef struct
{
  FanoutResult *result;
  guint part;   /* n_parts: it is computed */
  guint column; /* of the layout */
  gboolean known;
  gboolean numeric; /* all its texts are numbers, those in its lists as well */
  GError *error;
} FanoutResultColumn;

/** A FanoutOrderLoad for a FanoutResultColumn. */
gboolean fanout_result_load (gpointer data, FanoutOrderItem *items, gsize n, guint32 depth);
