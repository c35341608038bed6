/* How many rows there are, or how many values a column has. */

#include "counter.h"
#include "values.h"

#include <fanout/error.h>

static inline void
step (FanoutAggregate *self, Counter *state, const FanoutRow *row)
{
  (void) self;
  (void) row;
  state->n++;
}

FANOUT_UPDATE_ROW (update, Counter, step)

static gboolean
prepare (gpointer options_, GError **error)
{
  const ValuesOptions *options = options_;

  if (options->column >= 0 || options->as != VALUES_NUMBER)
    return TRUE;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
               "as: rows are no numbers; name the `column` whose numbers are to be counted");
  return FALSE;
}

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .offset = G_STRUCT_OFFSET (ValuesOptions, column),
    .takes = FANOUT_TAKES_NOTHING,
    .help = "the column whose values are counted; without it, rows are" },
  VALUES_AS_THERE,
  FANOUT_OPTIONS_END,
};

static const FanoutOperator count = {
  FANOUT_OPERATOR ("count", 1),
  .summary = "how many rows, or values of a column, there are",
  .details = "Without `column` every row counts; with it, those where the column has a value: "
             "count (*) and count (column) of SQL.",
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (ValuesOptions, options),
  .prepare = prepare,
  .takes = values_takes_there,
  COUNTER_STATE,
};

FANOUT_OPERATORS (&count);
