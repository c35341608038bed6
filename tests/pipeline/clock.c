/* Where the clock has a say in a stream: [window] idle and ahead, [output] every. It stands still
 * until it is moved. */

#include "tests/support/follow-files.h"
#include "tests/support/suite.h"

#define SECOND G_USEC_PER_SEC
#define FIRST  "1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,"
#define NEXT   "1970-01-01T00:00:10Z,1970-01-01T00:00:20Z,"

static void
idle_way (const char *const *overrides, gpointer data)
{
  Followed self;
  FanoutCounters counters = { 0 };
  (void) data;
  followed_init (&self, 0);
  followed_put (&self, "a.log", "1\n");
  followed_put (&self, "b.log", "2\n");
  followed_begin (&self, "[window]\ntime = t\nsize = 10s\nidle = 1m\n[aggregate n]\ntype = count\n",
                  "t", overrides);
  followed_put (&self, "a.log", "11\n");
  followed_await_rows (&self, 3);
  /* The one that gives nothing holds the other, */
  held_clock_move (&self.clock, 60 * SECOND - 1);
  followed_await_pulse (&self);
  followed_await_pulse (&self);
  ck_assert_str_eq (self.told->str, "");
  followed_put (&self, "a.log", "12\n");
  followed_await_rows (&self, 4);
  ck_assert_str_eq (self.told->str, "");
  /* but not for longer; */
  held_clock_move (&self.clock, 1);
  followed_expect (&self, FIRST "2\n");
  /* what it has is late then, which is not its own doing, */
  followed_put (&self, "b.log", "3\n13\n");
  followed_await_rows (&self, 5);
  /* and it holds the others again. */
  followed_put (&self, "a.log", "21\n");
  followed_await_rows (&self, 6);
  followed_await_pulse (&self);
  ck_assert_str_eq (self.told->str, FIRST "2\n");
  followed_put (&self, "b.log", "22\n");
  followed_expect (&self, FIRST "2\n" NEXT "3\n");
  fanout_pipeline_interrupt (self.pipeline);
  followed_await_end (&self);
  fanout_pipeline_counters (self.pipeline, &counters, sizeof counters);
  ck_assert_uint_eq (counters.rows, 8);
  ck_assert_uint_eq (counters.rows_late, 1);
  ck_assert_uint_eq (counters.rows_late_by_others, 1);
  followed_end (&self);
}

START_TEST (idle)
{
  static const char *const one[] = { "pipeline.strategy=fiber", NULL };
  static const char *const threads[] = { "pipeline.strategy=threads", NULL };
  static const char *const several[] = { "pipeline.partitions=3", NULL };
  idle_way (one, NULL);
  idle_way (threads, NULL);
  idle_way (several, NULL);
}
END_TEST

START_TEST (every)
{
  static const char *const none[] = { NULL };
  Followed self;
  followed_init (&self, 1005 * SECOND);
  followed_put (&self, "a.log", "1\n");
  followed_begin (&self, "[output]\nevery = 10s\n[aggregate n]\ntype = count\n", "t", none);
  followed_await_rows (&self, 1);
  held_clock_move (&self.clock, 5 * SECOND - 1);
  followed_await_pulse (&self);
  ck_assert_str_eq (self.told->str, "");
  held_clock_move (&self.clock, 1);
  followed_expect (&self, "1970-01-01T00:16:50Z,1\n");
  followed_put (&self, "a.log", "2\n3\n");
  followed_await_rows (&self, 3);
  followed_await_pulse (&self);
  ck_assert_str_eq (self.told->str, "1970-01-01T00:16:50Z,1\n");
  /* Of those that were missed there is one. */
  held_clock_move (&self.clock, 35 * SECOND);
  followed_expect (&self, "1970-01-01T00:16:50Z,1\n1970-01-01T00:17:20Z,3\n");
  held_clock_move (&self.clock, 5 * SECOND);
  followed_expect (&self,
                   "1970-01-01T00:16:50Z,1\n1970-01-01T00:17:20Z,3\n1970-01-01T00:17:30Z,3\n");
  followed_end (&self);
}
END_TEST

START_TEST (ahead)
{
  static const char *const none[] = { NULL };
  Followed self;
  followed_init (&self, 1000 * SECOND);
  followed_put (&self, "a.log", "1\n");
  followed_begin (&self,
                  "[window]\ntime = t\nsize = 10s\nahead = 1h\n[aggregate n]\ntype = count\n", "t",
                  none);
  followed_put (&self, "a.log", "4600\n");
  followed_await_rows (&self, 2);
  held_clock_move (&self.clock, SECOND);
  followed_put (&self, "a.log", "4601\n4601.000001\n");
  followed_await_end (&self);
  ck_assert_ptr_nonnull (self.error);
  ck_assert_msg (g_str_has_suffix (self.error->message,
                                   "a.log:4: [window] time: further ahead of the clock than "
                                   "[window] ahead allows; on-bad-value = null passes over such "
                                   "rows"),
                 "%s", self.error->message);
  followed_end (&self);
}
END_TEST

Suite *
test_suite (void)
{
  TCase *const tests = tcase_create ("clock");
  Suite *const suite = suite_create ("clock");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, idle);
  tcase_add_test (tests, every);
  tcase_add_test (tests, ahead);
  suite_add_tcase (suite, tests);
  return suite;
}
