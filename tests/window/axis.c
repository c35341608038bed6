#include "tests/support/suite.h"
#include "core/expression/calendar.h"
#include "core/window/axis.h"

#include <fanout/number.h>
#include <string.h>

#define SECOND FANOUT_NS_IN_SECOND

static FanoutAxis
make_axis (const char *size, const char *every, const char *zone)
{
  FanoutAxisWidth widths[2];
  FanoutAxis axis;
  ck_assert (fanout_axis_width (size, &widths[0], NULL));
  ck_assert (fanout_axis_width (every, &widths[1], NULL));
  ck_assert (fanout_axis_init (&axis, &widths[0], &widths[1], fanout_zone_new (zone, NULL), NULL));
  return axis;
}

static FanoutInstant
instant_of (const char *seconds)
{
  FanoutNumber number;
  FanoutWide room;
  FanoutInstant instant;
  ck_assert (fanout_number_parse_wide (seconds, strlen (seconds), &number, &room, NULL));
  ck_assert_msg (fanout_instant_from_seconds (number, &instant), "%s", seconds);
  return instant;
}

static gboolean
is_time (const char *seconds)
{
  FanoutNumber number;
  FanoutWide room;
  FanoutInstant instant = 17;
  ck_assert (fanout_number_parse_wide (seconds, strlen (seconds), &number, &room, NULL));
  const gboolean known = fanout_instant_from_seconds (number, &instant);
  ck_assert (known || instant == 17);
  return known;
}

static void
check_text (FanoutInstant instant, const char *wanted)
{
  g_autoptr (GString) text = g_string_new (NULL);
  fanout_instant_append (text, instant);
  ck_assert_str_eq (text->str, wanted);
}

START_TEST (test_instants)
{
  ck_assert_int_eq (instant_of ("0"), 0);
  ck_assert_int_eq (instant_of ("1.5"), 1500000000);
  ck_assert_int_eq (instant_of ("-1.5"), -1500000000);
  ck_assert_int_eq (instant_of ("1700000000.123456789"), G_GINT64_CONSTANT (1700000000123456789));
  ck_assert_int_eq (instant_of ("1e3"), 1000 * SECOND);
  /* As text they may have more digits than 63 bits. */
  ck_assert_int_eq (instant_of ("1700000000.12345678999999999999"),
                    G_GINT64_CONSTANT (1700000000123456789));
  ck_assert_int_eq (instant_of ("1699999999.99999999999999999999"),
                    G_GINT64_CONSTANT (1699999999999999999));
  ck_assert_int_eq (instant_of ("-0.00000000000000000000000000000000000001"), -1);
  ck_assert (!is_time ("9223372036854775808"));
  ck_assert (!is_time ("-99999999999999999999999999999999999999"));
}
END_TEST

/* What is finer than a nanosecond belongs to the one that it is in: the same before 1970. */
START_TEST (test_below_a_nanosecond)
{
  ck_assert_int_eq (instant_of ("1.0000000019"), 1000000001);
  ck_assert_int_eq (instant_of ("0.000000000999999999"), 0);
  ck_assert_int_eq (instant_of ("-0.0000000001"), -1);
  ck_assert_int_eq (instant_of ("-1.000000000000000001"), -1000000001);
  ck_assert_int_eq (instant_of ("-1.000000000"), -1000000000);
}
END_TEST

START_TEST (test_doubles)
{
  /* More digits than decimals have; what is left of them, and what is none. */
  ck_assert_int_eq (instant_of ("0.5000000000000000000000000000000000000001"), 500000000);
  ck_assert_int_eq (instant_of ("-0.2500000000000000000000000000000000000001"), -250000000);
  const FanoutInstant close = instant_of ("1700000000.1234567890123456789012345678901234567890");
  ck_assert_int_ge (close, G_GINT64_CONSTANT (1700000000123456700));
  ck_assert_int_le (close, G_GINT64_CONSTANT (1700000000123457000));
  ck_assert (!is_time ("nan"));
  ck_assert (!is_time ("inf"));
  ck_assert (!is_time ("-inf"));
  ck_assert (!is_time ("1e300"));
}
END_TEST

START_TEST (test_edges)
{
  ck_assert_int_eq (instant_of ("8500000000"), FANOUT_INSTANT_MAX);
  ck_assert_int_eq (instant_of ("-8500000000"), -FANOUT_INSTANT_MAX);
  ck_assert_int_eq (instant_of ("8500000000.000000000999"), FANOUT_INSTANT_MAX);
  ck_assert (!is_time ("8500000000.000000001"));
  ck_assert (!is_time ("-8500000000.000000001"));
  ck_assert (!is_time ("9300000000"));
  ck_assert (!is_time ("9223372036854775807"));
  ck_assert (!is_time ("-9223372036854775807"));
  check_text (FANOUT_INSTANT_MAX, "2239-05-10T15:06:40Z");
  check_text (-FANOUT_INSTANT_MAX, "1700-08-24T08:53:20Z");
  /* Windows at the edges have both ends, also the longest of them. */
  static const char *const sizes[] = { "1ms", "7300d", "240mo", "175200h" };
  static const FanoutInstant edges[] = { -FANOUT_INSTANT_MAX, FANOUT_INSTANT_MAX };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint e = 0; e < G_N_ELEMENTS (edges); e++)
      {
        FanoutAxis axis = make_axis (sizes[i], sizes[i], "America/New_York");
        const FanoutInstant at = edges[e];
        const gint64 slice = fanout_axis_slice (&axis, at);
        ck_assert_int_le (fanout_axis_start (&axis, slice), at);
        ck_assert_int_gt (fanout_axis_start (&axis, slice + 1), at);
        fanout_axis_clear (&axis);
      }
}
END_TEST

static void
check_width (const char *text, FanoutAxisUnit unit, gint64 n, gboolean weeks)
{
  FanoutAxisWidth width;
  g_autoptr (GError) error = NULL;
  ck_assert_msg (fanout_axis_width (text, &width, &error), "%s", text);
  ck_assert_int_eq (width.unit, unit);
  ck_assert_int_eq (width.n, n);
  ck_assert_int_eq (width.weeks, weeks);
}

static void
check_no_width (const char *text, const char *why)
{
  FanoutAxisWidth width;
  g_autoptr (GError) error = NULL;
  ck_assert_msg (!fanout_axis_width (text, &width, &error), "%s", text);
  ck_assert_msg (strstr (error->message, why) != NULL, "%s: %s", text, error->message);
}

START_TEST (test_widths)
{
  check_width ("500ms", FANOUT_AXIS_SPANS, SECOND / 2, FALSE);
  check_width ("90s", FANOUT_AXIS_SPANS, 90 * SECOND, FALSE);
  check_width ("5", FANOUT_AXIS_SPANS, 5 * SECOND, FALSE);
  check_width ("1.5h", FANOUT_AXIS_SPANS, 5400 * SECOND, FALSE);
  check_width ("24h", FANOUT_AXIS_SPANS, 86400 * SECOND, FALSE);
  check_width ("1d", FANOUT_AXIS_DAYS, 1, FALSE);
  check_width ("2w", FANOUT_AXIS_DAYS, 14, TRUE);
  check_width ("14d", FANOUT_AXIS_DAYS, 14, FALSE);
  check_width ("1mo", FANOUT_AXIS_MONTHS, 1, FALSE);
  check_width ("2q", FANOUT_AXIS_MONTHS, 6, FALSE);
  check_width ("20y", FANOUT_AXIS_MONTHS, 240, FALSE);
  check_no_width ("", "a width such as");
  check_no_width ("0s", "a width such as");
  check_no_width ("-1m", "a width such as");
  check_no_width ("1m + 1m", "a width such as");
  check_no_width ("0.5ms", "whole milliseconds");
  check_no_width ("1.5d", "whole days");
  check_no_width ("0d", "whole days");
  check_no_width ("7301d", "at most 20 years");
  check_no_width ("21y", "too long");
  check_no_width ("175201h", "too long");
}
END_TEST

static void
check_unfit (const char *size, const char *every, const char *why)
{
  FanoutAxisWidth widths[2];
  FanoutAxis axis;
  g_autoptr (GError) error = NULL;
  ck_assert (fanout_axis_width (size, &widths[0], NULL));
  ck_assert (fanout_axis_width (every, &widths[1], NULL));
  ck_assert (!fanout_axis_init (&axis, &widths[0], &widths[1], NULL, &error));
  ck_assert_msg (strstr (error->message, why) != NULL, "%s", error->message);
}

START_TEST (test_unfit)
{
  check_unfit ("24h", "1d", "of one kind");
  check_unfit ("1mo", "1d", "of one kind");
  check_unfit ("1m", "2m", "not above size");
  check_unfit ("1w", "8d", "not above size");
}
END_TEST

/* The slice that has `inside`: its start, and that of the one behind it. */
static void
check_slice (const char *size, const char *zone, const char *inside, const char *start,
             const char *end)
{
  FanoutAxis axis = make_axis (size, size, zone);
  const gint64 slice = fanout_axis_slice (&axis, instant_of (inside));
  check_text (fanout_axis_start (&axis, slice), start);
  check_text (fanout_axis_start (&axis, slice + 1), end);
  ck_assert_int_eq (fanout_axis_slice (&axis, fanout_axis_start (&axis, slice)), slice);
  ck_assert_int_eq (fanout_axis_slice (&axis, fanout_axis_start (&axis, slice + 1) - 1), slice);
  fanout_axis_clear (&axis);
}

START_TEST (test_days)
{
  check_slice ("1d", "UTC", "1711886400", "2024-03-31T00:00:00Z", "2024-04-01T00:00:00Z");
  /* 23 and 25 hours. */
  check_slice ("1d", "Europe/Berlin", "1711886400", "2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z");
  check_slice ("1d", "Europe/Berlin", "1730030400", "2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z");
  check_slice ("1d", "America/New_York", "1710075600", "2024-03-10T05:00:00Z",
               "2024-03-11T04:00:00Z");
  check_slice ("1d", "America/New_York", "1730649600", "2024-11-03T04:00:00Z",
               "2024-11-04T05:00:00Z");
  check_slice ("1d", "Asia/Kolkata", "1705300000", "2024-01-14T18:30:00Z", "2024-01-15T18:30:00Z");
  /* Where the clock is set forward at midnight, and back to before it. */
  check_slice ("1d", "America/Sao_Paulo", "1541300400", "2018-11-04T03:00:00Z",
               "2018-11-05T02:00:00Z");
  check_slice ("1d", "America/Sao_Paulo", "1550360000", "2019-02-16T02:00:00Z",
               "2019-02-17T03:00:00Z");
  check_slice ("1d", "UTC", "-1", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z");
  /* Set back at 00:01 to 23:01: the day that has begun goes on. */
  check_slice ("1d", "America/St_Johns", "1257043200", "2009-11-01T02:30:00Z",
               "2009-11-02T03:30:00Z");
}
END_TEST

START_TEST (test_weeks_months_years)
{
  check_slice ("1w", "UTC", "0", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z");
  check_slice ("1w", "Europe/Berlin", "1711886400", "2024-03-24T23:00:00Z", "2024-03-31T22:00:00Z");
  /* Two weeks from the first Monday; as days, from the first day. */
  check_slice ("2w", "UTC", "432000", "1970-01-05T00:00:00Z", "1970-01-19T00:00:00Z");
  check_slice ("14d", "UTC", "432000", "1970-01-01T00:00:00Z", "1970-01-15T00:00:00Z");
  check_slice ("1mo", "Europe/Berlin", "1709247599", "2024-01-31T23:00:00Z",
               "2024-02-29T23:00:00Z");
  check_slice ("1mo", "America/St_Johns", "1257043200", "2009-11-01T02:30:00Z",
               "2009-12-01T03:30:00Z");
  check_slice ("1mo", "America/New_York", "1709251199", "2024-02-01T05:00:00Z",
               "2024-03-01T05:00:00Z");
  check_slice ("1q", "Europe/Berlin", "1711886400", "2023-12-31T23:00:00Z", "2024-03-31T22:00:00Z");
  check_slice ("1y", "Asia/Kolkata", "1705300000", "2023-12-31T18:30:00Z", "2024-12-31T18:30:00Z");
  check_slice ("1mo", "UTC", "-1", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z");
}
END_TEST

/* Whatever a zone does with its clocks, also where it leaves out a day, slices are next to each
 * other, and a time is in the slice that begins before it. */
START_TEST (test_zones)
{
  static const char *const zones[] = { "UTC",          "Europe/Berlin",     "America/New_York",
                                       "Asia/Kolkata", "America/Sao_Paulo", "America/Havana",
                                       "Pacific/Apia", "Asia/Beirut",       "America/St_Johns",
                                       "+05:45" };
  static const char *const sizes[] = { "1d", "3d", "1w", "1mo", "1q", "1y" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        FanoutAxis axis = make_axis (sizes[s], sizes[s], zones[z]);
        for (guint i = 0; i < 200; i++)
          {
            const FanoutInstant at
                = (FanoutInstant) (g_rand_double_range (rand, -2e9, 4e9) * (double) SECOND);
            const gint64 slice = fanout_axis_slice (&axis, at);
            CHECK (fanout_axis_start (&axis, slice) <= at);
            CHECK (fanout_axis_start (&axis, slice + 1) > at);
            CHECK (fanout_axis_start (&axis, slice) >= fanout_axis_start (&axis, slice - 1));
          }
        /* Around the hour in which the clock of Newfoundland shows the day before again. */
        for (gint64 second = 1257033600; second < 1257062400; second += 17)
          {
            const gint64 slice = fanout_axis_slice (&axis, second * SECOND);
            CHECK (fanout_axis_start (&axis, slice) <= second * SECOND);
            CHECK (fanout_axis_start (&axis, slice + 1) > second * SECOND);
          }
        fanout_axis_clear (&axis);
      }
}
END_TEST

/* Windows that have a time, from a plain look at each. */
static void
check_windows (gint64 size, gint64 every)
{
  g_autofree char *size_text = g_strdup_printf ("%dms", (gint) size);
  g_autofree char *every_text = g_strdup_printf ("%dms", (gint) every);
  FanoutAxis axis = make_axis (size_text, every_text, "UTC");
  for (gint64 ms = -60; ms < 60; ms++)
    {
      const gint64 slice = fanout_axis_slice (&axis, ms * 1000000);
      for (gint64 window = -80; window < 80; window++)
        {
          const gboolean has = window * every <= ms && ms < window * every + size;
          const gint64 start = fanout_axis_window_start (&axis, window);
          const gint64 end = fanout_axis_window_end (&axis, window);
          CHECK (has
                 == (window >= fanout_axis_first_window (&axis, slice)
                     && window <= fanout_axis_last_window (&axis, slice)));
          CHECK (has == (slice >= start && slice < end));
          CHECK (fanout_axis_start (&axis, start) == window * every * 1000000);
          CHECK (fanout_axis_start (&axis, end) == (window * every + size) * 1000000);
        }
    }
  fanout_axis_clear (&axis);
}

START_TEST (test_size_and_every)
{
  for (gint64 size = 1; size <= 12; size++)
    for (gint64 every = 1; every <= size; every++)
      check_windows (size, every);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("axis");
  TCase *instants = tcase_create ("instants");
  TCase *slices = tcase_create ("slices");

  tcase_add_test (instants, test_instants);
  tcase_add_test (instants, test_below_a_nanosecond);
  tcase_add_test (instants, test_doubles);
  tcase_add_test (instants, test_edges);
  tcase_add_test (slices, test_widths);
  tcase_add_test (slices, test_unfit);
  tcase_add_test (slices, test_days);
  tcase_add_test (slices, test_weeks_months_years);
  tcase_add_test (slices, test_zones);
  tcase_add_test (slices, test_size_and_every);
  suite_add_tcase (suite, instants);
  suite_add_tcase (suite, slices);
  return suite;
}
