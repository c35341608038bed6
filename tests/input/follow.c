/* Files that are followed: what is written, turned and put in their places is read once. */

#include "tests/support/follow.h"
#include "tests/support/suite.h"
#include <sys/stat.h>

static const char *const one[] = { "a.log", NULL };
static const char *const all[] = { "*.log", NULL };

#define ANEW ": it is not the file that it was: read again from its beginning"

START_TEST (appended_lines)
{
  Followed followed;

  write_file ("a.log", "1\n2\n");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1; 0.1 a.log:2 2");
  expect_followed (&followed, "");
  append_to ("a.log", "3\n");
  expect_followed (&followed, "0.2 a.log:3 3");
  append_to ("a.log", "hal");
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 60 * SECOND);
  expect_followed (&followed, "");
  append_to ("a.log", "f\n\"a\n");
  expect_followed (&followed, "0.3 a.log:4 half");
  append_to ("a.log", "\"\n");
  expect_followed (&followed, "0.4 a.log:5 \"a\n\"");
  ck_assert_uint_eq (fanout_reader_bytes (followed.reader), 16);
  ck_assert_uint_eq (fanout_reader_files (followed.reader).taken_up, 1);
  fanout_reader_stop (followed.reader);
  expect_followed (&followed, "! end");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

/* Rows of more than a piece, of several inputs, by several lanes. */
START_TEST (inputs_do_not_mix)
{
  Followed followed;

  write_file ("a.log", "a row that is longer than a piece,");
  write_file ("b.log", "b row that is longer than a piece,");
  followed_init (&followed, &plain, all);
  followed_close (&followed);
  followed_open (&followed, 3);
  expect_followed (&followed, "");
  append_to ("a.log", "of a\na2\n");
  append_to ("b.log", "of b\nb2\n");
  expect_followed (&followed, "0.0 a.log:1 a row that is longer than a piece,of a; 0.1 a.log:2 a2; "
                              "1.0 b.log:1 b row that is longer than a piece,of b; 1.1 b.log:2 b2");
  followed_clear (&followed);
}
END_TEST

/* One with much to read does not keep the others waiting. */
START_TEST (inputs_are_read_in_turn)
{
  g_autoptr (GString) bytes = g_string_new (NULL);
  Followed followed;
  FanoutBlock block;
  guint64 record;

  for (guint i = 0; i < 100; i++)
    g_string_append (bytes, "1234567\n");
  write_file ("a.log", bytes->str);
  write_file ("b.log", bytes->str);
  followed_init (&followed, &plain, all);
  for (guint i = 0; i < 20; i++)
    {
      ck_assert_int_eq (fanout_reader_next (followed.lanes[0], &block, NULL, &record, NULL),
                        FANOUT_READ_BLOCK);
      ck_assert_uint_eq (fanout_lane_origin (followed.lanes[0]).input, i % 2);
      ck_assert_uint_eq (fanout_lane_origin (followed.lanes[0]).serial, i);
      ck_assert_uint_eq (block.record, ((guint64) (i % 2) << 40) + i / 2 * 2);
    }
  followed_clear (&followed);
}
END_TEST

/* The last lines of a file that was renamed come before those of its successor. */
START_TEST (renamed_with_a_successor)
{
  Followed followed;

  write_file ("a.log", "1\n");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1");
  append_to ("a.log", "2\n");
  move_file ("a.log", "a.log.1");
  append_to ("a.log", "4\n");
  expect_followed (&followed, "0.1 a.log:2 2");
  append_to ("a.log.1", "3\nlast");
  expect_followed (&followed, "0.2 a.log:3 3");
  held_clock_move (&followed.clock, 5 * SECOND - 1);
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 1);
  expect_followed (&followed, "0.3 a.log:4 last\\; 0.4 a.log:1 4");
  append_to ("a.log", "5\n");
  expect_followed (&followed, "0.5 a.log:2 5");
  ck_assert_uint_eq (fanout_reader_files (followed.reader).taken_up, 2);
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

START_TEST (turned_again_while_it_waits)
{
  Followed followed;

  write_file ("a.log", "1\n");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1");
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("a.log.%u", i);
      g_autofree char *row = g_strdup_printf ("of %u\n", i + 1);

      move_file ("a.log", name);
      append_to ("a.log", row);
      expect_followed (&followed, "");
      held_clock_move (&followed.clock, SECOND);
    }
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "0.1 a.log:1 of 1");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.2 a.log:1 of 2; 0.3 a.log:1 of 3; 0.4 a.log:1 of 4");
  followed_clear (&followed);
}
END_TEST

/* Nobody looked meanwhile. */
START_TEST (turned_several_times_at_once)
{
  Followed followed;

  write_file ("a.log.1", "old\n");
  write_file ("a.log", "1\n");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1");
  append_to ("a.log", "2\n");
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *row = g_strdup_printf ("of %u\n", i);

      move_file ("a.log.1", "a.log.20");
      move_file ("a.log", "a.log.1");
      append_to ("a.log", row);
      if (i == 0)
        write_file ("a.log.copy", "1\n2\n");
      if (i < 2)
        move_file ("a.log.20", i == 0 ? "a.log.2" : "a.log.3");
    }
  move_file ("a.log.20", "a.log.2");
  expect_followed (&followed, "0.1 a.log:2 2");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.2 a.log:1 of 0; 0.3 a.log:1 of 1; 0.4 a.log:1 of 2");
  append_to ("a.log", "3\n");
  expect_followed (&followed, "0.5 a.log:2 3");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

/* The name may match, before and after: a file is read once. */
START_TEST (renamed_to_what_matches)
{
  static const char *const paths[] = { "a.log*", NULL };
  Followed followed;

  write_file ("a.log", "1\n");
  followed_init (&followed, &plain, paths);
  expect_followed (&followed, "0.0 a.log:1 1");
  move_file ("a.log", "a.log.1");
  append_to ("a.log", "2\n");
  held_clock_move (&followed.clock, 2 * SECOND);
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.1 a.log:1 2");
  held_clock_move (&followed.clock, 10 * SECOND);
  expect_followed (&followed, "");
  move_file ("a.log.1", "a.log.2");
  move_file ("a.log", "a.log.1");
  append_to ("a.log", "3\n");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 10 * SECOND);
  expect_followed (&followed, "0.2 a.log:1 3");
  /* Lines that came too late are those of the name that the file has now. */
  append_to ("a.log.2", "late\n");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "1.0 a.log.2:2 late");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

START_TEST (renamed_and_back)
{
  Followed followed;

  write_file ("a.log", "1\n");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1");
  move_file ("a.log", "b");
  expect_followed (&followed, "");
  move_file ("b", "a.log");
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 10 * SECOND);
  append_to ("a.log", "2\n");
  expect_followed (&followed, "0.1 a.log:2 2");
  /* And after it was given up. */
  move_file ("a.log", "b");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "");
  ck_assert_int_eq (fanout_reader_input_stage (followed.reader, 0), FANOUT_INPUT_ENDED);
  append_to ("b", "3\n");
  move_file ("b", "a.log");
  expect_followed (&followed, "0.2 a.log:3 3");
  ck_assert_int_eq (fanout_reader_input_stage (followed.reader, 0), FANOUT_INPUT_OPEN);
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

START_TEST (removed_and_made_again)
{
  Followed followed;

  write_file ("a.log", "1\nlast");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1");
  remove_file ("a.log");
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.1 a.log:2 last\\");
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *row = g_strdup_printf ("0.%u a.log:1 x", i + 2);

      append_to ("a.log", "x\n");
      expect_followed (&followed, row);
      remove_file ("a.log");
      expect_followed (&followed, "");
      held_clock_move (&followed.clock, 5 * SECOND);
      expect_followed (&followed, "");
    }
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

START_TEST (copied_and_truncated)
{
  Followed followed;

  write_file ("a.log", "1\n2\n");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1; 0.1 a.log:2 2");
  truncate_file ("a.log", 0);
  expect_followed (&followed, "");
  expect_notes (&followed, "a.log" ANEW);
  append_to ("a.log", "3\nhal");
  expect_followed (&followed, "0.2 a.log:1 3");
  /* Longer than before at once; of the half line nobody knows the rest. */
  truncate_file ("a.log", 0);
  append_to ("a.log", "4 is longer\n");
  expect_followed (&followed, "0.3 a.log:1 4 is longer");
  expect_notes (&followed, "a.log" ANEW "\na.log:2: the rest of this row is lost: the file was "
                           "written anew");
  ck_assert_uint_eq (fanout_reader_files (followed.reader).changed, 2);
  truncate_file ("a.log", 2);
  expect_followed (&followed, "");
  append_to ("a.log", "5\n");
  expect_followed (&followed, "0.4 a.log:1 4 5");
  followed_clear (&followed);
}
END_TEST

/* The copy has what was not read before. */
START_TEST (copied_with_more)
{
  Followed followed;

  write_file ("a.log", "h\n1\n\"hal");
  followed_init (&followed, &headed, one);
  expect_followed (&followed, "0.0 a.log:2 1");
  for (guint i = 0; i < 2; i++)
    {
      write_file ("a.log.1", i == 0 ? "h\n1\n\"half\n\"\n3\n" : "h\n5\n6\nlast");
      truncate_file ("a.log", 0);
      append_to ("a.log", i == 0 ? "h\n5\n" : "h\n7\n");
      expect_followed (&followed, i == 0 ? "0.1 a.log:3 \"half\n\"; 0.2 a.log:5 3; 0.3 a.log:2 5"
                                         : "0.4 a.log:3 6; 0.5 a.log:4 last\\; 0.6 a.log:2 7");
      expect_notes (&followed, "a.log" ANEW ", behind what its copy has more");
      move_file ("a.log.1", "a.log.2");
    }
  followed_clear (&followed);
}
END_TEST

START_TEST (written_in_place)
{
  Followed followed;

  write_file ("a.log", "1\n2\n");
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 1; 0.1 a.log:2 2");
  truncate_file ("a.log", 0);
  append_to ("a.log", "3\n4\n");
  expect_followed (&followed, "0.2 a.log:1 3; 0.3 a.log:2 4");
  expect_notes (&followed, "a.log" ANEW);
  /* The same bytes: nothing has happened. */
  truncate_file ("a.log", 0);
  append_to ("a.log", "3\n4\n");
  expect_followed (&followed, "");
  append_to ("a.log", "5\n");
  expect_followed (&followed, "0.4 a.log:3 5");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

START_TEST (new_matches)
{
  Followed followed;

  write_file ("b.log", "b\n");
  followed_init (&followed, &plain, all);
  expect_followed (&followed, "0.0 b.log:1 b");
  append_to ("a.log", "a\n");
  append_to ("c.txt", "c\n");
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "1.0 a.log:1 a");
  append_to ("b.log", "b\n");
  expect_followed (&followed, "0.1 b.log:2 b");
  ck_assert_uint_eq (fanout_reader_n_inputs (followed.reader), 2);
  followed_clear (&followed);
}
END_TEST

START_TEST (folder_that_comes_later)
{
  static const char *const paths[] = { "new/deep/a.log", "later/*.log", NULL };
  Followed followed;

  followed_init (&followed, &plain, paths);
  expect_followed (&followed, "");
  ck_assert_uint_eq (fanout_reader_n_inputs (followed.reader), 1);
  ck_assert_int_eq (fanout_reader_input_stage (followed.reader, 0), FANOUT_INPUT_ENDED);
  write_file ("later/b.log", "b\n");
  write_file ("new/deep/a.log", "a\n");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "0.0 a.log:1 a; 1.0 b.log:1 b");
  append_to ("new/deep/a.log", "a\n");
  expect_followed (&followed, "0.1 a.log:2 a");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

START_TEST (link_that_moves)
{
  g_autofree char *path = path_of ("a.log");
  Followed followed;

  write_file ("1", "one\n");
  write_file ("2", "two\n");
  ck_assert_int_eq (symlink ("1", path), 0);
  followed_init (&followed, &plain, one);
  expect_followed (&followed, "0.0 a.log:1 one");
  append_to ("1", "more\n");
  expect_followed (&followed, "0.1 a.log:2 more");
  remove_file ("a.log");
  ck_assert_int_eq (symlink ("2", path), 0);
  expect_followed (&followed, "");
  append_to ("1", "last\n");
  expect_followed (&followed, "0.2 a.log:3 last");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.3 a.log:1 two");
  /* Back to one that was read: what is new of it. */
  append_to ("1", "again\n");
  remove_file ("a.log");
  ck_assert_int_eq (symlink ("1", path), 0);
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "0.4 a.log:4 again");
  followed_clear (&followed);
}
END_TEST

/* Who may read everything sees no difference: then it is something else that cannot be read. */
START_TEST (file_that_cannot_be_read)
{
  g_autofree char *path = path_of ("a.log");
  g_autofree char *loop = path_of ("b.log");
  Followed followed;

  ck_assert_int_eq (symlink ("b.log", loop), 0);
  write_file ("a.log", "1\n");
  ck_assert_int_eq (chmod (path, 0), 0);
  followed_init (&followed, &plain, (const char *const[]){ "a.log", "b.log", NULL });
  expect_followed (&followed, geteuid () == 0 ? "0.0 a.log:1 1" : "");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "");
  expect_notes (&followed, geteuid () == 0
                               ? "b.log: Too many levels of symbolic links; it is tried again"
                               : "a.log: Permission denied; it is tried again\n"
                                 "b.log: Too many levels of symbolic links; it is tried again");
  ck_assert_int_eq (chmod (path, 0600), 0);
  remove_file ("b.log");
  append_to ("b.log", "2\n");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, geteuid () == 0 ? "1.0 b.log:1 2" : "0.0 a.log:1 1; 1.0 b.log:1 2");
  expect_notes (&followed, "");
  followed_clear (&followed);
}
END_TEST

START_TEST (begin_at_the_end)
{
  Followed followed;

  write_file ("a.log", "h\n1\n\"2\n\"\nhal");
  write_file ("b.log", "h");
  followed_init (&followed, &headed, all);
  followed_close (&followed);
  followed.plan.start_at_end = TRUE;
  followed_open (&followed, 1);
  expect_followed (&followed, "");
  append_to ("a.log", "f\n4\n");
  append_to ("b.log", "\n1\n");
  append_to ("c.log", "h\nall\n");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "0.2 a.log:5 half; 0.3 a.log:6 4; 1.0 b.log:2 1; 2.0 c.log:2 all");
  followed_clear (&followed);
}
END_TEST

/* Each file has its own header. */
START_TEST (header_of_each_file)
{
  static const char *const names[] = { "y" };
  static const guint no_positions[] = { 0 };
  g_auto (GStrv) fields = NULL;
  gboolean known = FALSE;
  Followed followed;
  FanoutBlock block;
  guint64 record;

  write_file ("a.log", "x,y\n1,2\n");
  followed_init (&followed, &headed, one);
  ck_assert (fanout_reader_fields (followed.reader, &fields, &known, NULL, NULL));
  ck_assert (known);
  ck_assert_str_eq (fields[0], "x");
  fanout_reader_select (followed.reader, 1, names, no_positions);
  ck_assert_int_eq (fanout_reader_next (followed.lanes[0], &block, NULL, &record, NULL),
                    FANOUT_READ_BLOCK);
  ck_assert_uint_eq (block.fields[0], 1);
  ck_assert_uint_eq (block.n_fields, 2);
  move_file ("a.log", "b");
  append_to ("a.log", "\n\ny");
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "");
  append_to ("a.log", ",x,z\n3,4,5\n");
  ck_assert_int_eq (fanout_reader_next (followed.lanes[0], &block, NULL, &record, NULL),
                    FANOUT_READ_BLOCK);
  ck_assert_uint_eq (block.fields[0], 0);
  ck_assert_uint_eq (block.n_fields, 3);
  ck_assert_uint_eq (block.line, 4);
  ck_assert_uint_eq (block.first_line, 4);
  ck_assert_uint_eq (block.record, 1);
  truncate_file ("a.log", 0);
  append_to ("a.log", "x,z\n6,7\n");
  g_autofree char *failed = followed_read (&followed);
  g_autofree char *expected = g_strdup_printf (
      "! no column 'y' in %s/a.log; missing-columns = null takes it for no value", folder);
  ck_assert_str_eq (failed, expected);
  followed_close (&followed);

  /* Where one is gone on with, too. */
  write_file ("a.log", "h\n1\n");
  followed_open (&followed, 1);
  expect_followed (&followed, "0.0 a.log:2 1");
  move_file ("a.log", "b");
  expect_followed (&followed, "");
  held_clock_move (&followed.clock, 5 * SECOND);
  expect_followed (&followed, "");
  append_to ("b", "2\n");
  move_file ("b", "a.log");
  expect_followed (&followed, "0.1 a.log:3 2");
  followed_clear (&followed);
}
END_TEST

START_TEST (packed_files_are_passed_over)
{
  static const char *const paths[] = { "a.log*", NULL };
  Followed followed;

  write_file ("a.log", "1\n");
  write_file ("a.log.2.gz", "\x1f\x8b\x08 and so on");
  write_file ("a.log.3", "\xff\xfe");
  followed_init (&followed, &plain, paths);
  expect_followed (&followed, "0.0 a.log:1 1");
  expect_notes (&followed,
                "a.log.2.gz: it is packed or in UTF-16, which cannot be followed: passed over\n"
                "a.log.3: it is packed or in UTF-16, which cannot be followed: passed over");
  append_to ("a.log.2.gz", "more");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "");
  append_to ("a.log.4", "\x1f");
  held_clock_move (&followed.clock, SECOND);
  expect_followed (&followed, "");
  append_to ("a.log.4", "\x8b\x08");
  expect_followed (&followed, "");
  expect_notes (&followed,
                "a.log.4: it is packed or in UTF-16, which cannot be followed: passed over");
  followed_clear (&followed);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("follow");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, appended_lines);
  tcase_add_test (tests, inputs_do_not_mix);
  tcase_add_test (tests, inputs_are_read_in_turn);
  tcase_add_test (tests, renamed_with_a_successor);
  tcase_add_test (tests, turned_again_while_it_waits);
  tcase_add_test (tests, turned_several_times_at_once);
  tcase_add_test (tests, renamed_to_what_matches);
  tcase_add_test (tests, renamed_and_back);
  tcase_add_test (tests, removed_and_made_again);
  tcase_add_test (tests, copied_and_truncated);
  tcase_add_test (tests, copied_with_more);
  tcase_add_test (tests, written_in_place);
  tcase_add_test (tests, new_matches);
  tcase_add_test (tests, folder_that_comes_later);
  tcase_add_test (tests, link_that_moves);
  tcase_add_test (tests, file_that_cannot_be_read);
  tcase_add_test (tests, begin_at_the_end);
  tcase_add_test (tests, header_of_each_file);
  tcase_add_test (tests, packed_files_are_passed_over);
  suite_add_tcase (suite, tests);
  return suite;
}
