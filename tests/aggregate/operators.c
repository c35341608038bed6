/* What the operators answer, digit by digit. */

#include "tests/support/suite.h"
#include "tests/support/use.h"

/* A column of the texts, each without the blank behind it; "-" is null. */
typedef struct
{
  FanoutColumn column;
  FanoutText *texts;
  char **padded; /* 16 bytes before and after a text can be read */
  gint64 *mantissas;
  guint8 *scales;
  guint8 *nulls;
  FanoutWide *wides;
} Made;

static void
make_column (Made *made, char *const *words, gsize n, FanoutTakes takes)
{
  memset (made, 0, sizeof *made);
  made->texts = g_new0 (FanoutText, n + 1);
  made->padded = g_new0 (char *, n + 1);
  made->mantissas = g_new0 (gint64, n + 1);
  made->scales = g_new0 (guint8, n + 1);
  made->nulls = g_new0 (guint8, n + 1);
  made->wides = g_new0 (FanoutWide, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      FanoutNumber number = { 0 };

      made->nulls[i] = strcmp (words[i], "-") == 0;
      made->padded[i] = g_strdup_printf ("%16s%s%16s", "", words[i], "");
      made->texts[i] = (FanoutText){ made->padded[i] + 16, strlen (words[i]) };
      if (takes == FANOUT_TAKES_WIDE && !made->nulls[i])
        ck_assert_msg (
            fanout_number_parse_wide (words[i], strlen (words[i]), &number, &made->wides[i], NULL),
            "%s", words[i]);
      made->mantissas[i] = number.mantissa;
      made->scales[i] = number.scale;
    }
  made->column.null = made->nulls;
  if (takes == FANOUT_TAKES_TEXT)
    {
      made->column.form = FANOUT_FORM_TEXT;
      made->column.text = made->texts;
    }
  else if (takes == FANOUT_TAKES_WIDE)
    {
      made->column.form = FANOUT_FORM_MIXED;
      made->column.mantissa = made->mantissas;
      made->column.scales = made->scales;
    }
}

static void
made_clear (Made *made)
{
  g_free (made->texts);
  g_strfreev (made->padded);
  g_free (made->mantissas);
  g_free (made->scales);
  g_free (made->nulls);
  g_free (made->wides);
}

/* Of several columns a word has parts, with | between them; a column for which there is none has
 * all. */
static void
take (Use *use, FanoutNode *node, char *const *words, gsize n, const guint32 *ids, guint32 n_groups,
      guint64 first_row)
{
  Made made[2];
  FanoutColumn columns[G_N_ELEMENTS (made)];
  const FanoutFrameView view
      = { .columns = columns, .ids = ids, .n_groups = n_groups, .first_row = first_row };
  const FanoutFrame frame
      = { .serial = first_row + 1, .n_rows = n, .first_row = first_row, .views = &view };
  const FanoutBatch batch = { &frame, 0, n };
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (n == 0)
    return;
  for (guint c = 0; c < G_N_ELEMENTS (made); c++)
    {
      for (gsize i = 0; i < n; i++)
        {
          g_auto (GStrv) split = g_strsplit (words[i], "|", 2);

          g_ptr_array_add (parts, g_strdup (split[MIN (c, g_strv_length (split) - 1)]));
        }
      make_column (&made[c], (char *const *) parts->pdata + c * n, n, use->takes[0]);
      columns[c] = made[c].column;
    }
  ck_assert_int_ne (fanout_node_take (node, &batch), FANOUT_FAILED);
  for (guint c = 0; c < G_N_ELEMENTS (made); c++)
    made_clear (&made[c]);
}

/* The values (separated by blanks; "-" is null) in two halves that are combined. */
static void
assert_result (const char *type, const char *settings, const char *values, const char *want)
{
  g_auto (GStrv) words = g_strsplit (values, " ", -1);
  const gsize n = values[0] != '\0' ? g_strv_length (words) : 0;
  const gsize half = n / 2;
  g_autofree char *got = NULL;
  FanoutNode *nodes[2];
  Use use;

  use_init (&use, type, settings);
  for (gsize i = 0; i < 2; i++)
    nodes[i] = use_node (&use, FALSE);
  take (&use, nodes[0], words, half, NULL, 0, 0);
  take (&use, nodes[1], words + half, n - half, NULL, 0, half);
  ck_assert (fanout_node_combine (nodes[0], nodes[1], NULL, 0, 1));
  got = use_results (&use, nodes[0], 1);
  ck_assert_msg (strcmp (got, want) == 0, "%s of %s (%s) is %s, not %s", type, values, settings,
                 got, want);
  fanout_node_free (nodes[0]);
  fanout_node_free (nodes[1]);
  use_clear (&use);
}

#define X "column = x\n"

START_TEST (test_count)
{
  assert_result ("count", "", "1 - 3 -", "4");
  assert_result ("count", X, "1 - 3 -", "2");
  assert_result ("count", "", "", "0");
  assert_result ("count", X, "- -", "0");
}
END_TEST

START_TEST (test_sum)
{
  assert_result ("sum", X, "0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1", "1");
  assert_result ("sum", X, "12.30 -0.05 1e3", "1012.25");
  assert_result ("sum", X, "9223372036854775807 9223372036854775807 1", "18446744073709551615");
  assert_result ("sum", X, "0.000000000000000001 9223372036854775807",
                 "9223372036854775807.000000000000000001");
  /* Doubles are summed without rounding, and rounded once. */
  assert_result ("sum", X, "1e300 1 -1e300 1e-300", "1");
  assert_result ("sum", X, "1e30 0.5 -1e30", "0.5");
  assert_result ("sum", X, "1 nan", "\"nan\"");
  assert_result ("sum", X, "inf 1", "\"inf\"");
  assert_result ("sum", X, "inf -inf", "\"nan\"");
  assert_result ("sum", X, "1.5 - 2", "3.5");
  assert_result ("sum", X, "- -", "null");
  assert_result ("sum", X, "", "null");
}
END_TEST

START_TEST (test_mean)
{
  assert_result ("mean", X, "1 2", "1.5");
  assert_result ("mean", X, "1 1 2", "1.3333333333333333");
  assert_result ("mean", X, "0.1 0.2 0.3", "0.2");
  assert_result ("mean", X, "1e300 -1e300 3", "1");
  assert_result ("mean", X, "- 7 -", "7");
  assert_result ("mean", X, "1 nan", "\"nan\"");
  assert_result ("mean", X, "-", "null");
}
END_TEST

START_TEST (test_min_max)
{
  assert_result ("min", X, "3 1.5 2", "1.5");
  assert_result ("max", X, "3 1.5 2", "3");
  assert_result ("max", X, "-3 -1.50 -2", "-1.5");
  assert_result ("min", X, "9223372036854775807 9223372036854775806", "9223372036854775806");
  /* Exact values are compared: the double is a little more than a tenth. */
  assert_result ("max", X, "0.1 0.10000000000000000555111512312578270211815834045410", "0.1");
  assert_result ("min", X, "1e300 1e-300 5", "1e-300");
  assert_result ("min", X, "-inf 1", "\"-inf\"");
  assert_result ("max", X, "inf 1", "\"inf\"");
  assert_result ("min", X, "nan 2 1", "1");
  assert_result ("max", X, "1 nan 2", "2");
  assert_result ("max", X, "nan nan", "\"nan\"");
  assert_result ("min", X, "nan -", "\"nan\"");
  assert_result ("min", X, "- -", "null");
  assert_result ("max", X, "", "null");
  assert_result ("min", X "as = text\n", "b 10 9 abc", "\"10\"");
  assert_result ("max", X "as = text\n", "b 10 9 a-long-text-that-is-kept-elsewhere", "\"b\"");
  assert_result ("max", X "as = text\n", "ab abc a", "\"abc\"");
  assert_result ("min", X "as = text\n", "-", "null");
}
END_TEST

START_TEST (test_first_last)
{
  assert_result ("first", X, "- 01 2 -", "\"01\"");
  assert_result ("last", X, "- 01 2.0 -", "\"2.0\"");
  assert_result ("first", X "as = number\n", "- 01.50 2", "1.5");
  assert_result ("last", X "as = number\n", "1 2.50 -", "2.5");
  assert_result ("last", X, "short a-long-text-that-is-kept-elsewhere",
                 "\"a-long-text-that-is-kept-elsewhere\"");
  assert_result ("last", X, "a-long-text-that-is-kept-elsewhere s", "\"s\"");
  assert_result ("first", X, "- -", "null");
  assert_result ("last", X, "", "null");
}
END_TEST

START_TEST (test_variance)
{
  assert_result ("variance", X, "1 2 3 4", "1.6666666666666667");
  assert_result ("variance", X "population = true\n", "1 2 3 4", "1.25");
  assert_result ("stddev", X, "2 4 4 4 5 5 7 9", "2.138089935299395");
  assert_result ("stddev", X "population = true\n", "2 4 4 4 5 5 7 9", "2");
  /* Nothing is lost to cancellation: NIST's NumAcc3 and 4 in small. */
  assert_result ("stddev", X, "1000000.2 1000000.1 1000000.3", "0.1");
  assert_result ("stddev", X, "10000000.2 10000000.1 10000000.3", "0.1");
  assert_result ("variance", X, "1e15 1000000000000001 1000000000000002", "1");
  assert_result ("variance", X, "5 5 5", "0");
  assert_result ("stddev", X, "5 5 5", "0");
  assert_result ("variance", X, "5", "null");
  assert_result ("variance", X "population = true\n", "5", "0");
  assert_result ("stddev", X, "- 5", "null");
  assert_result ("stddev", X "population = true\n", "-", "null");
  assert_result ("stddev", X, "1 nan 2", "\"nan\"");
  assert_result ("variance", X, "1 inf 2", "\"nan\"");
}
END_TEST

#define Q(list) "column = x\nq = " list "\n"

/* The figures are those of R's quantile (x, type = 7). */
START_TEST (test_quantile)
{
  assert_result ("median", X, "1 2 3", "2");
  assert_result ("median", X, "4 1 2 3", "2.5");
  assert_result ("median", X, "0.1 0.2", "0.15");
  assert_result ("median", X, "1.0 1 01", "1");
  assert_result ("median", X, "9223372036854775807 9223372036854775806", "9223372036854775806.5");
  assert_result ("median", X, "-9223372036854775807 9223372036854775807", "0");
  assert_result ("median", X, "9223372036854775807 0.000000000000000001",
                 "4611686018427387903.5000000000000000005");
  assert_result ("median", X, "1e300 3e300", "2e300");
  assert_result ("median", X, "1e-300 1", "0.5");
  assert_result ("median", X, "-inf 1 inf", "1");
  assert_result ("median", X, "-inf inf", "\"nan\"");
  assert_result ("median", X, "1 inf", "\"inf\"");
  assert_result ("median", X, "1 nan 2", "\"nan\"");
  assert_result ("median", X, "nan", "\"nan\"");
  assert_result ("median", X, "- -", "null");
  assert_result ("median", X, "", "null");
  assert_result ("quantile", Q ("0, 0.25, 0.5, 0.75, 1"), "1 2 3 4 5 6", "1 2.25 3.5 4.75 6");
  assert_result ("quantile", Q ("0.1, 0.999"), "10 20 30 40 50", "14 49.96");
  assert_result ("quantile", Q ("0.9"), "7", "7");
  assert_result ("quantile", Q ("0.3"), "1 2 3 4 5 6 7 8 9 10 11", "4");
  assert_result ("quantile", Q ("0.123456789012345678"), "0 1", "0.123456789012345678");
  /* Beyond the limit: the nearest rank, about, but the ends are known. */
  assert_result ("quantile", Q ("0, 0.5, 1") "limit = 2\n", "-8 0 8",
                 "-8 0 8 (relative error at most 0.8 %; a greater `limit` lowers it)");
  assert_result ("quantile", Q ("0.5") "limit = 2\n", "-9 8 9",
                 "8.0625 (relative error at most 0.8 %; a greater `limit` lowers it)");
  assert_result ("quantile", Q ("0, 1") "limit = 3\n", "-8 0 8", "-8 8");
  assert_result ("quantile", Q ("0, 1") "limit = 0\n", "5e-324 inf", "5e-324 \"inf\"");
}
END_TEST

/* R: quantile (x, c (0, .1, .25, .5, .75, .95, 1), type = 1 ... 9) */
START_TEST (test_quantile_methods)
{
  static const char *const six[] = {
    "1 1 2 4 16 25 25",
    "1 1 2 6.5 16 25 25",
    "1 1 2 4 9 25 25",
    "1 1 1.5 4 12.5 22.3 25",
    "1 1.1 2 6.5 16 25 25",
    "1 1 1.75 6.5 18.25 25 25",
    "1 1.5 2.5 6.5 14.25 22.75 25",
    "1 1 1.9166666666666667 6.5 16.75 25 25",
    "1 1 1.9375 6.5 16.5625 25 25",
  };
  static const char *const five[] = {
    "1 1 3 5 9 11 11",         "1 1 3 5 9 11 11",
    "1 1 1 3 9 11 11",         "1 1 1.5 4 8 10.5 11",
    "1 1 2.5 5 9.5 11 11",     "1 1 2 5 10 11 11",
    "1 1.8 3 5 9 10.6 11",     "1 1 2.3333333333333335 5 9.666666666666666 11 11",
    "1 1 2.375 5 9.625 11 11",
  };

  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *settings
          = g_strdup_printf (Q ("0, 0.1, 0.25, 0.5, 0.75, 0.95, 1") "method = %u\n", i + 1);

      assert_result ("quantile", settings, "2 1 4 9 16 25", six[i]);
      assert_result ("quantile", settings, "3 1 5 9 11", five[i]);
      assert_result ("quantile", settings, "7 -", "7 7 7 7 7 7 7");
    }
  assert_result ("median", X "method = 1\n", "1 2 3 4", "2");
  assert_result ("quartiles", X "method = 6\n", "1 2 3 4", "1.25 2.5 3.75");
  /* R: IQR (1:10, type = 6) */
  assert_result ("iqr", X "method = 6\n", "1 2 3 4 5 6 7 8 9 10", "5.5");
  assert_result ("iqr", X "method = 1\n", "inf inf 1 2", "\"inf\"");
  assert_result ("quantile", Q ("0.123456789012345678") "method = 9\n", "1 9 2 5 3",
                 "1.0231481423148148095");
  /* Exactly so of a q with more digits than 63 bits have. */
  assert_result ("quantile", Q ("0.12345678901234567890123456789012345678"), "1 9 2 5 3",
                 "1.49382715604938271560493827156049382712");
  assert_result ("quantile", Q ("0.12345678901234567890123456789012345678") "method = 9\n",
                 "1 9 2 5 3", "1.023148142314814814231481481423148148095");
  assert_result ("quantile", Q ("0.24999999999999999999, 0.25000000000000000001") "method = 1\n",
                 "1 2 3 4", "1 2");
  assert_result ("quantile", Q ("0.24999999999999999999, 0.25000000000000000001") "method = 2\n",
                 "1 2 3 4", "1 2");
  assert_result ("quantile", Q ("0.99999999999999999999") "limit = 0\n", "1 2 3", "3");
  assert_result ("quantile", Q ("0.99999999999999999999"), "-inf 1", "\"-inf\"");
  assert_result ("quantile", Q ("0.99999999999999999999"), "inf 1", "\"inf\"");
  assert_result ("quantile", Q ("0.00000000000000000001") "method = 6\n", "4 5", "4");
  assert_result ("quantile", Q ("0.999999999999999999") "method = 9\n", "1e30 9 2 5 3",
                 "1000000000000000000000000000000");
  assert_result ("quantile", Q ("0.5") "method = 1\nlimit = 0\n", "-9 -8 8 9",
                 "-8.0625 (relative error at most 0.8 %; a greater `limit` lowers it)");
}
END_TEST

START_TEST (test_quantile_names)
{
  static const struct
  {
    const char *q;
    const char *names;
  } cases[] = {
    { "0.5", "x" },
    { "0.5, 0.999, 1, 0, 0.07, 0.25, 0.120", "x_p50 x_p99.9 x_p100 x_p0 x_p7 x_p25 x_p12" },
    { "1e-3, .5", "x_p0.1 x_p50" },
    { "0.99999999999999999999, 0.00000000000000000000000000000000000001",
      "x_p99.999999999999999999 x_p0.000000000000000000000000000000000001" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *settings = g_strdup_printf ("column = x\nq = %s\n", cases[i].q);
      g_auto (GStrv) names = NULL;
      g_autofree char *all = NULL;
      Use use;

      use_init (&use, "quantile", settings);
      names = fanout_operator_columns (use.plan.operator_, use.plan.options, "x");
      all = g_strjoinv (" ", names);
      ck_assert_str_eq (all, cases[i].names);
      use_clear (&use);
    }
}
END_TEST

START_TEST (test_distinct)
{
  assert_result ("distinct", X, "a b a - b c", "3");
  assert_result ("distinct", X, "1 1.0 01", "3");
  assert_result ("distinct", X "as = number\n", "1 1.0 01 1e0 2", "2");
  assert_result ("distinct", X "as = number\n", "nan NaN inf Infinity -0 0 1e30 10e29", "4");
  assert_result ("distinct", X, "", "0");
  assert_result ("distinct", X, "- -", "0");
  assert_result ("distinct", X "limit = 3\n", "a b c a", "3");
  assert_result ("distinct", X "limit = 3\n", "a b c a d", "4 (standard error 0.81 %)");
  assert_result ("distinct", X "limit = 0\n", "a", "1 (standard error 0.81 %)");
  assert_result ("distinct", X "limit = 0\n", "", "0");
  assert_result ("distinct", "column = x, y\n", "a|bc ab|c a|bc -|c c|-", "2");
  assert_result ("distinct", "column = x, y\nas = number\n", "1|2 1.0|2.0 2|1", "2");
}
END_TEST

START_TEST (test_groups)
{
  static const guint32 ids[] = { 0, 1, 0, 2, 1 };
  char *words[] = { (char *) "1.5", (char *) "10", (char *) "2.25", (char *) "-", (char *) "4" };
  static const struct
  {
    const char *type;
    const char *settings;
    const char *want;
  } cases[] = {
    { "count", "", "2 2 1" },
    { "count", X, "2 2 0" },
    { "sum", X, "3.75 14 null" },
    { "mean", X, "1.875 7 null" },
    { "min", X, "1.5 4 null" },
    { "max", X, "2.25 10 null" },
    { "first", X, "\"1.5\" \"10\" null" },
    { "last", X, "\"2.25\" \"4\" null" },
    { "median", X, "1.875 7 null" },
    { "distinct", X, "2 2 0" },
    { "variance", X, "0.28125 18 null" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = NULL;
      FanoutNode *node;
      Use use;

      use_init (&use, cases[i].type, cases[i].settings);
      node = use_node (&use, TRUE);
      take (&use, node, words, G_N_ELEMENTS (words), ids, 3, 0);
      got = use_results (&use, node, 3);
      ck_assert_msg (strcmp (got, cases[i].want) == 0, "%s: %s", cases[i].type, got);
      fanout_node_free (node);
      use_clear (&use);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("operators");
  TCase *tests = tcase_create ("operators");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, test_count);
  tcase_add_test (tests, test_sum);
  tcase_add_test (tests, test_mean);
  tcase_add_test (tests, test_min_max);
  tcase_add_test (tests, test_first_last);
  tcase_add_test (tests, test_variance);
  tcase_add_test (tests, test_quantile);
  tcase_add_test (tests, test_quantile_methods);
  tcase_add_test (tests, test_quantile_names);
  tcase_add_test (tests, test_distinct);
  tcase_add_test (tests, test_groups);
  suite_add_tcase (suite, tests);
  return suite;
}
