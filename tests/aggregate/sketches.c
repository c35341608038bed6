/* How far quantiles and numbers of different values are off where they are sketched. */

#include "tests/support/suite.h"
#include "tests/support/use.h"

#include <math.h>
#include <stdlib.h>

#define X       "column = x\n"
#define Q(list) X "q = " list "\n"

typedef double (*Distribution) (GRand *random, gsize i, gsize n);

static double
uniform (GRand *random, gsize i, gsize n)
{
  (void) i;
  (void) n;
  return g_rand_double_range (random, -50, 100);
}

static double
lognormal (GRand *random, gsize i, gsize n)
{
  double sum = -6;

  (void) i;
  (void) n;
  for (int k = 0; k < 12; k++)
    sum += g_rand_double (random);
  return exp (2 * sum);
}

static double
pareto (GRand *random, gsize i, gsize n)
{
  (void) i;
  (void) n;
  return pow (1 - g_rand_double (random), -1.5);
}

static double
rising (GRand *random, gsize i, gsize n)
{
  (void) random;
  return (double) i - (double) n / 3;
}

static double
falling (GRand *random, gsize i, gsize n)
{
  return -rising (random, i, n);
}

static double
constant (GRand *random, gsize i, gsize n)
{
  (void) random;
  (void) i;
  (void) n;
  return 3.25;
}

static double
two_valued (GRand *random, gsize i, gsize n)
{
  (void) i;
  (void) n;
  return g_rand_boolean (random) ? 1e-9 : 1e9;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a;
  const double y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Dealt to some nodes, which are combined pair by pair. */
static FanoutNode *
run_doubles (Use *use, const double *values, gsize n)
{
  FanoutNode *nodes[8];
  g_autofree gint64 *bits = g_new (gint64, n + 1);
  g_autofree guint8 *scales = g_malloc (n + 1);

  memcpy (bits, values, n * sizeof *values);
  memset (scales, FANOUT_SCALE_DOUBLE, n);
  for (gsize p = 0; p < G_N_ELEMENTS (nodes); p++)
    {
      const gsize first = n * p / G_N_ELEMENTS (nodes);
      const gsize end = n * (p + 1) / G_N_ELEMENTS (nodes);
      FanoutColumn column = { .form = FANOUT_FORM_MIXED };
      const FanoutFrameView view = { .columns = &column, .first_row = first };
      const FanoutFrame frame
          = { .serial = 1, .n_rows = end - first, .first_row = first, .views = &view };
      const FanoutBatch batch = { &frame, 0, end - first };

      column.mantissa = bits + first;
      column.scales = scales + first;
      nodes[p] = use_node (use, FALSE);
      if (end > first)
        ck_assert_int_eq (fanout_node_take (nodes[p], &batch), FANOUT_MORE);
    }
  for (gsize step = 1; step < G_N_ELEMENTS (nodes); step *= 2)
    for (gsize p = 0; p + step < G_N_ELEMENTS (nodes); p += 2 * step)
      {
        ck_assert (fanout_node_combine (nodes[p], nodes[p + step], NULL, 0, 1));
        fanout_node_free (nodes[p + step]);
      }
  return nodes[0];
}

static void
assert_sketch (Distribution distribution, gsize n)
{
  static const double qs[] = { 0, 0.01, 0.25, 0.5, 0.9, 0.99, 1 };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autofree double *values = g_new (double, n + 1);
  g_autofree char *got = NULL;
  g_auto (GStrv) words = NULL;
  FanoutNode *node;
  Use use;

  for (gsize i = 0; i < n; i++)
    values[i] = distribution (random, i, n);
  use_init (&use, "quantile", Q ("0, 0.01, 0.25, 0.5, 0.9, 0.99, 1") "limit = 0\n");
  node = run_doubles (&use, values, n);
  got = use_results (&use, node, 1);
  words = g_strsplit (got, " ", -1);
  qsort (values, n, sizeof *values, compare_doubles);
  for (gsize i = 0; i < G_N_ELEMENTS (qs) && n > 0; i++)
    {
      const double answer = g_ascii_strtod (words[i], NULL);
      const double rank = (double) (n - 1) * qs[i];
      const double want = values[(gsize) floor (rank + 0.5)];
      const double other = values[(gsize) ceil (rank - 0.5)];

      ck_assert_msg (fabs (answer - want) <= 0.008 * fabs (want)
                         || fabs (answer - other) <= 0.008 * fabs (other),
                     "quantile %g of %" G_GSIZE_FORMAT " is %.17g, not %.17g", qs[i], n, answer,
                     want);
    }
  fanout_node_free (node);
  use_clear (&use);
}

START_TEST (test_quantile_error)
{
  static const Distribution distributions[]
      = { uniform, lognormal, pareto, rising, falling, constant, two_valued };
  static const gsize sizes[] = { 1, 2, 21, 1000, 100000 };

  for (gsize d = 0; d < G_N_ELEMENTS (distributions); d++)
    for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
      assert_sketch (distributions[d], sizes[i]);
}
END_TEST

START_TEST (test_distinct_error)
{
  static const gsize sizes[] = { 20, 1000, 10000, 40000, 80000, 160000, 1000000 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree double *values = g_new (double, sizes[i]);
      g_autofree char *got = NULL;
      FanoutNode *node;
      double answer;
      Use use;

      for (gsize k = 0; k < sizes[i]; k++)
        values[k] = (double) (k / 2 * 2) * 0.37;
      use_init (&use, "distinct", X "as = number\nlimit = 10\n");
      node = run_doubles (&use, values, sizes[i]);
      got = use_results (&use, node, 1);
      answer = g_ascii_strtod (got, NULL);
      ck_assert_msg (fabs (answer / (double) (sizes[i] / 2) - 1) <= 3 * 0.0081,
                     "%" G_GSIZE_FORMAT " values: %s", sizes[i] / 2, got);
      fanout_node_free (node);
      use_clear (&use);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("sketches");
  TCase *tests = tcase_create ("sketches");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, test_quantile_error);
  tcase_add_test (tests, test_distinct_error);
  suite_add_tcase (suite, tests);
  return suite;
}
