/* Quantiles and the median: exact up to a number of different values, within a bound beyond it. */

#include "ranks.h"

typedef struct
{
  RanksOptions ranks;
  FanoutNumbers q; /* none: the median */
  guint64 method;
} Options;

static const FanoutNumber half = { .mantissa = 5, .scale = 1 };

static void
result (FanoutAggregate *self, const Tally *tally, FanoutOut *out, gsize row)
{
  const Options *options = self->options;
  const FanoutNumbers *q = &options->q;
  const guint64 total = counts_total (&tally->counts);
  g_autofree CountsEntry *sorted = NULL;

  if (tally->counts.n > 0 && !tally->counts.has_nan)
    sorted = counts_sorted (&tally->counts);
  for (guint column = 0; column < MAX (q->n, 1); column++)
    if (tally->counts.has_nan)
      fanout_out_double (out, row, column, NAN);
    else if (sorted != NULL)
      ranks_out_quantile (tally, sorted, total, q->n > 0 ? q->values[column] : half,
                          (guint) options->method, out, row, column);
}

FANOUT_FINISH (finish, Tally, result)

static gboolean
prepare (gpointer options, GError **error)
{
  const FanoutNumbers *q = &((const Options *) options)->q;

  for (guint i = 0; i < q->n; i++)
    if (!ranks_check_decimal ("q", q->values[i], q->texts[i], error))
      return FALSE;
  return TRUE;
}

/* NAME_p99.9 for q = 0.999, from its digits. */
static void
columns (gconstpointer options, FanoutColumnNames *names)
{
  const FanoutNumbers *q = &((const Options *) options)->q;
  char suffix[FANOUT_NUMBER_TEXT_MAX + 1] = "p";
  FanoutNumber percent;

  for (guint i = 0; i < q->n; i++)
    {
      percent = q->values[i];
      if (percent.scale >= 2)
        percent.scale = (guint8) (percent.scale - 2);
      else
        percent.mantissa *= 100;
      fanout_number_format (percent, suffix + 1);
      fanout_columns_add (names, q->n > 1 ? suffix : NULL);
    }
}

static const FanoutOption quantile_options[] = {
  RANKS_COLUMN,
  { .key = "q",
    .type = FANOUT_OPTION_NUMBERS,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, q),
    .min = "0",
    .max = "1",
    .example = "0.5, 0.9, 0.99",
    .help = "which quantiles: parts of 1" },
  RANKS_LIMIT,
  RANKS_METHOD (Options, method),
  FANOUT_OPTIONS_END,
};

static const FanoutOption median_options[]
    = { RANKS_COLUMN, RANKS_LIMIT, RANKS_METHOD (Options, method), { 0 } };

#define METHOD                                                                                     \
  "Interpolated between the neighbours at (n - 1) q: type 7 of Hyndman and Fan (1996), which R, "  \
  "NumPy, datamash, SQL's percentile_cont and spreadsheets use. " RANKS_METHODS " A NaN makes it " \
  "NaN. Beyond `limit` different values it is the number nearest to that rank, and numbers are "   \
  "counted " RANKS_SKETCH
#define PROMISE                                                                                    \
  "exact up to `limit` different values, beyond it with a relative error of " RANKS_PROMISE

static const FanoutOperator quantile = {
  .size = sizeof quantile,
  .name = "quantile",
  .summary = "quantiles, such as the 99th percentile",
  .details = METHOD " With one `q` the column is NAME, with several NAME_p50, NAME_p99.9, ...",
  .promise = PROMISE,
  FANOUT_OPTIONS (Options, quantile_options),
  .prepare = prepare,
  .columns = columns,
  RANKS_STATE,
  .finish = finish,
};

static const FanoutOperator median = {
  .size = sizeof median,
  .name = "median",
  .summary = "the median",
  .details = "The quantile 0.5: the middle number, or the mean of the two in the middle. " METHOD,
  .promise = PROMISE,
  FANOUT_OPTIONS (Options, median_options),
  RANKS_STATE,
  .finish = finish,
};

FANOUT_OPERATORS (&quantile, &median);
