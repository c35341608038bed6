/* Rationals, and the means and variances that are rounded once. */

#include "tests/support/suite.h"
#include "tests/support/numbers.h"
#include <check.h>
#include <fanout/exact.h>
#include <fanout/rational.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST (doubles_come_back)
{
  guint64 random = 1;

  for (guint i = 0; i < rounds (20000); i++)
    {
      const double real = double_of (next_random (&random));
      g_autoptr (FanoutRational) value = fanout_rational_new_double (real);

      if (isnan (real))
        ck_assert (isnan (fanout_rational_to_double (value)));
      else
        ck_assert_uint_eq (bits_of (fanout_rational_to_double (value)), bits_of (real));
    }
}
END_TEST

/* low + (high - low) numerator / denominator as a double, for neighbours low and high. */
static double
between (double low, gint64 numerator, gint64 denominator)
{
  g_autoptr (FanoutRational) a = fanout_rational_new_double (low);
  g_autoptr (FanoutRational) b = fanout_rational_new_double (nextafter (low, INFINITY));
  g_autoptr (FanoutRational) step = fanout_rational_subtract (b, a);
  g_autoptr (FanoutRational) part = fanout_rational_scale (step, numerator, denominator);
  g_autoptr (FanoutRational) sum = fanout_rational_add (a, part);

  return fanout_rational_to_double (sum);
}

START_TEST (rounds_to_nearest)
{
  guint64 random = 2;

  for (guint i = 0; i < rounds (5000); i++)
    {
      const guint64 range = i % 3 == 0 ? 0x0020000000000000 : 0x7fefffffffffffff;
      const guint64 bits = next_random (&random) % range;
      const double low = double_of (bits);
      const double high = double_of (bits + 1);

      ck_assert (between (low, 1, 3) == low);
      ck_assert (between (low, 2, 3) == high);
      ck_assert (between (low, 1, 2) == ((bits & 1) != 0 ? high : low));
      ck_assert (between (low, G_MAXINT64 / 2, G_MAXINT64) == low);
      ck_assert (between (low, G_MAXINT64 / 2 + 1, G_MAXINT64) == high);
    }
  ck_assert (between (0, 1, 2) == 0);
  ck_assert (between (0, 1, 2) == 0 && between (0, 3, 5) == DBL_TRUE_MIN);
  {
    /* Half a unit beyond the largest. */
    g_autoptr (FanoutRational) most = fanout_rational_new_double (DBL_MAX);
    g_autoptr (FanoutRational) half = fanout_rational_new_double (ldexp (1, 970));
    g_autoptr (FanoutRational) least = fanout_rational_new_double (DBL_TRUE_MIN);
    g_autoptr (FanoutRational) tie = fanout_rational_add (most, half);
    g_autoptr (FanoutRational) below = fanout_rational_subtract (tie, least);

    ck_assert (fanout_rational_to_double (tie) == INFINITY);
    ck_assert (fanout_rational_to_double (below) == DBL_MAX);
  }
}
END_TEST

START_TEST (arithmetic)
{
  g_autoptr (FanoutRational) third = fanout_rational_new (1, 3);
  g_autoptr (FanoutRational) half = fanout_rational_new (-1, -2);
  g_autoptr (FanoutRational) sum = fanout_rational_add (third, half);
  g_autoptr (FanoutRational) difference = fanout_rational_subtract (third, half);
  g_autoptr (FanoutRational) product = fanout_rational_multiply (third, half);
  g_autoptr (FanoutRational) quotient = fanout_rational_divide (third, difference);
  g_autoptr (FanoutRational) five_sixths = fanout_rational_new (5, 6);
  g_autoptr (FanoutRational) minus_two = fanout_rational_new (2, -1);
  g_autoptr (FanoutRational) sixth = fanout_rational_scale (half, 2, 6);
  g_autoptr (FanoutRational) cross = fanout_rational_cross (half, half, third, third);
  g_autoptr (FanoutRational) expected_cross = fanout_rational_new (5, 36);
  g_autoptr (FanoutRational) eighth = fanout_rational_power (minus_two, -3);
  g_autoptr (FanoutRational) one = fanout_rational_power (difference, 0);
  g_autoptr (FanoutRational) lowest = fanout_rational_new (G_MININT64, 1);

  ck_assert_int_eq (fanout_rational_compare (sum, five_sixths), 0);
  ck_assert_int_eq (fanout_rational_compare (product, sixth), 0);
  ck_assert_int_eq (fanout_rational_compare (quotient, minus_two), 0);
  ck_assert_int_eq (fanout_rational_compare (cross, expected_cross), 0);
  ck_assert_int_eq (fanout_rational_sign (difference), -1);
  ck_assert_int_eq (fanout_rational_sign (sum), 1);
  ck_assert_int_eq (fanout_rational_compare (third, half), -1);
  ck_assert_int_eq (fanout_rational_compare (third, difference), 1);
  ck_assert (fanout_rational_to_double (third) == 1.0 / 3);
  ck_assert (fanout_rational_to_double (eighth) == -0.125);
  ck_assert (fanout_rational_to_double (one) == 1);
  ck_assert (fanout_rational_to_double (lowest) == -9223372036854775808.0);
}
END_TEST

START_TEST (values_that_are_not_finite)
{
  const double values[] = { NAN, INFINITY, -INFINITY, 0, 1, -2.5 };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (values); k++)
      {
        const double x = values[i];
        const double y = values[k];
        g_autoptr (FanoutRational) a = fanout_rational_new_double (x);
        g_autoptr (FanoutRational) b = fanout_rational_new_double (y);
        g_autoptr (FanoutRational) sum = fanout_rational_add (a, b);
        g_autoptr (FanoutRational) difference = fanout_rational_subtract (a, b);
        g_autoptr (FanoutRational) product = fanout_rational_multiply (a, b);
        g_autoptr (FanoutRational) quotient = fanout_rational_divide (a, b);
        const double expected[] = { x + y, x - y, x * y, y == 0 ? (double) NAN : x / y };
        const double results[]
            = { fanout_rational_to_double (sum), fanout_rational_to_double (difference),
                fanout_rational_to_double (product), fanout_rational_to_double (quotient) };
        FanoutDecimal decimal;

        for (guint m = 0; m < G_N_ELEMENTS (results); m++)
          ck_assert_msg (results[m] == expected[m] || (isnan (results[m]) && isnan (expected[m])),
                         "%g, %g", x, y);
        ck_assert_int_eq (fanout_rational_compare (a, b), isnan (x) || isnan (y)
                                                              ? (isnan (x) != 0) - (isnan (y) != 0)
                                                              : (x > y) - (x < y));
        ck_assert_int_eq (fanout_rational_is_finite (a), isfinite (x) != 0);
        ck_assert (isfinite (x) || !fanout_rational_to_decimal (a, &decimal));
      }
}
END_TEST

START_TEST (square_roots)
{
  guint64 random = 3;

  for (guint i = 0; i < rounds (5000); i++)
    {
      const double x = double_of (next_random (&random) % 0x7ff0000000000000);
      g_autoptr (FanoutRational) value = fanout_rational_new_double (x);
      g_autoptr (FanoutRational) root = fanout_rational_new_double (sqrt (x));
      g_autoptr (FanoutRational) square = fanout_rational_multiply (root, root);
      g_autoptr (FanoutRational) least = fanout_rational_new_double (DBL_TRUE_MIN);
      g_autoptr (FanoutRational) more = fanout_rational_add (square, least);

      ck_assert_uint_eq (bits_of (fanout_rational_sqrt (value)), bits_of (sqrt (x)));
      ck_assert (fanout_rational_sqrt (square) == sqrt (x));
      ck_assert (fanout_rational_sqrt (more) >= sqrt (x));
    }
  {
    g_autoptr (FanoutRational) zero = fanout_rational_new (0, 5);
    g_autoptr (FanoutRational) minus = fanout_rational_new (-4, 1);
    g_autoptr (FanoutRational) infinite = fanout_rational_new_double (INFINITY);
    g_autoptr (FanoutRational) ratio = fanout_rational_new (4, 9);
    g_autoptr (FanoutRational) unit = fanout_rational_new_double (DBL_EPSILON);
    g_autoptr (FanoutRational) one = fanout_rational_new (1, 1);
    /* (1 + u/2)^2, whose root is halfway between 1 and 1 + u, and a little more. */
    g_autoptr (FanoutRational) half_unit = fanout_rational_scale (unit, 1, 2);
    g_autoptr (FanoutRational) middle = fanout_rational_add (one, half_unit);
    g_autoptr (FanoutRational) tie = fanout_rational_multiply (middle, middle);
    g_autoptr (FanoutRational) tiny = fanout_rational_power (unit, 50);
    g_autoptr (FanoutRational) above = fanout_rational_add (tie, tiny);
    g_autoptr (FanoutRational) huge = fanout_rational_power (unit, -60);

    ck_assert (fanout_rational_sqrt (zero) == 0);
    ck_assert (isnan (fanout_rational_sqrt (minus)));
    ck_assert (fanout_rational_sqrt (infinite) == INFINITY);
    ck_assert (fanout_rational_sqrt (ratio) == 2.0 / 3);
    ck_assert (fanout_rational_sqrt (tie) == 1);
    ck_assert (fanout_rational_sqrt (above) == 1 + DBL_EPSILON);
    /* Beyond the doubles itself, its root as well. */
    ck_assert (fanout_rational_sqrt (huge) == INFINITY);
    ck_assert (fanout_rational_sqrt (tiny) == ldexp (1, -1300) || fanout_rational_sqrt (tiny) == 0);
  }
}
END_TEST

START_TEST (decimals)
{
  static const struct
  {
    gint64 numerator;
    gint64 denominator;
    const char *text; /* NULL: none */
  } cases[] = {
    { 1, 8, "0.125" },       { 3, 6, "0.5" },
    { 1, 3, NULL },          { 0, 7, "0" },
    { -7, 20, "-0.35" },     { 100, 1, "100" },
    { 1, 1000000007, NULL }, { G_MAXINT64, 1000000000000000000, "9.223372036854775807" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FanoutRational) value
          = fanout_rational_new (cases[i].numerator, cases[i].denominator);
      FanoutDecimal decimal;
      char text[FANOUT_DECIMAL_TEXT_MAX];

      ck_assert (fanout_rational_to_decimal (value, &decimal) == (cases[i].text != NULL));
      if (cases[i].text == NULL)
        continue;
      fanout_decimal_format (&decimal, text);
      ck_assert_str_eq (text, cases[i].text);
    }
  {
    g_autoptr (FanoutRational) tenth = fanout_rational_new (1, 10);
    g_autoptr (FanoutRational) least = fanout_rational_power (tenth, 72);
    g_autoptr (FanoutRational) too_small = fanout_rational_power (tenth, 73);
    g_autoptr (FanoutRational) two = fanout_rational_new (-2, 1);
    g_autoptr (FanoutRational) most = fanout_rational_power (two, 317);
    g_autoptr (FanoutRational) too_large = fanout_rational_power (two, 319);
    g_autoptr (FanoutRational) double_tenth = fanout_rational_new_double (0.1);
    FanoutDecimal decimal;

    ck_assert (fanout_rational_to_decimal (least, &decimal));
    ck_assert (fanout_decimal_get_double (&decimal) == 1e-72);
    ck_assert (!fanout_rational_to_decimal (too_small, &decimal));
    ck_assert (fanout_rational_to_decimal (most, &decimal));
    ck_assert (fanout_decimal_get_double (&decimal) == -ldexp (1, 317));
    ck_assert (!fanout_rational_to_decimal (too_large, &decimal));
    ck_assert (fanout_rational_to_decimal (double_tenth, &decimal));
    ck_assert_int_eq (decimal.scale, 55);
  }
}
END_TEST

/* Means and deviations against the rationals, on either side of where the fast way ends. */
static void
check_moments (const FanoutMoments *moments, guint64 less)
{
  g_autoptr (FanoutRational) n = fanout_moments_rational (moments, 0);
  g_autoptr (FanoutRational) x = fanout_moments_rational (moments, 1);
  g_autoptr (FanoutRational) xx = fanout_moments_rational (moments, 2);
  g_autoptr (FanoutRational) mean = fanout_rational_divide (x, n);
  g_autoptr (FanoutRational) product = fanout_rational_multiply (mean, x);
  g_autoptr (FanoutRational) spread = fanout_rational_subtract (xx, product);
  g_autoptr (FanoutRational) freedom = fanout_rational_new ((gint64) (moments->n - less), 1);
  g_autoptr (FanoutRational) variance = fanout_rational_divide (spread, freedom);

  ck_assert_uint_eq (bits_of (fanout_moments_mean (moments)),
                     bits_of (fanout_rational_to_double (mean)));
  ck_assert_uint_eq (bits_of (fanout_moments_variance (moments, less)),
                     bits_of (fanout_rational_to_double (variance)));
  ck_assert_uint_eq (bits_of (fanout_moments_deviation (moments, less)),
                     bits_of (fanout_rational_sqrt (variance)));
}

START_TEST (means_and_variances)
{
  guint64 random = 3;

  for (guint round = 0; round < rounds (20000); round++)
    {
      const guint n = 2 + (guint) (next_random (&random) % 30);
      const guint shift = 1 + (guint) (next_random (&random) % 63);
      const guint8 scale = (guint8) (next_random (&random) % 12);
      const gint64 base = (gint64) next_random (&random) >> next_random (&random) % 64;
      FanoutMoments moments = { 0 };
      FanoutSum sum = { 0 };

      for (guint i = 0; i < n; i++)
        {
          const gint64 m = (gint64) (next_random (&random) >> shift) / 2 + base / 2;

          fanout_moments_add (&moments, fanout_number_decimal (m, scale), NULL);
          fanout_sum_add_mantissa (&sum, m, scale, NULL);
        }
      check_moments (&moments, round % 2);
      ck_assert_uint_eq (bits_of (fanout_sum_mean (&sum, n)),
                         bits_of (fanout_moments_mean (&moments)));
      fanout_moments_clear (&moments, NULL);
      fanout_sum_clear (&sum, NULL);
    }
}
END_TEST

START_TEST (known_statistics)
{
  /* NumAcc1 to 4 of the NIST Statistical Reference Datasets. */
  static const struct
  {
    gint64 low;
    gint64 high;
    gint64 first;
    guint n_pairs;
    double mean;
    double deviation;
  } sets[] = {
    { 100000010, 100000030, 100000020, 1, 10000002, 1 },
    { 11, 13, 12, 500, 1.2, 0.1 },
    { 10000001, 10000003, 10000002, 500, 1000000.2, 0.1 },
    { 100000001, 100000003, 100000002, 500, 10000000.2, 0.1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      FanoutMoments moments = { 0 };

      fanout_moments_add (&moments, fanout_number_decimal (sets[i].first, 1), NULL);
      for (guint k = 0; k < sets[i].n_pairs; k++)
        {
          fanout_moments_add (&moments, fanout_number_decimal (sets[i].low, 1), NULL);
          fanout_moments_add (&moments, fanout_number_decimal (sets[i].high, 1), NULL);
        }
      ck_assert (fanout_moments_mean (&moments) == sets[i].mean);
      ck_assert (fanout_moments_deviation (&moments, 1) == sets[i].deviation);
    }
}
END_TEST

START_TEST (nothing_and_one)
{
  FanoutMoments moments = { 0 };
  FanoutSum sum = { 0 };
  FanoutDecimal decimal;
  double real;

  ck_assert_int_eq (fanout_sum_result (&sum, &decimal, &real), FANOUT_SUM_NONE);
  ck_assert (isnan (fanout_sum_mean (&sum, 0)));
  ck_assert (isnan (fanout_moments_mean (&moments)));
  ck_assert (isnan (fanout_moments_variance (&moments, 0)));
  fanout_moments_add (&moments, fanout_number_decimal (75, 1), NULL);
  ck_assert (fanout_moments_mean (&moments) == 7.5);
  ck_assert (isnan (fanout_moments_variance (&moments, 1)));
  ck_assert (fanout_moments_variance (&moments, 0) == 0);
  ck_assert (fanout_moments_deviation (&moments, 0) == 0);

  ck_assert_uint_eq (sizeof (FanoutSum), 32);
  ck_assert_uint_eq (sizeof (FanoutMoments), 64);
}
END_TEST

/* Whatever becomes of the sum, and of its scale. */
START_TEST (count_beside_a_sum)
{
  const guint64 most = FANOUT_SUM_N_MAX;
  FanoutSum sum = { 0 };
  FanoutSum other = { 0 };
  FanoutDecimal decimal;
  double real;

  ck_assert_uint_eq (fanout_sum_n (&sum), 0);
  fanout_sum_count (&sum, most - 3);
  ck_assert_int_eq (fanout_sum_result (&sum, &decimal, &real), FANOUT_SUM_NONE);
  fanout_sum_add (&sum, fanout_number_decimal (1, 0), NULL);
  fanout_sum_add (&sum, fanout_number_decimal (25, 2), NULL);
  fanout_sum_add (&sum, fanout_number_double (0.5), NULL);
  fanout_sum_count (&sum, 3);
  ck_assert_uint_eq (fanout_sum_n (&sum), most);
  fanout_sum_count (&other, 5);
  fanout_sum_combine (&other, &sum, NULL);
  ck_assert_uint_eq (fanout_sum_n (&other), 5);
  ck_assert_int_eq (fanout_sum_result (&other, &decimal, &real), FANOUT_SUM_DOUBLE);
  ck_assert (real == 1.75);
  fanout_sum_clear (&sum, NULL);
  ck_assert_uint_eq (fanout_sum_n (&sum), 0);
  fanout_sum_clear (&other, NULL);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("rational");
  TCase *tests = tcase_create ("rational");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, doubles_come_back);
  tcase_add_test (tests, rounds_to_nearest);
  tcase_add_test (tests, arithmetic);
  tcase_add_test (tests, values_that_are_not_finite);
  tcase_add_test (tests, square_roots);
  tcase_add_test (tests, decimals);
  tcase_add_test (tests, means_and_variances);
  tcase_add_test (tests, known_statistics);
  tcase_add_test (tests, nothing_and_one);
  tcase_add_test (tests, count_beside_a_sum);
  suite_add_tcase (suite, tests);
  return suite;
}
