/* How many values are not there. */

#include "counter.h"
#include "values.h"

static inline void
step (FanoutAggregate *self, Counter *state, const FanoutRow *row)
{
  (void) self;
  state->n += fanout_row_is_null (row, 0) ? 1 : 0;
}

FANOUT_UPDATE_ROW (update, Counter, step)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (ValuesOptions, column, FANOUT_TAKES_NOTHING,
                        "the column whose nulls are counted"),
  VALUES_AS_THERE,
  FANOUT_OPTIONS_END,
};

static const FanoutOperator missing = {
  FANOUT_OPERATOR ("missing", 1),
  .summary = "how many values are null",
  .details = "Rows in which the column is null: empty, or one of the marks that the source takes "
             "for null. 0 where there are none; with count, all rows.",
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  .flags = FANOUT_TAKES_NULLS,
  FANOUT_OPTIONS (ValuesOptions, options),
  .takes = values_takes_there,
  COUNTER_STATE,
};

FANOUT_OPERATORS (&missing);
