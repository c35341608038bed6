/* The exact sum of numbers. */

#include "formula.h"

typedef struct
{
  gint column;
} Options;

FANOUT_STATE_OF_MANY_NUMBERS (FanoutSum, fanout_sum)
FANOUT_FINISH (finish, FanoutSum, formula_sum)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator sum = {
  FANOUT_OPERATOR ("sum", 2),
  .summary = "the sum of the numbers",
  .details = "Decimals are summed as decimals, so 0.1 ten times is 1. Doubles are summed without "
             "rounding as well (R. M. Neal 2015), and the sum is rounded once.",
  .promise = "exact; rounded once where there are doubles",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (FanoutSum, clear),
};

FANOUT_OPERATORS (&sum);
