#pragma once

/** Inside of a result: states to cells. */

#include "core/group/order.h"
#include "core/result/result.h"
#include "core/result/value.h"

struct FanoutResult
{
  FanoutResultPlan plan;
  FanoutResultPart *parts;
  guint *firsts; /* the first column of each part */
  gpointer owner;
  GDestroyNotify release;
  guint32 *ids; /* groups in order */
  guint64 n_rows;
  guint64 next;
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

/** What to sort by: one result column, and the first failure. */
typedef struct
{
  FanoutResult *result;
  guint part;
  guint column; /* of the layout */
  gboolean known;
  gboolean numeric; /* all its values are texts that are numbers */
  GError *error;
} FanoutResultColumn;

/** A FanoutOrderLoad for a FanoutResultColumn. */
gboolean fanout_result_load (gpointer data, FanoutOrderItem *items, gsize n, guint32 depth);
