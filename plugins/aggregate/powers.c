/* The sum of the squares, and the root of their mean. */

#include "formula.h"

typedef struct
{
  gint column;
} Options;

FANOUT_STATE_OF_NUMBERS (FanoutMoments, fanout_moments)

static inline void
sumsq_result (FanoutAggregate *self, const FanoutMoments *moments, FanoutOut *out, gsize row)
{
  FanoutDecimal decimal;
  double real;
  const FanoutSumKind kind = fanout_moments_result (moments, 2, &decimal, &real);

  (void) self;
  formula_write_exact (out, row, kind, &decimal, &real);
}

static inline void
rms_result (FanoutAggregate *self, const FanoutMoments *moments, FanoutOut *out, gsize row)
{
  g_autoptr (FanoutRational) n = fanout_moments_rational (moments, 0);
  g_autoptr (FanoutRational) xx = fanout_moments_rational (moments, 2);

  (void) self;
  formula_write_root (out, row, 0, xx, n);
}

FANOUT_FINISH (sumsq_finish, FanoutMoments, sumsq_result)
FANOUT_FINISH (rms_finish, FanoutMoments, rms_result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator sumsq = {
  FANOUT_OPERATOR ("sumsq", 2),
  .summary = "the sum of the squares",
  .details = "sum(x^2), about 0 and not about the mean. Of decimals it is a decimal, of doubles "
             "it is summed without rounding and rounded once.",
  .promise
  = "exact where it has up to 96 digits, 72 of them behind the point; else, and where there are "
    "doubles, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE_TO (FanoutMoments, clear, sumsq_finish),
};

static const FanoutOperator rms = {
  FANOUT_OPERATOR ("rms", 2),
  .summary = "the root of the mean square",
  .details = "sqrt(sum(x^2) / n), the quadratic mean, about 0 and not about the mean. The sum is "
             "exact, and the root is the only "
             "thing that is rounded.",
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE_TO (FanoutMoments, clear, rms_finish),
};

FANOUT_OPERATORS (&sumsq, &rms);
