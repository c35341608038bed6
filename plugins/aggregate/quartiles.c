/* The quartiles, and how far the outer ones are apart. */

#include "ranks.h"

typedef struct
{
  RanksOptions ranks;
  guint64 method;
} Options;

static const FanoutNumber quarters[] = {
  { .mantissa = 25, .scale = 2 },
  { .mantissa = 5, .scale = 1 },
  { .mantissa = 75, .scale = 2 },
};

static guint
method_of (const FanoutAggregate *self)
{
  return (guint) ((const Options *) self->options)->method;
}

static void
quartiles_result (FanoutAggregate *self, const Tally *tally, FanoutOut *out, gsize row)
{
  const guint64 total = counts_total (&tally->counts);
  g_autofree CountsEntry *sorted = tally->counts.n > 0 ? counts_sorted (&tally->counts) : NULL;

  for (guint column = 0; column < G_N_ELEMENTS (quarters); column++)
    if (tally->counts.has_nan)
      fanout_out_double (out, row, column, NAN);
    else if (total > 0)
      ranks_out_quantile (tally, sorted, total, quarters[column], method_of (self), out, row,
                          column);
}

#define IQR_BOUND "error at most % of the sum of both quartiles' magnitudes"

static void
iqr_result (FanoutAggregate *self, const Tally *tally, FanoutOut *out, gsize row)
{
  const guint64 total = counts_total (&tally->counts);
  g_autofree CountsEntry *sorted = NULL;
  g_autoptr (FanoutRational) q1 = NULL;
  g_autoptr (FanoutRational) q3 = NULL;
  g_autoptr (FanoutRational) range = NULL;
  g_auto (RanksPlace) low = { .fraction = NULL };
  g_auto (RanksPlace) high = { .fraction = NULL };

  if (tally->counts.has_nan)
    fanout_out_double (out, row, 0, NAN);
  if (tally->counts.has_nan || total == 0)
    return;
  sorted = counts_sorted (&tally->counts);
  low = ranks_find (tally, sorted, total, quarters[0], method_of (self));
  high = ranks_find (tally, sorted, total, quarters[2], method_of (self));
  q1 = ranks_rational (&low);
  q3 = ranks_rational (&high);
  range = fanout_rational_subtract (q3, q1);
  ranks_out_rational (out, row, 0, range, ranks_is_decimal (&low) && ranks_is_decimal (&high));
  ranks_out_error (tally, out, 0, IQR_BOUND RANKS_MORE);
}

FANOUT_FINISH (quartiles_finish, Tally, quartiles_result)
FANOUT_FINISH (iqr_finish, Tally, iqr_result)

static void
columns (gconstpointer options, FanoutColumnNames *names)
{
  (void) options;
  fanout_columns_add (names, "q1");
  fanout_columns_add (names, "median");
  fanout_columns_add (names, "q3");
}

static const FanoutOption options[]
    = { RANKS_COLUMN, RANKS_LIMIT, RANKS_METHOD (Options, method), { 0 } };

#define METHOD                                                                                     \
  "the quantiles 0.25 and 0.75, interpolated between the neighbours at (n - 1) q: type 7 of "      \
  "Hyndman and Fan (1996), as in R's quantile and IQR, NumPy, datamash, and QUARTILE.INC of "      \
  "spreadsheets; hinges as of R's fivenum may differ. " RANKS_METHODS " A NaN makes it NaN. "      \
  "Beyond `limit` different values they are the numbers nearest to those ranks, and numbers are "  \
  "counted " RANKS_SKETCH

static const FanoutOperator quartiles = {
  .size = sizeof quartiles,
  .name = "quartiles",
  .summary = "the first quartile, the median and the third quartile",
  .details = "NAME_q1, NAME_median and NAME_q3: the median and " METHOD,
  .promise = RANKS_EXACT "a relative error of " RANKS_PROMISE,
  FANOUT_OPTIONS (Options, options),
  .columns = columns,
  RANKS_STATE,
  .finish = quartiles_finish,
};

static const FanoutOperator iqr = {
  .size = sizeof iqr,
  .name = "iqr",
  .summary = "the interquartile range: third quartile less the first",
  .details = "The difference of " METHOD,
  .promise = RANKS_EXACT "an error, as a part of the "
                         "sum of both quartiles' magnitudes, of " RANKS_PROMISE,
  FANOUT_OPTIONS (Options, options),
  RANKS_STATE,
  .finish = iqr_finish,
};

FANOUT_OPERATORS (&quartiles, &iqr);
