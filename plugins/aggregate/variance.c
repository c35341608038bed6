/* The variance and what is made of it, from exact sums of x and x^2. */

#include "formula.h"

typedef struct
{
  gint column;
  gboolean population;
} Options;

FANOUT_STATE_OF_NUMBERS (FanoutMoments, fanout_moments)

/* What is taken from n in the denominator. */
static guint64
less (const FanoutAggregate *self)
{
  return ((const Options *) self->options)->population ? 0 : 1;
}

static inline void
variance_result (FanoutAggregate *self, const FanoutMoments *moments, FanoutOut *out, gsize row)
{
  if (moments->n > less (self))
    fanout_out_double (out, row, 0, fanout_moments_variance (moments, less (self)));
}

static inline void
stddev_result (FanoutAggregate *self, const FanoutMoments *moments, FanoutOut *out, gsize row)
{
  if (moments->n > less (self))
    fanout_out_double (out, row, 0, fanout_moments_deviation (moments, less (self)));
}

/* n - 1, or n. */
static FanoutRational *
freedom (const FanoutAggregate *self, const FanoutMoments *moments)
{
  return formula_count (moments->n - less (self));
}

/* n sum(x^2) - sum(x)^2 = n sum((x - mean)^2) */
static FanoutRational *
spread (const FanoutMoments *moments)
{
  g_autoptr (FanoutRational) n = fanout_moments_rational (moments, 0);
  g_autoptr (FanoutRational) x = fanout_moments_rational (moments, 1);
  g_autoptr (FanoutRational) xx = fanout_moments_rational (moments, 2);

  return fanout_rational_cross (n, xx, x, x);
}

/* sqrt (variance / n) = sqrt (spread / (n^2 freedom)) */
static inline void
stderr_result (FanoutAggregate *self, const FanoutMoments *moments, FanoutOut *out, gsize row)
{
  if (moments->n > less (self))
    {
      g_autoptr (FanoutRational) n = fanout_moments_rational (moments, 0);
      g_autoptr (FanoutRational) by = freedom (self, moments);
      g_autoptr (FanoutRational) nn = fanout_rational_multiply (n, n);
      g_autoptr (FanoutRational) nn_by = fanout_rational_multiply (nn, by);
      g_autoptr (FanoutRational) squares = spread (moments);

      formula_write_root (out, row, 0, squares, nn_by);
    }
}

/* sqrt (variance) / mean = sqrt (n spread / (freedom sum(x)^2)), with the sign of the mean */
static inline void
cv_result (FanoutAggregate *self, const FanoutMoments *moments, FanoutOut *out, gsize row)
{
  if (moments->n > less (self))
    {
      g_autoptr (FanoutRational) n = fanout_moments_rational (moments, 0);
      g_autoptr (FanoutRational) x = fanout_moments_rational (moments, 1);
      g_autoptr (FanoutRational) by = freedom (self, moments);
      g_autoptr (FanoutRational) squares = spread (moments);
      g_autoptr (FanoutRational) above = fanout_rational_multiply (n, squares);
      g_autoptr (FanoutRational) square = fanout_rational_multiply (x, x);
      g_autoptr (FanoutRational) below = fanout_rational_multiply (by, square);

      formula_write_signed_root (out, row, 0, x, above, below);
    }
}

FANOUT_FINISH (variance_finish, FanoutMoments, variance_result)
FANOUT_FINISH (stddev_finish, FanoutMoments, stddev_result)
FANOUT_FINISH (stderr_finish, FanoutMoments, stderr_result)
FANOUT_FINISH (cv_finish, FanoutMoments, cv_result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  { .key = "population",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, population),
    .value = "false",
    .help
    = "the sum of squares divided by n, not by n - 1: the rows are all there are, not a sample" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator variance = {
  FANOUT_OPERATOR ("variance", 2),
  .summary = "the variance",
  .details = "sum((x - mean)^2) / (n - 1), of a sample, as R's var and SQL's var_samp; with "
             "`population = true` divided by n, as var_pop and NumPy's var. Computed from the "
             "exact sums of x and x^2, so nothing is lost to cancellation.",
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE_TO (FanoutMoments, clear, variance_finish),
};

static const FanoutOperator stddev = {
  FANOUT_OPERATOR ("stddev", 2),
  .summary = "the standard deviation",
  .details
  = "The square root of the variance: sqrt(sum((x - mean)^2) / (n - 1)), of a sample, as "
    "R's sd, SQL's stddev_samp and datamash's sstdev; with `population = true` divided by n, as "
    "stddev_pop, NumPy's std and datamash's pstdev. Computed from the exact sums of x and x^2.",
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE_TO (FanoutMoments, clear, stddev_finish),
};

static const FanoutOperator standard_error = {
  FANOUT_OPERATOR ("stderr", 2),
  .summary = "the standard error of the mean",
  .details = "stddev / sqrt(n), with the standard deviation of a sample, sqrt(sum((x - mean)^2) "
             "/ (n - 1)); with `population = true` divided by n. R's sd (x) / sqrt (length (x)), "
             "SciPy's sem, Miller's meaneb. Computed "
             "from the exact sums of x and x^2.",
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE_TO (FanoutMoments, clear, stderr_finish),
};

static const FanoutOperator cv = {
  FANOUT_OPERATOR ("cv", 2),
  .summary = "the coefficient of variation",
  .details
  = "stddev / mean (K. Pearson 1896), as a part of 1 and not in percent, with the sign of the "
    "mean; null where the mean is 0. R users write sd (x) / mean (x); SciPy's variation is that of "
    "a population. The standard deviation is that of a sample, sqrt(sum((x - "
    "mean)^2) / (n - 1)); with `population = true` divided by n. Computed from the "
    "exact sums of x and x^2.",
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE_TO (FanoutMoments, clear, cv_finish),
};

FANOUT_OPERATORS (&variance, &stddev, &standard_error, &cv);
