/* Aggregates that leave, and those that fail: the same in every strategy, batch and number of
 * partitions. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <unistd.h>

#define RANGE "[source]\ntype = range\nstop = 20011\n"

START_TEST (leaves)
{
  test_everywhere (1,
                   RANGE "[aggregate a]\ntype = until\ncolumn = value\nat = 100\n"
                         "[aggregate n]\ntype = count\n",
                   "101,20011\n");
  test_everywhere (1,
                   RANGE "[aggregate a]\ntype = until\ncolumn = value\nat = 100\n"
                         "[aggregate b]\ntype = until\ncolumn = value\nat = 9000\n",
                   "101,9001\n");
}
END_TEST

static void
check_rows (const char *const *overrides, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (data, overrides, &error);
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  ck_assert_ptr_nonnull (result);
  FanoutCounters counters;
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  ck_assert_uint_eq (counters.rows, 9001);
  ck_assert_uint_eq (counters.rows_processed, 9001);
}

/* None counts after every aggregate has had enough. */
START_TEST (stops_reading)
{
  static char ini[] = RANGE "[aggregate a]\ntype = until\ncolumn = value\nat = 100\n"
                            "[aggregate b]\ntype = until\ncolumn = value\nat = 9000\n";
  test_every_way (1, check_rows, ini);
}
END_TEST

START_TEST (fails)
{
  test_everywhere (3,
                   RANGE "[aggregate n]\ntype = count\n"
                         "[aggregate a]\ntype = fails\ncolumn = value\nat = 7000\n",
                   "error: aggregate 'a': cannot bear 7000");
  test_everywhere (3,
                   RANGE "[aggregate b]\ntype = fails\ncolumn = value\nat = 7001\n"
                         "[aggregate a]\ntype = fails\ncolumn = value\nat = 7000\n",
                   "error: aggregate 'a': cannot bear 7000");
  test_everywhere (3, RANGE "[aggregate a]\ntype = fails\ncolumn = value\nat = 0\nsilent = true\n",
                   "error: aggregate 'a': operator 'fails' failed without saying why");
}
END_TEST

START_TEST (drops)
{
  test_everywhere (3,
                   RANGE "[aggregate n]\ntype = count\n"
                         "[aggregate a]\ntype = fails\ncolumn = value\nat = 7000\non-error = drop\n"
                         "[aggregate b]\ntype = fails\ncolumn = value\n",
                   "20011,,20011\n");
}
END_TEST

/* As test_check_case, without showing what may be very long. */
static void
check_long (const char *const *overrides, gpointer data)
{
  const TestCase *test = data;
  g_autofree char *found = test_run (test->ini, overrides);
  gsize same = 0;
  while (found[same] != '\0' && found[same] == test->wanted[same])
    same++;
  ck_assert_msg (found[same] == test->wanted[same], "with %s %s %s: wanted %.30s, found %.30s",
                 overrides[0], overrides[1], overrides[2], test->wanted + same, found + same);
}

#define FAILS(name, at)                                                                            \
  "[aggregate " name "]\ntype = fails\ncolumn = value\nat = " at "\non-error = drop\n"

static char *
numbered (guint n, const char *behind)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%u,%s\n", i, behind);
  return g_string_free (text, FALSE);
}

/* The groups are those of the rows up to the one that the last aggregate was dropped for. */
START_TEST (drops_all)
{
  g_autofree char *wanted = numbered (41, ",");
  TestCase test
      = { "[pipeline]\ngroup-by = value\n[source]\ntype = range\nstop = 500\n" FAILS ("a", "40")
              FAILS ("b", "0"),
          wanted };
  test_every_way (3, check_long, &test);
}
END_TEST

START_TEST (drops_all_far_apart)
{
  static const char *const partitions[] = { "1", "2", "3" };
  g_autofree char *wanted = numbered (19001, ",");
  TestCase test
      = { "[pipeline]\ngroup-by = value\n" RANGE FAILS ("a", "100") FAILS ("b", "19000"), wanted };
  for (gsize s = 0; s < G_N_ELEMENTS (test_strategies); s++)
    for (gsize p = 0; p < G_N_ELEMENTS (partitions); p++)
      {
        g_autofree char *strategy = g_strconcat ("pipeline.strategy=", test_strategies[s], NULL);
        g_autofree char *passes = g_strconcat ("pipeline.partitions=", partitions[p], NULL);
        check_long ((const char *const[]){ strategy, passes, "pipeline.batch=1000", NULL }, &test);
      }
}
END_TEST

/* How a run of pipeline `ini` ends: its rows, and why aggregate 0 was dropped. */
static void
check_dropped (const char *ini, const char *wanted, const char *reason)
{
  for (gsize s = 0; s < G_N_ELEMENTS (test_strategies); s++)
    {
      g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[s]);
      g_autoptr (GError) error = NULL;
      g_autoptr (FanoutPipeline) pipeline
          = test_pipeline (ini, (const char *const[]){ strategy, NULL }, &error);
      ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
      g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
      ck_assert_msg (result != NULL, "%s", error != NULL ? error->message : "");
      g_autofree char *text = test_text (result);
      ck_assert_str_eq (text, wanted);
      ck_assert_ptr_null (fanout_result_approximate (result)[0]);
      FanoutCounters counters;
      fanout_pipeline_counters (pipeline, &counters, sizeof counters);
      ck_assert_str_eq (counters.aggregates[0].error, reason);
      ck_assert_ptr_null (counters.aggregates[1].error);
    }
}

#define FAILS_LATE(options)                                                                        \
  RANGE "[aggregate a]\ntype = fails-late\ncolumn = value\n" options "[aggregate n]\ntype = "      \
        "count\n"

START_TEST (fails_in_finish)
{
  g_autofree char *fail = test_run (FAILS_LATE (""), NULL);
  g_autofree char *fits = test_run (FAILS_LATE ("at = 7\n"), NULL);
  ck_assert_str_eq (fail, "error: aggregate 'a': cannot be finished");
  ck_assert_str_eq (fits, "20011,[20010],20011\n");
  check_dropped (FAILS_LATE ("on-error = drop\n"), ",,20011\n",
                 "aggregate 'a': cannot be finished");
}
END_TEST

/* Which of many groups fails, and what they are sorted by, does not matter. */
START_TEST (fails_in_finish_of_a_group)
{
  GString *by_key = g_string_new (NULL);
  GString *downwards = g_string_new (NULL);
  for (int i = 0; i < 20011; i++)
    {
      g_string_append_printf (by_key, "%d,,,1\n", i);
      g_string_append_printf (downwards, "%d,,,1\n", 20010 - i);
    }
#define GROUPED "[pipeline]\ngroup-by = value\n"
#define DROPPED GROUPED FAILS_LATE ("at = 20003\non-error = drop\n")
  g_autofree char *found = test_run (GROUPED FAILS_LATE ("at = 20003\n"), NULL);
  ck_assert_str_eq (found, "error: aggregate 'a': cannot be finished");
  check_dropped (DROPPED, by_key->str, "aggregate 'a': cannot be finished");
  check_dropped (DROPPED "[output]\nsort = a_n desc\n", by_key->str,
                 "aggregate 'a': cannot be finished");
  check_dropped (DROPPED "[output]\nsort = n, value desc\n", downwards->str,
                 "aggregate 'a': cannot be finished");
  g_string_free (by_key, TRUE);
  g_string_free (downwards, TRUE);
}
END_TEST

/* What cannot be combined is read again in one partition, where it can be read again. */
START_TEST (fails_in_combine)
{
#define IN_COMBINE "[aggregate a]\ntype = fails-late\ncolumn = value\nfails-in = combine\n"
  g_autofree char *again = test_run ("[pipeline]\npartitions = 3\n" RANGE IN_COMBINE, NULL);
  ck_assert_str_eq (again, "20011,[20010]\n");
  for (int drop = 0; drop < 2; drop++)
    {
      int ends[2];
      ck_assert_int_eq (pipe (ends), 0);
      ck_assert_int_eq ((int) write (ends[1], "value\n1\n2\n", 10), 10);
      close (ends[1]);
      g_autofree char *ini = g_strdup_printf ("[pipeline]\npartitions = 3\non-error = %s\n"
                                              "[source]\ntype = csv\npath = /dev/fd/%d\n" IN_COMBINE
                                              "[aggregate n]\ntype = count\n",
                                              drop ? "drop" : "stop", ends[0]);
      g_autofree char *found = test_run (ini, NULL);
      ck_assert_str_eq (found, drop ? ",,2\n" : "error: aggregate 'a': cannot be combined");
      close (ends[0]);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("failures");
  TCase *tests = tcase_create ("failures");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, leaves);
  tcase_add_test (tests, stops_reading);
  tcase_add_test (tests, fails);
  tcase_add_test (tests, drops);
  tcase_add_test (tests, drops_all);
  tcase_add_test (tests, drops_all_far_apart);
  tcase_add_test (tests, fails_in_finish);
  tcase_add_test (tests, fails_in_finish_of_a_group);
  tcase_add_test (tests, fails_in_combine);
  suite_add_tcase (suite, tests);
  return suite;
}
