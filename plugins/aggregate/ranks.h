#pragma once

/**
 * Numbers by their rank: what quantile, quartiles, iqr, mad and trimmed-mean share. Their state is
 * a Tally, their options begin with RanksOptions.
 */

#include "tally.h"

#include <fanout/steps.h>
#include <fanout/error.h>
#include <fanout/rational.h>

typedef struct
{
  gint column;
  guint64 limit;
} RanksOptions;

#define RANKS_COLUMN                                                                               \
  {                                                                                                \
    .key = "column", .type = FANOUT_OPTION_COLUMN, .flags = FANOUT_OPTION_REQUIRED,                \
    .offset = G_STRUCT_OFFSET (RanksOptions, column), .takes = FANOUT_TAKES_WIDE,                  \
    .help = "the column with the numbers"                                                          \
  }
#define RANKS_LIMIT                                                                                \
  {                                                                                                \
    .key = "limit", .type = FANOUT_OPTION_COUNT, .offset = G_STRUCT_OFFSET (RanksOptions, limit),  \
    .value = "100000", .min = "0", .max = "100000000",                                             \
    .help = "exact while there are at most so many different values"                               \
  }

/* What is told of results from buckets, and what is promised of them. */
#define RANKS_MORE    "; a greater `limit` lowers it"
#define RANKS_BOUND   "relative error at most %" RANKS_MORE
#define RANKS_EXACT   "exact, rounded once at most, up to `limit` different values, beyond it with "
#define RANKS_PROMISE "at most 0.8 %, as a rule far less; a note tells how much"
#define RANKS_SKETCH                                                                               \
  "in buckets of relative width (those of DDSketch, Masson et al. 2019), as narrow as leave at "   \
  "most `limit` of them in use: with the default times within a month are known to a minute."

/* The state. */

static FanoutAnswer
ranks_update (gpointer tallies_, const FanoutInput *input)
{
  const guint64 limit = ((const RanksOptions *) input->aggregate->options)->limit;
  const FanoutColumn *column = fanout_input_column (input, 0);
  FanoutMemory *memory = input->aggregate->memory;
  const gint64 *mantissa = column->mantissa;
  const guint8 scale = column->scale;
  Tally *tallies = tallies_;

  if (column->form == FANOUT_FORM_PLAIN)
    FANOUT_EACH_ROW (Tally, tallies, input,
                     tally_add (state, fanout_number_decimal (mantissa[i], scale), limit, memory));
  else
    FANOUT_EACH_ROW (Tally, tallies, input,
                     tally_add (state, fanout_column_number (column, i), limit, memory));
  return FANOUT_MORE;
}

static inline void
ranks_clear_one (FanoutAggregate *self, Tally *tally)
{
  tally_clear (tally, self->memory);
}

FANOUT_CLEAR (ranks_clear, Tally, ranks_clear_one)

static gboolean
ranks_combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  const RanksOptions *options = self->options;

  for (gsize i = 0; i < n; i++)
    tally_take ((Tally *) into + (ids != NULL ? ids[i] : i), (Tally *) from + i, options->limit,
                self->memory);
  return TRUE;
}

static gboolean
ranks_copy (FanoutAggregate *self, gpointer into, gconstpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    tally_copy ((Tally *) into + i, (const Tally *) from + i, self->memory);
  return TRUE;
}

static void
ranks_encode (FanoutAggregate *self, gconstpointer tally, FanoutWriter *bytes)
{
  (void) self;
  tally_write (tally, bytes);
}

static gboolean
ranks_decode (FanoutAggregate *self, gpointer tally, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  return tally_read (tally, ((const RanksOptions *) self->options)->limit, &in, self->memory)
         && fanout_reader_left (&in) == 0;
}

/* What these operators have in common. */
#define RANKS_STATE                                                                                \
  .version = 3, .order = FANOUT_ORDER_FREE, .state_size = sizeof (Tally), .clear = ranks_clear,    \
  .copy = ranks_copy, .update = ranks_update, .combine = ranks_combine, .encode = ranks_encode,    \
  .decode = ranks_decode

/* Quantiles. */

/* A place between two neighbours: low + (high - low) part / unit. */
typedef struct
{
  FanoutNumber low;
  FanoutNumber high;
  gint64 part;
  gint64 unit;
  guint8 scale;             /* where unit is 10^scale; else 255 */
  FanoutRational *fraction; /* in place of part / unit where q is wide, and not 0; else NULL */
  gboolean is_near;         /* known by its bucket alone */
} RanksPlace;

static inline void
ranks_place_clear (RanksPlace *place)
{
  g_clear_pointer (&place->fraction, fanout_rational_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RanksPlace, ranks_place_clear)

static inline gboolean
ranks_is_between (const RanksPlace *place)
{
  return place->part != 0 || place->fraction != NULL;
}

/* The integer below a rank from 0 on, and (nullable) what is left of the rank. */
static inline guint64
ranks_floor (const FanoutRational *rank, FanoutRational **rest)
{
  g_autoptr (FanoutRational) whole = fanout_rational_floor (rank);
  FanoutNumber number = fanout_number_decimal (0, 0);

  fanout_rational_to_number (whole, &number, NULL);
  if (rest != NULL)
    *rest = fanout_rational_subtract (rank, whole);
  return (guint64) number.mantissa;
}

/* The integer below n q. */
static inline guint64
ranks_part_of (guint64 n, FanoutNumber q)
{
  g_autoptr (FanoutRational) factor = NULL;
  g_autoptr (FanoutRational) rank = NULL;

  if (!fanout_number_is_wide (q))
    return (guint64) ((FanoutUint128) n * (guint64) q.mantissa
                      / (FanoutUint128) counts_power_of_ten (q.scale));
  factor = fanout_rational_new_number (q);
  rank = fanout_rational_scale (factor, (gint64) n, 1);
  return ranks_floor (rank, NULL);
}

/*
 * The types of Hyndman and Fan (1996): counted from 1, the quantile q of n numbers is at the rank
 * ((divisor n + n_more) q + more) / divisor.
 */
#define RANKS_METHOD_DEFAULT 7

static const struct
{
  gint16 divisor;
  gint16 n_more;
  gint16 more;
} ranks_methods[] = {
  { 0, 0, 0 }, { 1, 0, 0 }, { 1, 0, 0 },  { 2, 0, -1 }, { 1, 0, 0 },
  { 2, 0, 1 }, { 1, 1, 0 }, { 1, -1, 1 }, { 3, 1, 1 },  { 8, 2, 3 },
};

#define RANKS_METHOD(Options, field)                                                               \
  {                                                                                                \
    .key = "method", .type = FANOUT_OPTION_COUNT, .offset = G_STRUCT_OFFSET (Options, field),      \
    .value = "7", .min = "1", .max = "9", .help = "the type of Hyndman and Fan, as R's `type`"     \
  }
#define RANKS_METHODS                                                                              \
  "`method` gives the other eight types of R's quantile: 1, the inverse of the distribution "      \
  "function, is SQL's percentile_disc; 2 (means at steps) is SAS's default, 3 the nearest even "   \
  "rank, 6 (at (n + 1) q) that of SPSS, Minitab and QUARTILE.EXC, 8 is nearly free of bias for "   \
  "the median. Miller without -i takes the number at floor(n q), counted from 0, which is none "   \
  "of these."

/* The methods of steps: on a step they take the number before it, the mean of both, or the one of
 * even rank. */
static inline guint64
ranks_step (guint64 whole, guint method, gboolean is_on_step, RanksPlace *place)
{
  ranks_place_clear (place);
  place->part = is_on_step && method == 2;
  place->unit = 2;
  place->scale = G_MAXUINT8;
  return whole + (!is_on_step || (method == 3 && whole % 2 == 0));
}

/* ranks_at() of a wide q, whose products have more than 128 bits. */
static inline guint64
ranks_at_wide (guint64 total, FanoutNumber q, guint method, RanksPlace *place)
{
  const gint64 divisor = ranks_methods[method].divisor;
  g_autoptr (FanoutRational) factor = fanout_rational_new_number (q);
  g_autoptr (FanoutRational) n = fanout_rational_new ((gint64) total, 1);
  g_autoptr (FanoutRational) n_more = fanout_rational_new (ranks_methods[method].n_more, divisor);
  g_autoptr (FanoutRational) more
      = fanout_rational_new (ranks_methods[method].more - divisor, divisor);
  g_autoptr (FanoutRational) all = fanout_rational_add (n, n_more);
  g_autoptr (FanoutRational) product = fanout_rational_multiply (all, factor);
  g_autoptr (FanoutRational) rank = fanout_rational_add (product, more);
  gboolean is_whole;
  guint64 whole;

  place->part = 0;
  place->unit = 1;
  place->scale = G_MAXUINT8;
  if (fanout_rational_sign (rank) < 0)
    return 0;
  whole = ranks_floor (rank, &place->fraction);
  is_whole = fanout_rational_sign (place->fraction) == 0;
  if (is_whole)
    ranks_place_clear (place);
  return method > 3 ? whole : ranks_step (whole, method, is_whole, place);
}

/* The rank of q among `total` > 0 numbers, counted from 0, and what is left of it. */
static inline guint64
ranks_at (guint64 total, FanoutNumber q, guint method, RanksPlace *place)
{
  if (fanout_number_is_wide (q))
    return ranks_at_wide (total, q, method, place);

  const gint64 q_unit = counts_power_of_ten (q.scale);
  const gint64 divisor = ranks_methods[method].divisor;
  const FanoutInt128 n = (FanoutInt128) total * divisor + ranks_methods[method].n_more;
  const FanoutInt128 rank
      = n * q.mantissa + (ranks_methods[method].more - divisor) * (FanoutInt128) q_unit;
  guint64 whole;

  place->unit = divisor * q_unit;
  place->scale = divisor == 1 ? q.scale : G_MAXUINT8;
  place->part = 0;
  if (rank < 0)
    return 0;
  whole = (guint64) (rank / place->unit);
  place->part = (gint64) (rank % place->unit);
  return method > 3 ? whole : ranks_step (whole, method, place->part == 0, place);
}

/* Whether a place is as far from its neighbour as from itself, or further. */
static inline gboolean
ranks_is_past_middle (const RanksPlace *place)
{
  static const FanoutNumber half = { .mantissa = 5, .scale = 1 };
  g_autoptr (FanoutRational) middle = NULL;

  if (place->fraction == NULL)
    return place->part >= place->unit - place->part;
  middle = fanout_rational_new_number (half);
  return fanout_rational_compare (place->fraction, middle) >= 0;
}

/* The number at a rank, and the one behind it. */
static inline void
ranks_pick (const Tally *tally, const CountsEntry *sorted, guint64 rank, FanoutNumber *here,
            FanoutNumber *next)
{
  gsize i = 0;

  while (i + 1 < tally->counts.n && rank >= counts_count (&sorted[i]))
    rank -= counts_count (&sorted[i++]);
  *here = tally_number (tally, &sorted[i]);
  if (i + 1 < tally->counts.n && rank + 1 >= counts_count (&sorted[i]))
    i++;
  *next = tally_number (tally, &sorted[i]);
}

/* The place of the decimal q among `total` > 0 numbers; of a sketch, the number nearest to it. */
static inline RanksPlace
ranks_find (const Tally *tally, const CountsEntry *sorted, guint64 total, FanoutNumber q,
            guint method)
{
  RanksPlace place = { .fraction = NULL };
  guint64 rank = ranks_at (total, q, method, &place);

  if (tally->sketch != NULL)
    {
      rank += ranks_is_past_middle (&place) ? 1 : 0;
      place.part = 0;
      ranks_place_clear (&place);
    }
  ranks_pick (tally, sorted, rank, &place.low, &place.high);
  place.is_near = tally->sketch != NULL && rank > 0 && rank + 1 < total;
  if (tally->sketch != NULL && rank == 0)
    place.low = tally->sketch->least;
  else if (tally->sketch != NULL && rank + 1 >= total)
    place.low = tally->sketch->most;
  if (!ranks_is_between (&place))
    place.high = place.low;
  return place;
}

static inline gboolean
ranks_is_decimal (const RanksPlace *place)
{
  return !fanout_number_is_double (place->low)
         && (!ranks_is_between (place) || !fanout_number_is_double (place->high));
}

static inline FanoutRational *
ranks_rational (const RanksPlace *place)
{
  g_autoptr (FanoutRational) low = fanout_rational_new_number (place->low);
  g_autoptr (FanoutRational) high = NULL;
  g_autoptr (FanoutRational) low_part = NULL;
  g_autoptr (FanoutRational) high_part = NULL;

  if (!ranks_is_between (place))
    return g_steal_pointer (&low);
  high = fanout_rational_new_number (place->high);
  if (place->fraction != NULL)
    {
      g_autoptr (FanoutRational) one = fanout_rational_new (1, 1);
      g_autoptr (FanoutRational) rest = fanout_rational_subtract (one, place->fraction);

      low_part = fanout_rational_multiply (low, rest);
      high_part = fanout_rational_multiply (high, place->fraction);
    }
  else
    {
      low_part = fanout_rational_scale (low, place->unit - place->part, place->unit);
      high_part = fanout_rational_scale (high, place->part, place->unit);
    }
  return fanout_rational_add (low_part, high_part);
}

/* A decimal where only decimals went in and it is one, else rounded once. */
static inline void
ranks_out_rational (FanoutOut *out, gsize row, guint column, const FanoutRational *value,
                    gboolean of_decimals)
{
  FanoutDecimal decimal;

  if (of_decimals && fanout_rational_to_decimal (value, &decimal))
    fanout_out_decimal (out, row, column, &decimal);
  else
    fanout_out_double (out, row, column, fanout_rational_to_double (value));
}

/* Bring both to the greater of their scales; FALSE when one is a double or becomes too large. */
static inline gboolean
ranks_align (FanoutNumber *a, FanoutNumber *b)
{
  FanoutNumber *low = a->scale < b->scale ? a : b;
  const FanoutNumber *high = a->scale < b->scale ? b : a;

  if (high->scale > FANOUT_SCALE_MAX
      || __builtin_mul_overflow (low->mantissa, counts_power_of_ten (high->scale - low->scale),
                                 &low->mantissa))
    return FALSE;
  low->scale = high->scale;
  return TRUE;
}

static inline void
ranks_out_place (FanoutOut *out, gsize row, guint column, const RanksPlace *place)
{
  FanoutNumber x = place->low;
  FanoutNumber y = place->high;
  g_autoptr (FanoutRational) between = NULL;

  if (!ranks_is_between (place) || fanout_number_compare (x, y) == 0)
    fanout_out_number (out, row, column, x);
  else if (place->scale != G_MAXUINT8 && ranks_align (&x, &y))
    {
      const FanoutInt128 mantissa = (FanoutInt128) x.mantissa * (place->unit - place->part)
                                    + (FanoutInt128) y.mantissa * place->part;
      FanoutDecimal decimal = { .limbs = { (guint64) mantissa, (guint64) (mantissa >> 64) },
                                .scale = (guint8) (x.scale + place->scale) };

      for (guint i = 2; i < FANOUT_DECIMAL_LIMBS; i++)
        decimal.limbs[i] = mantissa < 0 ? G_MAXUINT64 : 0;
      fanout_decimal_normalise (&decimal);
      fanout_out_decimal (out, row, column, &decimal);
    }
  else
    {
      between = ranks_rational (place);
      ranks_out_rational (out, row, column, between, ranks_is_decimal (place));
    }
}

/* Say how far off a result may be, if it is. */
static inline void
ranks_out_error (const Tally *tally, FanoutOut *out, guint column, const char *bound)
{
  if (tally->sketch != NULL)
    fanout_out_approximate_by (out, column, tally_error (tally), bound);
}

static inline void
ranks_out_quantile (const Tally *tally, const CountsEntry *sorted, guint64 total, FanoutNumber q,
                    guint method, FanoutOut *out, gsize row, guint column)
{
  g_auto (RanksPlace) place = ranks_find (tally, sorted, total, q, method);

  ranks_out_place (out, row, column, &place);
  if (place.is_near)
    ranks_out_error (tally, out, column, RANKS_BOUND);
}

/* An option whose value has to be a decimal. */
static inline gboolean
ranks_check_decimal (const char *key, FanoutNumber number, const char *text, GError **error)
{
  char own[FANOUT_NUMBER_TEXT_MAX];

  if (!fanout_number_is_double (number))
    return TRUE;
  if (text == NULL)
    fanout_number_format (number, own);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
               "%s: '%s' has too many digits; at most %d are possible", key,
               text != NULL ? text : own, FANOUT_WIDE_DIGITS);
  return FALSE;
}
