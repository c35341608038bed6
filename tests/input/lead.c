/* What comes before the first row, and lines between rows that are none, however the bytes are cut.
 */

#include "tests/support/reader.h"
#include "tests/support/suite.h"

static void
scan_commented (gconstpointer options, const char *data, gsize length, FanoutScan *found)
{
  fanout_delimited_scan (options, data, length, found);
}

static gboolean
lead_commented (gconstpointer options, const char *data, gsize length, gboolean complete,
                guint64 *lines, gsize *passed, gsize *row)
{
  return fanout_delimited_lead (options, data, length, complete, lines, passed, row);
}

static gboolean
header_commented (gconstpointer options, const char *data, gsize length, gboolean complete,
                  char ***names, guint *n_fields, gsize *header_length, GError **error)
{
  return fanout_delimited_header (options, data, length, complete, names, n_fields, header_length,
                                  error);
}

static const FanoutSource commented = {
  .size = sizeof (FanoutSource),
  .name = "commented",
  .options_size = sizeof (FanoutDialect),
  .lead = lead_commented,
  .header = header_commented,
  .scan = scan_commented,
};

static void
expect_commented (const FanoutDialect *dialect, const char *bytes, const char *expected)
{
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (NULL, paths);

  plan.source = &commented;
  plan.options = (gconstpointer) dialect;
  write_file ("t.csv", bytes);
  comment = dialect->comment;
  expect (plan, expected);
  comment = NULL;
}

#define DIALECT .size = sizeof (FanoutDialect), .delimiter = ',', .quote = '"'

START_TEST (comments)
{
  static const FanoutDialect one = { DIALECT, .comment = "#" };
  static const FanoutDialect three = { DIALECT, .comment = "#-#" };
  static const FanoutDialect headed_one = { DIALECT, .comment = "#", .header = TRUE };

  expect_commented (&one, "", "");
  expect_commented (&one, "#", "");
  expect_commented (&one, "#\n", "");
  expect_commented (&one, "#\n# \"\na,b\n#\"\nc,\"d\n#\"\n#\"\n\n#,\"e\"\"\nf,#g",
                    "00000000 t.csv:3 a,b\n00000001 t.csv:4 #\"\n00000002 t.csv:5 c,\"d\n#\"\n"
                    "00000003 t.csv:7 #\"\n00000004 t.csv:8 \n00000005 t.csv:9 #,\"e\"\"\n"
                    "00000006 t.csv:10 f,#g");
  expect_commented (&three, "#-#\n#-\",a\nb\"\n#-#\"\n#-#,\"\n##-#\n#-",
                    "00000000 t.csv:2 #-\",a\nb\"\n00000001 t.csv:4 #-#\"\n"
                    "00000002 t.csv:5 #-#,\"\n00000003 t.csv:6 ##-#\n00000004 t.csv:7 #-");
  expect_commented (&one, "\n#\n1,2",
                    "00000000 t.csv:1 \n00000001 t.csv:2 #\n00000002 t.csv:3 1,2");
  expect_commented (&headed_one, "\n#\n\n\"a\nb\",c\n#\n1,2",
                    "00000000 t.csv:6 #\n00000001 t.csv:7 1,2");
}
END_TEST

START_TEST (skipped_lines)
{
  static const FanoutDialect two = { DIALECT, .skip_lines = 2, .header = TRUE };
  static const FanoutDialect both = { DIALECT, .skip_lines = 1, .comment = "#" };

  expect_commented (&two, "a \"b\n\nx\n1\n", "00000000 t.csv:4 1");
  expect_commented (&two, "\xEF\xBB\xBF#\n#\n\n#x\n1\n", "00000000 t.csv:5 1");
  expect_commented (&two, "a\nb\n", "");
  expect_commented (&two, "a\nb", "");
  expect_commented (&two, "a", "");
  expect_commented (&both, "1\n#\n2\n#\n3\n",
                    "00000000 t.csv:3 2\n00000001 t.csv:4 #\n00000002 t.csv:5 3");
}
END_TEST

/* The second piece is scanned first, when nobody knows yet what it begins in. */
static struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  gboolean scanned;
} second = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

#define PIECE 16

static void
scan_second_first (gconstpointer options, const char *data, gsize length, FanoutScan *found)
{
  const gboolean first = length == PIECE && data[0] == '1';

  pthread_mutex_lock (&second.lock);
  while (first && !second.scanned)
    pthread_cond_wait (&second.changed, &second.lock);
  pthread_mutex_unlock (&second.lock);
  fanout_delimited_scan (options, data, length, found);
  pthread_mutex_lock (&second.lock);
  second.scanned |= length <= PIECE && data[0] != '1';
  pthread_cond_broadcast (&second.changed);
  pthread_mutex_unlock (&second.lock);
}

START_TEST (unknown_beginnings)
{
  static const FanoutDialect dialect = { DIALECT, .comment = "#-#" };
  static const struct
  {
    const char *pieces[2];
    const char *rows;
  } cases[] = {
    { { "1\n#-# a comment ", "that \"says\n3\n" },
      "00000000 t.csv:1 1\n00000001 t.csv:2 #-# a comment that \"says\n00000002 t.csv:3 3" },
    { { "1\n\"a\",\"bc\",\"def\"", "#-#\",g\"\n3\n" },
      "00000000 t.csv:1 1\n00000001 t.csv:2 \"a\",\"bc\",\"def\"#-#\",g\"\n00000002 t.csv:3 3" },
    { { "1,2,3,4,5,6,7\n#-", "#\",\n3\n" },
      "00000000 t.csv:1 1,2,3,4,5,6,7\n00000001 t.csv:2 #-#\",\n00000002 t.csv:3 3" },
    { { "1,2,3,4,5,6,78\n#", "-\",\n3\"\n4\n" },
      "00000000 t.csv:1 1,2,3,4,5,6,78\n00000001 t.csv:2 #-\",\n3\"\n00000002 t.csv:4 4" },
    { { "1\n\"a b c d e fg\n", "#-#\"\n3\n" },
      "00000000 t.csv:1 1\n00000001 t.csv:2 \"a b c d e fg\n#-#\"\n00000002 t.csv:4 3" },
    { { "1\n\"a b c d e f\"\n", "#-#\"\n3\n" },
      "00000000 t.csv:1 1\n00000001 t.csv:2 \"a b c d e f\"\n00000002 t.csv:3 #-#\"\n"
      "00000003 t.csv:4 3" },
  };
  const FanoutSource waiting = {
    .size = sizeof (FanoutSource),
    .name = "waiting",
    .options_size = sizeof (FanoutDialect),
    .lead = lead_commented,
    .header = header_commented,
    .scan = scan_second_first,
  };
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (NULL, paths);

  plan.source = &waiting;
  plan.options = (gconstpointer) &dialect;
  plan.block_size = PIECE;
  comment = dialect.comment;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* Rows that are cut where they must not be, should the quotes be miscounted. */
      static const char more[] = "\"\n\"\n\"\n\"\n\"\n\"\n\"\n\"\n\"\n\"\n\"\n\"\n\"\n\"\n";
      g_autofree char *text = g_strconcat (cases[i].pieces[0], cases[i].pieces[1], more, NULL);
      g_autoptr (FanoutBlockReader) reader = NULL;
      g_autofree char *rows = NULL;

      ck_assert_uint_eq (strlen (cases[i].pieces[0]), PIECE);
      write_file ("t.csv", text);
      second.scanned = FALSE;
      reader = open_reader (&plan);
      rows = read_all (reader, 2, FALSE, plan.max_row);
      ck_assert_msg (g_str_has_prefix (rows, cases[i].rows), "%s", rows);
      ck_assert_msg (g_strrstr (rows, " \"\n\"") != NULL && strstr (rows, "\"\n\"\n\"") == NULL,
                     "%s", rows);
    }
  comment = NULL;
}
END_TEST

/* More than is kept for a header. */
START_TEST (long_lead)
{
  static const FanoutDialect dialect = { DIALECT, .skip_lines = 1, .comment = "#", .header = TRUE };
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (NULL, paths);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 10000; i++)
    g_string_append_c (text, '"');
  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "\n# \"comment\n");
  g_string_append (text, "x\n1\n");
  write_file ("t.csv", text->str);
  plan.source = &commented;
  plan.options = (gconstpointer) &dialect;
  plan.max_row = 16;
  expect_at (&plan, 2, FALSE, "00000000 t.csv:2002 1");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("lead");
  TCase *tests = tcase_create ("lead");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, comments);
  tcase_add_test (tests, skipped_lines);
  tcase_add_test (tests, unknown_beginnings);
  tcase_add_test (tests, long_lead);
  suite_add_tcase (suite, tests);
  return suite;
}
