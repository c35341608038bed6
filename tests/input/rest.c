/* Lanes at rest in the midst of the stream, and what is known of the inputs then. */

#include "tests/support/reader.h"
#include "tests/support/suite.h"
#include <poll.h>

static gboolean
is_readable (int fd)
{
  struct pollfd now = { fd, POLLIN, 0 };

  return poll (&now, 1, 0) == 1;
}

START_TEST (rest_and_go_on)
{
  Piped piped;

  piped_open (&piped, &plain, TRUE);
  piped_write (&piped, "1\n2\n3");
  expect_next (&piped, "1\n2\n");
  fanout_reader_rest (piped.reader, TRUE);
  expect_next (&piped, "rest");
  expect_next (&piped, "rest");
  piped_write (&piped, "\n");
  fanout_reader_rest (piped.reader, FALSE);
  expect_next (&piped, "3\n");
  fanout_reader_rest (piped.reader, TRUE);
  fanout_reader_stop (piped.reader);
  expect_next (&piped, "end");
  piped_clear (&piped);
}
END_TEST

/* One that was woken finds nothing left to wake it, but for the end. */
START_TEST (rest_of_a_lane_that_does_not_block)
{
  Piped piped;

  piped_open (&piped, &headed, FALSE);
  piped_write (&piped, "x,");
  expect_next (&piped, "wait");
  ck_assert (!is_readable (fanout_reader_wake_fd (piped.reader)));
  fanout_reader_rest (piped.reader, TRUE);
  ck_assert (is_readable (fanout_reader_wake_fd (piped.reader)));
  expect_next (&piped, "rest");
  fanout_reader_rest (piped.reader, FALSE);
  expect_next (&piped, "wait");
  ck_assert (!is_readable (fanout_reader_wake_fd (piped.reader)));
  piped_write (&piped, "y\n1\n");
  expect_next (&piped, "1\n");
  fanout_reader_stop (piped.reader);
  expect_next (&piped, "end");
  ck_assert (is_readable (fanout_reader_wake_fd (piped.reader)));
  piped_clear (&piped);
}
END_TEST

/* Blocks of all lanes, to be looked at when all rest. */

typedef struct
{
  FanoutLane *lane;
  GArray *blocks; /* of Dealt */
  FanoutRead result;
} Reading;

typedef struct
{
  FanoutBlockOrigin origin;
  guint64 record;
  guint64 n_rows;
} Dealt;

static gpointer
read_until_rest (gpointer data)
{
  Reading *reading = data;
  FanoutBlock block;
  guint64 record;

  while ((reading->result = fanout_reader_next (reading->lane, &block, NULL, &record, NULL))
         == FANOUT_READ_BLOCK)
    {
      const Dealt dealt = { fanout_lane_origin (reading->lane), block.record, count_rows (&block) };

      g_array_append_val (reading->blocks, dealt);
    }
  return NULL;
}

static int
compare_dealt (gconstpointer a, gconstpointer b)
{
  const Dealt *one = a;
  const Dealt *other = b;

  return one->origin.serial < other->origin.serial ? -1 : 1;
}

/* What was dealt is a prefix: answers its number of rows. */
static guint64
check_prefix (Reading *readings, guint n, guint64 *n_blocks)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Dealt));
  guint64 rows = 0;

  for (guint i = 0; i < n; i++)
    g_array_append_vals (all, readings[i].blocks->data, readings[i].blocks->len);
  g_array_sort (all, compare_dealt);
  for (guint i = 0; i < all->len; i++)
    {
      const Dealt *dealt = &g_array_index (all, Dealt, i);

      ck_assert_uint_eq (dealt->origin.serial, i);
      ck_assert_uint_eq (dealt->record, rows);
      rows += dealt->n_rows;
      if (i > 0)
        {
          const FanoutBlockOrigin before = g_array_index (all, Dealt, i - 1).origin;

          ck_assert_uint_eq (dealt->origin.input, before.input + (before.last ? 1 : 0));
        }
    }
  *n_blocks = all->len;
  return rows;
}

typedef struct
{
  FanoutBlockReader *reader;
  guint changes;
  guint rests; /* still to be asked for, one at each change */
} Watch;

static void
ask_for_rest (gpointer data)
{
  Watch *watch = data;

  watch->changes++;
  if (watch->rests == 0)
    return;
  watch->rests--;
  fanout_reader_rest (watch->reader, TRUE);
}

static void
check_stages (FanoutBlockReader *reader, const Reading *readings, guint n)
{
  guint open = 0;

  for (guint i = 0; i < fanout_reader_n_inputs (reader); i++)
    {
      const FanoutInputStage stage = fanout_reader_input_stage (reader, i);

      open += stage == FANOUT_INPUT_OPEN ? 1 : 0;
      if (i > 0)
        ck_assert_int_le (stage, fanout_reader_input_stage (reader, i - 1));
      for (guint l = 0; l < n; l++)
        for (guint b = 0; b < readings[l].blocks->len; b++)
          {
            const FanoutBlockOrigin origin = g_array_index (readings[l].blocks, Dealt, b).origin;

            if (origin.input != i)
              continue;
            ck_assert_int_ne (stage, FANOUT_INPUT_NOT_BEGUN);
            if (origin.last)
              ck_assert_int_eq (stage, FANOUT_INPUT_ENDED);
          }
    }
  ck_assert_uint_le (open, 1);
}

START_TEST (rests_are_prefixes)
{
  const char *const paths[] = { "a", "b", "c", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GString) bytes = g_string_new (NULL);

      for (guint r = 0; r < 200; r++)
        g_string_append_printf (bytes, "\"%u\n\",%s\n", r,
                                r % 50 == 0 ? "a row of some length" : "");
      g_string_append (bytes, "last");
      write_file (paths[i], bytes->str);
    }
  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
      Watch watch = { reader, 0, round % 5 };
      const guint rests = watch.rests;
      Reading readings[MAX_LANES] = { 0 };
      pthread_t threads[MAX_LANES];
      guint64 n_blocks = 0;
      guint64 rows = 0;
      guint seen = 0;

      fanout_reader_on_change (reader, ask_for_rest, &watch);
      for (guint i = 0; i < MAX_LANES; i++)
        {
          readings[i].lane = fanout_reader_lane (reader, TRUE);
          readings[i].blocks = g_array_new (FALSE, FALSE, sizeof (Dealt));
        }
      do
        {
          fanout_reader_rest (reader, FALSE);
          for (guint i = 0; i < MAX_LANES; i++)
            ck_assert_int_eq (pthread_create (&threads[i], NULL, read_until_rest, &readings[i]), 0);
          for (guint i = 0; i < MAX_LANES; i++)
            pthread_join (threads[i], NULL);
          rows = check_prefix (readings, MAX_LANES, &n_blocks);
          check_stages (reader, readings, MAX_LANES);
          seen++;
        }
      while (readings[0].result == FANOUT_READ_REST);
      ck_assert_uint_eq (rows, 3 * 201);
      ck_assert_uint_ge (seen, MIN (rests, 1) + 1);
      ck_assert_uint_eq (watch.changes, 6);
      for (guint i = 0; i < MAX_LANES; i++)
        {
          ck_assert_int_eq (readings[i].result, FANOUT_READ_END);
          fanout_lane_free (readings[i].lane);
          g_array_unref (readings[i].blocks);
        }
    }
}
END_TEST

/* An input without a row is taken up and ends as others do. */
START_TEST (stages_of_inputs)
{
  const char *const paths[] = { "a", "none", "b", NULL };
  const FanoutReaderPlan plan = make_plan (&headed, paths);
  FanoutBlock block;
  guint64 record;

  write_file ("a", "h\n1\n");
  write_file ("none", "");
  write_file ("b", "h\n2\n");
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  Watch watch = { reader, 0, 0 };
  fanout_reader_on_change (reader, ask_for_rest, &watch);
  g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
  ck_assert_uint_eq (fanout_reader_n_inputs (reader), 3);
  ck_assert_int_eq (fanout_reader_input_stage (reader, 0), FANOUT_INPUT_NOT_BEGUN);
  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
  ck_assert_uint_eq (fanout_lane_origin (lane).input, 0);
  ck_assert_uint_eq (fanout_lane_origin (lane).serial, 0);
  ck_assert (fanout_lane_origin (lane).last);
  ck_assert_int_eq (fanout_reader_input_stage (reader, 0), FANOUT_INPUT_ENDED);
  ck_assert_int_eq (fanout_reader_input_stage (reader, 1), FANOUT_INPUT_NOT_BEGUN);
  ck_assert_uint_eq (watch.changes, 2);
  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
  ck_assert_uint_eq (fanout_lane_origin (lane).input, 2);
  ck_assert_uint_eq (fanout_lane_origin (lane).serial, 1);
  ck_assert_int_eq (fanout_reader_input_stage (reader, 1), FANOUT_INPUT_ENDED);
  ck_assert_int_eq (fanout_reader_input_stage (reader, 2), FANOUT_INPUT_ENDED);
  ck_assert_uint_eq (watch.changes, 5);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("rest");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, rest_and_go_on);
  tcase_add_test (tests, rest_of_a_lane_that_does_not_block);
  tcase_add_test (tests, rests_are_prefixes);
  tcase_add_test (tests, stages_of_inputs);
  suite_add_tcase (suite, tests);
  return suite;
}
