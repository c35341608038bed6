/* The rows of the stream, their numbers and lines, whatever the lanes and the cuts. */

#include "tests/support/reader.h"
#include "tests/support/suite.h"

START_TEST (rows_and_lines)
{
  expect_rows (&plain, "", "");
  expect_rows (&plain, "a", "00000000 t.csv:1 a");
  expect_rows (&plain, "a\n", "00000000 t.csv:1 a");
  expect_rows (&plain, "a\r\n\n\r\nb\n\nlast",
               "00000000 t.csv:1 a\n00000001 t.csv:2 \n00000002 t.csv:3 \n00000003 t.csv:4 b\n"
               "00000004 t.csv:5 \n00000005 t.csv:6 last");
  expect_rows (&plain, "\n\n", "00000000 t.csv:1 \n00000001 t.csv:2 ");
}
END_TEST

START_TEST (quotes)
{
  expect_rows (&plain, "\"a\nb\",1\n\"c \"\"\n\"\" d\",2\ne\n\"last\n\nof \"\"all\"\"\"",
               "00000000 t.csv:1 \"a\nb\",1\n00000001 t.csv:3 \"c \"\"\n\"\" d\",2\n"
               "00000002 t.csv:5 e\n00000003 t.csv:6 \"last\n\nof \"\"all\"\"\"");
  expect_rows (&plain, "\"\"\n\"\n\"\n", "00000000 t.csv:1 \"\"\n00000001 t.csv:2 \"\n\"");
}
END_TEST

START_TEST (unclosed_quote)
{
  expect_rows (&plain, "a\n\"b\nc\"\nd,\"e\n\nf\n",
               "00000000 t.csv:1 a\n00000001 t.csv:2 \"b\nc\"\n"
               "00000002 t.csv:4 d,\"e\n\nf\n");
  expect_rows (&headed, "\n\"a\nb\n", "00000000! t.csv:2: a quote in the header is never closed");
}
END_TEST

START_TEST (headers)
{
  expect_rows (&headed, "a,b\n1,2\n3,4\n", "00000000 t.csv:2 1,2\n00000001 t.csv:3 3,4");
  expect_rows (&headed,
               "\xEF\xBB\xBF"
               "a,b\r\n1,2",
               "00000000 t.csv:2 1,2");
  expect_rows (&headed, "\n\n\"a\n b\",b\n\n1,2", "00000000 t.csv:5 \n00000001 t.csv:6 1,2");
  expect_rows (&headed, "a,b", "");
  expect_rows (&headed, "a,b\n", "");
  expect_rows (&headed, "\xEF\xBB\xBF", "");
  /* The second one is a letter. */
  expect_rows (&plain, "\xEF\xBB\xBF\xEF\xBB\xBF", "00000000 t.csv:1 \xEF\xBB\xBF");
  expect_rows (&plain,
               "\xEF\xBB\xBF"
               "1,2\n",
               "00000000 t.csv:1 1,2");
  expect_rows (&plain, "\xEF\xBB\n", "00000000 t.csv:1 \xEF\xBB");
}
END_TEST

START_TEST (lines_by_default)
{
  const char *const paths[] = { "t.csv", NULL };
  const FanoutSource lines = { .size = sizeof (FanoutSource), .name = "lines" };
  FanoutReaderPlan plan = make_plan (NULL, paths);

  plan.source = &lines;
  plan.block_size = 3;
  write_file ("t.csv", "a b\nc\n");
  expect_at (&plan, 1, FALSE, "00000000 t.csv:1 a b\n00000001 t.csv:2 c");
}
END_TEST

START_TEST (several_inputs)
{
  const char *const paths[] = { "a", "empty", "b", "header", "mark", "c", NULL };

  write_file ("a", "x,y\n1,2\n3,4");
  write_file ("empty", "");
  write_file ("b", "\xEF\xBB\xBFx,y\n\"5\n\",6\n");
  write_file ("header", "x,y\n");
  write_file ("mark", "\xEF\xBB\xBF");
  write_file ("c", "\nx,y\n7,8");
  expect (make_plan (&headed, paths), "00000000 a:2 1,2\n00000001 a:3 3,4\n00000002 b:2 \"5\n\",6\n"
                                      "00000003 c:3 7,8");
}
END_TEST

START_TEST (failures_come_in_turn)
{
  const char *const missing[] = { "a", "missing", "a", NULL };
  const char *const unclosed[] = { "a", "b", "a", NULL };

  write_file ("a", "1\n2\n3");
  write_file ("b", "4\n\"5");
  expect (make_plan (&plain, missing), "00000000 a:1 1\n00000001 a:2 2\n00000002 a:3 3\n"
                                       "00000003! missing: No such file or directory");
  expect (make_plan (&plain, unclosed), "00000000 a:1 1\n00000001 a:2 2\n00000002 a:3 3\n"
                                        "00000003 b:1 4\n00000004 b:2 \"5\n"
                                        "00000005 a:1 1\n00000006 a:2 2\n00000007 a:3 3");
}
END_TEST

START_TEST (long_rows)
{
  const char *const paths[] = { "t.csv", "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);

  plan.max_row = 8;
  write_file ("t.csv", "12345678\r\n123456789\n1\n\"2\n56\n\"\"89012345678901234567890\n\",\"\n\"\n"
                       "\"2\n5678\"\n123456789\r\n12345678901234567890123456789012345678901234");
  expect (plan,
          "00000000 t.csv:1 12345678\n00000001 t.csv:2 too long\n00000002 t.csv:3 1\n"
          "00000003 t.csv:4 too long\n00000004 t.csv:9 \"2\n5678\"\n00000005 t.csv:11 too long\n"
          "00000006 t.csv:12 too long\n"
          "00000007 t.csv:1 12345678\n00000008 t.csv:2 too long\n00000009 t.csv:3 1\n"
          "00000010 t.csv:4 too long\n00000011 t.csv:9 \"2\n5678\"\n00000012 t.csv:11 too long\n"
          "00000013 t.csv:12 too long");
  write_file ("t.csv", "1\n1,\"345678901234\n67890123456789\n1");
  expect (plan, "00000000 t.csv:1 1\n00000001 t.csv:2 too long\n"
                "00000002 t.csv:1 1\n00000003 t.csv:2 too long");
}
END_TEST

/* Every text of a few bytes that matter, against a plain reading. */
static char *
read_plainly (const char *bytes, gsize max_row)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  const gsize length = strlen (bytes);
  guint64 line = 1;

  for (gsize at = 0, n; at < length; at += n)
    {
      FanoutScan found = { 0 };

      n = row_length (bytes + at, length - at);
      scan (NULL, bytes + at, n, &found);
      g_ptr_array_add (rows, describe (rows->len, "t.csv", line, bytes + at, n, max_row));
      line += found.lines;
    }
  g_ptr_array_add (rows, NULL);
  return g_strjoinv ("\n", (char **) rows->pdata);
}

/* Rows from a few bytes to more than a piece, so that all buffers grow. */
START_TEST (large_text)
{
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (GString) bytes = g_string_new (NULL);
  g_autofree char *expected = NULL;

  while (bytes->len < 500000)
    {
      const guint length = (guint) g_rand_int_range (random, 0, 5) == 0
                               ? (guint) g_rand_int_range (random, 0, 30000)
                               : (guint) g_rand_int_range (random, 0, 100);
      g_autofree char *text = g_strnfill (length, 'a' + (char) (bytes->len % 26));

      g_string_append_printf (bytes, length % 3 == 0 ? "%s,\"\n\"\n" : "%s\r\n", text);
    }
  plan.max_row = 20000;
  write_file ("t.csv", bytes->str);
  expected = read_plainly (bytes->str, plan.max_row);
  for (plan.block_size = 1000; plan.block_size < 20000; plan.block_size *= 2)
    {
      expect_at (&plan, 1, FALSE, expected);
      expect_at (&plan, 2, TRUE, expected);
      expect_at (&plan, 3, FALSE, expected);
    }
}
END_TEST

START_TEST (random_texts)
{
  static const char letters[] = "ab,\"\"\n\n\r";
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  plan.max_row = 6;
  for (guint round = 0; round < 400; round++)
    {
      char bytes[60] = "";
      const gint length = g_rand_int_range (random, 0, sizeof bytes);
      g_autofree char *expected = NULL;

      for (gint i = 0; i < length; i++)
        bytes[i] = letters[g_rand_int_range (random, 0, sizeof letters - 1)];
      /* Carriage returns alone would be told of. */
      if (strchr (bytes, '\n') == NULL)
        continue;
      write_file ("t.csv", bytes);
      expected = read_plainly (bytes, plan.max_row);
      plan.block_size = (gsize) g_rand_int_range (random, 1, 20);
      expect_at (&plan, 1, FALSE, expected);
      expect_at (&plan, 2, TRUE, expected);
      expect_at (&plan, 3, FALSE, expected);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("reader");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, rows_and_lines);
  tcase_add_test (tests, quotes);
  tcase_add_test (tests, unclosed_quote);
  tcase_add_test (tests, headers);
  tcase_add_test (tests, lines_by_default);
  tcase_add_test (tests, several_inputs);
  tcase_add_test (tests, failures_come_in_turn);
  tcase_add_test (tests, long_rows);
  tcase_add_test (tests, large_text);
  tcase_add_test (tests, random_texts);
  suite_add_tcase (suite, tests);
  return suite;
}
