/* The shape of a distribution: skewness, kurtosis, and how far both are from a normal one's. */

#include "formula.h"

#include <fanout/logarithm.h>
#include <math.h>

typedef struct
{
  gint column;
  gboolean population;
  gboolean adjust;
  gboolean excess;
} Options;

FANOUT_STATE_OF_NUMBERS (FanoutMoments4, fanout_moments4)

/* n^2, n^3 and n^4 times the central moments m2, m3 and m4. */
typedef struct
{
  FanoutRational *second;
  FanoutRational *third;
  FanoutRational *fourth;
} Central;

static void
central_clear (Central *central)
{
  fanout_rational_free (central->second);
  fanout_rational_free (central->third);
  fanout_rational_free (central->fourth);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Central, central_clear)

/*
 * With s1 ... s4 the sums of the powers and dk = n s(k + 1) - s1 sk: second = d1, third = n d2 - 2
 * s1 d1, fourth = n (n d3 - 3 s1 d2) + 3 s1^2 d1.
 */
static void
central_init (Central *central, const FanoutMoments4 *moments)
{
  g_autoptr (FanoutRational) n = fanout_moments4_rational (moments, 0);
  g_autoptr (FanoutRational) s1 = fanout_moments4_rational (moments, 1);
  g_autoptr (FanoutRational) s2 = fanout_moments4_rational (moments, 2);
  g_autoptr (FanoutRational) s3 = fanout_moments4_rational (moments, 3);
  g_autoptr (FanoutRational) s4 = fanout_moments4_rational (moments, 4);
  g_autoptr (FanoutRational) d2 = fanout_rational_cross (n, s3, s1, s2);
  g_autoptr (FanoutRational) d3 = fanout_rational_cross (n, s4, s1, s3);
  g_autoptr (FanoutRational) minus_s1 = fanout_rational_scale (s1, -1, 1);
  g_autoptr (FanoutRational) two_s1 = fanout_rational_scale (s1, 2, 1);
  g_autoptr (FanoutRational) three_s1 = fanout_rational_scale (s1, 3, 1);
  g_autoptr (FanoutRational) inner = fanout_rational_cross (n, d3, three_s1, d2);
  FanoutRational *d1 = fanout_rational_cross (n, s2, s1, s1);
  g_autoptr (FanoutRational) three_s1_d1 = fanout_rational_multiply (three_s1, d1);

  central->second = d1;
  central->third = fanout_rational_cross (n, d2, two_s1, d1);
  central->fourth = fanout_rational_cross (n, inner, minus_s1, three_s1_d1);
}

static const Options *
options_of (const FanoutAggregate *self)
{
  return (const Options *) self->options;
}

/* value ((n - 1) / n)^power, where m2 becomes the variance of a sample. */
static FanoutRational *
scale_to_sample (const FanoutRational *value, guint64 n, gint power)
{
  g_autoptr (FanoutRational) one = fanout_rational_new (1, 1);
  g_autoptr (FanoutRational) factor = formula_scale (one, n - 1, n);
  g_autoptr (FanoutRational) raised = fanout_rational_power (factor, power);

  return fanout_rational_multiply (value, raised);
}

/* The square of the skewness, from that of g1 = m3 / m2^(3/2). */
static FanoutRational *
skewness_square (const Options *options, FanoutRational *g1_square, guint64 n)
{
  g_autoptr (FanoutRational) square = g1_square;
  g_autoptr (FanoutRational) part = NULL;

  if (options->population)
    return g_steal_pointer (&square);
  if (!options->adjust)
    return scale_to_sample (square, n, 3);
  /* G1 = g1 sqrt (n (n - 1)) / (n - 2) */
  part = formula_scale (square, n, n - 2);
  return formula_scale (part, n - 1, n - 2);
}

static inline void
skewness_result (FanoutAggregate *self, const FanoutMoments4 *moments, FanoutOut *out, gsize row)
{
  const Options *options = options_of (self);
  g_auto (Central) central = { 0 };

  central_init (&central, moments);
  if (moments->n >= (options->population ? 2 : 3) && formula_divides (central.second))
    {
      g_autoptr (FanoutRational) cube = fanout_rational_power (central.second, 3);
      g_autoptr (FanoutRational) above = fanout_rational_multiply (central.third, central.third);
      g_autoptr (FanoutRational) square
          = skewness_square (options, fanout_rational_divide (above, cube), moments->n);
      g_autoptr (FanoutRational) one = fanout_rational_new (1, 1);

      formula_write_signed_root (out, row, 0, central.third, square, one);
    }
}

/* b2 = m4 / m2^2 */
static FanoutRational *
kurtosis_of (const Central *central)
{
  g_autoptr (FanoutRational) square = fanout_rational_multiply (central->second, central->second);

  return fanout_rational_divide (central->fourth, square);
}

static FanoutRational *
add_integer (const FanoutRational *value, gint64 integer)
{
  g_autoptr (FanoutRational) addend = fanout_rational_new (integer, 1);

  return fanout_rational_add (value, addend);
}

/* The excess, from b2. */
static FanoutRational *
kurtosis_excess (const Options *options, FanoutRational *b2_, guint64 n)
{
  g_autoptr (FanoutRational) b2 = b2_;
  g_autoptr (FanoutRational) g2 = add_integer (b2, -3);
  g_autoptr (FanoutRational) part = NULL;
  g_autoptr (FanoutRational) six = NULL;
  g_autoptr (FanoutRational) rest = NULL;
  g_autoptr (FanoutRational) sum = NULL;

  if (options->population)
    return g_steal_pointer (&g2);
  if (!options->adjust)
    {
      part = scale_to_sample (b2, n, 2);
      return add_integer (part, -3);
    }
  /* G2 = (n - 1) / ((n - 2) (n - 3)) ((n + 1) g2 + 6) */
  part = formula_scale (g2, n + 1, n - 2);
  six = fanout_rational_new (6, 1);
  rest = formula_scale (six, 1, n - 2);
  sum = fanout_rational_add (part, rest);
  return formula_scale (sum, n - 1, n - 3);
}

static inline void
kurtosis_result (FanoutAggregate *self, const FanoutMoments4 *moments, FanoutOut *out, gsize row)
{
  const Options *options = options_of (self);
  g_auto (Central) central = { 0 };

  central_init (&central, moments);
  if (moments->n >= (options->population ? 2 : 4) && formula_divides (central.second))
    {
      g_autoptr (FanoutRational) excess
          = kurtosis_excess (options, kurtosis_of (&central), moments->n);
      g_autoptr (FanoutRational) kurtosis = add_integer (excess, options->excess ? 0 : 3);

      fanout_out_double (out, row, 0, fanout_rational_to_double (kurtosis));
    }
}

/* n / 6 (g1^2 + (b2 - 3)^2 / 4) */
static FanoutRational *
jarque_bera_statistic (const Central *central, guint64 n)
{
  g_autoptr (FanoutRational) cube = fanout_rational_power (central->second, 3);
  g_autoptr (FanoutRational) above = fanout_rational_multiply (central->third, central->third);
  g_autoptr (FanoutRational) skewness = fanout_rational_divide (above, cube);
  g_autoptr (FanoutRational) b2 = kurtosis_of (central);
  g_autoptr (FanoutRational) g2 = add_integer (b2, -3);
  g_autoptr (FanoutRational) square = fanout_rational_multiply (g2, g2);
  g_autoptr (FanoutRational) kurtosis = fanout_rational_scale (square, 1, 4);
  g_autoptr (FanoutRational) sum = fanout_rational_add (skewness, kurtosis);

  return formula_scale (sum, n, 6);
}

/* exp (-x / 2), which is what the chi-squared distribution with two degrees of freedom has above x.
 */
static double
chi_squared_above (const FanoutRational *x)
{
  /* 1 / (2 ln 2), off by less than 2^-127 of it */
  g_autoptr (FanoutRational) halvings = fanout_rational_scale (
      x, G_GINT64_CONSTANT (4403748962482230453), G_GINT64_CONSTANT (6104892354476684828));
  const double high = fanout_rational_to_double (halvings);
  g_autoptr (FanoutRational) rounded = fanout_rational_new_double (high);
  g_autoptr (FanoutRational) rest = fanout_rational_subtract (halvings, rounded);
  const double low = fanout_rational_to_double (rest);

  /* Less than 0 it is only in a damaged state. */
  if (!(high >= 0))
    return NAN;
  /* Less than half of the smallest double. */
  if (high > 1100)
    return 0;
  return fanout_exp2 (-(FanoutLogarithm) ldexp (high, FANOUT_LOG2_BITS)
                      - (FanoutLogarithm) ldexp (low, FANOUT_LOG2_BITS));
}

static inline void
jarque_bera_result (FanoutAggregate *self, const FanoutMoments4 *moments, FanoutOut *out, gsize row)
{
  g_auto (Central) central = { 0 };

  (void) self;
  central_init (&central, moments);
  if (moments->n >= 2 && formula_divides (central.second))
    {
      g_autoptr (FanoutRational) statistic = jarque_bera_statistic (&central, moments->n);

      fanout_out_double (out, row, 0, fanout_rational_to_double (statistic));
      fanout_out_double (out, row, 1, chi_squared_above (statistic));
    }
}

static void
jarque_bera_columns (gconstpointer options, FanoutColumnNames *names)
{
  (void) options;
  fanout_columns_add (names, "statistic");
  fanout_columns_add (names, "p");
}

FANOUT_FINISH (skewness_finish, FanoutMoments4, skewness_result)
FANOUT_FINISH (kurtosis_finish, FanoutMoments4, kurtosis_result)
FANOUT_FINISH (jarque_bera_finish, FanoutMoments4, jarque_bera_result)

#define COLUMN                                                                                     \
  {                                                                                                \
    .key = "column", .type = FANOUT_OPTION_COLUMN, .flags = FANOUT_OPTION_REQUIRED,                \
    .offset = G_STRUCT_OFFSET (Options, column), .takes = FANOUT_TAKES_WIDE,                       \
    .help = "the column with the numbers"                                                          \
  }
#define POPULATION                                                                                 \
  {                                                                                                \
    .key = "population", .type = FANOUT_OPTION_BOOLEAN,                                            \
    .offset = G_STRUCT_OFFSET (Options, population), .value = "false",                             \
    .help = "the quotient of the moments itself: the rows are all there are, not a sample"         \
  }
#define ADJUST                                                                                     \
  {                                                                                                \
    .key = "adjust", .type = FANOUT_OPTION_BOOLEAN, .offset = G_STRUCT_OFFSET (Options, adjust),   \
    .value = "true",                                                                               \
    .help = "of a sample: make up for its bias; false: only take its standard deviation"           \
  }

static const FanoutOption skewness_options[] = { COLUMN, POPULATION, ADJUST, { 0 } };

static const FanoutOption kurtosis_options[] = {
  COLUMN,
  POPULATION,
  ADJUST,
  { .key = "excess",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, excess),
    .value = "true",
    .help = "what is more than the 3 of a normal distribution; false: all of it" },
  FANOUT_OPTIONS_END,
};

static const FanoutOption jarque_bera_options[] = { COLUMN, { 0 } };

static const FanoutOperator skewness = {
  FANOUT_OPERATOR ("skewness", 2),
  .summary = "the skewness",
  .details = "With mk = sum((x - mean)^k) / n and g1 = m3 / m2^(3/2): of a sample G1 = g1 sqrt(n "
             "(n - 1)) / (n - 2), as Excel, SAS, SPSS, DuckDB and datamash's sskew have it; with "
             "`adjust = false` b1 = m3 / s^3 = g1 ((n - 1) / n)^(3/2), as R's e1071, Minitab and "
             "Miller; with "
             "`population = true` g1 itself, as SciPy and datamash's pskew. These are types 2, 3 "
             "and 1 of Joanes and Gill (1998). Null below 3 values (population: 2) and where all "
             "are equal. Computed from the exact sums of x, x^2 and x^3.",
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, skewness_options),
  FANOUT_MERGEABLE_TO (FanoutMoments4, clear, skewness_finish),
};

static const FanoutOperator kurtosis = {
  FANOUT_OPERATOR ("kurtosis", 2),
  .summary = "the excess kurtosis",
  .details
  = "With mk = sum((x - mean)^k) / n and g2 = m4 / m2^2 - 3: of a sample G2 = (n - 1) / "
    "((n - 2) (n - 3)) ((n + 1) g2 + 6), as Excel, SAS, SPSS, DuckDB and datamash's "
    "skurt have it; with `adjust = false` b2 = m4 / s^4 - 3 = (g2 + 3) ((n - 1) / n)^2 "
    "- 3, as R's e1071 and Minitab; with `population = true` g2 itself, as SciPy, Miller and "
    "datamash's pkurt. These are types 2, 3 and 1 of Joanes and Gill (1998). `excess = false` adds "
    "3, and makes g2 the kurtosis of R's moments. Null below 4 values (population: 2) and where "
    "all are "
    "equal. Computed from the exact sums of x to x^4.",
  .promise = "exact, rounded once",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, kurtosis_options),
  FANOUT_MERGEABLE_TO (FanoutMoments4, clear, kurtosis_finish),
};

static const FanoutOperator jarque_bera = {
  FANOUT_OPERATOR ("jarque-bera", 2),
  .summary = "the test of Jarque and Bera for a normal distribution",
  .details
  = "NAME_statistic = n / 6 (g1^2 + g2^2 / 4) with g1 = m3 / m2^(3/2), g2 = m4 / m2^2 - "
    "3 and mk = sum((x - mean)^k) / n (Jarque and Bera 1980), and NAME_p = "
    "exp(-statistic / 2), the probability of as much or more under a normal "
    "distribution, by the chi-squared distribution with two degrees of freedom. That "
    "holds for large n; R's tseries, SciPy and datamash's jarque, which gives p alone, "
    "have the same. Null below 2 values and where all are equal. Computed from the exact sums of x "
    "to x^4.",
  .promise = "the statistic exact, rounded once; p within 0.50001 units in the last place",
  .memory = FORMULA_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, jarque_bera_options),
  .columns = jarque_bera_columns,
  FANOUT_MERGEABLE_TO (FanoutMoments4, clear, jarque_bera_finish),
};

FANOUT_OPERATORS (&skewness, &kurtosis, &jarque_bera);
