/* The mean of what is left when the smallest and the largest values are left out. */

#include "ranks.h"

#include <math.h>
#include <fanout/exact.h>

typedef struct
{
  RanksOptions ranks;
  FanoutNumber trim;
} Options;

#define BOUND "error at most % of the mean magnitude"

/* The sum of the numbers between the `n_out` smallest and the `n_out` largest. */
static FanoutRational *
sum_between (const Tally *tally, const CountsEntry *sorted, guint64 n_out, guint64 n_in,
             gboolean *of_decimals)
{
  FanoutExact sum = { 0 };
  FanoutRational *value;

  for (gsize i = 0; n_in > 0; i++)
    {
      const guint64 count = counts_count (&sorted[i]);
      const guint64 out = MIN (count, n_out);
      const guint64 in = MIN (count - out, n_in);
      const FanoutNumber factors[]
          = { tally_number (tally, &sorted[i]), fanout_number_decimal ((gint64) in, 0) };

      if (in > 0 && fanout_number_is_double (factors[0]))
        *of_decimals = FALSE;
      if (in > 0)
        fanout_exact_add_product (&sum, factors, G_N_ELEMENTS (factors), NULL);
      n_out -= out;
      n_in -= in;
    }
  value = fanout_exact_rational (&sum);
  fanout_exact_clear (&sum, NULL);
  return value;
}

static void
result (FanoutAggregate *self, const Tally *tally, FanoutOut *out, gsize row)
{
  const Options *options = self->options;
  const guint64 total = counts_total (&tally->counts);
  g_autofree CountsEntry *sorted = NULL;
  g_autoptr (FanoutRational) sum = NULL;
  g_autoptr (FanoutRational) mean = NULL;
  gboolean of_decimals = TRUE;
  FanoutNumber number;
  FanoutWide room;
  guint64 n_out;
  guint64 n_in;

  if (tally->counts.has_nan)
    fanout_out_double (out, row, 0, NAN);
  if (tally->counts.has_nan || total == 0)
    return;
  /* One or two are left at least: at 0.5 it is the median. */
  n_out = MIN (ranks_part_of (total, options->trim), (total - 1) / 2);
  n_in = total - 2 * n_out;
  sorted = counts_sorted (&tally->counts);
  sum = sum_between (tally, sorted, n_out, n_in, &of_decimals);
  mean = fanout_rational_scale (sum, 1, (gint64) n_in);
  if (of_decimals && fanout_rational_to_number (mean, &number, &room))
    fanout_out_number (out, row, 0, number);
  else
    fanout_out_double (out, row, 0, fanout_rational_to_double (mean));
  ranks_out_error (tally, out, 0, BOUND RANKS_MORE);
}

FANOUT_FINISH (finish, Tally, result)

static gboolean
prepare (gpointer options, GError **error)
{
  return ranks_check_decimal ("trim", ((const Options *) options)->trim, NULL, error);
}

static const FanoutOption options[] = {
  RANKS_COLUMN,
  { .key = "trim",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Options, trim),
    .value = "0.1",
    .min = "0",
    .max = "0.5",
    .takes = FANOUT_TAKES_WIDE,
    .help = "which part of the values is left out at either end" },
  RANKS_LIMIT,
  FANOUT_OPTIONS_END,
};

static const FanoutOperator trimmed_mean = {
  .size = sizeof trimmed_mean,
  .name = "trimmed-mean",
  .summary = "the mean without the smallest and the largest values",
  .details = "Of n values the floor (n * trim) smallest and as many of the largest are left out; "
             "the mean of the others is rounded once. The same as mean (x, trim) of R, trim_mean "
             "of SciPy and trimmean of datamash (TRIMMEAN of spreadsheets has the part of both "
             "ends together); with `trim = 0.5` it is the median. A NaN makes it NaN. Beyond "
             "`limit` different values each counts as the middle of its bucket: numbers are "
             "counted " RANKS_SKETCH,
  .promise = RANKS_EXACT "an error, as a part of the mean "
                         "magnitude of what is left, of " RANKS_PROMISE,
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  RANKS_STATE,
  .finish = finish,
};

FANOUT_OPERATORS (&trimmed_mean);
