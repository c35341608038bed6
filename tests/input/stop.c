/* What ends a run from outside: lanes wake, and what was dealt is a prefix. */

#include "tests/support/reader.h"
#include "tests/support/suite.h"
#include <poll.h>
#include <semaphore.h>
#include <signal.h>

typedef struct
{
  FanoutLane *lane;
  GCancellable *cancellable;
  sem_t *waiting;
  FanoutRead result;
  GError *error;
} Waiter;

static gpointer
wait_for_block (gpointer data)
{
  Waiter *waiter = data;
  FanoutBlock block;
  guint64 record;

  sem_post (waiter->waiting);
  waiter->result
      = fanout_reader_next (waiter->lane, &block, waiter->cancellable, &record, &waiter->error);
  return NULL;
}

typedef void (*Stop) (FanoutBlockReader *reader, GCancellable *cancellable);

/* Lanes that wait for a pipe, or are about to, and something that wakes them. */
static void
expect_woken (Stop stop, FanoutRead expected)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Waiter waiters[MAX_LANES] = { 0 };
  pthread_t threads[MAX_LANES];
  sem_t waiting;
  Piped piped;

  piped_open (&piped, &plain, TRUE);
  piped_write (&piped, "1\n2\n3");
  expect_next (&piped, "1\n2\n");
  fanout_reader_watch (piped.reader, cancellable);
  sem_init (&waiting, 0, 0);
  for (guint i = 0; i < MAX_LANES; i++)
    {
      waiters[i].lane = fanout_reader_lane (piped.reader, TRUE);
      waiters[i].waiting = &waiting;
      waiters[i].cancellable = cancellable;
      pthread_create (&threads[i], NULL, wait_for_block, &waiters[i]);
    }
  for (guint i = 0; i < MAX_LANES; i++)
    while (sem_wait (&waiting) != 0)
      continue;
  stop (piped.reader, cancellable);
  for (guint i = 0; i < MAX_LANES; i++)
    {
      pthread_join (threads[i], NULL);
      ck_assert_int_eq (waiters[i].result, expected);
      if (expected == FANOUT_READ_FAILED)
        ck_assert (g_error_matches (waiters[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      else
        ck_assert_ptr_null (waiters[i].error);
      g_clear_error (&waiters[i].error);
      fanout_lane_free (waiters[i].lane);
    }
  sem_destroy (&waiting);
  piped_clear (&piped);
}

static void
stop_at_once (FanoutBlockReader *reader, GCancellable *cancellable G_GNUC_UNUSED)
{
  fanout_reader_stop (reader);
}

/* The first of these wakes the lanes, but they go on. */
static void
stop_after_first (FanoutBlockReader *reader, GCancellable *cancellable G_GNUC_UNUSED)
{
  fanout_reader_stop_after (reader, 100);
  fanout_reader_stop_after (reader, 0);
  fanout_reader_stop_after (reader, 50);
}

static void
cancel (FanoutBlockReader *reader G_GNUC_UNUSED, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
let_rest (FanoutBlockReader *reader, GCancellable *cancellable G_GNUC_UNUSED)
{
  fanout_reader_rest (reader, TRUE);
}

START_TEST (waiting_lanes_wake)
{
  for (guint i = 0; i < 20; i++)
    {
      expect_woken (stop_at_once, FANOUT_READ_END);
      expect_woken (stop_after_first, FANOUT_READ_END);
      expect_woken (cancel, FANOUT_READ_FAILED);
      expect_woken (let_rest, FANOUT_READ_REST);
    }
}
END_TEST

/* The row that failed may be a long one, of which there is no end in sight. */
START_TEST (stop_within_a_row)
{
  FanoutBlock block;
  guint64 record;
  Piped piped;

  piped_open (&piped, &plain, TRUE);
  g_autofree char *letters = g_strnfill (2000, 'l');
  piped_write (&piped, "1\n");
  expect_next (&piped, "1\n");
  piped_write (&piped, letters);
  ck_assert_int_eq (fanout_reader_next (piped.lane, &block, NULL, &record, NULL),
                    FANOUT_READ_BLOCK);
  ck_assert_uint_eq (block.record, 1);
  fanout_reader_stop_after (piped.reader, 1);
  expect_next (&piped, "end");
  piped_clear (&piped);
}
END_TEST

static FanoutBlockReader *volatile interrupted;

static void
interrupt (int number G_GNUC_UNUSED)
{
  fanout_reader_stop (interrupted);
}

static gpointer
send_signal (gpointer data)
{
  pthread_kill (*(pthread_t *) data, SIGUSR1);
  return NULL;
}

START_TEST (stop_by_signal)
{
  const struct sigaction action = { .sa_handler = interrupt };
  pthread_t self = pthread_self ();

  ck_assert_int_eq (sigaction (SIGUSR1, &action, NULL), 0);
  for (guint i = 0; i < 50; i++)
    {
      Piped piped;
      pthread_t thread;

      piped_open (&piped, &plain, TRUE);
      interrupted = piped.reader;
      pthread_create (&thread, NULL, send_signal, &self);
      expect_next (&piped, "end");
      pthread_join (thread, NULL);
      piped_clear (&piped);
    }
}
END_TEST

/* What failed behind the last row that is wanted is nobody's business. */
START_TEST (stop_before_a_failure)
{
  const char *const paths[] = { "a", "missing", NULL };
  const FanoutReaderPlan plan = make_plan (&plain, paths);

  write_file ("a", "1\n2\n");
  g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
  g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
  struct pollfd woken = { fanout_reader_wake_fd (reader), POLLIN, 0 };
  FanoutBlock block;
  guint64 record;

  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
  ck_assert_int_eq (poll (&woken, 1, 0), 0);
  fanout_reader_stop_after (reader, 1);
  ck_assert_int_eq (poll (&woken, 1, 0), 1);
  ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_END);
}
END_TEST

START_TEST (stop_deals_a_prefix)
{
  const char *const paths[] = { "t.csv", NULL };
  FanoutReaderPlan plan = make_plan (&plain, paths);
  GString *bytes = g_string_new (NULL);

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (bytes, "%u\n", i);
  write_file ("t.csv", bytes->str);
  g_string_free (bytes, TRUE);
  for (gsize i = 0; i < 3; i++)
    {
      g_autoptr (FanoutBlockReader) reader = open_reader (&plan);
      g_autoptr (FanoutLane) lane = fanout_reader_lane (reader, TRUE);
      g_autoptr (FanoutLane) other = fanout_reader_lane (reader, TRUE);
      FanoutBlock block;
      guint64 record;

      ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_BLOCK);
      ck_assert_uint_eq (block.record, 0);
      if (i == 0)
        fanout_reader_stop (reader);
      else
        fanout_reader_stop_after (reader, i == 1 ? 0 : 10);
      ck_assert_int_eq (fanout_reader_next (other, &block, NULL, &record, NULL),
                        i == 2 ? FANOUT_READ_BLOCK : FANOUT_READ_END);
      ck_assert_int_eq (fanout_reader_next (lane, &block, NULL, &record, NULL), FANOUT_READ_END);
      ck_assert_int_eq (fanout_reader_next (other, &block, NULL, &record, NULL), FANOUT_READ_END);
    }
}
END_TEST

START_TEST (fields_can_be_woken)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char **names = NULL;
  gboolean known = TRUE;
  Piped piped;

  piped_open (&piped, &headed, TRUE);
  g_cancellable_cancel (cancellable);
  ck_assert (!fanout_reader_fields (piped.reader, &names, &known, cancellable, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  ck_assert (known);
  fanout_reader_stop (piped.reader);
  ck_assert (fanout_reader_fields (piped.reader, &names, &known, NULL, NULL));
  ck_assert (!known);
  ck_assert_ptr_null (names);
  piped_clear (&piped);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("stop");
  TCase *tests = tcase_create ("all");

  tcase_add_checked_fixture (tests, make_folder, remove_folder);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, waiting_lanes_wake);
  tcase_add_test (tests, stop_within_a_row);
  tcase_add_test (tests, stop_by_signal);
  tcase_add_test (tests, stop_before_a_failure);
  tcase_add_test (tests, stop_deals_a_prefix);
  tcase_add_test (tests, fields_can_be_woken);
  suite_add_tcase (suite, tests);
  return suite;
}
