/* Where the text comes from. */

#include "tests/support/config.h"
#include "tests/support/suite.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void
expect_load (const char *path, const char *lines)
{
  g_auto (Read) read = { 0 };
  g_autofree char *actual = NULL;

  fanout_errors_init (&read.errors);
  read.config = fanout_config_load (path, NULL, &read.errors);
  actual = lines_of (&read.errors);
  ck_assert_str_eq (actual, lines);
  ck_assert (read.config == NULL);
}

START_TEST (test_load)
{
  g_autofree char *folder = g_dir_make_tmp ("fanout-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "p.ini", NULL);
  g_autofree char *origin = g_strdup_printf ("%s:2", path);
  g_autofree char *missing = g_strdup_printf ("%s/no\nsuch", folder);
  g_autofree char *no_such = g_strdup_printf ("%s/no\\nsuch: No such file or directory", folder);
  g_autofree char *is_folder = g_strdup_printf ("%s: Is a directory", folder);
  g_auto (Read) read = { 0 };

  ck_assert (g_file_set_contents (path, "[a]\nb = 1\n", -1, NULL));
  fanout_errors_init (&read.errors);
  read.config = fanout_config_load (path, NULL, &read.errors);
  ck_assert_ptr_nonnull (read.config);
  ck_assert_uint_eq (read.errors.lines->len, 0);
  ck_assert_str_eq (fanout_config_folder (read.config), folder);
  ck_assert_str_eq (fanout_config_group (read.config, 0)->entries[0].origin, origin);
  ck_assert (g_file_set_contents (path, "", 0, NULL));
  read_clear (&read);
  fanout_errors_init (&read.errors);
  read.config = fanout_config_load (path, NULL, &read.errors);
  ck_assert_ptr_nonnull (read.config);
  expect_load (missing, no_such);
  expect_load (folder, is_folder);
  expect_load ("/dev/zero", "/dev/zero: larger than 16M: no configuration");
  g_unlink (path);
  g_rmdir (folder);
}
END_TEST

START_TEST (test_standard_input)
{
  const char *text = "[a]\nb = 1\nc\n";
  const int before = dup (STDIN_FILENO);
  g_auto (Read) read = { 0 };
  g_autofree char *lines = NULL;
  int ends[2];

  ck_assert_int_eq (pipe (ends), 0);
  ck_assert_int_eq (write (ends[1], text, strlen (text)), (int) strlen (text));
  close (ends[1]);
  dup2 (ends[0], STDIN_FILENO);
  close (ends[0]);
  fanout_errors_init (&read.errors);
  read.config = fanout_config_load ("-", NULL, &read.errors);
  dup2 (before, STDIN_FILENO);
  close (before);
  ck_assert_ptr_nonnull (read.config);
  ck_assert_str_eq (fanout_config_folder (read.config), ".");
  lines = lines_of (&read.errors);
  ck_assert_str_eq (lines,
                    "standard input:3: neither '[group]' nor 'key = value' nor '# comment': 'c'");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("load");
  TCase *tests = tcase_create ("load");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_load);
  tcase_add_test (tests, test_standard_input);
  suite_add_tcase (suite, tests);
  return suite;
}
