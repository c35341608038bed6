/* What belongs to the whole process, and what depends on more than the rows. */

#include "tests/kit/right.h"

#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static FanoutAnswer
change_rounding (gpointer states, const FanoutInput *input)
{
  fesetround (FE_UPWARD);
  return update (states, input);
}

static FanoutAnswer
change_locale (gpointer states, const FanoutInput *input)
{
  setlocale (LC_ALL, "C.UTF-8");
  return update (states, input);
}

static FanoutAnswer
block_signal (gpointer states, const FanoutInput *input)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGUSR2);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  return update (states, input);
}

static FanoutAnswer
ignore_signal (gpointer states, const FanoutInput *input)
{
  signal (SIGUSR2, SIG_IGN);
  return update (states, input);
}

static FanoutAnswer
change_folder (gpointer states, const FanoutInput *input)
{
  if (chdir ("/") != 0)
    return FANOUT_FAILED;
  return update (states, input);
}

static FanoutAnswer
change_mask (gpointer states, const FanoutInput *input)
{
  umask (0177);
  return update (states, input);
}

static FanoutAnswer
set_variable (gpointer states, const FanoutInput *input)
{
  setenv ("FANOUT_TEST_VARIABLE", "1", TRUE);
  return update (states, input);
}

/* Apart, so that this process stays as it is. */
START_TEST (test_surroundings)
{
  static const struct
  {
    FanoutAnswer (*update) (gpointer states, const FanoutInput *input);
    const char *what;
  } cases[] = {
    { change_rounding, "how doubles are rounded" }, { change_locale, "the locale" },
    { block_signal, "the blocked signals" },        { ignore_signal, "what a signal does" },
    { change_folder, "the current folder" },        { change_mask, "the umask" },
    { set_variable, "an environment variable" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FanoutOperator wrong = right;
      g_autofree char *kind
          = g_strconcat ("changes the surroundings: ", cases[i].what, " has changed", NULL);

      wrong.update = cases[i].update;
      assert_finding (&wrong, TRUE, kind);
    }
}
END_TEST

static FanoutAnswer
print_line (gpointer states, const FanoutInput *input)
{
  printf ("hello\n");
  return update (states, input);
}

static FanoutAnswer
exit_well (gpointer states, const FanoutInput *input)
{
  if (input->n_rows > 1)
    exit (0);
  return update (states, input);
}

START_TEST (test_streams)
{
  FanoutOperator wrong = right;

  wrong.update = print_line;
  assert_finding (&wrong, TRUE, "prints: 'hello\\nhello\\n");
  wrong.update = exit_well;
  assert_finding (&wrong, TRUE, "exits: with 0 while updating");
}
END_TEST

/* Time and chance. */

static void
finish_with (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out, guint64 more)
{
  (void) self;
  for (gsize i = 0; i < n; i++)
    fanout_out_count (out, i, 0, more);
  (void) states;
}

static gboolean
finish_with_time (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  finish_with (self, states, n, out, (guint64) time (NULL));
  return TRUE;
}

static gboolean
finish_with_chance (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  static guint64 n_calls;

  finish_with (self, states, n, out, n_calls++ / 2);
  return TRUE;
}

START_TEST (test_chance)
{
  FanoutOperator wrong = right;

  wrong.finish = finish_with_chance;
  assert_finding (&wrong, FALSE, "again");
}
END_TEST

/* However short the check is, it sees two seconds. */
START_TEST (test_time)
{
  FanoutContractReport report;
  FanoutOperator wrong = right;
  g_autofree char *all = NULL;

  wrong.finish = finish_with_time;
  fanout_contract_report_init (&report);
  ck_assert (!fanout_contract_check (FANOUT_KIND_OPERATOR, &wrong, &report));
  all = all_findings (&report);
  ck_assert_msg (strstr (all, "time: ") != NULL || strstr (all, "again: ") != NULL, "%s", all);
  fanout_contract_report_clear (&report);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("process");
  TCase *tests = tcase_create ("process");

  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, test_surroundings);
  tcase_add_test (tests, test_streams);
  tcase_add_test (tests, test_chance);
  tcase_add_test (tests, test_time);
  suite_add_tcase (suite, tests);
  return suite;
}
