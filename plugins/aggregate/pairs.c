/* Covariance, correlation and dot product of two columns. */

#include "formula.h"

typedef struct
{
  gint column;
  gint with;
  gboolean population;
} Options;

FANOUT_STATE_OF_PAIRS (FanoutPairs, fanout_pairs)

/* n sum(x y) - sum(x) sum(y) = n sum((x - mean(x)) (y - mean(y))) */
static FanoutRational *
spread (const FanoutPairs *pairs, FanoutPairsSum x, FanoutPairsSum y, FanoutPairsSum xy)
{
  g_autoptr (FanoutRational) n = fanout_pairs_rational (pairs, FANOUT_PAIRS_N);
  g_autoptr (FanoutRational) sum_x = fanout_pairs_rational (pairs, x);
  g_autoptr (FanoutRational) sum_y = fanout_pairs_rational (pairs, y);
  g_autoptr (FanoutRational) sum_xy = fanout_pairs_rational (pairs, xy);

  return fanout_rational_cross (n, sum_xy, sum_x, sum_y);
}

static inline void
covariance_result (FanoutAggregate *self, const FanoutPairs *pairs, FanoutOut *out, gsize row)
{
  const guint64 less = ((const Options *) self->options)->population ? 0 : 1;

  if (pairs->n > less)
    {
      g_autoptr (FanoutRational) xy
          = spread (pairs, FANOUT_PAIRS_X, FANOUT_PAIRS_Y, FANOUT_PAIRS_XY);
      g_autoptr (FanoutRational) n = fanout_pairs_rational (pairs, FANOUT_PAIRS_N);
      g_autoptr (FanoutRational) by = formula_scale (n, pairs->n - less, 1);

      formula_write_quotient (out, row, 0, xy, by);
    }
}

/* sqrt (xy^2 / (xx yy)) with the sign of xy */
static inline void
correlation_result (FanoutAggregate *self, const FanoutPairs *pairs, FanoutOut *out, gsize row)
{
  g_autoptr (FanoutRational) xx = spread (pairs, FANOUT_PAIRS_X, FANOUT_PAIRS_X, FANOUT_PAIRS_XX);
  g_autoptr (FanoutRational) xy = spread (pairs, FANOUT_PAIRS_X, FANOUT_PAIRS_Y, FANOUT_PAIRS_XY);
  g_autoptr (FanoutRational) yy = spread (pairs, FANOUT_PAIRS_Y, FANOUT_PAIRS_Y, FANOUT_PAIRS_YY);
  g_autoptr (FanoutRational) square = fanout_rational_multiply (xy, xy);
  g_autoptr (FanoutRational) by = fanout_rational_multiply (xx, yy);

  (void) self;
  if (pairs->n > 1)
    formula_write_signed_root (out, row, 0, xy, square, by);
}

static inline void
dot_result (FanoutAggregate *self, const FanoutPairs *pairs, FanoutOut *out, gsize row)
{
  FanoutDecimal decimal;
  double real;
  const FanoutSumKind kind = fanout_pairs_result (pairs, FANOUT_PAIRS_XY, &decimal, &real);

  (void) self;
  formula_write_exact (out, row, kind, &decimal, &real);
}

FANOUT_FINISH (covariance_finish, FanoutPairs, covariance_result)
FANOUT_FINISH (correlation_finish, FanoutPairs, correlation_result)
FANOUT_FINISH (dot_finish, FanoutPairs, dot_result)

#define TWO_COLUMNS                                                                                \
  { .key = "column",                                                                               \
    .type = FANOUT_OPTION_COLUMN,                                                                  \
    .flags = FANOUT_OPTION_REQUIRED,                                                               \
    .offset = G_STRUCT_OFFSET (Options, column),                                                   \
    .takes = FANOUT_TAKES_WIDE,                                                                    \
    .help = "the first column, x" },                                                               \
  {                                                                                                \
    .key = "with", .type = FANOUT_OPTION_COLUMN, .flags = FANOUT_OPTION_REQUIRED,                  \
    .offset = G_STRUCT_OFFSET (Options, with), .takes = FANOUT_TAKES_WIDE,                         \
    .help = "the second column, y"                                                                 \
  }

static const FanoutOption options[] = { TWO_COLUMNS, { 0 } };

static const FanoutOption covariance_options[] = {
  TWO_COLUMNS,
  { .key = "population",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, population),
    .value = "false",
    .help = "divide by n, not by n - 1: the rows are all there are, not a sample" },
  FANOUT_OPTIONS_END,
};

#define NULL_RULE "Rows with a null in either column are passed over."

static const FanoutOperator covariance = {
  FANOUT_OPERATOR ("covariance", 2),
  .summary = "the covariance of two columns",
  .details = "sum((x - mean(x)) (y - mean(y))) / (n - 1), of a sample, as R's cov and SQL's "
             "covar_samp; with `population = true` divided by n, as covar_pop. Computed from the "
             "exact sums of x, y and x y, so nothing is lost to cancellation. " NULL_RULE,
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, covariance_options),
  FANOUT_MERGEABLE_TO (FanoutPairs, clear, covariance_finish),
};

static const FanoutOperator correlation = {
  FANOUT_OPERATOR ("correlation", 2),
  .summary = "Pearson's correlation of two columns",
  .details = "sum((x - mean(x)) (y - mean(y))) / sqrt(sum((x - mean(x))^2) sum((y - mean(y))^2)), "
             "Pearson's r, the same for a sample and a population; null below 2 pairs and where "
             "either column is constant. It is the root of an exact quotient, so points on a line "
             "give 1 or -1, and "
             "nothing beyond that can come out. " NULL_RULE,
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE_TO (FanoutPairs, clear, correlation_finish),
};

static const FanoutOperator dot = {
  FANOUT_OPERATOR ("dot", 2),
  .summary = "the sum of the products of two columns",
  .details = "sum(x y), the dot product. Of decimals it is a decimal; with doubles it is summed "
             "without rounding and rounded once. " NULL_RULE,
  .promise
  = "exact where it has up to 96 digits, 72 of them behind the point; else, and where there are "
    "doubles, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE_TO (FanoutPairs, clear, dot_finish),
};

FANOUT_OPERATORS (&covariance, &correlation, &dot);
