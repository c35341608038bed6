/* How evenly the rows are spread over the values. */

#include "bags.h"

#include <fanout/error.h>
#include <fanout/logarithm.h>

typedef struct
{
  BagsOptions bags;
  FanoutNumber base;
} Options;

static FanoutRational *
logarithm_of (FanoutNumber x, guint64 weight)
{
  FanoutLogSum sum = { 0 };

  fanout_log_sum_add (&sum, x, weight);
  return fanout_log_sum_rational (&sum);
}

/* log2 N - 1/N sum (n log2 n), over log2 of the base. */
static void
result (FanoutAggregate *self, const Bag *bag, FanoutOut *out, gsize row)
{
  const FanoutNumber base = ((const Options *) self->options)->base;
  FanoutLogSum sum = { 0 };
  g_autoptr (FanoutRational) of_values = NULL;
  g_autoptr (FanoutRational) of_total = NULL;
  g_autoptr (FanoutRational) of_base = NULL;
  g_autoptr (FanoutRational) difference = NULL;
  g_autoptr (FanoutRational) entropy = NULL;
  guint64 total = 0;

  if (bag->n == 0)
    return;
  for (gsize i = 0; i < bag_room (bag); i++)
    if (bag->entries[i].count != 0)
      {
        const guint64 n = bag->entries[i].count;

        fanout_log_sum_add (&sum, fanout_number_decimal ((gint64) n, 0), n);
        total += n;
      }
  of_values = fanout_log_sum_rational (&sum);
  of_total = logarithm_of (fanout_number_decimal ((gint64) total, 0), total);
  of_base = logarithm_of (base, total);
  difference = fanout_rational_subtract (of_total, of_values);
  entropy = fanout_rational_divide (difference, of_base);
  fanout_out_double (out, row, 0, fanout_rational_to_double (entropy));
}

FANOUT_FINISH (finish, Bag, result)

static gboolean
prepare (gpointer options, GError **error)
{
  if (fanout_number_compare (((const Options *) options)->base, fanout_number_decimal (1, 0)) > 0)
    return TRUE;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "base: it has to be above 1");
  return FALSE;
}

static const FanoutOption options[] = {
  VALUES_COLUMN,
  VALUES_AS ("text", VALUES_SAME),
  { .key = "base",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Options, base),
    .value = "2",
    .min = "1",
    .takes = FANOUT_TAKES_WIDE,
    .help = "of the logarithm: 2 for bits, 10 for digits, 2.718281828459045 for nats" },
  BAGS_LIMIT,
  FANOUT_OPTIONS_END,
};

static const FanoutOperator entropy = {
  .size = sizeof entropy,
  .name = "entropy",
  .summary = "the entropy of the distribution of values",
  .details = "- sum p log p over the different values, p the part of the rows that has each: C. "
             "E. Shannon (1948), of the sample as it is, without correction. 0 for one value, log "
             "n for n equally frequent ones. In bits, as in DuckDB and ClickHouse; SciPy has "
             "nats: `base = 2.718281828459045`. NaN is a value. More than `limit` different "
             "values, or 256 bytes for each of so many, are an error.",
  .promise = "exact counts and logarithms to 96 bits; rounded once",
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  BAGS_STATE,
  .finish = finish,
};

FANOUT_OPERATORS (&entropy);
