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

  FanoutDecimal decimal;
  double real;

  (void) self;
  /* Whether all were decimals; of these a product may have more digits than a long decimal. */
  formula_write_ending (
      out, row, weighted, weights,
      fanout_pairs_result (pairs, FANOUT_PAIRS_X, &decimal, &real) == FANOUT_SUM_DECIMAL
          && fanout_pairs_result (pairs, FANOUT_PAIRS_Y, &decimal, &real) == FANOUT_SUM_DECIMAL);
}

FANOUT_FINISH (finish, FanoutPairs, result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  FANOUT_COLUMN_OPTION (Options, weight, FANOUT_TAKES_WIDE, "the column with their weights"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator weighted_mean = {
  FANOUT_OPERATOR ("weighted-mean", 2),
  .summary = "the mean with weights",
  .details = "sum(w x) / sum(w), as R's weighted.mean. Rows with a null in either column are "
             "passed over; null where "
             "the weights add up to 0. Weights may be negative. Both sums are exact. A quotient of "
             "decimals that ends within 38 digits is printed with all of them; else it is the "
             "only thing that is rounded.",
  .promise = "exact where it is a decimal of up to 38 digits, else rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (FanoutPairs, clear),
};

FANOUT_OPERATORS (&weighted_mean);
