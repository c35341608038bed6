/* Logarithms in integers: as near as they say, and the same for equal values in any order. */

#include "tests/support/suite.h"
#include "tests/support/written.h"
#include "tests/support/numbers.h"
#include <check.h>
#include <fanout/logarithm.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Computed with 120 digits: log2 * 2^100, as a high and a low word. */
static const struct
{
  gint64 mantissa; /* or the bits of a double */
  guint8 scale;
  gint64 high;
  guint64 low;
} cases[] = {
  { 1, 0, 0, 0x0000000000000000 },
  { 2, 0, 68719476736, 0x0000000000000000 },
  { 3, 0, 108917793695, 0xbd6879fa00b120a0 },
  { 10, 0, 228281160435, 0x46e2bf924afdbfd3 },
  { 1, 1, -228281160436, 0xb91d406db502402d },
  { 1, 18, -4109060887835, 0x040e87b6ba288322 },
  { 4611686018427387904, 0, 4260607557632, 0x0000000000000000 },
  { 9223372036854775807, 0, 4329327034367, 0xffffffd1d57135a9 },
  { 9223372036854775807, 18, 220266146533, 0x040e87888f99b8cb },
  { 7, 0, 192919961256, 0x0859b332ac903a41 },
  { 15, 1, 40198316959, 0xbd6879fa00b120a0 },
  { 999999, 6, -99142, 0xb3bec7d62db2c1b9 },
  { 1000001, 6, 99141, 0x32dfe606b0b4dfb0 },
  { 127, 0, 480258754747, 0xe119b14945cf6ba7 },
  { 255, 0, 549367785023, 0x957ca15910e70688 },
  { 257, 0, 550142329965, 0x7aac774ad9bd2493 },
  { 1, 255, -73804718014464, 0x0000000000000000 },
  { 4503599627370496, 255, -70231305224192, 0x0000000000000000 },
  { 9218868437227405311, 255, 70368744177663, 0xffff4755c4d6a3e8 },
  { 4158027847206421152, 255, -6848434813059, 0xb16e17788fbd5519 },
  { 6111385207605177101, 255, 22952316528047, 0xb8ec184feb60b01a },
  { 6928706671, 8, 420186214632, 0xd09a70022fe1b521 },
  { 1525, 0, 726680533894, 0x887bae583358e9c8 },
  { 33741135, 14, -1477399216690, 0x65cfe02dad6d983b },
  { 372691791093009101, 10, 1728396524589, 0xee8af030959b6b6d },
  { 678331612159, 1, 2472614161931, 0xf6a583757e668b4f },
  { 381484918074819, 14, 132740329450, 0x3c9d437e5aedc55b },
  { 353885645349911, 5, 2179825514315, 0x98134d897e9b1307 },
  { 53827, 3, 395154728770, 0xb483a84c4aa9bc62 },
  { 4147, 18, -3283200364096, 0x1c6553838ff24ac7 },
  { 397, 12, -2146119012612, 0xbe115bfd53004f59 },
  { 31967053946558605, 3, 3082869184045, 0x3a2455bf0d4bf4f9 },
  { 1890423418429023635, 7, 2574225994477, 0xba2eb61c6d70a7f5 },
};

START_TEST (known_logarithms)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const FanoutNumber number = fanout_number_decimal (cases[i].mantissa, cases[i].scale);
      FanoutLogarithm logarithm;
      FanoutLogarithm error;

      ck_assert (fanout_log2 (number, &logarithm));
      error = logarithm - (FanoutLogarithm) cases[i].high * ((FanoutLogarithm) 1 << 64)
              - (FanoutLogarithm) cases[i].low;
      ck_assert_msg (error >= -1 && error <= 1, "row %" G_GSIZE_FORMAT, i);
      ck_assert (fanout_exp2 (logarithm) == fanout_number_to_double (number));
    }
}
END_TEST

START_TEST (powers_of_two)
{
  for (int e = -1074; e < 1024; e++)
    {
      const FanoutLogarithm expected
          = (FanoutLogarithm) e * ((FanoutLogarithm) 1 << FANOUT_LOG2_BITS);
      FanoutLogarithm logarithm;

      ck_assert (fanout_log2 (fanout_number_double (ldexp (1, e)), &logarithm));
      ck_assert (logarithm == expected);
      ck_assert (fanout_exp2 (logarithm) == ldexp (1, e));
    }
  ck_assert (fanout_exp2 ((FanoutLogarithm) 1024 << FANOUT_LOG2_BITS) == INFINITY);
  ck_assert (fanout_exp2 ((FanoutLogarithm) 1 << 126) == INFINITY);
  ck_assert (fanout_exp2 (-((FanoutLogarithm) 1 << 126)) == 0);
  ck_assert (fanout_exp2 ((FanoutLogarithm) -1076 * ((FanoutLogarithm) 1 << FANOUT_LOG2_BITS))
             == 0);
}
END_TEST

START_TEST (there_and_back)
{
  guint64 random = 1;

  for (guint i = 0; i < rounds (100000); i++)
    {
      const guint64 bits = next_random (&random) % 0x7ff0000000000000;
      FanoutLogarithm logarithm;
      double real;

      memcpy (&real, &bits, sizeof real);
      if (real == 0)
        continue;
      ck_assert (fanout_log2 (fanout_number_double (real), &logarithm));
      ck_assert (fanout_exp2 (logarithm) == real);
      ck_assert (fabs ((double) logarithm * ldexp (1, -FANOUT_LOG2_BITS) - log2 (real)) < 1e-12);
    }
}
END_TEST

START_TEST (equal_values)
{
  guint64 random = 2;

  for (guint i = 0; i < rounds (10000); i++)
    {
      const gint64 mantissa = (gint64) (next_random (&random) >> 40) + 1;
      const guint8 scale = (guint8) (next_random (&random) % 6);
      gint64 more = mantissa;
      FanoutLogarithm first;
      FanoutLogarithm other;

      ck_assert (fanout_log2 (fanout_number_decimal (mantissa, scale), &first));
      for (guint zeros = 1; zeros <= 10; zeros++)
        {
          more *= 10;
          ck_assert (fanout_log2 (fanout_number_decimal (more, (guint8) (scale + zeros)), &other));
          ck_assert (first == other);
        }
    }
}
END_TEST

START_TEST (no_logarithm)
{
  FanoutLogarithm logarithm = 7;

  ck_assert (!fanout_log2 (fanout_number_decimal (0, 3), &logarithm));
  ck_assert (!fanout_log2 (fanout_number_decimal (-5, 0), &logarithm));
  ck_assert (!fanout_log2 (fanout_number_double (0), &logarithm));
  ck_assert (!fanout_log2 (fanout_number_double (-0.0), &logarithm));
  ck_assert (!fanout_log2 (fanout_number_double (-1e-300), &logarithm));
  ck_assert (!fanout_log2 (fanout_number_double (INFINITY), &logarithm));
  ck_assert (!fanout_log2 (fanout_number_double (NAN), &logarithm));
  ck_assert (logarithm == 7);
}
END_TEST

START_TEST (geometric_means)
{
  static const struct
  {
    double values[4];
    guint n;
    double mean;
  } means[] = {
    { { 2, 8 }, 2, 4 },
    { { 1, 10, 100 }, 3, 10 },
    { { 0.001, 1000, 1, 1 }, 4, 1 },
    { { 3, 3, 3, 3 }, 4, 3 },
    { { 1e300, 1e300, 1e-300, 1e-300 }, 4, 1 },
    { { 1e308, 1e308 }, 2, 1e308 },
    { { 0, 5 }, 2, 0 },
    { { -2, -8 }, 2, NAN },
    { { NAN, 5 }, 2, NAN },
    { { INFINITY, 5 }, 2, INFINITY },
    { { INFINITY, 0 }, 2, NAN },
    { { 0 }, 0, NAN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (means); i++)
    {
      FanoutLogSum sum = { .weight = 0 };
      double mean;

      for (guint k = 0; k < means[i].n; k++)
        fanout_log_sum_add (&sum, fanout_number_double (means[i].values[k]), 1);
      mean = fanout_log_sum_geometric_mean (&sum);
      ck_assert_msg (mean == means[i].mean || (isnan (mean) && isnan (means[i].mean)),
                     "%" G_GSIZE_FORMAT ": %g", i, mean);
    }
}
END_TEST

START_TEST (sums_in_any_order)
{
  guint64 random = 3;
  FanoutLogSum forward = { .weight = 0 };
  FanoutLogSum parts[5] = { { .weight = 0 } };
  FanoutNumber values[1000];

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      values[i] = fanout_number_decimal ((gint64) (next_random (&random) >> 1) + 1,
                                         (guint8) (next_random (&random) % 19));
      fanout_log_sum_add (&forward, values[i], 1 + i % 3);
    }
  for (guint i = G_N_ELEMENTS (values); i-- > 0;)
    for (guint k = 0; k < 1 + i % 3; k++)
      fanout_log_sum_add (&parts[next_random (&random) % 5], values[i], 1);
  for (guint i = 1; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (FanoutWriter) bytes = fanout_writer_new (0, NULL, NULL);
      FanoutLogSum copy = { .weight = 0 };
      FanoutReader all;
      FanoutReader in;

      fanout_log_sum_encode (&parts[i], bytes);
      all = written (bytes);
      for (gsize length = 0; length < fanout_reader_left (&all); length++)
        {
          in = fanout_reader (all.next, length);
          ck_assert (!fanout_log_sum_decode (&copy, &in));
        }
      in = all;
      ck_assert (fanout_log_sum_decode (&copy, &in));
      fanout_log_sum_combine (&parts[0], &copy);
    }
  ck_assert_mem_eq (forward.limbs, parts[0].limbs, sizeof forward.limbs);
  ck_assert_uint_eq (forward.weight, parts[0].weight);
  ck_assert (fanout_log_sum_geometric_mean (&forward) == fanout_log_sum_geometric_mean (&parts[0]));
}
END_TEST

/* Entropy of the counts 1, 1, 2, 4: log2 (8) - (0 + 0 + 2 + 8) / 8 = 1.75 bits. */
START_TEST (entropy)
{
  static const gint64 counts[] = { 1, 1, 2, 4 };
  FanoutLogSum sum = { .weight = 0 };
  FanoutLogSum of_all = { .weight = 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    fanout_log_sum_add (&sum, fanout_number_decimal (counts[i], 0), (guint64) counts[i]);
  fanout_log_sum_add (&of_all, fanout_number_decimal (8, 0), 1);
  {
    g_autoptr (FanoutRational) weighted = fanout_log_sum_rational (&sum);
    g_autoptr (FanoutRational) mean = fanout_rational_scale (weighted, 1, 8);
    g_autoptr (FanoutRational) log_n = fanout_log_sum_rational (&of_all);
    g_autoptr (FanoutRational) bits = fanout_rational_subtract (log_n, mean);

    ck_assert (fanout_rational_to_double (bits) == 1.75);
  }
  fanout_log_sum_add (&sum, fanout_number_decimal (0, 0), 1);
  {
    g_autoptr (FanoutRational) weighted = fanout_log_sum_rational (&sum);

    ck_assert (fanout_rational_to_double (weighted) == -INFINITY);
  }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("logarithm");
  TCase *tests = tcase_create ("logarithm");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, known_logarithms);
  tcase_add_test (tests, powers_of_two);
  tcase_add_test (tests, there_and_back);
  tcase_add_test (tests, equal_values);
  tcase_add_test (tests, no_logarithm);
  tcase_add_test (tests, geometric_means);
  tcase_add_test (tests, sums_in_any_order);
  tcase_add_test (tests, entropy);
  suite_add_tcase (suite, tests);
  return suite;
}
