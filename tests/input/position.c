/* Positions that are saved, and gone on from. */

#include "tests/support/follow.h"
#include "tests/support/suite.h"
#include <sys/stat.h>

static const char *const one[] = { "a.log", NULL };

/* Go on in another reader, as after a crash. */
static void
go_on (Followed *followed, const GByteArray *saved)
{
  GError *error = NULL;
  g_auto (GStrv) names = NULL;
  gboolean known = FALSE;

  followed_close (followed);
  followed->reader = open_reader (&followed->plan);
  fanout_reader_on_note (followed->reader, take_note, followed->notes);
  /* A run has looked for the names of columns by then. */
  ck_assert (fanout_reader_fields (followed->reader, &names, &known, NULL, NULL));
  ck_assert (fanout_reader_restore (followed->reader, saved->data, saved->len, &error));
  followed_lanes (followed, MAX (followed->n_lanes, 1));
}

static GByteArray *
save (const Followed *followed)
{
  GByteArray *saved = g_byte_array_new ();

  fanout_reader_save (followed->reader, saved);
  return saved;
}

/* A reader that saves and another one that goes on, behind each block of an input. */

static void
add_blocks (GPtrArray *rows, FanoutLane *lane, guint n, gsize max_row)
{
  FanoutBlock block;
  guint64 record;

  while (n-- > 0 && fanout_reader_next (lane, &block, NULL, &record, NULL) == FANOUT_READ_BLOCK)
    add_rows (rows, block, max_row);
}

static char *
read_in_two (const FanoutReaderPlan *plan, guint n_blocks)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GByteArray) saved = g_byte_array_new ();
  GError *error = NULL;

  {
    g_autoptr (FanoutBlockReader) reader = open_reader (plan);
    g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
    add_blocks (rows, lane, n_blocks, plan->max_row);
    fanout_reader_rest (reader, TRUE);
    fanout_reader_save (reader, saved);
  }
  {
    g_autoptr (FanoutBlockReader) reader = open_reader (plan);
    g_auto (GStrv) names = NULL;
    gboolean known = FALSE;
    ck_assert (fanout_reader_fields (reader, &names, &known, NULL, NULL));
    ck_assert (fanout_reader_restore (reader, saved->data, saved->len, &error));
    g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
    add_blocks (rows, lane, G_MAXUINT, plan->max_row);
  }
  g_ptr_array_add (rows, NULL);
  return g_strjoinv ("\n", (char **) rows->pdata);
}

static void
expect_in_two (FanoutReaderPlan plan)
{
  static const gsize sizes[] = { 1, 3, 16, 40, 0 };
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autofree char *whole = read_all (reader, 1, FALSE, plan.max_row);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint n = 0; n < 20; n++)
      {
        plan.block_size = sizes[s];
        g_autofree char *found = read_in_two (&plan, n);
        ck_assert_msg (strcmp (found, whole) == 0,
                       "blocks of %zu, %u of them:\n%s\nin place of\n%s", sizes[s], n, found,
                       whole);
      }
}

static void
pack_file (const char *name)
{
  g_autofree char *path = path_of (name);
  char *arguments[] = { (char *) "gzip", (char *) "-n", path, NULL };
  int status = 1;

  ck_assert (g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                           &status, NULL));
  ck_assert_int_eq (status, 0);
}

START_TEST (files_one_after_the_other)
{
  const char *const paths[] = { "a", "empty", "b", "c", NULL };
  const char *const packed[] = { "a.gz", "b", "a.gz", NULL };
  FanoutReaderPlan plan = make_plan (&headed, paths);

  write_file ("a", "x,y\n1,2\n\"3\n\",4\n5,6");
  write_file ("empty", "");
  write_file ("b", "\n\nx,y\n7,8\n\n9,a row that is longer than others\n10,11\n");
  write_file ("c", "y\n12");
  expect_in_two (plan);
  plan.max_row = 20;
  expect_in_two (plan);
  pack_file ("a");
  plan.paths = packed;
  expect_in_two (plan);
}
END_TEST

static void
expect_refused (const FanoutReaderPlan *plan, const GByteArray *saved, const char *message)
{
  g_autoptr (FanoutBlockReader) reader = open_reader (plan);
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);

  ck_assert (!fanout_reader_restore (reader, saved->data, saved->len, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_INPUT));
  g_auto (GStrv) parts = g_strsplit (error->message, prefix, -1);
  g_autofree char *found = g_strjoinv ("", parts);
  ck_assert_str_eq (found, message);
}

START_TEST (files_that_are_others)
{
  const char *const paths[] = { "a", "b", NULL };
  const char *const others[] = { "a", "c", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);
  g_autoptr (GByteArray) saved = g_byte_array_new ();
  FanoutBlock block;
  guint64 record;

  write_file ("a", "1\n");
  write_file ("b", "2\n3\n4\n5\n6\n7\n8\n9\n10\n");
  {
    g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
    g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
    for (guint i = 0; i < 2; i++)
      ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
    fanout_reader_save (reader, saved);
  }
  plan.paths = others;
  expect_refused (&plan, saved,
                  "the inputs are not those that were read: c comes where "
                  "'b' was");
  plan.paths = (const char *const[]){ "a", NULL };
  expect_refused (&plan, saved,
                  "the inputs are not those that were read: none comes where 'b' was");
  plan.paths = paths;
  write_file ("b", "2\n3\n4\n5\n6\n7\n8\n8\n10\n");
  expect_refused (&plan, saved, "b: it is not the file that was read up to byte 16");
  remove_file ("b");
  expect_refused (&plan, saved, "b: No such file or directory");
  plan.follow = TRUE;
  expect_refused (&plan, saved,
                  "the inputs were read one after the other, and are followed or sockets now; "
                  "--fresh begins anew");
  plan.follow = FALSE;
  for (guint length = 0; length < saved->len; length++)
    {
      g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
      ck_assert (!fanout_reader_restore (reader, saved->data, length, NULL));
    }
}
END_TEST

START_TEST (pipes_go_on)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GByteArray) saved = g_byte_array_new ();
  Piped piped;

  piped_open (&piped, &plain, TRUE);
  piped_write (&piped, "1\n2");
  expect_next (&piped, "1\n");
  fanout_reader_save (piped.reader, saved);
  fanout_lane_free (piped.lane);
  fanout_reader_free (piped.reader);
  FanoutReaderPlan plan = make_plan (&plain, piped.paths);
  piped.reader = open_reader (&plan);
  fanout_reader_on_note (piped.reader, take_note, notes);
  ck_assert (fanout_reader_restore (piped.reader, saved->data, saved->len, NULL));
  piped.lane = fanout_reader_lane (piped.reader, TRUE);
  ck_assert_uint_eq (notes->len, 1);
  ck_assert (g_str_has_suffix (notes->pdata[0],
                               ": what was read of it cannot be read again: it goes "
                               "on with what comes"));
  piped_write (&piped, "3\n");
  expect_next (&piped, "3\n");
  piped_clear (&piped);
}
END_TEST

START_TEST (followed_files_go_on)
{
  Followed followed;

  write_file ("a.log", "1\n2\nhal");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1; 0.1 a.log:2 2");
  g_autoptr (GByteArray) saved = save (&followed);
  append_to ("a.log", "f\n4\n");
  go_on (&followed, saved);
  g_autoptr (GByteArray) again = save (&followed);
  expect_followed (&followed, "0.2 a.log:3 half; 0.3 a.log:4 4");
  go_on (&followed, again);
  expect_followed (&followed, "0.2 a.log:3 half; 0.3 a.log:4 4");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

/* Headers are read again, and rows that are too long end where they end. */
START_TEST (followed_headers_go_on)
{
  Followed followed;

  write_file ("a.log", "x,y\n1,2\n\"a\n\",long,longer,longest,and,longer\n3,4\n");
  followed_init (&followed, &headed, one);
  followed.plan.max_row = 20;
  for (guint n = 0; n < 12; n++)
    {
      g_autoptr (GString) found = g_string_new (NULL);
      FanoutBlock block;
      guint64 record;

      followed_close (&followed);
      followed.plan.block_size = 1 + n % 5;
      followed_open (&followed, 1);
      for (guint i = 0; i < n
                        && fanout_reader_next (followed.lanes[0], &block, NULL, &record, NULL)
                               == FANOUT_READ_BLOCK;
           i++)
        describe_followed (found, followed.lanes[0], block);
      g_autoptr (GByteArray) saved = save (&followed);
      go_on (&followed, saved);
      g_autofree char *rest = followed_read (&followed);
      g_string_append_printf (found, "%s%s", found->len > 0 && *rest != '\0' ? "; " : "", rest);
      ck_assert (
          g_str_has_prefix (found->str, "0.0 a.log:2 1,2; 0.1 a.log:3 \"a\n\",long,longer,"));
      ck_assert (g_str_has_suffix (found->str, "; 0.2 a.log:5 3,4"));
    }
  followed_clear (&followed);
}
END_TEST

typedef struct
{
  Followed followed;
  GByteArray *saved;
} Away;

static void
leave_at (Away *away)
{
  write_file ("a.log", "1\n2\n");
  followed_init (&away->followed, &plain, one);
  expect_followed (&away->followed, "0.0 a.log:1 1; 0.1 a.log:2 2");
  away->saved = save (&away->followed);
  followed_close (&away->followed);
}

static void
come_back (Away *away)
{
  away->followed.n_lanes = 0;
  go_on (&away->followed, away->saved);
}

static void
clear_away (Away *away)
{
  followed_clear (&away->followed);
  g_byte_array_unref (away->saved);
}

START_TEST (renamed_while_away)
{
  Away away;

  leave_at (&away);
  append_to ("a.log", "3\n");
  move_file ("a.log", "a.log.1");
  append_to ("a.log", "4\n");
  come_back (&away);
  expect_followed (&away.followed, "0.2 a.log:3 3");
  held_clock_move (&away.followed.clock, 5 * SECOND);
  expect_followed (&away.followed, "0.3 a.log:1 4");
  expect_notes (&away.followed, "");
  clear_away (&away);
}
END_TEST

START_TEST (renamed_several_times_while_away)
{
  Away away;

  leave_at (&away);
  append_to ("a.log", "3\n");
  move_file ("a.log", "a.log-2");
  append_to ("a.log", "4\n");
  move_file ("a.log", "a.log-1");
  append_to ("a.log", "5\n");
  come_back (&away);
  expect_followed (&away.followed, "0.2 a.log:3 3");
  held_clock_move (&away.followed.clock, 5 * SECOND);
  expect_followed (&away.followed, "0.3 a.log:1 4; 0.4 a.log:1 5");
  expect_notes (&away.followed, "");
  clear_away (&away);
}
END_TEST

/* There was none when it was left, and two have come since. */
START_TEST (turned_away_while_away)
{
  Followed followed;

  write_file ("a.log", "1\n");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1");
  move_file ("a.log", "a.log.0");
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "");
  g_autoptr (GByteArray) saved = save (&followed);
  append_to ("a.log", "2\n");
  move_file ("a.log", "a.log.1");
  append_to ("a.log", "3\n");
  go_on (&followed, saved);
  expect_followed (&followed, "0.1 a.log:1 2");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.2 a.log:1 3");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

/* The copy has what the file had. */
START_TEST (copied_and_truncated_while_away)
{
  Away away;

  leave_at (&away);
  write_file ("a.log.1", "1\n2\n3\n");
  truncate_file ("a.log", 0);
  append_to ("a.log", "4\n");
  come_back (&away);
  expect_followed (&away.followed, "0.2 a.log:3 3");
  held_clock_move (&away.followed.clock, 5 * SECOND);
  expect_followed (&away.followed, "0.3 a.log:1 4");
  expect_notes (&away.followed, "");
  clear_away (&away);
}
END_TEST

START_TEST (gone_while_away)
{
  Away away;

  leave_at (&away);
  truncate_file ("a.log", 0);
  append_to ("a.log", "4\n");
  come_back (&away);
  expect_followed (&away.followed, "0.2 a.log:1 4");
  expect_notes (&away.followed, "a.log: the file that was read up to byte 4 is not there any more: "
                                "what came behind that is lost");
  ck_assert_uint_eq (fanout_reader_files (away.followed.reader).lost, 1);
  clear_away (&away);

  leave_at (&away);
  remove_file ("a.log");
  come_back (&away);
  expect_followed (&away.followed, "");
  expect_notes (&away.followed, "a.log: the file that was read up to byte 4 is not there any more: "
                                "what came behind that is lost");
  append_to ("a.log", "5\n");
  expect_followed (&away.followed, "0.2 a.log:1 5");
  clear_away (&away);
}
END_TEST

/* Files that wait for their turn, that have come since, and that have been read already. */
START_TEST (all_that_is_known_goes_on)
{
  static const char *const paths[] = { "*.log*", NULL };
  Followed followed;

  write_file ("a.log", "1\n");
  write_file ("b.log", "b\n");
  followed_init (&followed, &plain, paths);
  expect_followed (&followed, "0.0 a.log:1 1; 1.0 b.log:1 b");
  move_file ("a.log", "a.log.1");
  append_to ("a.log", "2\n");
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.1 a.log:1 2");
  move_file ("a.log.1", "a.log.2");
  move_file ("a.log", "a.log.1");
  append_to ("a.log", "3\n");
  expect_followed (&followed, "");
  g_autoptr (GByteArray) saved = save (&followed);
  append_to ("a.log.1", "last");
  append_to ("0.log", "0\n");
  followed.plan.start_at_end = TRUE;
  go_on (&followed, saved);
  expect_followed (&followed, "2.0 0.log:1 0");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.2 a.log:2 last\\; 0.3 a.log:1 3");
  ck_assert_uint_eq (fanout_reader_n_inputs (followed.reader), 3);
  append_to ("a.log.2", "late\n");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "3.0 a.log.2:2 late");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

START_TEST (begun_at_the_end)
{
  Followed followed;

  write_file ("a.log", "1\n2\n3\n4\nhal");
  followed_init (&followed, &plain, one);
  followed_close (&followed);
  followed.plan.start_at_end = TRUE;
  followed.plan.block_size = 3;
  followed_open (&followed, 1);
  fanout_reader_rest (followed.reader, TRUE);
  expect_followed (&followed, "! rest");
  fanout_reader_rest (followed.reader, FALSE);
  expect_followed (&followed, "");
  g_autoptr (GByteArray) saved = save (&followed);
  append_to ("a.log", "f\n");
  go_on (&followed, saved);
  expect_followed (&followed, "0.4 a.log:5 half");
  followed_clear (&followed);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("position");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, files_one_after_the_other);
  tcase_add_test (tests, files_that_are_others);
  tcase_add_test (tests, pipes_go_on);
  tcase_add_test (tests, followed_files_go_on);
  tcase_add_test (tests, followed_headers_go_on);
  tcase_add_test (tests, renamed_while_away);
  tcase_add_test (tests, renamed_several_times_while_away);
  tcase_add_test (tests, turned_away_while_away);
  tcase_add_test (tests, copied_and_truncated_while_away);
  tcase_add_test (tests, gone_while_away);
  tcase_add_test (tests, all_that_is_known_goes_on);
  tcase_add_test (tests, begun_at_the_end);
  suite_add_tcase (suite, tests);
  return suite;
}
