/* The channel by itself, and the fibers and parks that wait at it. */

#include "tests/support/suite.h"
#include "core/handover/channel.h"
#include "core/handover/fiber.h"
#include "core/base/park.h"

#include <check.h>

/* A receiver that notes what it is woken for. */
typedef struct
{
  FanoutReceiver receiver;
  guint woken;
  gboolean at_once; /* take the batch when woken */
  const FanoutBatch *got;
} End;

static void
wake (FanoutReceiver *receiver)
{
  End *end = receiver->owner;
  end->woken++;
  if (end->at_once && fanout_receiver_peek (receiver, &end->got))
    fanout_receiver_take (receiver);
}

static guint n_sender_woken;

static void
wake_sender (FanoutChannel *channel)
{
  (void) channel;
  n_sender_woken++;
}

typedef struct
{
  FanoutChannel channel;
  End ends[3];
  FanoutReceiver *receivers[3];
} Fixture;

static void
set_up (Fixture *f, gboolean at_once)
{
  for (int i = 0; i < 3; i++)
    {
      f->receivers[i] = &f->ends[i].receiver;
      f->ends[i].woken = 0;
      f->ends[i].at_once = at_once;
      f->ends[i].got = NULL;
      fanout_receiver_init (f->receivers[i], &f->channel, wake, &f->ends[i]);
    }
  n_sender_woken = 0;
  fanout_channel_init (&f->channel, 3, f->receivers, wake_sender);
}

START_TEST (settles_when_all_have_taken)
{
  Fixture f;
  FanoutBatch batch = { 0 };
  const FanoutBatch *got = NULL;
  set_up (&f, FALSE);
  ck_assert (fanout_channel_settled (&f.channel));
  ck_assert (!fanout_channel_offer (&f.channel, &batch));
  for (int i = 0; i < 3; i++)
    {
      ck_assert_uint_eq (f.ends[i].woken, 1);
      ck_assert (!fanout_channel_settled (&f.channel));
      ck_assert (fanout_receiver_peek (f.receivers[i], &got));
      ck_assert_ptr_eq (got, &batch);
      ck_assert (!fanout_receiver_peek (f.receivers[i], &got));
      ck_assert (!fanout_channel_settled (&f.channel));
      fanout_receiver_take (f.receivers[i]);
      ck_assert_uint_eq (n_sender_woken, (guint) i + 1);
    }
  ck_assert (fanout_channel_settled (&f.channel));
}
END_TEST

START_TEST (hands_over_in_the_wake)
{
  Fixture f;
  FanoutBatch batches[5] = { 0 };
  set_up (&f, TRUE);
  for (int b = 0; b < 5; b++)
    {
      ck_assert (fanout_channel_offer (&f.channel, &batches[b]));
      ck_assert (fanout_channel_settled (&f.channel));
      for (int i = 0; i < 3; i++)
        ck_assert_ptr_eq (f.ends[i].got, &batches[b]);
    }
}
END_TEST

START_TEST (who_left_is_not_waited_for)
{
  Fixture f;
  FanoutBatch batch = { 0 };
  const FanoutBatch *got = NULL;
  set_up (&f, FALSE);
  fanout_channel_offer (&f.channel, &batch);
  fanout_receiver_peek (f.receivers[0], &got);
  fanout_receiver_leave (f.receivers[0]);
  ck_assert (fanout_receiver_left (f.receivers[0]));
  for (int i = 1; i < 3; i++)
    {
      fanout_receiver_peek (f.receivers[i], &got);
      fanout_receiver_take (f.receivers[i]);
    }
  ck_assert (fanout_channel_settled (&f.channel));
  fanout_channel_offer (&f.channel, &batch);
  ck_assert_uint_eq (f.ends[0].woken, 1);
  ck_assert_uint_eq (f.ends[1].woken, 2);
  for (int i = 1; i < 3; i++)
    {
      fanout_receiver_peek (f.receivers[i], &got);
      fanout_receiver_leave (f.receivers[i]);
    }
  ck_assert (fanout_channel_settled (&f.channel));
  for (int i = 1; i < 3; i++)
    ck_assert (fanout_receiver_left (f.receivers[i]));
}
END_TEST

START_TEST (the_end_is_a_batch_of_its_own)
{
  Fixture f;
  FanoutBatch batch = { 0 };
  const FanoutBatch *got = &batch;
  set_up (&f, FALSE);
  fanout_channel_offer (&f.channel, NULL);
  ck_assert (fanout_receiver_peek (f.receivers[0], &got));
  ck_assert_ptr_null (got);
}
END_TEST

START_TEST (a_batch_moves_on_in_its_frame)
{
  const FanoutFrame frame = { .n_rows = 10 };
  FanoutBatch batch = { &frame, 0, 4 };
  ck_assert (fanout_batch_advance (&batch, 4));
  ck_assert_uint_eq (batch.first, 4);
  ck_assert_uint_eq (batch.n_rows, 4);
  ck_assert (fanout_batch_advance (&batch, 4));
  ck_assert_uint_eq (batch.first, 8);
  ck_assert_uint_eq (batch.n_rows, 2);
  ck_assert (!fanout_batch_advance (&batch, 4));
  ck_assert_uint_eq (batch.first, 8);
  ck_assert_uint_eq (batch.n_rows, 2);
}
END_TEST

/* Fibers. */

typedef struct Walker Walker;

struct Walker
{
  FanoutFiber *fiber;
  GString *trace;
  char name;
  int turns;
  Walker *next;
};

static void
walk (gpointer data)
{
  Walker *walker = data;
  for (int i = 0; i < walker->turns; i++)
    {
      g_string_append_printf (walker->trace, "%c%d ", walker->name, i);
      fanout_fiber_suspend (walker->fiber);
    }
  g_string_append_printf (walker->trace, "%c. ", walker->name);
}

START_TEST (fibers_take_turns)
{
  g_autoptr (GString) trace = g_string_new (NULL);
  Walker a = { .trace = trace, .name = 'a', .turns = 2 };
  Walker b = { .trace = trace, .name = 'b', .turns = 3 };
  a.fiber = fanout_fiber_new (walk, &a, NULL, NULL);
  b.fiber = fanout_fiber_new (walk, &b, NULL, NULL);
  gboolean more = TRUE;
  while (more)
    {
      more = fanout_fiber_resume (a.fiber);
      more = fanout_fiber_resume (b.fiber) || more;
    }
  ck_assert_str_eq (trace->str, "a0 b0 a1 b1 a. b2 b. ");
  ck_assert (!fanout_fiber_resume (a.fiber));
  fanout_fiber_free (a.fiber);
  fanout_fiber_free (b.fiber);
}
END_TEST

static void
nest (gpointer data)
{
  Walker *walker = data;
  Walker inner = { .trace = walker->trace, .name = 'i', .turns = 1 };
  inner.fiber = fanout_fiber_new (walk, &inner, NULL, NULL);
  fanout_fiber_resume (inner.fiber);
  fanout_fiber_suspend (walker->fiber);
  fanout_fiber_resume (inner.fiber);
  fanout_fiber_free (inner.fiber);
  g_string_append (walker->trace, "o. ");
}

START_TEST (fibers_nest)
{
  g_autoptr (GString) trace = g_string_new (NULL);
  Walker outer = { .trace = trace };
  outer.fiber = fanout_fiber_new (nest, &outer, NULL, NULL);
  ck_assert (fanout_fiber_resume (outer.fiber));
  ck_assert_str_eq (trace->str, "i0 ");
  ck_assert (!fanout_fiber_resume (outer.fiber));
  ck_assert_str_eq (trace->str, "i0 i. o. ");
  fanout_fiber_free (outer.fiber);
}
END_TEST

/* Each turn goes on to the next walker, and from the last back to who resumed the first. */
static void
walk_on (gpointer data)
{
  Walker *walker = data;
  for (int i = 0; i < walker->turns; i++)
    {
      g_string_append_printf (walker->trace, "%c%d ", walker->name, i);
      if (walker->next != NULL)
        fanout_fiber_pass (walker->fiber, walker->next->fiber);
      else
        fanout_fiber_suspend (walker->fiber);
    }
  g_string_append_printf (walker->trace, "%c. ", walker->name);
}

START_TEST (fibers_pass_on)
{
  g_autoptr (GString) trace = g_string_new (NULL);
  Walker c = { .trace = trace, .name = 'c', .turns = 2 };
  Walker b = { .trace = trace, .name = 'b', .turns = 2, .next = &c };
  Walker a = { .trace = trace, .name = 'a', .turns = 2, .next = &b };
  a.fiber = fanout_fiber_new (walk_on, &a, NULL, NULL);
  b.fiber = fanout_fiber_new (walk_on, &b, NULL, NULL);
  c.fiber = fanout_fiber_new (walk_on, &c, NULL, NULL);
  ck_assert (fanout_fiber_resume (a.fiber));
  g_string_append (trace, "| ");
  ck_assert (fanout_fiber_resume (a.fiber));
  g_string_append (trace, "| ");
  ck_assert (!fanout_fiber_resume (a.fiber));
  ck_assert (!fanout_fiber_resume (b.fiber));
  ck_assert (!fanout_fiber_resume (c.fiber));
  ck_assert_str_eq (trace->str, "a0 b0 c0 | a1 b1 c1 | a. b. c. ");
  fanout_fiber_free (a.fiber);
  fanout_fiber_free (b.fiber);
  fanout_fiber_free (c.fiber);
}
END_TEST

/* What floating point and a deep stack leave behind survives a switch. */
static void
compute (gpointer data)
{
  Walker *walker = data;
  volatile double sum = 0;
  for (int i = 1; i <= 100; i++)
    {
      char text[4096];
      g_snprintf (text, sizeof text, "%d", i);
      sum += 1.0 / g_ascii_strtod (text, NULL);
      fanout_fiber_suspend (walker->fiber);
    }
  g_string_append_printf (walker->trace, "%.15f", sum);
}

START_TEST (fibers_keep_their_stacks)
{
  g_autoptr (GString) trace = g_string_new (NULL);
  Walker walker = { .trace = trace };
  walker.fiber = fanout_fiber_new (compute, &walker, NULL, NULL);
  while (fanout_fiber_resume (walker.fiber))
    ;
  ck_assert_str_eq (trace->str, "5.187377517639621");
  fanout_fiber_free (walker.fiber);
}
END_TEST

/* Parks. */

#define HAND_OVERS 2000

typedef struct
{
  FanoutPark ping;
  FanoutPark pong;
  _Atomic int turn;
  int seen; /* by the other thread, in order */
} Table;

static gboolean
is_odd (gpointer data)
{
  return atomic_load (&((Table *) data)->turn) % 2 == 1;
}

static gboolean
is_even (gpointer data)
{
  return atomic_load (&((Table *) data)->turn) % 2 == 0;
}

static gpointer
play (gpointer data)
{
  Table *table = data;
  for (int i = 0; i < HAND_OVERS; i++)
    {
      fanout_park_wait (&table->ping, is_odd, table);
      table->seen++;
      atomic_fetch_add (&table->turn, 1);
      fanout_park_wake (&table->pong);
    }
  return NULL;
}

static void *
play_thread (void *data)
{
  return play (data);
}

START_TEST (parks_lose_no_wake)
{
  Table table = { 0 };
  pthread_t thread;
  fanout_park_init (&table.ping);
  fanout_park_init (&table.pong);
  ck_assert_int_eq (pthread_create (&thread, NULL, play_thread, &table), 0);
  for (int i = 0; i < HAND_OVERS; i++)
    {
      atomic_fetch_add (&table.turn, 1);
      fanout_park_wake (&table.ping);
      fanout_park_wait (&table.pong, is_even, &table);
      ck_assert_int_eq (table.seen, i + 1);
    }
  pthread_join (thread, NULL);
  fanout_park_clear (&table.ping);
  fanout_park_clear (&table.pong);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("channel");
  TCase *tests = tcase_create ("channel");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, settles_when_all_have_taken);
  tcase_add_test (tests, hands_over_in_the_wake);
  tcase_add_test (tests, who_left_is_not_waited_for);
  tcase_add_test (tests, the_end_is_a_batch_of_its_own);
  tcase_add_test (tests, a_batch_moves_on_in_its_frame);
  tcase_add_test (tests, fibers_take_turns);
  tcase_add_test (tests, fibers_nest);
  tcase_add_test (tests, fibers_pass_on);
  tcase_add_test (tests, fibers_keep_their_stacks);
  tcase_add_test (tests, parks_lose_no_wake);
  suite_add_tcase (suite, tests);
  return suite;
}
