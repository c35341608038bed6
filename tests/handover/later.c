/* Operators that answer later, under threads: whoever waits hears of its own acknowledgement. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define RANGE "[source]\ntype = range\nstop = %u\n"
#define LATER "[aggregate l%u]\ntype = later-sum\ncolumn = value\nfrom = %s\n"

typedef struct
{
  guint n;
  int (*pipes)[2];
} Acknowledger;

/* A byte for each operator in turn; the next one gets its byte once that has been read. */
static gpointer
acknowledge_in_turn (gpointer data)
{
  const Acknowledger *all = data;
  for (guint i = 0; i < all->n; i++)
    {
      int left = 1;
      if (write (all->pipes[i][1], "x", 1) != 1)
        return "write";
      while (left > 0)
        {
          if (ioctl (all->pipes[i][0], FIONREAD, &left) != 0)
            return "ioctl";
          g_thread_yield ();
        }
    }
  return NULL;
}

/* One after the other, in this order and in the other one. */
static void
acknowledged_in_turn (guint n, guint threads, gboolean backwards)
{
  int pipes[8][2];
  int in_turn[8][2];
  Acknowledger all = { n, in_turn };
  GString *ini = g_string_new (NULL);
  GString *wanted = g_string_new (NULL);
  g_string_append_printf (ini, "[pipeline]\nstrategy = threads\nthreads = %u\n" RANGE, threads, 10);
  for (guint i = 0; i < n; i++)
    {
      ck_assert_int_eq (pipe (pipes[i]), 0);
      memcpy (in_turn[backwards ? n - 1 - i : i], pipes[i], sizeof pipes[i]);
      g_string_append_printf (ini, LATER "fd = %d\n", i, "fd", pipes[i][0]);
      g_string_append (wanted, i + 1 < n ? "45," : "45\n");
    }
  pthread_t thread;
  gpointer failed;
  ck_assert_int_eq (pthread_create (&thread, NULL, acknowledge_in_turn, &all), 0);
  g_autofree char *found = test_run (ini->str, NULL);
  pthread_join (thread, &failed);
  ck_assert_msg (failed == NULL, "%s", (const char *) failed);
  ck_assert_str_eq (found, wanted->str);
  for (guint i = 0; i < n; i++)
    {
      close (pipes[i][0]);
      close (pipes[i][1]);
    }
  g_string_free (ini, TRUE);
  g_string_free (wanted, TRUE);
}

START_TEST (each_hears_of_its_own)
{
  for (guint n = 2; n <= 8; n += 3)
    for (guint threads = 1; threads <= n; threads++)
      for (int backwards = 0; backwards < 2; backwards++)
        acknowledged_in_turn (n, threads, backwards);
}
END_TEST

/* Many acknowledgements from many threads, in no order. */
START_TEST (from_threads_of_their_own)
{
  static const char *const places[] = { "thread", "context", "at-once" };
  for (guint threads = 2; threads <= 5; threads++)
    for (guint same = 0; same < 2; same++)
      {
        GString *ini = g_string_new (NULL);
        GString *wanted = g_string_new (NULL);
        g_string_append_printf (
            ini, "[pipeline]\nstrategy = threads\nbatch = 7\nthreads = %u\n" RANGE, threads, 700);
        for (guint i = 0; i < 5; i++)
          {
            g_string_append_printf (ini, LATER, i, places[same ? 0 : i % G_N_ELEMENTS (places)]);
            g_string_append (wanted, i < 4 ? "244650," : "244650\n");
          }
        g_autofree char *found = test_run (ini->str, NULL);
        ck_assert_str_eq (found, wanted->str);
        g_string_free (ini, TRUE);
        g_string_free (wanted, TRUE);
      }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("later");
  TCase *tests = tcase_create ("later");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, each_hears_of_its_own);
  tcase_add_test (tests, from_threads_of_their_own);
  suite_add_tcase (suite, tests);
  return suite;
}
