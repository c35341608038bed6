/* Quantiles and the median: exact up to a number of different values, within a bound beyond it. */

#include "tally.h"

#include <fanout/aggregate.h>
#include <fanout/error.h>
#include <fanout/rational.h>

typedef struct
{
  gint column;
  guint64 limit;
  FanoutNumbers q; /* none: the median */
} Options;

static const FanoutNumber half = { .mantissa = 5, .scale = 1 };

static inline void
step (Tally *tally, const FanoutInput *input, gsize i)
{
  const Options *options = input->aggregate->options;

  tally_add (tally, fanout_column_number (&input->columns[0], i), options->limit,
             input->aggregate->memory);
}

FANOUT_UPDATE_ROW (update, Tally, step)
FANOUT_CLEAR (clear, Tally, tally_clear)

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  const Options *options = self->options;

  for (gsize i = 0; i < n; i++)
    tally_merge ((Tally *) into + (ids != NULL ? ids[i] : i), (Tally *) from + i, options->limit,
                 self->memory);
  return TRUE;
}

static gint64
power_of_ten (guint exponent)
{
  gint64 power = 1;

  while (exponent-- > 0)
    power *= 10;
  return power;
}

/* (n - 1) q = whole + part / 10^scale of q, exactly. */
static guint64
split_rank (guint64 n, FanoutNumber q, gint64 *part)
{
  const FanoutUint128 rank = (FanoutUint128) (n - 1) * (guint64) q.mantissa;
  const FanoutUint128 unit = (FanoutUint128) power_of_ten (q.scale);

  *part = (gint64) (rank % unit);
  return (guint64) (rank / unit);
}

/* The entry of the number at `rank`, from 0, of n sorted ones, and that of the number after it. */
static void
find_neighbours (const TallyEntry *sorted, gsize n, guint64 rank, const TallyEntry **low,
                 const TallyEntry **high)
{
  gsize i = 0;

  while (i + 1 < n && rank >= tally_count (&sorted[i]))
    rank -= tally_count (&sorted[i++]);
  *low = &sorted[i];
  *high = &sorted[i + 1 < n && rank + 1 >= tally_count (&sorted[i]) ? i + 1 : i];
}

/* Bring both to the greater of their scales; FALSE when one is a double or becomes too large. */
static gboolean
align (FanoutNumber *a, FanoutNumber *b)
{
  FanoutNumber *low = a->scale < b->scale ? a : b;
  const FanoutNumber *high = a->scale < b->scale ? b : a;

  if (fanout_number_is_double (*high)
      || __builtin_mul_overflow (low->mantissa, power_of_ten (high->scale - low->scale),
                                 &low->mantissa))
    return FALSE;
  low->scale = high->scale;
  return TRUE;
}

static void
set_decimal (FanoutDecimal *decimal, FanoutInt128 mantissa, guint8 scale)
{
  decimal->limbs[0] = (guint64) mantissa;
  decimal->limbs[1] = (guint64) (mantissa >> 64);
  for (guint i = 2; i < FANOUT_DECIMAL_LIMBS; i++)
    decimal->limbs[i] = mantissa < 0 ? G_MAXUINT64 : 0;
  decimal->scale = scale;
  fanout_decimal_normalise (decimal);
}

/* low + (high - low) part / 10^scale of decimals is a decimal; of others it is rounded once. */
static void
write_between (FanoutOut *out, gsize row, guint column, FanoutNumber low, FanoutNumber high,
               gint64 part, guint8 scale)
{
  const gint64 unit = power_of_ten (scale);
  g_autoptr (FanoutRational) a = NULL;
  g_autoptr (FanoutRational) b = NULL;
  g_autoptr (FanoutRational) a_part = NULL;
  g_autoptr (FanoutRational) b_part = NULL;
  g_autoptr (FanoutRational) between = NULL;
  FanoutNumber x = low;
  FanoutNumber y = high;
  FanoutDecimal decimal;

  if (align (&x, &y))
    {
      set_decimal (&decimal,
                   (FanoutInt128) x.mantissa * (unit - part) + (FanoutInt128) y.mantissa * part,
                   (guint8) (x.scale + scale));
      fanout_out_decimal (out, row, column, &decimal);
      return;
    }
  a = fanout_rational_new_number (low);
  b = fanout_rational_new_number (high);
  a_part = fanout_rational_scale (a, unit - part, unit);
  b_part = fanout_rational_scale (b, part, unit);
  between = fanout_rational_add (a_part, b_part);
  if (!fanout_number_is_double (low) && !fanout_number_is_double (high)
      && fanout_rational_to_decimal (between, &decimal))
    fanout_out_decimal (out, row, column, &decimal);
  else
    fanout_out_double (out, row, column, fanout_rational_to_double (between));
}

static void
write_quantile (const Tally *tally, const TallyEntry *sorted, guint64 total, FanoutNumber q,
                FanoutOut *out, gsize row, guint column)
{
  const TallyEntry *low;
  const TallyEntry *high;
  gint64 part;
  const guint64 rank = split_rank (total, q, &part);

  find_neighbours (sorted, tally->n, rank, &low, &high);
  if (tally->is_sketch)
    {
      const TallyEntry *nearest = part < power_of_ten (q.scale) - part ? low : high;

      fanout_out_number (out, row, column, tally_number (tally, nearest));
      fanout_out_approximate (out, column, TALLY_BOUND);
    }
  else if (part == 0 || low == high)
    fanout_out_number (out, row, column, tally_number (tally, low));
  else
    write_between (out, row, column, tally_number (tally, low), tally_number (tally, high), part,
                   q.scale);
}

static void
result (FanoutAggregate *self, const Tally *tally, FanoutOut *out, gsize row)
{
  const FanoutNumbers *q = &((const Options *) self->options)->q;
  const guint64 total = tally_total (tally);
  g_autofree TallyEntry *sorted = NULL;

  if (tally->n > 0 && !tally->has_nan)
    sorted = tally_sorted (tally);
  for (guint column = 0; column < MAX (q->n, 1); column++)
    if (tally->has_nan)
      fanout_out_double (out, row, column, NAN);
    else if (sorted != NULL)
      write_quantile (tally, sorted, total, q->n > 0 ? q->values[column] : half, out, row, column);
}

FANOUT_FINISH (finish, Tally, result)

static void
encode (FanoutAggregate *self, gconstpointer tally, GByteArray *bytes)
{
  (void) self;
  tally_write (tally, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer tally, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  return tally_read (tally, ((const Options *) self->options)->limit, &in, self->memory)
         && fanout_reader_left (&in) == 0;
}

static gboolean
prepare (gpointer options, GError **error)
{
  const FanoutNumbers *q = &((const Options *) options)->q;

  for (guint i = 0; i < q->n; i++)
    if (fanout_number_is_double (q->values[i]))
      {
        g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                     "q: '%s' has too many digits; at most %d behind the point", q->texts[i],
                     FANOUT_SCALE_MAX);
        return FALSE;
      }
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

#define COLUMN                                                                                     \
  {                                                                                                \
    .key = "column", .type = FANOUT_OPTION_COLUMN, .flags = FANOUT_OPTION_REQUIRED,                \
    .offset = G_STRUCT_OFFSET (Options, column), .help = "the column with the numbers"             \
  }
#define LIMIT                                                                                      \
  {                                                                                                \
    .key = "limit", .type = FANOUT_OPTION_COUNT, .offset = G_STRUCT_OFFSET (Options, limit),       \
    .value = "100000", .min = "0", .max = "100000000",                                             \
    .help = "exact while there are at most so many different values"                               \
  }

static const FanoutOption quantile_options[] = {
  COLUMN,
  { .key = "q",
    .type = FANOUT_OPTION_NUMBERS,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, q),
    .min = "0",
    .max = "1",
    .example = "0.5, 0.9, 0.99",
    .help = "which quantiles: parts of 1" },
  LIMIT,
  { 0 },
};

static const FanoutOption median_options[] = { COLUMN, LIMIT, { 0 } };

#define METHOD                                                                                     \
  "Interpolated between the neighbours at (n - 1) q: type 7 of Hyndman and Fan (1996), which R, "  \
  "NumPy and spreadsheets use. A NaN makes it NaN. Beyond `limit` different values it is the "     \
  "number nearest to that rank, from a histogram of relative width (DDSketch, Masson et al. "      \
  "2019)."
#define PROMISE "exact up to `limit` different values, beyond it with a " TALLY_BOUND

static const FanoutOperator quantile = {
  .size = sizeof quantile,
  .version = 1,
  .name = "quantile",
  .summary = "quantiles, such as the 99th percentile",
  .details = METHOD " With one `q` the column is NAME, with several NAME_p50, NAME_p99.9, ...",
  .promise = PROMISE,
  .order = FANOUT_ORDER_FREE,
  .options_size = sizeof (Options),
  .options = quantile_options,
  .prepare = prepare,
  .columns = columns,
  .state_size = sizeof (Tally),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

static const FanoutOperator median = {
  .size = sizeof median,
  .version = 1,
  .name = "median",
  .summary = "the median",
  .details = "The quantile 0.5. " METHOD,
  .promise = PROMISE,
  .order = FANOUT_ORDER_FREE,
  .options_size = sizeof (Options),
  .options = median_options,
  .state_size = sizeof (Tally),
  .clear = clear,
  .update = update,
  .combine = combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&quantile, &median);
