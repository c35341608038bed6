#include "tests/support/suite.h"
#include "core/window/watermark.h"

#define SECOND FANOUT_NS_IN_SECOND

/* Windows of a minute. */
static const FanoutAxis minutes
    = { .unit = FANOUT_AXIS_SPANS, .step = 60 * SECOND, .size = 1, .every = 1 };
static const FanoutAxis sessions = { .gap = 60 * SECOND };

static gboolean
pass (FanoutWatermarks *marks, guint64 block, guint input, gint64 largest, gboolean last)
{
  fanout_watermarks_await (marks, block, input);
  return fanout_watermarks_pass (
      marks, input, largest == G_MININT64 ? FANOUT_INSTANT_NONE : largest * SECOND, last);
}

START_TEST (test_one_input)
{
  FanoutWatermarks marks;
  fanout_watermarks_init (&marks, &minutes, 10 * SECOND, NULL);
  fanout_watermarks_set_inputs (&marks, 1);
  ck_assert_int_eq (fanout_watermarks_least (&marks), FANOUT_INSTANT_NONE);
  ck_assert_int_eq (fanout_watermarks_await (&marks, 0, 0), FANOUT_INSTANT_NONE);
  /* Rows without a time, then some of the first minute. What is before it is over from then on. */
  ck_assert (!pass (&marks, 0, 0, G_MININT64, FALSE));
  ck_assert (pass (&marks, 1, 0, 59, FALSE));
  ck_assert_int_eq (fanout_watermarks_least (&marks), 49 * SECOND);
  ck_assert_int_eq (fanout_watermarks_await (&marks, 2, 0), 59 * SECOND);
  ck_assert (!pass (&marks, 2, 0, 69, FALSE));
  ck_assert (pass (&marks, 3, 0, 70, FALSE));
  ck_assert (!pass (&marks, 4, 0, 65, FALSE));
  ck_assert_int_eq (fanout_watermarks_least (&marks), 60 * SECOND);
  /* At the end nobody is told: all that is left is over anyway. */
  ck_assert (!pass (&marks, 5, 0, 66, TRUE));
  ck_assert_int_eq (fanout_watermarks_least (&marks), FANOUT_INSTANT_END);
  fanout_watermarks_clear (&marks);
}
END_TEST

/* What was over meanwhile is told with what comes next. */
START_TEST (test_patience)
{
  FanoutWatermarks marks;
  fanout_watermarks_init (&marks, &minutes, 0, NULL);
  fanout_watermarks_set_inputs (&marks, 1);
  fanout_watermarks_set_patience (&marks, 3);
  ck_assert (!pass (&marks, 0, 0, 60, FALSE));
  ck_assert (!pass (&marks, 1, 0, 120, FALSE));
  ck_assert (pass (&marks, 2, 0, 120, FALSE));
  ck_assert (!pass (&marks, 3, 0, 180, FALSE));
  ck_assert (!pass (&marks, 4, 0, 240, FALSE));
  ck_assert_int_eq (fanout_watermarks_least (&marks), 240 * SECOND);
  ck_assert (pass (&marks, 5, 0, 250, FALSE));
  ck_assert (!pass (&marks, 6, 0, 251, FALSE));
  ck_assert (!pass (&marks, 7, 0, 252, FALSE));
  ck_assert (!pass (&marks, 8, 0, 253, FALSE));
  ck_assert (pass (&marks, 9, 0, 300, FALSE));
  fanout_watermarks_clear (&marks);
}
END_TEST

/* The one that is furthest behind holds the others, also when it has not begun. */
START_TEST (test_several_inputs)
{
  FanoutWatermarks marks;
  fanout_watermarks_init (&marks, &minutes, 0, NULL);
  fanout_watermarks_set_inputs (&marks, 3);
  ck_assert (!pass (&marks, 0, 0, 1000, FALSE));
  ck_assert (!pass (&marks, 1, 1, 130, FALSE));
  ck_assert_int_eq (fanout_watermarks_least (&marks), FANOUT_INSTANT_NONE);
  ck_assert_int_eq (fanout_watermarks_await (&marks, 2, 1), 130 * SECOND);
  ck_assert_int_eq (fanout_watermarks_await (&marks, 2, 0), 1000 * SECOND);
  ck_assert (pass (&marks, 2, 2, 500, FALSE));
  ck_assert_int_eq (fanout_watermarks_least (&marks), 130 * SECOND);
  ck_assert (pass (&marks, 3, 1, 130, TRUE));
  ck_assert_int_eq (fanout_watermarks_least (&marks), 500 * SECOND);
  ck_assert (pass (&marks, 4, 2, 700, TRUE));
  ck_assert_int_eq (fanout_watermarks_least (&marks), 1000 * SECOND);
  fanout_watermarks_clear (&marks);
}
END_TEST

START_TEST (test_windows)
{
  ck_assert_int_eq (fanout_watermark_window (&minutes, FANOUT_INSTANT_NONE), G_MININT64);
  ck_assert_int_eq (fanout_watermark_window (&minutes, FANOUT_INSTANT_END), G_MAXINT64);
  ck_assert_int_eq (fanout_watermark_window (&minutes, 0), -1);
  ck_assert_int_eq (fanout_watermark_window (&minutes, 60 * SECOND - 1), -1);
  ck_assert_int_eq (fanout_watermark_window (&minutes, 60 * SECOND), 0);
  const FanoutAxis overlapping
      = { .unit = FANOUT_AXIS_SPANS, .step = 60 * SECOND, .size = 5, .every = 1 };
  ck_assert_int_eq (fanout_watermark_window (&overlapping, 299 * SECOND), -1);
  ck_assert_int_eq (fanout_watermark_window (&overlapping, 300 * SECOND), 0);
  /* A session is over when more than a gap has passed since its last row. */
  ck_assert_int_eq (fanout_watermark_window (&sessions, 60 * SECOND), -1);
  ck_assert_int_eq (fanout_watermark_window (&sessions, 60 * SECOND + 1), 0);
  ck_assert_int_eq (fanout_watermark_window (&sessions, FANOUT_INSTANT_NONE), G_MININT64);
  ck_assert_int_eq (fanout_watermark_window (&sessions, FANOUT_INSTANT_END), G_MAXINT64);
  ck_assert_int_eq (fanout_watermark_of (FANOUT_INSTANT_NONE, 5), FANOUT_INSTANT_NONE);
  ck_assert_int_eq (fanout_watermark_of (7, 5), 2);
  ck_assert_int_eq (fanout_watermark_of (-FANOUT_INSTANT_MAX, SECOND), -FANOUT_INSTANT_MAX);
}
END_TEST

/* Nobody is told of what cannot be. */
START_TEST (test_expected)
{
  FanoutWatermarks marks;
  fanout_watermarks_init (&marks, &sessions, 0, NULL);
  fanout_watermarks_set_inputs (&marks, 1);
  ck_assert (pass (&marks, 0, 0, 100, FALSE));
  fanout_watermarks_expect (&marks, 90 * SECOND);
  ck_assert (!pass (&marks, 1, 0, 150, FALSE));
  ck_assert (!pass (&marks, 2, 0, 150, FALSE));
  ck_assert (pass (&marks, 3, 0, 151, FALSE));
  ck_assert (!pass (&marks, 4, 0, 151, FALSE));
  ck_assert (!pass (&marks, 5, 0, 151, TRUE));
  fanout_watermarks_clear (&marks);
}
END_TEST

enum
{
  THREADS = 4,
  BLOCKS = 4000,
  INPUTS = 3,
};

/* Blocks are dealt to threads in turn; each has its own largest time. */
typedef struct
{
  FanoutWatermarks *marks;
  guint first;
  FanoutInstant *seen; /* before each block */
  const FanoutInstant *times;
} Dealt;

static gpointer
run_blocks (gpointer data)
{
  const Dealt *self = data;
  for (guint block = self->first; block < BLOCKS; block += THREADS)
    {
      self->seen[block] = fanout_watermarks_await (self->marks, block, block % INPUTS);
      fanout_watermarks_pass (self->marks, block % INPUTS,
                              MAX (self->seen[block], self->times[block]), FALSE);
    }
  return NULL;
}

START_TEST (test_threads)
{
  FanoutWatermarks marks;
  FanoutInstant largest[INPUTS] = { FANOUT_INSTANT_NONE, FANOUT_INSTANT_NONE, FANOUT_INSTANT_NONE };
  g_autofree FanoutInstant *seen = g_new0 (FanoutInstant, BLOCKS);
  g_autofree FanoutInstant *times = g_new0 (FanoutInstant, BLOCKS);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  pthread_t threads[THREADS];
  Dealt dealt[THREADS];
  fanout_watermarks_init (&marks, &minutes, 0, NULL);
  fanout_watermarks_set_inputs (&marks, INPUTS);
  for (guint i = 0; i < BLOCKS; i++)
    times[i] = g_rand_int_range (rand, 0, 10 * (gint) i + 1) * SECOND;
  for (guint i = 0; i < THREADS; i++)
    {
      dealt[i] = (Dealt){ &marks, i, seen, times };
      ck_assert_int_eq (pthread_create (&threads[i], NULL, run_blocks, &dealt[i]), 0);
    }
  for (guint i = 0; i < THREADS; i++)
    pthread_join (threads[i], NULL);
  for (guint i = 0; i < BLOCKS; i++)
    {
      ck_assert_int_eq (seen[i], largest[i % INPUTS]);
      largest[i % INPUTS] = MAX (largest[i % INPUTS], times[i]);
    }
  ck_assert_int_eq (fanout_watermarks_least (&marks),
                    MIN (largest[0], MIN (largest[1], largest[2])));
  fanout_watermarks_clear (&marks);
}
END_TEST

static gpointer
wait_for_block (gpointer data)
{
  fanout_watermarks_await (data, 5, 0);
  return NULL;
}

START_TEST (test_given_up)
{
  FanoutWatermarks marks;
  pthread_t thread;
  fanout_watermarks_init (&marks, &minutes, 0, NULL);
  fanout_watermarks_set_inputs (&marks, 1);
  ck_assert_int_eq (pthread_create (&thread, NULL, wait_for_block, &marks), 0);
  fanout_watermarks_give_up (&marks);
  pthread_join (thread, NULL);
  fanout_watermarks_clear (&marks);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("watermark");
  TCase *tcase = tcase_create ("watermark");

  tcase_add_test (tcase, test_one_input);
  tcase_add_test (tcase, test_patience);
  tcase_add_test (tcase, test_several_inputs);
  tcase_add_test (tcase, test_windows);
  tcase_add_test (tcase, test_expected);
  tcase_add_test (tcase, test_threads);
  tcase_add_test (tcase, test_given_up);
  suite_add_tcase (suite, tcase);
  return suite;
}
