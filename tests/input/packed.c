/* Packed and encoded inputs of a reader: the rows of the text, however the lanes and blocks are. */

#include "tests/support/reader.h"
#include "tests/support/suite.h"

/* "h\n1\n22\n333\n22\n333\n22\n333\n" */
static const char gz[]
    = "\037\213\010\010\000\000\000\000\002\377t.csv\000\313\3402\34422\342266F\243"
      "\000\314\234\262l\031\000\000\000";
/* "h\n1\n\"2\n3\"\n" */
static const char utf16[] = "\377\376h\000\n\0001\000\n\000\"\0002\000\n\0003\000\"\000\n";

static void
write_bytes (const char *name, const char *bytes, gsize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  ck_assert (g_file_set_contents (path, bytes, (gssize) length, NULL));
}

/* It may have been left out of this build. */
static gboolean
unpacks (void)
{
  const char *const paths[] = { "a.gz", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_auto (GStrv) names = NULL;
  gboolean known;

  return fanout_reader_fields (reader, &names, &known, NULL, NULL);
}

START_TEST (rows_of_packed_files)
{
  const char *const paths[] = { "a.gz", "plain", "a.gz", "utf16", NULL };

  write_bytes ("a.gz", gz, sizeof gz - 1);
  write_bytes ("utf16", utf16, sizeof utf16);
  write_file ("plain", "h\n4\n5");
  if (!unpacks ())
    return;
  expect (make_plan (&headed, paths),
          "00000000 a.gz:2 1\n00000001 a.gz:3 22\n00000002 a.gz:4 333\n00000003 a.gz:5 22\n"
          "00000004 a.gz:6 333\n00000005 a.gz:7 22\n00000006 a.gz:8 333\n00000007 plain:2 4\n"
          "00000008 plain:3 5\n00000009 a.gz:2 1\n00000010 a.gz:3 22\n00000011 a.gz:4 333\n"
          "00000012 a.gz:5 22\n00000013 a.gz:6 333\n00000014 a.gz:7 22\n00000015 a.gz:8 333\n"
          "00000016 utf16:2 1\n00000017 utf16:3 \"2\n3\"");
}
END_TEST

START_TEST (failures_in_their_turn)
{
  const char *const paths[] = { "a.gz", "cut.gz", "missing", NULL };
  const char *const first[] = { "plain", "missing", "a.gz", NULL };

  write_bytes ("a.gz", gz, sizeof gz - 1);
  write_bytes ("cut.gz", gz, sizeof gz - 4);
  write_file ("plain", "h\n4\n");
  if (!unpacks ())
    return;
  expect (make_plan (&headed, paths),
          "00000000 a.gz:2 1\n00000001 a.gz:3 22\n00000002 a.gz:4 333\n00000003 a.gz:5 22\n"
          "00000004 a.gz:6 333\n00000005 a.gz:7 22\n00000006 a.gz:8 333\n00000007 cut.gz:2 1\n"
          "00000008 cut.gz:3 22\n00000009 cut.gz:4 333\n00000010 cut.gz:5 22\n"
          "00000011 cut.gz:6 333\n00000012 cut.gz:7 22\n00000013 cut.gz:8 333\n"
          "00000014! cut.gz: the compressed data ends too early, at byte 34");
  expect (make_plan (&headed, first),
          "00000000 plain:2 4\n00000001! missing: No such file or directory");
}
END_TEST

START_TEST (bytes_are_those_of_the_file)
{
  const char *const paths[] = { "a.gz", "plain", "a.gz", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);
  const guint64 total = 2 * (sizeof gz - 1) + 6;

  write_bytes ("a.gz", gz, sizeof gz - 1);
  write_file ("plain", "h\n4\n5\n");
  if (!unpacks ())
    return;
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  ck_assert_uint_eq (fanout_reader_total (reader), total);
  g_free (read_all (reader, 2, FALSE, plan.max_row));
  ck_assert_uint_eq (fanout_reader_bytes (reader), total);
  ck_assert (fanout_reader_is_packed (reader));
}
END_TEST

/* As long as there is the header of the member alone there can be no row. */
START_TEST (pipe_that_waits)
{
  Piped piped;

  write_bytes ("a.gz", gz, sizeof gz - 1);
  if (!unpacks ())
    return;
  piped_open (&piped, &headed, FALSE);
  for (gsize i = 0; i < 16; i++)
    {
      expect_next (&piped, "wait");
      ck_assert_int_ge (fanout_reader_fd (piped.reader), 0);
      ck_assert_int_eq (write (piped.ends[1], gz + i, 1), 1);
    }
  expect_next (&piped, "wait");
  ck_assert_int_eq (write (piped.ends[1], gz + 16, sizeof gz - 17), sizeof gz - 17);
  piped_end (&piped);
  fanout_lane_set_blocking (piped.lane, TRUE);
  g_autofree char *rows = read_all (piped.reader, 1, FALSE, 1024);
  ck_assert (g_str_has_suffix (rows, ":8 333"));
  ck_assert (fanout_reader_fd (piped.reader) < 0);
  piped_clear (&piped);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("packed");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, rows_of_packed_files);
  tcase_add_test (tests, failures_in_their_turn);
  tcase_add_test (tests, bytes_are_those_of_the_file);
  tcase_add_test (tests, pipe_that_waits);
  suite_add_tcase (suite, tests);
  return suite;
}
