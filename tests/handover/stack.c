/* The stacks of fibers: what lies below them, and what is said where there is no room for one. */

#include "tests/support/suite.h"
#include "core/handover/fiber.h"

#include <fanout/error.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK (256 * 1024)

static void
reach_below (gpointer data)
{
  char here = 0;
  char *at = &here;
  const gsize *far = data;
  /* The compiler must not see that this is outside of what it knows. */
  __asm__ volatile("" : "+r"(at)::"memory");
  *(volatile char *) (at - *far) = 1;
}

/* What a frame so large does, with other stacks around; -1: nothing happened. */
static int
signal_of (gsize far)
{
  pid_t child = fork ();
  ck_assert_int_ge (child, 0);
  if (child == 0)
    {
      FanoutFiber *fibers[16];
      signal (SIGSEGV, SIG_DFL);
      for (gsize i = 0; i < G_N_ELEMENTS (fibers); i++)
        fibers[i] = fanout_fiber_new (reach_below, &far, NULL, NULL);
      fanout_fiber_resume (fibers[G_N_ELEMENTS (fibers) / 2]);
      _exit (0);
    }
  int status = 0;
  ck_assert_int_eq (waitpid (child, &status, 0), child);
  return WIFSIGNALED (status) ? WTERMSIG (status) : -1;
}

START_TEST (a_large_frame_reaches_no_other_stack)
{
  ck_assert_int_eq (signal_of (STACK / 2), -1);
  for (gsize far = STACK; far <= 4 * STACK; far += STACK / 8)
    ck_assert_int_eq (signal_of (far), SIGSEGV);
}
END_TEST

static void
nothing (gpointer data)
{
  (void) data;
}

static guint64
most_maps (void)
{
  g_autofree char *text = NULL;
  return g_file_get_contents ("/proc/sys/vm/max_map_count", &text, NULL, NULL)
             ? g_ascii_strtoull (text, NULL, 10)
             : 0;
}

START_TEST (no_mapping_left)
{
  const guint64 most = most_maps ();
  const gsize page = (gsize) sysconf (_SC_PAGESIZE);
  FanoutFiber *fibers[200];
  gsize n = 0;
  g_autoptr (GError) error = NULL;
  if (most < 1000 || most > 200000)
    return;
  /* Each other page makes two of it. */
  char *pages
      = mmap (NULL, most * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ck_assert_ptr_ne (pages, MAP_FAILED);
  for (guint64 i = 1; i < most - 300; i += 2)
    if (mprotect (pages + i * page, page, PROT_READ) != 0)
      break;
  while (n < G_N_ELEMENTS (fibers)
         && (fibers[n] = fanout_fiber_new (nothing, NULL, NULL, &error)) != NULL)
    n++;
  munmap (pages, most * page);
  g_autofree char *wanted = g_strdup_printf (
      "no room for another stack: each takes 2 of the %" G_GUINT64_FORMAT " memory mappings that a "
      "process may have; fewer groups or aggregates need fewer stacks, a higher "
      "vm.max_map_count (sysctl) allows more",
      most);
  ck_assert_msg (error != NULL, "%u stacks", (guint) n);
  ck_assert_str_eq (error->message, wanted);
  while (n > 0)
    fanout_fiber_free (fibers[--n]);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("stack");
  TCase *tests = tcase_create ("stack");
  tcase_set_timeout (tests, 0);
  /* The sanitizers have mappings and a handler of their own. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  tcase_add_test (tests, a_large_frame_reaches_no_other_stack);
  tcase_add_test (tests, no_mapping_left);
#else
  (void) a_large_frame_reaches_no_other_stack;
  (void) no_mapping_left;
#endif
  suite_add_tcase (suite, tests);
  return suite;
}
