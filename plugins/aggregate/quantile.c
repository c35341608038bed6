/* Quantiles and the median: exact up to a number of different values, within a bound beyond it. */

#include "ranks.h"

typedef struct
{
  RanksOptions ranks;
  FanoutNumbers q; /* none: the median */
  guint64 method;
  gint weight; /* -1: each row is one */
} Options;

/* The sum of all weights stays below: so do counts, which share a word with a scale. */
#define WEIGHTS_BITS 48
#define WEIGHTS_MANY "the weights add up to 2^48 or more"

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

static FanoutAnswer
fail_weight (const FanoutInput *input, gsize i, FanoutNumber weight)
{
  char text[FANOUT_NUMBER_TEXT_MAX];

  fanout_number_format (weight, text);
  return fanout_fail_row (input, i, "the weight %s is not a whole number from 0%s", text,
                          fanout_number_compare (weight, fanout_number_decimal (0, 0)) > 0
                              ? "; a row counts as often as its weight says"
                              : "");
}

static inline gboolean
is_weighted (const FanoutAggregate *self)
{
  return ((const Options *) self->options)->weight >= 0;
}

/* As if each row came as often as its weight says. */
static FanoutAnswer
add_weighted (Tally *tallies, const FanoutInput *input)
{
  const guint64 limit = ((const RanksOptions *) input->aggregate->options)->limit;
  const FanoutColumn *column = fanout_input_column (input, 0);
  const FanoutNumber most = fanout_number_decimal (((gint64) 1 << WEIGHTS_BITS) - 1, 0);

  for (gsize i = 0; i < input->n_rows; i++)
    {
      Tally *tally = tallies + (input->ids != NULL ? input->ids[i] : 0);
      FanoutNumber weight;
      gboolean many;

      if (input->skip != NULL && input->skip[i])
        continue;
      weight = fanout_number_canonical (fanout_column_number (fanout_input_column (input, 1), i));
      many = fanout_number_compare (weight, most) > 0
             && !(fanout_number_is_double (weight) && isnan (weight.real));
      if (!many && (weight.scale != 0 || weight.mantissa < 0))
        return fail_weight (input, i, weight);
      if (weight.mantissa == 0)
        continue;
      if (many || (tally->weights + (guint64) weight.mantissa) >> WEIGHTS_BITS != 0)
        {
          fanout_fail (input->aggregate, WEIGHTS_MANY);
          return fanout_fail_at (input, i);
        }
      tally->weights += (guint64) weight.mantissa;
      tally_add_counted (tally, fanout_column_number (column, i), (guint64) weight.mantissa, limit,
                         input->aggregate->memory);
    }
  return FANOUT_MORE;
}

static FanoutAnswer
update (gpointer tallies, const FanoutInput *input)
{
  return G_UNLIKELY (is_weighted (input->aggregate)) ? add_weighted (tallies, input)
                                                     : ranks_update (tallies, input);
}

static gboolean
combine (FanoutAggregate *self, gpointer into_, const guint32 *ids, gpointer from_, gsize n)
{
  const Tally *from = from_;
  const Tally *into = into_;

  for (gsize i = 0; i < n && is_weighted (self); i++)
    if ((into[ids != NULL ? ids[i] : i].weights + from[i].weights) >> WEIGHTS_BITS != 0)
      return fanout_fail (self, WEIGHTS_MANY);
  return ranks_combine (self, into_, ids, from_, n);
}

static gboolean
decode (FanoutAggregate *self, gpointer tally_, const guint8 *bytes, gsize length)
{
  Tally *tally = tally_;

  if (!ranks_decode (self, tally, bytes, length))
    return FALSE;
  tally->weights = counts_total (&tally->counts);
  return !is_weighted (self) || tally->weights >> WEIGHTS_BITS == 0;
}

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
  FanoutWide room;

  for (guint i = 0; i < q->n; i++)
    {
      percent = q->values[i];
      if (fanout_number_is_wide (percent))
        /* Up to 1, so more than two of its digits are behind the point. */
        fanout_number_set_decimal (&percent, percent.wide->mantissa, percent.wide->scale - 2u,
                                   &room);
      else if (percent.scale >= 2)
        percent.scale = (guint8) (percent.scale - 2);
      else
        percent.mantissa *= 100;
      fanout_number_format (percent, suffix + 1);
      fanout_columns_add (names, q->n > 1 ? suffix : NULL);
    }
}

#define WEIGHT                                                                                     \
  {                                                                                                \
    .key = "weight", .type = FANOUT_OPTION_COLUMN, .offset = G_STRUCT_OFFSET (Options, weight),    \
    .takes = FANOUT_TAKES_WIDE,                                                                    \
    .help = "the column that says how often each row counts: whole numbers from 0"                 \
  }

static const FanoutOption quantile_options[] = {
  RANKS_COLUMN,
  { .key = "q",
    .type = FANOUT_OPTION_NUMBERS,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, q),
    .min = "0",
    .max = "1",
    .takes = FANOUT_TAKES_WIDE,
    .example = "0.5, 0.9, 0.99",
    .help = "which quantiles: parts of 1" },
  WEIGHT,
  RANKS_LIMIT,
  RANKS_METHOD (Options, method),
  FANOUT_OPTIONS_END,
};

static const FanoutOption median_options[]
    = { RANKS_COLUMN, WEIGHT, RANKS_LIMIT, RANKS_METHOD (Options, method), FANOUT_OPTIONS_END };

#define METHOD                                                                                     \
  "Interpolated between the neighbours at (n - 1) q: type 7 of Hyndman and Fan (1996), which R, "  \
  "NumPy, datamash, SQL's percentile_cont and spreadsheets use. " RANKS_METHODS " A NaN makes it " \
  "NaN. Beyond `limit` different values it is the number nearest to that rank, and numbers are "   \
  "counted " RANKS_SKETCH                                                                          \
  " With `weight` the result is that of the stream in which each row comes "                       \
  "as often as its weight says, which is a whole number from 0, since (n - 1) q has no meaning "   \
  "for "                                                                                           \
  "parts of a row: multiply weights such as 0.25 by what makes them whole. Rows without a weight " \
  "are passed over; a weight below 0 is an error, and so is a sum of 2^48 or more."
#define PROMISE RANKS_EXACT "a relative error of " RANKS_PROMISE

#define STATE                                                                                      \
  .version = 3, .order = FANOUT_ORDER_FREE, .state_size = sizeof (Tally), .clear = ranks_clear,    \
  .copy = ranks_copy, .update = update, .combine = combine, .encode = ranks_encode,                \
  .decode = decode, .finish = finish

static const FanoutOperator quantile = {
  .size = sizeof quantile,
  .name = "quantile",
  .summary = "quantiles, such as the 99th percentile",
  .details = METHOD " With one `q` the column is NAME, with several NAME_p50, NAME_p99.9, ...",
  .promise = PROMISE,
  FANOUT_OPTIONS (Options, quantile_options),
  .prepare = prepare,
  .columns = columns,
  STATE,
};

static const FanoutOperator median = {
  .size = sizeof median,
  .name = "median",
  .summary = "the median",
  .details = "The quantile 0.5: the middle number, or the mean of the two in the middle. " METHOD,
  .promise = PROMISE,
  FANOUT_OPTIONS (Options, median_options),
  STATE,
};

FANOUT_OPERATORS (&quantile, &median);
