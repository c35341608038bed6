/* A lock that one at a time has. */

#include "tests/support/suite.h"

#include "core/base/lock.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void
expect_held (const char *path, const char *who)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = g_strdup_printf (
      "%s: %s uses it, and holds %s.lock: end that first, or give this run a path of its own", path,
      who, path);

  ck_assert_ptr_null (fanout_lock_take (path, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_RETRY));
  ck_assert_str_eq (error->message, message);
}

START_TEST (one_at_a_time)
{
  g_autofree char *folder = g_dir_make_tmp ("fanout-lock.XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "state", NULL);
  g_autofree char *file = g_strconcat (path, ".lock", NULL);
  g_autofree char *who = g_strdup_printf ("process %d", (int) getpid ());
  g_autoptr (GError) error = NULL;
  FanoutLock *lock, *other;

  /* What a process left that was killed. */
  ck_assert (g_file_set_contents (file, "1234567890\n", -1, NULL));
  lock = fanout_lock_take (path, &error);
  ck_assert_ptr_nonnull (lock);
  expect_held (path, who);
  ck_assert_int_eq (truncate (file, 0), 0);
  expect_held (path, "another process");

  /* Somebody removes the file: another can have the path, and keeps it. */
  ck_assert_int_eq (g_unlink (file), 0);
  other = fanout_lock_take (path, &error);
  ck_assert_ptr_nonnull (other);
  fanout_lock_free (lock);
  expect_held (path, who);
  fanout_lock_free (other);
  ck_assert (!g_file_test (file, G_FILE_TEST_EXISTS));
  ck_assert_int_eq (g_rmdir (folder), 0);
}
END_TEST

START_TEST (none_to_be_had)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (fanout_lock_take ("/no/such/folder/state", &error));
  ck_assert_ptr_null (error);
  fanout_lock_free (NULL);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("lock");
  TCase *tests = tcase_create ("lock");

  tcase_add_test (tests, one_at_a_time);
  tcase_add_test (tests, none_to_be_had);
  suite_add_tcase (suite, tests);
  return suite;
}
