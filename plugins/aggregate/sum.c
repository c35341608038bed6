/* The exact sum of numbers. */

#include "formula.h"

typedef struct
{
  gint column;
} Options;

FANOUT_STATE_OF_MANY_NUMBERS (FanoutSum, fanout_sum)

static inline void
result (FanoutAggregate *self, const FanoutSum *sum, FanoutOut *out, gsize row)
{
  (void) self;
  formula_write_sum (out, row, sum);
}

FANOUT_FINISH (finish, FanoutSum, result)

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, column),
    .help = "the column with the numbers" },
  { 0 },
};

static const FanoutOperator sum = {
  .size = sizeof sum,
  .version = 1,
  .name = "sum",
  .summary = "the sum of the numbers",
  .details = "Decimals are summed as decimals, so 0.1 ten times is 1. Doubles are summed without "
             "rounding as well (R. M. Neal 2015), and the sum is rounded once.",
  .promise = "exact; rounded once where there are doubles",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (FanoutSum),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&sum);
