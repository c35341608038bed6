/* The median absolute deviation: how far the values are from their median. */

#include "ranks.h"

typedef struct
{
  RanksOptions ranks;
  FanoutNumber scale;
} Options;

#define BOUND "error at most % of the MAD and of twice the scaled median's magnitude"

static const FanoutNumber half = { .mantissa = 5, .scale = 1 };

/* The sorted entries from the centre outwards, the nearer one of both sides first. */
typedef struct
{
  const Tally *tally;
  const CountsEntry *sorted;
  const FanoutRational *centre;
  gsize below;         /* entries below the centre that are left */
  gsize above;         /* first one above it that is left */
  FanoutRational *low; /* how far both are from the centre; NULL: none left */
  FanoutRational *high;
} Walk;

static FanoutRational *
deviation (const Walk *walk, gsize i)
{
  g_autoptr (FanoutRational) x
      = fanout_rational_new_number (tally_number (walk->tally, &walk->sorted[i]));

  return i < walk->below ? fanout_rational_subtract (walk->centre, x)
                         : fanout_rational_subtract (x, walk->centre);
}

static void
look (Walk *walk)
{
  if (walk->low == NULL && walk->below > 0)
    walk->low = deviation (walk, walk->below - 1);
  if (walk->high == NULL && walk->above < walk->tally->counts.n)
    walk->high = deviation (walk, walk->above);
}

static void
walk_init (Walk *walk, const Tally *tally, const CountsEntry *sorted, const FanoutRational *centre)
{
  gsize first = 0;
  gsize end = tally->counts.n;

  *walk = (Walk){ .tally = tally, .sorted = sorted, .centre = centre };
  while (first < end)
    {
      const gsize middle = first + (end - first) / 2;
      g_autoptr (FanoutRational) x
          = fanout_rational_new_number (tally_number (tally, &sorted[middle]));

      if (fanout_rational_compare (x, centre) < 0)
        first = middle + 1;
      else
        end = middle;
    }
  walk->below = walk->above = first;
  look (walk);
}

/* The nearer entry; the distance is the caller's. */
static const CountsEntry *
walk_next (Walk *walk, FanoutRational **distance)
{
  const gboolean down
      = walk->high == NULL
        || (walk->low != NULL && fanout_rational_compare (walk->low, walk->high) <= 0);
  const CountsEntry *entry = &walk->sorted[down ? --walk->below : walk->above++];

  *distance = down ? g_steal_pointer (&walk->low) : g_steal_pointer (&walk->high);
  look (walk);
  return entry;
}

static void
walk_clear (Walk *walk)
{
  g_clear_pointer (&walk->low, fanout_rational_free);
  g_clear_pointer (&walk->high, fanout_rational_free);
}

/* Twice the median of the distances from the centre. */
static FanoutRational *
double_median (Walk *walk, guint64 total, gboolean *of_decimals)
{
  g_autoptr (FanoutRational) low = NULL;
  g_autoptr (FanoutRational) high = NULL;
  guint64 n = 0;

  do
    {
      const CountsEntry *entry;
      const gboolean is_low = n <= (total - 1) / 2;

      g_clear_pointer (&high, fanout_rational_free);
      entry = walk_next (walk, &high);
      n += counts_count (entry);
      if (is_low)
        {
          g_clear_pointer (&low, fanout_rational_free);
          low = fanout_rational_scale (high, 1, 1);
        }
      if (n > (total - 1) / 2 && fanout_number_is_double (tally_number (walk->tally, entry)))
        *of_decimals = FALSE;
    }
  while (n <= total / 2);
  return fanout_rational_add (low, high);
}

static void
write_mad (const Options *options, const Tally *tally, FanoutOut *out, gsize row)
{
  const guint64 total = counts_total (&tally->counts);
  g_autofree CountsEntry *sorted = counts_sorted (&tally->counts);
  g_auto (RanksPlace) place = ranks_find (tally, sorted, total, half, RANKS_METHOD_DEFAULT);
  g_autoptr (FanoutRational) centre = ranks_rational (&place);
  g_autoptr (FanoutRational) scale = fanout_rational_new_number (options->scale);
  g_autoptr (FanoutRational) doubled = NULL;
  g_autoptr (FanoutRational) scaled = NULL;
  g_autoptr (FanoutRational) mad = NULL;
  gboolean of_decimals = ranks_is_decimal (&place) && !fanout_number_is_double (options->scale);
  Walk walk;

  if (!fanout_rational_is_finite (centre))
    {
      fanout_out_double (out, row, 0, NAN);
      return;
    }
  walk_init (&walk, tally, sorted, centre);
  doubled = double_median (&walk, total, &of_decimals);
  walk_clear (&walk);
  scaled = fanout_rational_multiply (doubled, scale);
  mad = fanout_rational_scale (scaled, 1, 2);
  ranks_out_rational (out, row, 0, mad, of_decimals);
  ranks_out_error (tally, out, 0, BOUND RANKS_MORE);
}

static void
result (FanoutAggregate *self, const Tally *tally, FanoutOut *out, gsize row)
{
  if (tally->counts.has_nan)
    fanout_out_double (out, row, 0, NAN);
  else if (tally->counts.n > 0)
    write_mad (self->options, tally, out, row);
}

FANOUT_FINISH (finish, Tally, result)

static const FanoutOption options[] = {
  RANKS_COLUMN,
  { .key = "scale",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Options, scale),
    .value = "1.4826",
    .min = "0",
    .takes = FANOUT_TAKES_WIDE,
    .help = "what the median is multiplied by; 1 for the raw one" },
  RANKS_LIMIT,
  FANOUT_OPTIONS_END,
};

static const FanoutOperator mad = {
  .size = sizeof mad,
  .name = "mad",
  .summary = "the median absolute deviation",
  .details = "scale * median (|x - median (x)|), both medians the middle number or the mean of "
             "the two in the middle. With the scale 1.4826, the default here, in R's mad and in "
             "datamash's mad, it estimates the standard deviation of normal values; 1 gives the "
             "raw one (datamash's madraw, SciPy's median_abs_deviation). A NaN, or an infinite "
             "median, makes it NaN. Beyond "
             "`limit` different values the median is the number nearest to its rank, and numbers "
             "are counted " RANKS_SKETCH,
  .promise = RANKS_EXACT "an error, as a part of the MAD "
                         "and of twice the median's magnitude times `scale`, of " RANKS_PROMISE,
  FANOUT_OPTIONS (Options, options),
  RANKS_STATE,
  .finish = finish,
};

FANOUT_OPERATORS (&mad);
