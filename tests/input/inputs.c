/* The inputs themselves: what cannot be read, their columns, their names. */

#include "tests/support/reader.h"
#include "tests/support/suite.h"
#include <glib/gstdio.h>
#include <sys/stat.h>

/* What cannot be read. */

static void
expect_failure (const char *path, const char *expected)
{
  const char *const paths[] = { path, NULL };
  const FanoutReaderPlan plan = make_plan (&plain, paths);

  expect_at (&plan, 2, FALSE, expected);
}

START_TEST (unreadable_inputs)
{
  const char *const gone[] = { "gone", NULL };
  g_autofree char *path = g_build_filename (folder, "gone", NULL);
  FanoutReaderPlan plan = make_plan (&plain, gone);

  expect_failure ("missing", "00000000! missing: No such file or directory");
  expect_failure ("a\nb", "00000000! a\\nb: No such file or directory");
  expect_failure (".", "00000000! .: Is a directory");
  if (g_file_test ("/proc/self/mem", G_FILE_TEST_EXISTS))
    expect_failure ("/proc/self/mem", "00000000! /proc/self/mem: Input/output error");
  if (geteuid () != 0)
    {
      write_file ("gone", "1\n");
      ck_assert_int_eq (chmod (path, 0), 0);
      expect_failure ("gone", "00000000! gone: Permission denied");
    }
  g_remove (path);
  write_file ("gone", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  char **names = NULL;
  gboolean known = FALSE;
  ck_assert (fanout_reader_fields (reader, &names, &known, NULL, NULL));
  g_strfreev (names);
  ck_assert_int_eq (truncate (path, 18), 0);
  g_autofree char *rows = read_all (reader, 1, FALSE, 100);
  ck_assert (g_str_has_prefix (rows, "00000000 gone:1 1\n"));
  ck_assert (g_str_has_suffix (rows, "/gone: it became shorter while it was read"));
}
END_TEST

START_TEST (no_inputs)
{
  const char *const paths[] = { NULL };

  expect (make_plan (&headed, paths), "");
}
END_TEST

START_TEST (inputs_without_a_size)
{
  const char *const paths[] = { "/proc/self/cmdline", "/dev/null", NULL };
  const FanoutReaderPlan plan = make_plan (&plain, paths);

  if (!g_file_test (paths[0], G_FILE_TEST_EXISTS))
    return;
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autofree char *rows = read_all (reader, 1, FALSE, plan.max_row);

  ck_assert (g_str_has_prefix (rows, "00000000 cmdline:1 "));
}
END_TEST

/* Columns. */

static void
expect_fields (const Options *options, const char *bytes, gboolean expected, const char *names)
{
  const char *const paths[] = { "nothing", "t.csv", NULL };
  const FanoutReaderPlan plan = make_plan (options, paths);
  g_autofree char *found = NULL;
  char **fields = NULL;
  gboolean known = !expected;

  write_file ("nothing", "");
  write_file ("t.csv", bytes);
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  ck_assert (fanout_reader_fields (reader, &fields, &known, NULL, NULL));
  ck_assert_int_eq (known, expected);
  found = fields != NULL ? g_strjoinv ("|", fields) : NULL;
  ck_assert_pstr_eq (found, names);
  g_strfreev (fields);
}

START_TEST (names_of_columns)
{
  const Options configured = { .names = "p,q" };

  expect_fields (&headed, "a,,b,a\n1,2,3,4\n", TRUE, "a|2|b|a");
  expect_fields (&headed, "a", TRUE, "a");
  expect_fields (&plain, "a,,b,a\n", TRUE, "1|2|3|4");
  expect_fields (&headed, "", FALSE, NULL);
  expect_fields (&headed, "\xEF\xBB\xBF", FALSE, NULL);
  expect_fields (&configured, "", TRUE, "p|q");
}
END_TEST

static void
expect_mapping (const Options *options, const char *const *names, const char *expected)
{
  const char *const paths[] = { "a", "b", NULL };
  const FanoutReaderPlan plan = make_plan (options, paths);
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
  g_autoptr (GString) found = g_string_new (NULL);
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);
  g_autoptr (GError) error = NULL;
  FanoutBlock block;
  guint64 record = 77;
  FanoutRead result;

  fanout_reader_select (reader, g_strv_length ((char **) names), names, NULL);
  while ((result = fanout_reader_next (lane, &block, NULL, &record, &error)) == FANOUT_READ_BLOCK)
    {
      g_string_append_printf (found, "%u:", block.n_fields);
      for (guint i = 0; names[i] != NULL; i++)
        g_string_append_printf (found, " %u", block.fields[i]);
      g_string_append (found, "; ");
    }
  if (error != NULL)
    {
      ck_assert (error->domain == FANOUT_ERROR && error->code == FANOUT_ERROR_INPUT);
      g_string_append_printf (found, "%" G_GUINT64_FORMAT " %s", record, error->message);
    }
  g_string_replace (found, prefix, "", 0);
  ck_assert_str_eq (found->str, expected);
}

START_TEST (columns_of_each_input)
{
  const char *const both[] = { "delay", "day", NULL };
  const char *const missing[] = { "when", NULL };
  const char *const near[] = { "delya", NULL };
  const char *const twice[] = { "x", NULL };
  const char *const numbers[] = { "2", "1", NULL };
  const char *const beyond[] = { "3", NULL };
  const char *const zero[] = { "02", NULL };

  write_file ("a", "day,delay,when\n1,2,3\n");
  write_file ("b", "x,delay,x,day\n1,2,3,4\n");
  expect_mapping (&headed, both, "3: 1 0; 4: 1 3; ");
  expect_mapping (&headed, missing,
                  "3: 2; 1 no column 'when' in b; missing-columns = null takes it for no value");
  expect_mapping (&headed, near, "0 no column 'delya' in a; did you mean 'delay'?");
  expect_mapping (&headed, twice, "0 no column 'x' in a");
  write_file ("a", "x\n1");
  expect_mapping (&headed, twice, "1: 0; 1 column 'x' occurs twice in b");
  write_file ("a", "1,2");
  write_file ("b", "1,2,3");
  expect_mapping (&plain, numbers, "2: 1 0; 3: 1 0; ");
  expect_mapping (&plain, beyond, "0 no column '3' in a");
  expect_mapping (&plain, zero, "0 no column '02' in a");
}
END_TEST

START_TEST (header_too_long)
{
  const char *const paths[] = { "t.csv", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);
  g_autofree char *name = g_strnfill (10000, 'n');
  g_autofree char *text = g_strconcat (name, ",", name, "\n1,2\n", NULL);

  write_file ("t.csv", text);
  expect_at (&plan, 1, FALSE, "00000000! t.csv:1: the header is too long");
}
END_TEST

/* Paths. */

static void
expect_paths (const char *const *paths, const char *expected)
{
  FanoutReaderPlan plan = make_plan (&plain, paths);
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);
  g_auto (GStrv) parts = NULL;
  FanoutBlockReader *reader;

  plan.glob = TRUE;
  reader = fanout_reader_new (&plan, &error);
  if (reader == NULL)
    ck_assert (error->domain == FANOUT_ERROR && error->code == FANOUT_ERROR_INPUT);
  found = reader != NULL ? g_strjoinv (" ", (char **) fanout_reader_paths (reader))
                         : g_strdup (error->message);
  parts = g_strsplit (found, prefix, -1);
  g_free (found);
  found = g_strjoinv ("", parts);
  ck_assert_str_eq (found, expected);
  fanout_reader_free (reader);
}

START_TEST (globs)
{
  const char *const order[] = { "b.csv", "?.csv", "-", NULL };
  const char *const deep[] = { "*/x[12].csv", NULL };
  const char *const literal[] = { "[q].txt", NULL };
  const char *const pattern[] = { "[p].txt", NULL };
  const char *const none[] = { "*.none", NULL };
  const char *const nowhere[] = { "nowhere/*", NULL };
  const char *const missing[] = { "missing", NULL };

  write_file ("a.csv", "1\n");
  write_file ("B.csv", "1\n");
  write_file ("b.csv", "12\n");
  write_file ("d/x1.csv", "1\n");
  write_file ("e/x2.csv", "1\n");
  write_file ("e/x3.csv", "1\n");
  write_file ("[q].txt", "1\n");
  write_file ("[p].txt", "1\n");
  write_file ("p.txt", "1\n");
  expect_paths (order, "b.csv B.csv a.csv b.csv -");
  expect_paths (deep, "d/x1.csv e/x2.csv");
  expect_paths (literal, "[q].txt");
  expect_paths (pattern, "p.txt");
  expect_paths (none, "no file matches '*.none'");
  expect_paths (nowhere, "no file matches 'nowhere/*'");
  expect_paths (missing, "missing");
  g_autofree char *everything = g_build_filename (folder, "?.txt", NULL);
  const char *const absolute[] = { everything, NULL };
  expect_paths (absolute, "p.txt");
}
END_TEST

START_TEST (folders_are_names)
{
  const char *const paths[] = { "*.csv", NULL };
  char *outer = folder;

  write_file ("a", "");
  folder = g_build_filename (outer, "f[a]*", NULL);
  write_file ("1.csv", "1\n");
  write_file ("2.csv", "1\n");
  expect_paths (paths, "1.csv 2.csv");
  g_free (folder);
  folder = outer;
}
END_TEST

START_TEST (counted_bytes)
{
  const char *const paths[] = { "a", "b", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);

  write_file ("a", "\xEF\xBB\xBFh\n1\n2\n");
  write_file ("b", "h\n12345678901234567890\n");
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  ck_assert_uint_eq (fanout_reader_total (reader), 32);
  ck_assert_uint_eq (fanout_reader_bytes (reader), 0);
  g_free (read_all (reader, 2, FALSE, plan.max_row));
  ck_assert_uint_eq (fanout_reader_bytes (reader), 32);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("inputs");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, unreadable_inputs);
  tcase_add_test (tests, no_inputs);
  tcase_add_test (tests, inputs_without_a_size);
  tcase_add_test (tests, names_of_columns);
  tcase_add_test (tests, columns_of_each_input);
  tcase_add_test (tests, header_too_long);
  tcase_add_test (tests, globs);
  tcase_add_test (tests, folders_are_names);
  tcase_add_test (tests, counted_bytes);
  suite_add_tcase (suite, tests);
  return suite;
}
