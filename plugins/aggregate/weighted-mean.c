/* The mean with weights. */

#include "formula.h"

typedef struct
{
  gint column;
  gint weight;
} Options;

FANOUT_STATE_OF_PAIRS (FanoutPairs, fanout_pairs)

static inline void
result (FanoutAggregate *self, const FanoutPairs *pairs, FanoutOut *out, gsize row)
{
  g_autoptr (FanoutRational) weighted = fanout_pairs_rational (pairs, FANOUT_PAIRS_XY);
  g_autoptr (FanoutRational) weights = fanout_pairs_rational (pairs, FANOUT_PAIRS_Y);

  (void) self;
  formula_write_quotient (out, row, 0, weighted, weights);
}

FANOUT_FINISH (finish, FanoutPairs, result)

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, column),
    .help = "the column with the numbers" },
  { .key = "weight",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, weight),
    .help = "the column with their weights" },
  { 0 },
};

static const FanoutOperator weighted_mean = {
  .size = sizeof weighted_mean,
  .version = 1,
  .name = "weighted-mean",
  .summary = "the mean with weights",
  .details = "sum(w x) / sum(w), as R's weighted.mean. Rows with a null in either column are "
             "passed over; null where "
             "the weights add up to 0. Weights may be negative. Both sums are exact, and the "
             "quotient is the only thing that is rounded.",
  .promise = "exact, rounded once",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (FanoutPairs),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&weighted_mean);
