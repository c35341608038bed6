/* The system refuses a thread: the run fails and says so. It refuses descriptors: none is wanted.
 */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

static _Atomic int n_allowed = G_MAXINT;

/* In front of the C library's, for GLib as well. */
__attribute__ ((visibility ("default"))) int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*body) (void *),
                void *data)
{
  int (*next) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
  *(void **) &next = dlsym (RTLD_NEXT, "pthread_create");
  return atomic_fetch_sub (&n_allowed, 1) > 0 ? next (thread, attributes, body, data) : EAGAIN;
}

#define PIPELINE(strategy)                                                                         \
  "[pipeline]\n" strategy "[source]\ntype = range\nstop = 1000\n"                                  \
  "[aggregate a]\ntype = sum\ncolumn = value\n[aggregate b]\ntype = count\n"                       \
  "[aggregate c]\ntype = max\ncolumn = value\n[aggregate d]\ntype = min\ncolumn = value\n"

static char *
run_allowing (int n, const char *ini)
{
  atomic_store (&n_allowed, n);
  char *text = test_run (ini, NULL);
  atomic_store (&n_allowed, G_MAXINT);
  return text;
}

START_TEST (threads_of_the_strategy)
{
  for (int n = 0; n <= 3; n++)
    {
      g_autofree char *found = run_allowing (n, PIPELINE ("strategy = threads\nthreads = 4\n"));
      ck_assert_str_eq (found, n == 3 ? "499500,1000,999,0\n"
                                      : "error: the system refuses a thread: Resource temporarily "
                                        "unavailable; [pipeline] threads asks for 4, fewer of them "
                                        "or strategy = fiber may do");
    }
}
END_TEST

START_TEST (threads_of_partitions)
{
  for (int n = 0; n <= 3; n++)
    {
      g_autofree char *found = run_allowing (n, PIPELINE ("partitions = 4\n"));
      ck_assert_str_eq (found, n == 3 ? "499500,1000,999,0\n"
                                      : "error: the system refuses a thread: Resource temporarily "
                                        "unavailable; [pipeline] partitions asks for 4, fewer of "
                                        "them may do");
    }
}
END_TEST

/* What nobody waits in takes no descriptor. */
START_TEST (descriptors)
{
  struct rlimit limit;
  ck_assert_int_eq (getrlimit (RLIMIT_NOFILE, &limit), 0);
  const struct rlimit few = { 40, limit.rlim_max };
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline
      = test_pipeline (PIPELINE ("partitions = 64\n"), NULL, &error);
  ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &few), 0);
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
  g_autofree char *found = test_text (result);
  ck_assert_str_eq (found, "499500,1000,999,0\n");
}
END_TEST

Suite *
test_suite (void)
{
  /* Threads that GLib keeps for other pools need not be made. */
  g_thread_pool_set_max_unused_threads (0);
  Suite *suite = suite_create ("refused");
  TCase *tests = tcase_create ("refused");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, threads_of_the_strategy);
  tcase_add_test (tests, threads_of_partitions);
  tcase_add_test (tests, descriptors);
  suite_add_tcase (suite, tests);
  return suite;
}
