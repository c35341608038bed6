/* Files that are followed by who waits for them: by a descriptor, in a thread, in several. */

#include "tests/support/follow.h"
#include "tests/support/suite.h"
#include <stdatomic.h>

static const char *const one[] = { "a.log", NULL };
static const char *const all[] = { "*.log", NULL };

/* What waits for it is woken, whatever it waits by. */
START_TEST (file_descriptor_to_wait_for)
{
  Followed followed;
  struct pollfd ready = { .events = POLLIN };

  write_file ("a.log", "1\n");
  followed_init (&followed, &plain, one);
  ck_assert_int_eq (fanout_reader_fd (followed.reader), -1);
  expect_followed (&followed, "0.0 a.log:1 1");
  ready.fd = fanout_reader_fd (followed.reader);
  ck_assert_int_ge (ready.fd, 0);
  append_to ("a.log", "2\n");
  ck_assert_int_eq (poll (&ready, 1, -1), 1);
  expect_followed (&followed, "0.1 a.log:2 2");
  followed_clear (&followed);
}
END_TEST

static gpointer
write_later (gpointer data G_GNUC_UNUSED)
{
  for (guint i = 0; i < 50; i++)
    {
      append_to ("a.log", "1\n");
      if (i % 10 == 9)
        {
          remove_file ("a.log");
          append_to ("b.log", "1\n");
        }
    }
  append_to ("a.log", "end\n");
  return NULL;
}

/* By the system's clock, and waiting. */
START_TEST (lane_that_blocks)
{
  FanoutReaderPlan plan = make_plan (&plain, all);
  pthread_t thread;
  FanoutBlock block;
  guint64 record;

  plan.glob = plan.follow = TRUE;
  plan.discover = 1000;
  write_file ("a.log", "begin\n");
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
  ck_assert_int_eq (pthread_create (&thread, NULL, write_later, NULL), 0);
  do
    ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
  while (g_strstr_len (block.data, (gssize) block.length, "end") == NULL);
  pthread_join (thread, NULL);
}
END_TEST

static gpointer
await_rest (gpointer lane)
{
  FanoutBlock block;
  guint64 record;

  return GINT_TO_POINTER (fanout_reader_next (lane, &block, NULL, &record, NULL));
}

START_TEST (lane_that_rests)
{
  FanoutReaderPlan plan = make_plan (&plain, all);
  FanoutBlock block;
  guint64 record;
  pthread_t thread;
  void *result;

  plan.follow = TRUE;
  plan.discover = G_USEC_PER_SEC;
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
  for (guint i = 0; i < 20; i++)
    {
      ck_assert_int_eq (pthread_create (&thread, NULL, await_rest, lane), 0);
      fanout_reader_rest (reader, TRUE);
      pthread_join (thread, &result);
      ck_assert_int_eq (GPOINTER_TO_INT (result), FANOUT_READ_REST);
      fanout_reader_rest (reader, FALSE);
    }
  write_file ("*.log", "1\n");
  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
}
END_TEST

#define ROWS 600

typedef struct
{
  FanoutBlockReader *reader;
  FanoutLane *lane;
  atomic_uint *rows;
} Reading;

static gpointer
read_rows (gpointer data)
{
  Reading *reading = data;
  FanoutBlock block;
  guint64 record;
  FanoutRead result;

  while ((result = fanout_reader_next (reading->lane, &block, NULL, &record, NULL))
         == FANOUT_READ_BLOCK)
    {
      const guint n = (guint) count_rows (&block);

      if (atomic_fetch_add (reading->rows, n) + n >= ROWS)
        fanout_reader_stop (reading->reader);
    }
  ck_assert_int_eq (result, FANOUT_READ_END);
  return NULL;
}

/* Files that are written and turned while several threads read them. */
START_TEST (lanes_that_block)
{
  FanoutReaderPlan plan = make_plan (&plain, all);
  Reading readings[MAX_LANES];
  pthread_t threads[MAX_LANES];
  atomic_uint rows = 0;
  g_auto (GStrv) names = NULL;
  gboolean known = FALSE;

  plan.glob = plan.follow = TRUE;
  plan.discover = plan.rotate_wait = 1000;
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.log", i);

      write_file (name, "");
    }
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  ck_assert (fanout_reader_fields (reader, &names, &known, NULL, NULL));
  for (guint i = 0; i < MAX_LANES; i++)
    {
      readings[i] = (Reading){ reader, fanout_reader_lane (reader, TRUE), &rows };
      ck_assert_int_eq (pthread_create (&threads[i], NULL, read_rows, &readings[i]), 0);
    }
  for (guint i = 0; i < ROWS; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.log", i % 3);
      g_autofree char *row = g_strdup_printf ("row %u\n", i);

      append_to (name, row);
      if (i % 50 == 49)
        {
          g_autofree char *turned = g_strdup_printf ("%s.%u", name, i);

          move_file (name, turned);
        }
    }
  for (guint i = 0; i < MAX_LANES; i++)
    {
      pthread_join (threads[i], NULL);
      fanout_lane_free (readings[i].lane);
    }
  ck_assert_uint_eq (rows, ROWS);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("waiting");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, file_descriptor_to_wait_for);
  tcase_add_test (tests, lane_that_blocks);
  tcase_add_test (tests, lane_that_rests);
  tcase_add_test (tests, lanes_that_block);
  suite_add_tcase (suite, tests);
  return suite;
}
