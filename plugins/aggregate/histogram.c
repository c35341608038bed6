/* How many values fall into each of a row of bins. */

#include "counts-sorted.h"

#include <math.h>
#include <fanout/steps.h>
#include <fanout/error.h>
#include <fanout/logarithm.h>

enum
{
  SCALE_LINEAR = 0,
  SCALE_LOGARITHMIC,
};

enum
{
  CLOSED_LEFT = 0,
  CLOSED_RIGHT,
};

typedef struct
{
  gint column;
  FanoutNumbers edges;
  guint64 bins;
  FanoutNumber min;
  FanoutNumber max;
  gint scale;
  gint closed;
  guint64 base;
  /* What `prepare` makes of them: ascending. */
  FanoutNumber *bounds;
  FanoutWide *wides; /* of those that are */
  gsize n_bounds;
  gboolean is_mirrored; /* powers of `base`, of positive and of negative numbers */
} Options;

/* Into which bin. The state counts these numbers. */

#define BIN_NAN G_MAXINT32

/* How many bounds are below the number, or equal to it where bins have their lower bounds. */
static gsize
bounds_below (const Options *options, FanoutNumber x)
{
  const int equal = options->closed == CLOSED_LEFT ? 0 : -1;
  gsize first = 0;
  gsize end = options->n_bounds;

  while (first < end)
    {
      const gsize middle = first + (end - first) / 2;

      if (fanout_number_compare (options->bounds[middle], x) <= equal)
        first = middle + 1;
      else
        end = middle;
    }
  return first;
}

/* In `room` where it is wide. */
static FanoutNumber
negated (FanoutNumber x, FanoutWide *room)
{
  if (fanout_number_is_double (x))
    x.real = -x.real;
  else if (fanout_number_is_wide (x))
    {
      *room = (FanoutWide){ -x.wide->mantissa, x.wide->scale };
      x.wide = room;
    }
  else
    x.mantissa = -x.mantissa;
  return x;
}

/* The bounds below a number are its bin. The bin at the end has both its bounds. */
static gint64
bin_of (const Options *options, FanoutNumber x)
{
  const int sign = fanout_number_compare (x, fanout_number_decimal (0, 0));
  const gsize last = options->n_bounds - 1;
  FanoutWide room;

  if (fanout_number_is_double (x) && isnan (x.real))
    return BIN_NAN;
  if (options->is_mirrored)
    return sign == 0
               ? 0
               : sign * (gint64) (bounds_below (options, sign < 0 ? negated (x, &room) : x) + 1);
  if (options->closed == CLOSED_LEFT && last > 0
      && fanout_number_compare (x, options->bounds[last]) == 0)
    return (gint64) last;
  if (options->closed == CLOSED_RIGHT && last > 0
      && fanout_number_compare (x, options->bounds[0]) == 0)
    return 1;
  return (gint64) bounds_below (options, x);
}

static inline void
add_bin (FanoutAggregate *self, Counts *counts, gint64 bin, guint64 count)
{
  counts_add (counts, fanout_number_decimal (bin, 0), count, G_MAXUINT32, self->memory);
}

static inline void
step (FanoutAggregate *self, Counts *counts, const FanoutRow *row)
{
  add_bin (self, counts, bin_of (self->options, fanout_row_number (row, 0)), 1);
}

static inline void
clear_one (FanoutAggregate *self, Counts *counts)
{
  counts_clear (counts, self->memory);
}

static inline void
merge (FanoutAggregate *self, Counts *into, Counts *from)
{
  for (gsize i = 0; i < counts_n_places (from); i++)
    {
      const CountsEntry entry = counts_place (from, i);

      if (entry.count_scale != 0)
        add_bin (self, into, entry.mantissa, counts_count (&entry));
    }
}

/* From bins to a list. */

static void
write_bound (FanoutOut *out, const FanoutNumber *bound, gboolean negative)
{
  FanoutWide room;

  if (bound == NULL)
    fanout_list_null (out);
  else
    fanout_list_number (out, negative ? negated (*bound, &room) : *bound);
}

/* NULL: there is no bound on that side. */
static void
write_bin (FanoutOut *out, const FanoutNumber *from, const FanoutNumber *to, gboolean negative,
           guint64 count)
{
  fanout_list_open (out);
  write_bound (out, negative ? to : from, negative);
  write_bound (out, negative ? from : to, negative);
  fanout_list_count (out, count);
  fanout_list_close (out);
}

static void
write_entry (const Options *options, const CountsEntry *entry, FanoutOut *out)
{
  static const FanoutNumber zero;
  const FanoutNumber nan = fanout_number_double (NAN);
  const gsize bin = (gsize) ABS (entry->mantissa);
  const gsize below = options->is_mirrored && bin > 0 ? bin - 1 : bin;
  const FanoutNumber *from = below > 0 ? &options->bounds[below - 1] : NULL;
  const FanoutNumber *to = below < options->n_bounds ? &options->bounds[below] : NULL;

  if (entry->mantissa == BIN_NAN)
    write_bin (out, &nan, &nan, FALSE, counts_count (entry));
  else if (options->is_mirrored)
    write_bin (out, from != NULL ? from : &zero, bin == 0 ? &zero : to, entry->mantissa < 0,
               counts_count (entry));
  else
    write_bin (out, from, to, FALSE, counts_count (entry));
}

/* All bins between given bounds are listed, of powers those that have something in them. */
static void
result (FanoutAggregate *self, const Counts *counts, FanoutOut *out, gsize row)
{
  const Options *options = self->options;
  g_autofree CountsEntry *sorted = NULL;
  gint64 next = 0;

  if (counts->n == 0)
    return;
  sorted = counts_sorted (counts);
  fanout_list_begin (out, row, 0);
  for (guint32 i = 0; i < counts->n || next <= (gint64) options->n_bounds;)
    if (!options->is_mirrored && next <= (gint64) options->n_bounds
        && (i == counts->n || next < sorted[i].mantissa))
      {
        const CountsEntry none = { .mantissa = next++ };

        write_entry (options, &none, out);
      }
    else if (i < counts->n)
      {
        next = sorted[i].mantissa + 1;
        write_entry (options, &sorted[i++], out);
      }
    else
      break;
  fanout_list_end (out);
}

FANOUT_UPDATE_ROW (update, Counts, step)
FANOUT_COMBINE (combine, Counts, merge)
FANOUT_CLEAR (clear, Counts, clear_one)
FANOUT_FINISH (finish, Counts, result)

static void
encode (FanoutAggregate *self, gconstpointer counts, FanoutWriter *bytes)
{
  (void) self;
  counts_write (counts, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer counts_, const guint8 *bytes, gsize length)
{
  const Options *options = self->options;
  FanoutReader in = fanout_reader (bytes, length);
  Counts *counts = counts_;

  if (!counts_read (counts, &in, self->memory) || fanout_reader_left (&in) != 0 || counts->has_nan)
    return FALSE;
  for (gsize i = 0; i < counts_n_places (counts); i++)
    {
      const CountsEntry entry = counts_place (counts, i);
      const gint64 last = (gint64) options->n_bounds + options->is_mirrored;

      if (entry.count_scale != 0
          && (counts_key (&entry).scale != 0
              || (entry.mantissa != BIN_NAN
                  && (entry.mantissa > last
                      || entry.mantissa < (options->is_mirrored ? -last : 0)))))
        return FALSE;
    }
  return TRUE;
}

/* Bounds. */

/* What a double prints as: the bound that is shown is the one that counts. */
static FanoutNumber
as_printed (double real, FanoutWide *room)
{
  FanoutNumber number = fanout_number_double (real);
  char text[FANOUT_NUMBER_TEXT_MAX];
  const gsize length = fanout_double_format (real, text);

  fanout_number_parse_wide (text, length, &number, room, NULL);
  return number;
}

static FanoutNumber
nearest (const FanoutRational *value, FanoutWide *room)
{
  FanoutNumber number;

  return fanout_rational_to_number (value, &number, room)
             ? number
             : as_printed (fanout_rational_to_double (value), room);
}

/* Bounds have found their places: let those that are wide have theirs. */
static void
settle_wides (Options *options)
{
  for (gsize i = 0; i < options->n_bounds; i++)
    if (fanout_number_is_wide (options->bounds[i]))
      options->bounds[i].wide = &options->wides[i];
}

/* All powers that are doubles above 0. */
static void
make_powers (Options *options)
{
  g_autoptr (FanoutRational) base = fanout_rational_new ((gint64) options->base, 1);
  g_autoptr (GArray) bounds = g_array_new (FALSE, FALSE, sizeof (FanoutNumber));
  g_autoptr (GArray) wides = g_array_new (FALSE, FALSE, sizeof (FanoutWide));
  gint exponent = -1;

  options->is_mirrored = TRUE;
  for (gboolean is_down = TRUE;; exponent += is_down ? -1 : 1)
    {
      g_autoptr (FanoutRational) power = fanout_rational_power (base, exponent);
      FanoutWide room = { 0, 0 };
      const FanoutNumber bound = nearest (power, &room);
      const double real = fanout_number_to_double (bound);

      if (!is_down && isinf (real))
        break;
      if (is_down && real == 0)
        is_down = FALSE;
      else if (!is_down)
        {
          g_array_append_val (bounds, bound);
          g_array_append_val (wides, room);
        }
    }
  options->n_bounds = bounds->len;
  options->bounds = (FanoutNumber *) (gpointer) g_array_free (g_steal_pointer (&bounds), FALSE);
  options->wides = (FanoutWide *) (gpointer) g_array_free (g_steal_pointer (&wides), FALSE);
  settle_wides (options);
}

static void
make_equal_bins (Options *options)
{
  g_autoptr (FanoutRational) min = fanout_rational_new_number (options->min);
  g_autoptr (FanoutRational) max = fanout_rational_new_number (options->max);
  g_autoptr (FanoutRational) width = fanout_rational_subtract (max, min);

  for (guint64 i = 0; i <= options->bins; i++)
    {
      g_autoptr (FanoutRational) part
          = fanout_rational_scale (width, (gint64) i, (gint64) options->bins);
      g_autoptr (FanoutRational) bound = fanout_rational_add (min, part);

      options->bounds[i] = nearest (bound, &options->wides[i]);
    }
}

static void
make_logarithmic_bins (Options *options)
{
  FanoutLogarithm min = 0;
  FanoutLogarithm max = 0;

  fanout_log2 (options->min, &min);
  fanout_log2 (options->max, &max);
  for (guint64 i = 1; i < options->bins; i++)
    options->bounds[i] = as_printed (
        fanout_exp2 (min + (max - min) * (FanoutLogarithm) i / (FanoutLogarithm) options->bins),
        &options->wides[i]);
  options->bounds[0] = options->min;
  options->bounds[options->bins] = options->max;
}

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, message);
  return FALSE;
}

static gboolean
check (const Options *options, GError **error)
{
  const FanoutNumber zero = fanout_number_decimal (0, 0);
  const FanoutNumber one = fanout_number_decimal (1, 0);

  if (options->edges.n > 0 && options->bins > 0)
    return fail (error, "edges: `bins` are there too; only one of both can be");
  if (options->bins == 0
      && (fanout_number_compare (options->min, zero) != 0
          || fanout_number_compare (options->max, one) != 0))
    return fail (error, "min, max: they say nothing without `bins`");
  if (options->bins == 0 && options->edges.n > 0 && options->scale == SCALE_LOGARITHMIC)
    return fail (error, "scale: it says nothing about `edges`");
  if (options->bins == 0)
    return TRUE;
  if (fanout_number_compare (options->min, options->max) >= 0)
    return fail (error, "max: it has to be above `min`");
  if (options->scale == SCALE_LOGARITHMIC && fanout_number_compare (options->min, zero) <= 0)
    return fail (error, "min: it has to be above 0 for logarithmic bins");
  return TRUE;
}

static gboolean
prepare (gpointer options_, GError **error)
{
  Options *options = options_;

  if (!check (options, error))
    return FALSE;
  if (options->edges.n == 0 && options->bins == 0)
    {
      make_powers (options);
      return TRUE;
    }
  options->n_bounds = options->bins > 0 ? (gsize) options->bins + 1 : options->edges.n;
  options->bounds = g_new0 (FanoutNumber, options->n_bounds);
  options->wides = g_new0 (FanoutWide, options->n_bounds);
  if (options->bins == 0)
    memcpy (options->bounds, options->edges.values, options->n_bounds * sizeof *options->bounds);
  else if (options->scale == SCALE_LINEAR)
    make_equal_bins (options);
  else
    make_logarithmic_bins (options);
  for (gsize i = 1; i < options->n_bounds; i++)
    if (fanout_number_compare (options->bounds[i - 1], options->bounds[i]) >= 0)
      {
        g_clear_pointer (&options->bounds, g_free);
        g_clear_pointer (&options->wides, g_free);
        return fail (error, options->bins > 0 ? "bins: more than there are numbers between them"
                                              : "edges: they have to ascend");
      }
  return TRUE;
}

static void
release (gpointer options)
{
  g_clear_pointer (&((Options *) options)->bounds, g_free);
  g_clear_pointer (&((Options *) options)->wides, g_free);
}

static const char *const scale_choices[] = { "linear", "logarithmic", NULL };
static const char *const closed_choices[] = { "left", "right", NULL };

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  { .key = "edges",
    .type = FANOUT_OPTION_NUMBERS,
    .offset = G_STRUCT_OFFSET (Options, edges),
    .takes = FANOUT_TAKES_WIDE,
    .example = "0, 10, 20, 50",
    .help = "the bounds of the bins, ascending" },
  { .key = "bins",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, bins),
    .min = "1",
    .max = "10000",
    .example = "20",
    .help = "how many bins between `min` and `max`" },
  { .key = "min",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Options, min),
    .takes = FANOUT_TAKES_WIDE,
    .value = "0",
    .help = "where the first of `bins` begins" },
  { .key = "max",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Options, max),
    .takes = FANOUT_TAKES_WIDE,
    .value = "1",
    .help = "where the last of `bins` ends" },
  { .key = "scale",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, scale),
    .value = "linear",
    .choices = scale_choices,
    .help = "whether `bins` have equal widths or equal ratios of their bounds" },
  { .key = "closed",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, closed),
    .value = "left",
    .choices = closed_choices,
    .help = "which of its bounds belongs to a bin: from <= x < to, or from < x <= to" },
  { .key = "base",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, base),
    .value = "10",
    .min = "2",
    .max = "1000000",
    .help = "without `edges` and `bins`: its powers are the bounds" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator histogram = {
  FANOUT_OPERATOR ("histogram", 3),
  .summary = "how many values fall into each of several bins",
  .details = "A list [[from, to, count], ...]. A bin has from <= x < to, the last one also its "
             "upper bound, as in NumPy; with `closed = right` it has from < x <= to, the first "
             "one also its lower bound, as in R's hist (SQL's width_bucket is the former without "
             "the last bound). The first item is what lies below the first bound and the last "
             "item what lies above the last, with null for the bound that is not there; NaN, if "
             "there is any, follows as [nan, nan, count]. Without `edges` and `bins` the bounds "
             "are the powers of `base`, mirrored for negative numbers, [0, 0, count] is what is "
             "zero, and only bins with values are listed. A bound that is no decimal of 38 "
             "digits is the nearest double, as it is printed, and that is what values are "
             "compared with.",
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .release = release,
  FANOUT_MERGEABLE (Counts, clear),
};

FANOUT_OPERATORS (&histogram);
