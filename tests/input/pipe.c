/* Inputs that come bit by bit, or as standard input. */

#include "tests/support/reader.h"
#include "tests/support/suite.h"
#include <semaphore.h>
#include <sys/stat.h>

START_TEST (pipe_that_blocks)
{
  Piped piped;

  piped_open (&piped, &plain, TRUE);
  piped_write (&piped, "1\n2");
  expect_next (&piped, "1\n");
  piped_write (&piped, "\n");
  expect_next (&piped, "2\n");
  piped_write (&piped, "a row of more than a piece\n");
  expect_next (&piped, "a row of more than a piece\n");
  piped_write (&piped, "b");
  piped_end (&piped);
  expect_next (&piped, "b");
  expect_next (&piped, "end");
  ck_assert_uint_eq (fanout_reader_bytes (piped.reader), 32);
  ck_assert_uint_eq (fanout_reader_total (piped.reader), 0);
  piped_clear (&piped);
}
END_TEST

START_TEST (pipe_that_waits)
{
  g_auto (GStrv) names = NULL;
  gboolean known = FALSE;
  Piped piped;

  piped_open (&piped, &headed, FALSE);
  ck_assert_int_eq (fanout_reader_fd (piped.reader), -1);
  expect_next (&piped, "wait");
  piped_write (&piped, "x,");
  expect_next (&piped, "wait");
  ck_assert_int_ge (fanout_reader_fd (piped.reader), 0);
  piped_write (&piped, "y\n1,");
  ck_assert (fanout_reader_fields (piped.reader, &names, &known, NULL, NULL));
  ck_assert (known);
  ck_assert_str_eq (names[0], "x");
  ck_assert_str_eq (names[1], "y");
  expect_next (&piped, "wait");
  piped_write (&piped, "\"2\n");
  expect_next (&piped, "wait");
  piped_write (&piped, "\"\n3,4\n5");
  expect_next (&piped, "1,\"2\n\"\n3,4\n");
  expect_next (&piped, "wait");
  piped_end (&piped);
  expect_next (&piped, "5");
  expect_next (&piped, "end");
  ck_assert_int_eq (fanout_reader_fd (piped.reader), -1);
  piped_clear (&piped);
}
END_TEST

START_TEST (long_row_of_a_pipe)
{
  Piped piped;

  piped_open (&piped, &plain, FALSE);
  g_autofree char *letters = g_strnfill (1000, 'l');
  piped_write (&piped, "1\n");
  expect_next (&piped, "1\n");
  for (guint i = 0; i < 20; i++)
    {
      FanoutBlock block = { 0 };
      guint64 record;
      FanoutRead result;

      piped_write (&piped, letters);
      result = fanout_reader_next (piped.lane, &block, NULL, &record, NULL);
      ck_assert_int_eq (result, i == 1 ? FANOUT_READ_BLOCK : FANOUT_READ_WAIT);
      if (i == 1)
        {
          /* It is told before it ends, and not longer than need be. */
          ck_assert_uint_ge (block.length, 1024 + 2);
          ck_assert_uint_le (block.length, 1024 + 2 + 16);
          ck_assert_uint_eq (block.record, 1);
          expect_next (&piped, "wait");
        }
    }
  piped_write (&piped, "\n2\n");
  expect_next (&piped, "2\n");
  piped_clear (&piped);
}
END_TEST

typedef struct
{
  Piped piped;
  sem_t go;
} Feeder;

static gpointer
feed (gpointer data)
{
  Feeder *feeder = data;

  for (guint i = 0; i < 100; i++)
    {
      piped_write (&feeder->piped, "\"a");
      piped_write (&feeder->piped, "\n\",");
      piped_write (&feeder->piped, "b\n");
      /* The row must come before there is more. */
      while (sem_wait (&feeder->go) != 0)
        continue;
    }
  piped_end (&feeder->piped);
  return NULL;
}

/* A byte order mark may come byte by byte, too. */
START_TEST (mark_of_a_pipe)
{
  static const char *const pieces[] = { "\xEF", "\xBB", "\xBF", "h\n1\n" };
  Piped piped;

  piped_open (&piped, &headed, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      expect_next (&piped, "wait");
      piped_write (&piped, pieces[i]);
    }
  expect_next (&piped, "1\n");
  piped_clear (&piped);
}
END_TEST

START_TEST (slow_producer)
{
  Feeder feeder;
  pthread_t thread;

  piped_open (&feeder.piped, &plain, TRUE);
  sem_init (&feeder.go, 0, 0);
  pthread_create (&thread, NULL, feed, &feeder);
  for (guint i = 0; i < 100; i++)
    {
      expect_next (&feeder.piped, "\"a\n\",b\n");
      sem_post (&feeder.go);
    }
  expect_next (&feeder.piped, "end");
  pthread_join (thread, NULL);
  sem_destroy (&feeder.go);
  piped_clear (&feeder.piped);
}
END_TEST

static gpointer
write_fifo (gpointer data)
{
  const char *bytes = "h\n1\n\"2\n\"\n3\n4\n5\n6\n7\n8\n9\n10";
  int fd = open (data, O_WRONLY | O_CLOEXEC);

  for (const char *c = bytes; *c != '\0'; c++)
    ck_assert_int_eq (write (fd, c, 1), 1);
  close (fd);
  return NULL;
}

START_TEST (fifo_by_many_lanes)
{
  const char *const paths[] = { "a", "fifo", "a", NULL };
  g_autofree char *path = g_build_filename (folder, "fifo", NULL);
  FanoutReaderPlan plan = make_plan (&headed, paths);

  write_file ("a", "h\na\n");
  ck_assert_int_eq (mkfifo (path, 0600), 0);
  for (plan.block_size = 1; plan.block_size < 20; plan.block_size++)
    {
      pthread_t thread;

      pthread_create (&thread, NULL, write_fifo, path);
      expect_at (&plan, 1 + (guint) plan.block_size % 3, FALSE,
                 "00000000 a:2 a\n00000001 fifo:2 1\n00000002 fifo:3 \"2\n\"\n00000003 fifo:5 3\n"
                 "00000004 fifo:6 4\n00000005 fifo:7 5\n00000006 fifo:8 6\n00000007 fifo:9 7\n"
                 "00000008 fifo:10 8\n00000009 fifo:11 9\n00000010 fifo:12 10\n00000011 a:2 a");
      pthread_join (thread, NULL);
    }
}
END_TEST

/* Standard input, whichever kind of file it is. */
static void
expect_standard_input (int fd, const char *expected)
{
  const char *const paths[] = { "-", "-", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);
  int saved = dup (STDIN_FILENO);
  g_auto (GStrv) names = NULL;
  gboolean known = FALSE;

  ck_assert_int_ge (dup2 (fd, STDIN_FILENO), 0);
  close (fd);
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  ck_assert (fanout_reader_fields (reader, &names, &known, NULL, NULL));
  ck_assert (known);
  ck_assert_str_eq (names[0], "h");
  g_autofree char *rows = read_all (reader, 2, FALSE, plan.max_row);
  ck_assert_str_eq (rows, expected);
  ck_assert_int_ge (dup2 (saved, STDIN_FILENO), 0);
  close (saved);
}

START_TEST (standard_input)
{
  const char *expected = "00000000 standard input:2 1\n00000001 standard input:3 2";
  g_autofree char *path = g_build_filename (folder, "in", NULL);
  int ends[2];
  int fd;

  ck_assert_int_eq (pipe (ends), 0);
  ck_assert_int_eq (write (ends[1], "h\n1\n2\n", 6), 6);
  close (ends[1]);
  expect_standard_input (ends[0], expected);

  write_file ("in", "skipped\nh\n1\n2\n");
  fd = open (path, O_RDONLY | O_CLOEXEC);
  ck_assert_int_eq (lseek (fd, 8, SEEK_SET), 8);
  expect_standard_input (fd, expected);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("pipe");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, pipe_that_blocks);
  tcase_add_test (tests, pipe_that_waits);
  tcase_add_test (tests, long_row_of_a_pipe);
  tcase_add_test (tests, mark_of_a_pipe);
  tcase_add_test (tests, slow_producer);
  tcase_add_test (tests, fifo_by_many_lanes);
  tcase_add_test (tests, standard_input);
  suite_add_tcase (suite, tests);
  return suite;
}
