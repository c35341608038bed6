#include "tests/support/clock.h"
#include "tests/support/suite.h"
#include <check.h>

START_TEST (clock_of_the_system)
{
  const gint64 before = g_get_monotonic_time ();
  const gint64 now = fanout_clock_monotonic (NULL);

  ck_assert_int_ge (now, before);
  ck_assert_int_le (now, g_get_monotonic_time ());
  /* 2020-01-01 */
  ck_assert_int_gt (fanout_clock_real (NULL), G_GINT64_CONSTANT (1577836800000000));
}
END_TEST

START_TEST (clock_that_is_held)
{
  HeldClock held = held_clock (1000);

  ck_assert_int_eq (fanout_clock_monotonic (&held.clock), 0);
  ck_assert_int_eq (fanout_clock_real (&held.clock), 1000);
  held_clock_move (&held, 5);
  ck_assert_int_eq (fanout_clock_monotonic (&held.clock), 5);
  ck_assert_int_eq (fanout_clock_real (&held.clock), 1005);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("clock");
  TCase *tests = tcase_create ("all");

  tcase_add_test (tests, clock_of_the_system);
  tcase_add_test (tests, clock_that_is_held);
  suite_add_tcase (suite, tests);
  return suite;
}
