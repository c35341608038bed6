/* Variance and standard deviation, from exact sums of x and x^2. */

#include <fanout/steps.h>
#include <fanout/exact.h>

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

FANOUT_FINISH (variance_finish, FanoutMoments, variance_result)
FANOUT_FINISH (stddev_finish, FanoutMoments, stddev_result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column with the numbers"),
  { .key = "population",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, population),
    .value = "false",
    .help = "divide by n, not by n - 1: the rows are all there are, not a sample" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator variance = {
  FANOUT_OPERATOR ("variance", 1),
  .summary = "the variance",
  .details = "sum((x - mean)^2) / (n - 1), of a sample, as R's var and SQL's var_samp; with "
             "`population = true` divided by n, as var_pop and NumPy's var. Computed from the "
             "exact sums of x and x^2, so nothing is lost to cancellation.",
  .promise = "exact, rounded once",
  .memory = "the digits that doubles span, where there are any",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (FanoutMoments),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = variance_finish,
  .encode = encode,
  .decode = decode,
};

static const FanoutOperator stddev = {
  FANOUT_OPERATOR ("stddev", 1),
  .summary = "the standard deviation",
  .details
  = "The square root of the variance: sqrt(sum((x - mean)^2) / (n - 1)), of a sample, as "
    "R's sd, SQL's stddev_samp and datamash's sstdev; with `population = true` divided by n, as "
    "stddev_pop, NumPy's std and datamash's pstdev. Computed from the exact sums of x and x^2.",
  .promise = "exact, rounded once",
  .memory = "the digits that doubles span, where there are any",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (FanoutMoments),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = stddev_finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&variance, &stddev);
