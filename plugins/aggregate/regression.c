/* The straight line that fits best: simple linear regression. */

#include "formula.h"

typedef struct
{
  gint column;
  gint with;
  gboolean origin;
} Options;

FANOUT_STATE_OF_PAIRS (FanoutPairs, fanout_pairs)

static FanoutRational *
sum_of (const FanoutPairs *pairs, FanoutPairsSum which)
{
  return fanout_pairs_rational (pairs, which);
}

/* n sum(x y) - sum(x) sum(y) = n sum((x - mean(x)) (y - mean(y))) */
static FanoutRational *
spread (const FanoutPairs *pairs, FanoutPairsSum x, FanoutPairsSum y, FanoutPairsSum xy)
{
  g_autoptr (FanoutRational) n = sum_of (pairs, FANOUT_PAIRS_N);
  g_autoptr (FanoutRational) sum_x = sum_of (pairs, x);
  g_autoptr (FanoutRational) sum_y = sum_of (pairs, y);
  g_autoptr (FanoutRational) sum_xy = sum_of (pairs, xy);

  return fanout_rational_cross (n, sum_xy, sum_x, sum_y);
}

/* r2 = xy^2 / (xx yy) */
static void
write_r2 (FanoutOut *out, gsize row, guint column, const FanoutRational *xx,
          const FanoutRational *xy, const FanoutRational *yy)
{
  g_autoptr (FanoutRational) square = fanout_rational_multiply (xy, xy);
  g_autoptr (FanoutRational) by = fanout_rational_multiply (xx, yy);

  formula_write_quotient (out, row, column, square, by);
}

/*
 * y = intercept + slope x, with xx, xy, yy that are n times the sums of squares and products about
 * the means, and rest = xx yy - xy^2, which is xx n times the sum of the squared residuals.
 */
static void
write_line (FanoutOut *out, gsize row, const FanoutPairs *pairs)
{
  g_autoptr (FanoutRational) xx = spread (pairs, FANOUT_PAIRS_X, FANOUT_PAIRS_X, FANOUT_PAIRS_XX);
  g_autoptr (FanoutRational) xy = spread (pairs, FANOUT_PAIRS_X, FANOUT_PAIRS_Y, FANOUT_PAIRS_XY);
  g_autoptr (FanoutRational) yy = spread (pairs, FANOUT_PAIRS_Y, FANOUT_PAIRS_Y, FANOUT_PAIRS_YY);
  g_autoptr (FanoutRational) sum_x = sum_of (pairs, FANOUT_PAIRS_X);
  g_autoptr (FanoutRational) sum_y = sum_of (pairs, FANOUT_PAIRS_Y);
  g_autoptr (FanoutRational) sum_xx = sum_of (pairs, FANOUT_PAIRS_XX);
  g_autoptr (FanoutRational) sum_xy = sum_of (pairs, FANOUT_PAIRS_XY);
  g_autoptr (FanoutRational) height = fanout_rational_cross (sum_xx, sum_y, sum_x, sum_xy);
  g_autoptr (FanoutRational) rest = fanout_rational_cross (xx, yy, xy, xy);
  g_autoptr (FanoutRational) n = sum_of (pairs, FANOUT_PAIRS_N);

  if (pairs->n < 2 || !formula_divides (xx))
    return;
  formula_write_quotient (out, row, 0, xy, xx);
  formula_write_quotient (out, row, 1, height, xx);
  write_r2 (out, row, 2, xx, xy, yy);
  if (pairs->n > 2)
    {
      /* The variance of the residuals is rest / (xx n (n - 2)). */
      g_autoptr (FanoutRational) by = formula_scale (xx, pairs->n - 2, 1);
      g_autoptr (FanoutRational) by_n = fanout_rational_multiply (by, n);
      g_autoptr (FanoutRational) by_xx = fanout_rational_multiply (by, xx);
      g_autoptr (FanoutRational) by_n_xx = fanout_rational_multiply (by_n, xx);
      g_autoptr (FanoutRational) rest_xx = fanout_rational_multiply (rest, sum_xx);

      formula_write_root (out, row, 3, rest, by_xx);
      formula_write_root (out, row, 4, rest_xx, by_n_xx);
      formula_write_root (out, row, 5, rest, by_n);
    }
}

/* The same with sums about 0: y = slope x. */
static void
write_line_through_origin (FanoutOut *out, gsize row, const FanoutPairs *pairs)
{
  g_autoptr (FanoutRational) xx = sum_of (pairs, FANOUT_PAIRS_XX);
  g_autoptr (FanoutRational) xy = sum_of (pairs, FANOUT_PAIRS_XY);
  g_autoptr (FanoutRational) yy = sum_of (pairs, FANOUT_PAIRS_YY);
  g_autoptr (FanoutRational) rest = fanout_rational_cross (xx, yy, xy, xy);

  if (!formula_divides (xx))
    return;
  formula_write_quotient (out, row, 0, xy, xx);
  write_r2 (out, row, 1, xx, xy, yy);
  if (pairs->n > 1)
    {
      g_autoptr (FanoutRational) by = formula_scale (xx, pairs->n - 1, 1);
      g_autoptr (FanoutRational) by_xx = fanout_rational_multiply (by, xx);

      formula_write_root (out, row, 2, rest, by_xx);
      formula_write_root (out, row, 3, rest, by);
    }
}

static gboolean
through_origin (gconstpointer options)
{
  return ((const Options *) options)->origin;
}

static inline void
result (FanoutAggregate *self, const FanoutPairs *pairs, FanoutOut *out, gsize row)
{
  if (through_origin (self->options))
    {
      write_line_through_origin (out, row, pairs);
      fanout_out_count (out, row, 4, pairs->n);
    }
  else
    {
      write_line (out, row, pairs);
      fanout_out_count (out, row, 6, pairs->n);
    }
}

FANOUT_FINISH (finish, FanoutPairs, result)

/* In the order in which the results are written. */
static void
columns (gconstpointer options, FanoutColumnNames *names)
{
  static const char *const line[]
      = { "slope",           "intercept", "r2", "slope_stderr", "intercept_stderr",
          "residual_stddev", "n",         NULL };
  static const char *const line_through_origin[]
      = { "slope", "r2", "slope_stderr", "residual_stddev", "n", NULL };
  const char *const *suffix = through_origin (options) ? line_through_origin : line;

  for (; *suffix != NULL; suffix++)
    fanout_columns_add (names, *suffix);
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE,
                        "the column x, by which the other is explained"),
  FANOUT_COLUMN_OPTION (Options, with, FANOUT_TAKES_WIDE, "the column y, which is explained"),
  { .key = "origin",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, origin),
    .value = "false",
    .help = "a line through the origin: y = slope x, without intercept" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator regression = {
  FANOUT_OPERATOR ("regression", 2),
  .summary = "the straight line that fits two columns best",
  .details = "y = intercept + slope x with the least sum of squared residuals (x is `column`, y "
             "is `with`), as R's lm(y ~ x); Draper and Smith, \"Applied Regression Analysis\" "
             "(1998), chapter 1. slope = sum((x - mean(x)) (y - mean(y))) / sum((x - mean(x))^2) "
             "and intercept = mean(y) - slope mean(x). residual_stddev = sqrt(sum((y - intercept "
             "- slope x)^2) / (n - 2)); slope_stderr is that over sqrt(sum((x - mean(x))^2)), "
             "intercept_stderr is slope_stderr times sqrt(sum(x^2) / n); r2 is the square of the "
             "correlation; n counts the pairs. With `origin = true`, as R's lm(y ~ x - 1), the "
             "sums are about 0 and not about the means, the divisor is n - 1, there is no "
             "intercept, and r2 = 1 - sum((y - slope x)^2) / sum(y^2). Null: everything but n "
             "where x is constant (is 0), the errors where there is nothing to estimate them "
             "from, r2 where y is constant (is 0). Rows with a null in either column are passed "
             "over. Computed from the exact sums of x, y, x^2, x y and y^2.",
  .promise = "exact, each rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .columns = columns,
  FANOUT_MERGEABLE (FanoutPairs, clear),
};

FANOUT_OPERATORS (&regression);
