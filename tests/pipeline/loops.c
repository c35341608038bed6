/* Loops in whole pipelines: every strategy and batch says the same. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#define RANGE "[source]\ntype = range\nstop = 20011\n"

START_TEST (loops)
{
  test_everywhere (1,
                   RANGE "[aggregate a]\ntype = loop-sum\ncolumn = value\n"
                         "[aggregate b]\ntype = loop-sum\ncolumn = value\n",
                   "200210055,20011,ended,200210055,20011,ended\n");
  test_everywhere (1,
                   "[source]\ntype = range\nstop = 0\n"
                   "[aggregate a]\ntype = loop-sum\ncolumn = value\n",
                   "0,0,ended\n");
}
END_TEST

START_TEST (loops_in_groups)
{
  test_everywhere (1,
                   "[pipeline]\ngroup-by = value\n[source]\ntype = range\nstop = 3\n"
                   "[aggregate a]\ntype = loop-sum\ncolumn = value\n",
                   "0,0,1,ended\n1,1,1,ended\n2,2,1,ended\n");
}
END_TEST

START_TEST (too_many_loops)
{
#ifdef __SANITIZE_THREAD__
  /* It keeps more of each fiber than there is room for. */
  return;
#endif
  for (gsize s = 0; s < G_N_ELEMENTS (test_strategies); s++)
    {
      g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[s]);
      g_autofree char *found = test_run ("[pipeline]\ngroup-by = value\n" RANGE
                                         "[aggregate a]\ntype = loop-sum\ncolumn = value\n",
                                         (const char *const[]){ strategy, NULL });
      ck_assert_str_eq (found, "error: aggregate 'a': more than 10000 groups: each group of "
                               "'loop-sum' has a function call of its own");
    }
}
END_TEST

START_TEST (loop_returns_early)
{
  test_everywhere (1,
                   RANGE "[aggregate a]\ntype = loop-sum\ncolumn = value\nstop-after = 10\n"
                         "[aggregate b]\ntype = loop-sum\ncolumn = value\n",
                   "45,10,stopped,200210055,20011,ended\n");
}
END_TEST

START_TEST (loop_fails)
{
  test_everywhere (1,
                   RANGE "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at = 9999\n"
                         "[aggregate b]\ntype = loop-sum\ncolumn = value\n",
                   "error: aggregate 'a': met 9999");
  test_everywhere (1,
                   "[pipeline]\non-error = drop\n" RANGE
                   "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at = 9999\n"
                   "[aggregate b]\ntype = loop-sum\ncolumn = value\n",
                   ",,,200210055,20011,ended\n");
}
END_TEST

#define EACH_VALUE "[pipeline]\ngroup-by = value\n"

START_TEST (loop_fails_in_a_group)
{
  test_everywhere (1,
                   EACH_VALUE "[source]\ntype = range\nstop = 4\n"
                              "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at = 2\n"
                              "[aggregate b]\ntype = loop-sum\ncolumn = value\n",
                   "error: aggregate 'a': met 2");
  test_everywhere (1,
                   EACH_VALUE "on-error = drop\n[source]\ntype = range\nstop = 4\n"
                              "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at = 2\n"
                              "[aggregate b]\ntype = loop-sum\ncolumn = value\n",
                   "0,,,,0,1,ended\n1,,,,1,1,ended\n2,,,,2,1,ended\n3,,,,3,1,ended\n");
}
END_TEST

START_TEST (loop_fails_at_the_end)
{
  test_everywhere (1,
                   RANGE "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at-end = true\n"
                         "[aggregate n]\ntype = count\n",
                   "error: aggregate 'a': did not like the end");
  test_everywhere (1,
                   RANGE "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at-end = true\n"
                         "on-error = drop\n[aggregate n]\ntype = count\n",
                   ",,,20011\n");
  test_everywhere (1,
                   EACH_VALUE "[source]\ntype = range\nstop = 2\n"
                              "[aggregate a]\ntype = loop-sum\ncolumn = value\nfail-at-end = true\n"
                              "on-error = drop\n[aggregate n]\ntype = count\n",
                   "0,,,,1\n1,,,,1\n");
}
END_TEST

/* One group less than too many, and one more where it is only dropped. */
START_TEST (as_many_loops_as_there_may_be)
{
#ifdef __SANITIZE_THREAD__
  return;
#endif
  for (gsize s = 0; s < G_N_ELEMENTS (test_strategies); s++)
    for (int n = 10000; n <= 10001; n++)
      {
        g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[s]);
        g_autofree char *stop = g_strdup_printf ("source.stop=%d", n);
        g_autoptr (GString) wanted = g_string_new (NULL);
        for (int i = 0; i < n; i++)
          if (n == 10000)
            g_string_append_printf (wanted, "%d,%d,1,ended,1\n", i, i);
          else
            g_string_append_printf (wanted, "%d,,,,1\n", i);
        g_autofree char *found = test_run (
            EACH_VALUE "[source]\ntype = range\n"
                       "[aggregate a]\ntype = loop-sum\ncolumn = value\non-error = drop\n"
                       "[aggregate n]\ntype = count\n",
            (const char *const[]){ strategy, stop, NULL });
        ck_assert_str_eq (found, wanted->str);
      }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("loops");
  TCase *tests = tcase_create ("loops");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, loops);
  tcase_add_test (tests, loops_in_groups);
  tcase_add_test (tests, too_many_loops);
  tcase_add_test (tests, loop_returns_early);
  tcase_add_test (tests, loop_fails);
  tcase_add_test (tests, loop_fails_in_a_group);
  tcase_add_test (tests, loop_fails_at_the_end);
  tcase_add_test (tests, as_many_loops_as_there_may_be);
  suite_add_tcase (suite, tests);
  return suite;
}
