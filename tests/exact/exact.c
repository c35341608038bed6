/* Exact sums: the same bits whatever the order and the split, and those of exact arithmetic. */

#include "tests/support/suite.h"
#include "core/base/memory.h"
#include "tests/support/written.h"
#include "tests/support/numbers.h"
#include <check.h>
#include <fanout/exact.h>
#include <fanout/rational.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a result is, in a form that can be compared and shown. */
static void
describe (FanoutSumKind kind, const FanoutDecimal *decimal, double real, char *text)
{
  if (kind == FANOUT_SUM_NONE)
    strcpy (text, "none");
  else if (kind == FANOUT_SUM_DECIMAL)
    {
      text[0] = 'd';
      fanout_decimal_format (decimal, text + 1);
    }
  else
    {
      text[0] = 'r';
      fanout_double_format (real, text + 1);
    }
}

/* All that is computed from a list of pairs. */

#define N_RESULTS 14
#define TEXT_MAX  128

typedef struct
{
  FanoutSum sum;
  FanoutMoments moments;
  FanoutMoments4 moments4;
  FanoutPairs pairs;
  FanoutExact exact; /* of x x y */
} States;

typedef char Results[N_RESULTS][TEXT_MAX];

/* The powers of x and y behind each of the results. */
static const guint powers[N_RESULTS][2]
    = { { 1, 0 }, { 1, 0 }, { 2, 0 }, { 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 },
        { 1, 0 }, { 0, 1 }, { 2, 0 }, { 1, 1 }, { 0, 2 }, { 2, 1 }, { 0, 0 } };

static void
add (States *states, FanoutNumber x, FanoutNumber y, FanoutMemory *memory)
{
  const FanoutNumber factors[] = { x, y, x };

  fanout_sum_add (&states->sum, x, memory);
  fanout_moments_add (&states->moments, x, memory);
  fanout_moments4_add (&states->moments4, x, memory);
  fanout_pairs_add (&states->pairs, x, y, memory);
  fanout_exact_add_product (&states->exact, factors, G_N_ELEMENTS (factors), memory);
}

static void
combine (States *into, const States *from, FanoutMemory *memory)
{
  fanout_sum_combine (&into->sum, &from->sum, memory);
  fanout_moments_combine (&into->moments, &from->moments, memory);
  fanout_moments4_combine (&into->moments4, &from->moments4, memory);
  fanout_pairs_combine (&into->pairs, &from->pairs, memory);
  fanout_exact_combine (&into->exact, &from->exact, memory);
}

static void
clear (States *states, FanoutMemory *memory)
{
  static const States zeroes;

  fanout_sum_clear (&states->sum, memory);
  fanout_moments_clear (&states->moments, memory);
  fanout_moments4_clear (&states->moments4, memory);
  fanout_pairs_clear (&states->pairs, memory);
  fanout_exact_clear (&states->exact, memory);
  ck_assert_mem_eq (states, &zeroes, sizeof zeroes);
}

static void
encode (const States *states, FanoutWriter *out)
{
  fanout_sum_encode (&states->sum, out);
  fanout_moments_encode (&states->moments, out);
  fanout_moments4_encode (&states->moments4, out);
  fanout_pairs_encode (&states->pairs, out);
  fanout_exact_encode (&states->exact, out);
}

static gboolean
decode (States *states, FanoutReader *in, FanoutMemory *memory)
{
  return fanout_sum_decode (&states->sum, in, memory)
         && fanout_moments_decode (&states->moments, in, memory)
         && fanout_moments4_decode (&states->moments4, in, memory)
         && fanout_pairs_decode (&states->pairs, in, memory)
         && fanout_exact_decode (&states->exact, in, memory);
}

static void
read_results (const States *states, Results results)
{
  FanoutDecimal decimal;
  double real = 0;
  guint n = 0;
  FanoutSumKind kind = fanout_sum_result (&states->sum, &decimal, &real);

  describe (kind, &decimal, real, results[n++]);
  for (guint i = 1; i <= 2; i++)
    {
      kind = fanout_moments_result (&states->moments, i, &decimal, &real);
      describe (kind, &decimal, real, results[n++]);
    }
  for (guint i = 1; i <= 4; i++)
    {
      kind = fanout_moments4_result (&states->moments4, i, &decimal, &real);
      describe (kind, &decimal, real, results[n++]);
    }
  for (guint i = FANOUT_PAIRS_X; i <= FANOUT_PAIRS_YY; i++)
    {
      kind = fanout_pairs_result (&states->pairs, (FanoutPairsSum) i, &decimal, &real);
      describe (kind, &decimal, real, results[n++]);
    }
  kind = fanout_exact_result (&states->exact, &decimal, &real);
  describe (kind, &decimal, real, results[n++]);
  kind = fanout_pairs_result (&states->pairs, FANOUT_PAIRS_N, &decimal, &real);
  describe (kind, &decimal, real, results[n++]);
  ck_assert_uint_eq (n, N_RESULTS);
}

/* The same by adding up rationals. */
static void
expect (const FanoutNumber *x, const FanoutNumber *y, guint n, guint result, char *text)
{
  const guint x_power = powers[result][0];
  const guint y_power = powers[result][1];
  g_autoptr (FanoutRational) total = fanout_rational_new (0, 1);
  gboolean any_double = FALSE;
  FanoutDecimal decimal;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FanoutRational) a = fanout_rational_new_number (x[i]);
      g_autoptr (FanoutRational) b = fanout_rational_new_number (y[i]);
      g_autoptr (FanoutRational) a_power = fanout_rational_power (a, (gint) x_power);
      g_autoptr (FanoutRational) b_power = fanout_rational_power (b, (gint) y_power);
      g_autoptr (FanoutRational) term = fanout_rational_multiply (a_power, b_power);
      FanoutRational *sum = fanout_rational_add (total, term);

      fanout_rational_free (total);
      total = sum;
      any_double = any_double || (x_power > 0 && fanout_number_is_double (x[i]))
                   || (y_power > 0 && fanout_number_is_double (y[i]));
    }
  if (n == 0 && result != N_RESULTS - 1)
    strcpy (text, "none");
  else if (!any_double && fanout_rational_to_decimal (total, &decimal))
    describe (FANOUT_SUM_DECIMAL, &decimal, 0, text);
  else
    describe (FANOUT_SUM_DOUBLE, NULL, fanout_rational_to_double (total), text);
}

/* Numbers of one kind; from kind 7 on some are not finite. */
#define N_KINDS 9

static FanoutNumber
random_number (guint64 *random, guint kind)
{
  const guint64 r = next_random (random);
  double real;
  guint64 bits;

  switch (kind)
    {
    case 0:
      return fanout_number_decimal ((gint64) (r % 2001) - 1000, 2);
    case 1:
      return fanout_number_decimal ((gint64) next_random (random) >> r % 60,
                                    (guint8) (r >> 32 & 3));
    case 2:
      return fanout_number_decimal ((gint64) next_random (random) >> r % 64,
                                    (guint8) ((r >> 32) % 19));
    case 3:
      bits = next_random (random);
      memcpy (&real, &bits, sizeof real);
      return fanout_number_double (isfinite (real) ? real : DBL_MAX);
    case 4:
      return fanout_number_double (ldexp ((double) (gint64) next_random (random), -(int) (r % 90)));
    case 5:
      return fanout_number_decimal ((r & 1) != 0 ? G_MAXINT64 : -G_MAXINT64,
                                    (r & 2) != 0 ? 0 : FANOUT_SCALE_MAX);
    case 6:
      return random_number (random, (guint) (r % 5));
    case 7:
      if (r % 20 == 0)
        return fanout_number_double ((r & 64) != 0 ? INFINITY : -INFINITY);
      return random_number (random, 6);
    default:
      if (r % 20 == 0)
        return fanout_number_double ((r & 64) != 0 ? NAN : r & 128 ? INFINITY : 0);
      return random_number (random, 7);
    }
}

static void
add_in_parts (States *states, const FanoutNumber *x, const FanoutNumber *y, guint n,
              guint64 *random, FanoutMemory *memory)
{
  const guint n_parts = 1 + (guint) (next_random (random) % 4);
  States parts[4];

  memset (parts, 0, sizeof parts);
  for (guint i = 0; i < n; i++)
    add (&parts[next_random (random) % n_parts], x[i], y[i], memory);
  for (guint i = 0; i < n_parts; i++)
    {
      if (next_random (random) % 2 == 0)
        {
          g_autoptr (FanoutWriter) bytes = fanout_writer_new (0, NULL, NULL);
          FanoutReader in;

          encode (&parts[i], bytes);
          clear (&parts[i], memory);
          in = written (bytes);
          ck_assert (decode (&parts[i], &in, memory));
          ck_assert_uint_eq (fanout_reader_left (&in), 0);
        }
      combine (states, &parts[i], memory);
      clear (&parts[i], memory);
    }
}

static void
shuffle (FanoutNumber *x, FanoutNumber *y, guint n, guint64 *random)
{
  for (guint i = n; i > 1; i--)
    {
      const guint k = (guint) (next_random (random) % i);
      const FanoutNumber a = x[i - 1];
      const FanoutNumber b = y[i - 1];

      x[i - 1] = x[k];
      y[i - 1] = y[k];
      x[k] = a;
      y[k] = b;
    }
}

START_TEST (random_multisets)
{
  guint64 random = 1;
  FanoutMemory memory = { 0 };

  for (guint round = 0; round < rounds (2500); round++)
    {
      const guint kind = round % N_KINDS;
      const guint y_kind = (guint) (next_random (&random) % N_KINDS);
      const guint n = (guint) (next_random (&random) % 25);
      FanoutNumber x[25];
      FanoutNumber y[25];
      Results first;

      for (guint i = 0; i < n; i++)
        {
          x[i] = random_number (&random, kind);
          y[i] = random_number (&random, y_kind);
        }
      for (guint again = 0; again < 3; again++)
        {
          States states = { 0 };
          Results results;

          add_in_parts (&states, x, y, n, &random, &memory);
          read_results (&states, results);
          clear (&states, &memory);
          for (guint i = 0; i < N_RESULTS; i++)
            {
              char expected[TEXT_MAX];

              if (again > 0)
                ck_assert_str_eq (results[i], first[i]);
              else
                {
                  expect (x, y, n, i, expected);
                  ck_assert_str_eq (results[i], expected);
                }
            }
          if (again == 0)
            memcpy (first, results, sizeof first);
          shuffle (x, y, n, &random);
        }
      ck_assert_uint_eq (memory.used, 0);
    }
}
END_TEST

/* Enough additions that carries must move, in both directions. */
START_TEST (many_additions)
{
  FanoutSum sum = { 0 };
  FanoutDecimal decimal;
  double real = 0;
  guint64 random = 2;

  for (guint i = 0; i < 100000; i++)
    fanout_sum_add (&sum, fanout_number_double (0.1), NULL);
  ck_assert_int_eq (fanout_sum_result (&sum, &decimal, &real), FANOUT_SUM_DOUBLE);
  /* 100000 times the double nearest to 0.1. */
  ck_assert (real == 10000.000000000000555);
  for (guint i = 0; i < 200000; i++)
    fanout_sum_add (&sum, fanout_number_double (-0.1), NULL);
  fanout_sum_result (&sum, &decimal, &real);
  ck_assert (real == -10000.000000000000555);
  for (guint i = 0; i < 100000; i++)
    fanout_sum_add (&sum, fanout_number_double (0.1), NULL);
  fanout_sum_result (&sum, &decimal, &real);
  ck_assert_uint_eq (bits_of (real), 0);

  for (guint i = 0; i < rounds (5000); i++)
    {
      const double value = ldexp (1 + (double) (i % 7), (int) (next_random (&random) % 1900) - 950);

      fanout_sum_add (&sum, fanout_number_double (value), NULL);
      fanout_sum_add (&sum, fanout_number_double (-value), NULL);
      fanout_sum_add (&sum, fanout_number_double (DBL_MAX), NULL);
      fanout_sum_add (&sum, fanout_number_double (-DBL_MAX), NULL);
    }
  fanout_sum_add (&sum, fanout_number_double (DBL_TRUE_MIN), NULL);
  fanout_sum_result (&sum, &decimal, &real);
  ck_assert (real == DBL_TRUE_MIN);
  fanout_sum_clear (&sum, NULL);
}
END_TEST

START_TEST (beyond_doubles)
{
  FanoutSum sum = { 0 };
  FanoutDecimal decimal;
  double real = 0;

  for (guint i = 0; i < 10; i++)
    fanout_sum_add (&sum, fanout_number_double (1e308), NULL);
  fanout_sum_result (&sum, &decimal, &real);
  ck_assert (real == INFINITY);
  ck_assert (fanout_sum_mean (&sum, 10) == 1e308);
  for (guint i = 0; i < 9; i++)
    fanout_sum_add (&sum, fanout_number_double (-1e308), NULL);
  fanout_sum_result (&sum, &decimal, &real);
  ck_assert (real == 1e308);
  fanout_sum_clear (&sum, NULL);

  /* Half a unit beyond the largest double is infinite, a bit less is not. */
  fanout_sum_add (&sum, fanout_number_double (DBL_MAX), NULL);
  fanout_sum_add (&sum, fanout_number_double (ldexp (1, 970)), NULL);
  fanout_sum_result (&sum, &decimal, &real);
  ck_assert (real == INFINITY);
  fanout_sum_add (&sum, fanout_number_double (-DBL_TRUE_MIN), NULL);
  fanout_sum_result (&sum, &decimal, &real);
  ck_assert (real == DBL_MAX);
  fanout_sum_clear (&sum, NULL);
}
END_TEST

START_TEST (doubling)
{
  const FanoutNumber x = fanout_number_decimal (G_MAXINT64, 1);
  const FanoutNumber y = fanout_number_decimal (-G_MAXINT64, 18);
  g_autoptr (FanoutRational) twice = fanout_rational_new (2, 1);
  g_autoptr (FanoutRational) factor = fanout_rational_power (twice, 60);
  FanoutMemory memory = { 0 };
  States states = { 0 };
  Results results;

  add (&states, x, y, &memory);
  for (guint i = 0; i < 60; i++)
    combine (&states, &states, &memory);
  read_results (&states, results);
  for (guint i = 0; i < N_RESULTS; i++)
    {
      g_autoptr (FanoutRational) a = fanout_rational_new_number (x);
      g_autoptr (FanoutRational) b = fanout_rational_new_number (y);
      g_autoptr (FanoutRational) a_power = fanout_rational_power (a, (gint) powers[i][0]);
      g_autoptr (FanoutRational) b_power = fanout_rational_power (b, (gint) powers[i][1]);
      g_autoptr (FanoutRational) term = fanout_rational_multiply (a_power, b_power);
      g_autoptr (FanoutRational) total = fanout_rational_multiply (term, factor);
      FanoutDecimal decimal;
      char expected[TEXT_MAX];

      ck_assert (fanout_rational_to_decimal (total, &decimal));
      describe (FANOUT_SUM_DECIMAL, &decimal, 0, expected);
      ck_assert_str_eq (results[i], expected);
    }
  clear (&states, &memory);
  ck_assert_uint_eq (memory.used, 0);
}
END_TEST

/* A value that makes the state change its scale again and again, just where it no longer fits. */
START_TEST (changing_scales)
{
  FanoutSum sum = { 0 };
  FanoutDecimal decimal;
  double real;
  char text[FANOUT_DECIMAL_TEXT_MAX];

  for (guint i = 0; i < 1000; i++)
    {
      fanout_sum_add (&sum, fanout_number_decimal (G_MAXINT64, 0), NULL);
      fanout_sum_add (&sum, fanout_number_decimal (1, 18), NULL);
    }
  ck_assert_int_eq (fanout_sum_result (&sum, &decimal, &real), FANOUT_SUM_DECIMAL);
  fanout_decimal_format (&decimal, text);
  ck_assert_str_eq (text, "9223372036854775807000.000000000000001");
  fanout_sum_clear (&sum, NULL);

  for (guint i = 0; i < 10; i++)
    fanout_sum_add (&sum, fanout_number_decimal (1, 1), NULL);
  fanout_sum_result (&sum, &decimal, &real);
  fanout_decimal_format (&decimal, text);
  ck_assert_str_eq (text, "1");
  ck_assert_int_eq (decimal.scale, 0);
  ck_assert_ptr_null (sum.exact);
}
END_TEST

START_TEST (infinities)
{
  static const struct
  {
    double values[3];
    double sum;
  } cases[] = {
    { { INFINITY, 1, 2 }, INFINITY },
    { { 1, -INFINITY, 2 }, -INFINITY },
    { { INFINITY, -INFINITY, 2 }, NAN },
    { { INFINITY, INFINITY, 2 }, INFINITY },
    { { NAN, 1, 2 }, NAN },
    { { NAN, INFINITY, 2 }, NAN },
    { { DBL_MAX, DBL_MAX, -INFINITY }, -INFINITY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FanoutMoments moments = { 0 };
      FanoutDecimal decimal;
      double real = 0;

      for (guint k = 0; k < 3; k++)
        fanout_moments_add (&moments, fanout_number_double (cases[i].values[k]), NULL);
      ck_assert_int_eq (fanout_moments_result (&moments, 1, &decimal, &real), FANOUT_SUM_DOUBLE);
      ck_assert (real == cases[i].sum || (isnan (real) && isnan (cases[i].sum)));
      real = fanout_moments_mean (&moments);
      ck_assert (real == cases[i].sum || (isnan (real) && isnan (cases[i].sum)));
      ck_assert (isnan (fanout_moments_variance (&moments, 1)));
      ck_assert (isnan (fanout_moments_deviation (&moments, 0)));
      fanout_moments_clear (&moments, NULL);
    }
}
END_TEST

START_TEST (damaged_bytes)
{
  guint64 random = 4;
  FanoutMemory memory = { 0 };

  for (guint round = 0; round < rounds (300); round++)
    {
      g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
      const guint8 *bytes;
      gsize length;
      States states = { 0 };

      for (guint i = 0; i < round % 12; i++)
        add (&states, random_number (&random, round % N_KINDS), random_number (&random, 6),
             &memory);
      encode (&states, out);
      bytes = fanout_writer_bytes (out, &length);
      clear (&states, &memory);

      for (gsize part = 0; part < length; part += 1 + next_random (&random) % 9)
        {
          /* From a block of exactly that size. */
          g_autofree guint8 *copy = g_memdup2 (bytes, MAX (part, 1));
          FanoutReader in = fanout_reader (copy, part);

          ck_assert (!decode (&states, &in, &memory));
          clear (&states, &memory);
        }
      for (guint i = 0; i < 100; i++)
        {
          g_autofree guint8 *copy = g_memdup2 (bytes, length);
          FanoutReader in = fanout_reader (copy, length);
          Results results;

          copy[next_random (&random) % length] ^= (guint8) (1 << next_random (&random) % 8);
          copy[next_random (&random) % length] ^= (guint8) (1 << next_random (&random) % 8);
          /* Some damage makes another state; it must be as good as any. */
          if (decode (&states, &in, &memory))
            {
              add (&states, fanout_number_decimal (5, 18), fanout_number_double (1e300), &memory);
              combine (&states, &states, &memory);
              read_results (&states, results);
            }
          clear (&states, &memory);
        }
      ck_assert_uint_eq (memory.used, 0);
    }
}
END_TEST

/* Many mantissas at once are as many one by one, whatever was there before. */
START_TEST (many_mantissas)
{
  gint64 mantissas[70], counted[70];
  guint64 random = 3;

  for (guint round = 0; round < rounds (4000); round++)
    {
      const gsize n = 1 + next_random (&random) % G_N_ELEMENTS (mantissas);
      const guint shift = (guint) (next_random (&random) % 63);
      const guint8 scale = (guint8) (next_random (&random) % (FANOUT_SCALE_MAX + 1));
      const FanoutNumber before = fanout_number_decimal (round, (guint8) (round % 3));
      FanoutSum one_by_one = { 0 }, at_once = { 0 };
      char texts[2][TEXT_MAX];
      FanoutInt128 sum = 0;
      gint64 min = G_MAXINT64, max = -G_MAXINT64;

      for (gsize i = 0; i < n; i++)
        {
          mantissas[i] = MAX ((gint64) next_random (&random), -G_MAXINT64) >> shift;
          sum += mantissas[i];
          min = MIN (min, mantissas[i]);
          max = MAX (max, mantissas[i]);
        }
      ck_assert (fanout_mantissas_sum (mantissas, n) == sum);
      ck_assert_int_eq (fanout_mantissas_min (mantissas, n), min);
      ck_assert_int_eq (fanout_mantissas_max (mantissas, n), max);
      fanout_mantissas_count (counted, n, mantissas[0], mantissas[n - 1]);
      for (gsize i = 0; i < n; i++)
        ck_assert_int_eq (counted[i],
                          (gint64) ((guint64) mantissas[0] + i * (guint64) mantissas[n - 1]));

      if (round % 2 == 1)
        {
          fanout_sum_add (&one_by_one, before, NULL);
          fanout_sum_add (&at_once, before, NULL);
        }
      for (gsize i = 0; i < n; i++)
        fanout_sum_add_mantissa (&one_by_one, mantissas[i], scale, NULL);
      fanout_sum_add_mantissas (&at_once, mantissas, n, scale, NULL);
      for (guint i = 0; i < 2; i++)
        {
          FanoutDecimal decimal = { 0 };
          double real = 0;
          const FanoutSumKind kind
              = fanout_sum_result (i == 0 ? &one_by_one : &at_once, &decimal, &real);

          describe (kind, &decimal, real, texts[i]);
        }
      ck_assert_str_eq (texts[0], texts[1]);
      fanout_sum_clear (&one_by_one, NULL);
      fanout_sum_clear (&at_once, NULL);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("exact");
  TCase *tests = tcase_create ("exact");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, random_multisets);
  tcase_add_test (tests, many_additions);
  tcase_add_test (tests, many_mantissas);
  tcase_add_test (tests, beyond_doubles);
  tcase_add_test (tests, doubling);
  tcase_add_test (tests, changing_scales);
  tcase_add_test (tests, infinities);
  tcase_add_test (tests, damaged_bytes);
  suite_add_tcase (suite, tests);
  return suite;
}
