/* Rows that the program puts in, up to what ends it: a failure, enough, or giving up. */

#include "tests/support/put.h"
#include "tests/support/suite.h"

#define FAILS "[aggregate f]\ntype = fails\ncolumn = x\nat = 3\n[aggregate n]\ntype = count\n"

/* The failure of an aggregate is told with the row, at the latest with the next batch, and again.
 */
START_TEST (test_failure)
{
  static const guint batches[] = { 1, 2, 100 };

  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (gsize b = 0; b < G_N_ELEMENTS (batches); b++)
      {
        g_autoptr (FanoutPipeline) pipeline
            = make_pipeline (strategies[s], batches[b], FAILS, only_x);
        g_autoptr (FanoutFeeder) feeder = begin (pipeline);
        g_autoptr (GError) error = NULL;
        g_autofree char *text = NULL;
        guint n = 0;

        while (n < 300 && error == NULL)
          {
            const FanoutCell cell = decimal (++n, 0);

            fanout_feed_row (feeder, &cell, 1, &error);
          }
        ck_assert_msg (n >= 3 && n <= 3 + 3 * batches[b], "%u", n);
        ck_assert_str_eq (error->message, "feed:3: aggregate 'f': cannot bear 3");
        ck_assert (!fanout_feed_wants (feeder));
        text = end (feeder);
        ck_assert_str_eq (text, "error: feed:3: aggregate 'f': cannot bear 3");
      }
}
END_TEST

/* The failure of the program comes behind the rows that it has put in. */
START_TEST (test_failure_of_the_program)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (guint rows = 2; rows <= 3; rows++)
      {
        g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 100, FAILS, only_x);
        g_autoptr (FanoutFeeder) feeder = begin (pipeline);
        g_autoptr (GError) reason
            = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_IO, "the line went dead");
        g_autofree char *text = NULL;

        for (guint i = 1; i <= rows; i++)
          {
            const FanoutCell cell = decimal (i, 0);

            put (feeder, &cell, 1);
          }
        fanout_feed_fail (feeder, reason);
        text = end (feeder);
        ck_assert_str_eq (text, rows == 2 ? "error: the line went dead"
                                          : "error: feed:3: aggregate 'f': cannot bear 3");
      }
}
END_TEST

/* Rows behind the last that counts are let in, and make no difference. */
START_TEST (test_enough)
{
  static const char ini[] = "[aggregate f]\ntype = first\ncolumn = x\n";

  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    {
      g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 2, ini, only_x);
      g_autoptr (FanoutFeeder) feeder = begin (pipeline);
      g_autofree char *text = NULL;
      FanoutCounters counters;

      for (guint i = 0; i < 100; i++)
        {
          const FanoutCell cell = decimal (i, 0);

          put (feeder, &cell, 1);
        }
      ck_assert (!fanout_feed_wants (feeder));
      text = end (feeder);
      ck_assert_str_eq (text, "0\n");
      fanout_pipeline_counters (pipeline, &counters, sizeof counters);
      ck_assert_uint_eq (counters.rows, 1);
    }
}
END_TEST

#define HALF                                                                                       \
  "[pipeline]\nwhere = price > 1 and city != 'Rome'\n"                                             \
  "[let]\nhalf = price / 2\nname = lower(city)\nodd = half * 2 % 2 = 1\nplace = file()\n"          \
  "[aggregate total]\ntype = sum\ncolumn = half\n[aggregate n]\ntype = count\nwhere = odd\n"       \
  "[aggregate last]\ntype = last\ncolumn = name\n[aggregate place]\ntype = count\n"                \
  "column = place\n"

/* Rows that are filtered, and derived columns. */
START_TEST (test_filter)
{
  static const guint batches[] = { 1, 2, 3, 4096 };

  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (gsize b = 0; b < G_N_ELEMENTS (batches); b++)
      {
        g_autoptr (FanoutPipeline) pipeline
            = make_pipeline (strategies[s], batches[b], HALF, city_price);
        g_autoptr (FanoutFeeder) feeder = begin (pipeline);
        g_autofree char *text = NULL;
        FanoutCounters counters;

        put_pair (feeder, "Rome", fanout_cell_text ("7", -1));
        put_pair (feeder, "Rome", fanout_cell_text ("0", -1));
        put_pair (feeder, "Oslo", decimal (70, 1));
        put_pair (feeder, "Bonn", fanout_cell_text ("2.0", -1));
        put_pair (feeder, NULL, fanout_cell_text ("3", -1));
        put_pair (feeder, "Rome", real (0.5));
        text = end (feeder);
        ck_assert_str_eq (text, "6,2,bonn,0\n");
        fanout_pipeline_counters (pipeline, &counters, sizeof counters);
        ck_assert_uint_eq (counters.rows, 6);
        ck_assert_uint_eq (counters.rows_filtered, 3);
      }
}
END_TEST

/* A value that somebody looks at ends the run. */
START_TEST (test_filter_fails)
{
  static const char ini[] = "[pipeline]\nwhere = city != 'Rome'\n"
                            "[let]\nday = bucket(time(city), 1d)\n"
                            "[aggregate s]\ntype = sum\ncolumn = price\nwhere = price != 3\n"
                            "[aggregate d]\ntype = max\ncolumn = day\nwhere = price = 2\n";

  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (guint batch = 1; batch < 4; batch++)
      for (guint time = 0; time < 2; time++)
        {
          g_autoptr (FanoutPipeline) pipeline
              = make_pipeline (strategies[s], batch, ini, city_price);
          g_autoptr (FanoutFeeder) feeder = begin (pipeline);
          g_autofree char *text = NULL;
          const FanoutCell last[]
              = { fanout_cell_text ("Bonn", -1), fanout_cell_text (time ? "2" : "x", -1) };

          put_pair (feeder, "Rome", fanout_cell_text ("x", -1));
          put_pair (feeder, "Oslo", decimal (4, 0));
          fanout_feed_row (feeder, last, 2, NULL);
          text = end (feeder);
          ck_assert_str_eq (
              text, time ? "error: feed:3: 'Bonn' is no time that is known without a format: "
                           "time(x, '%d.%m.%Y') reads others"
                         : "error: feed:3: column 'price': 'x' is not a number");
        }
}
END_TEST

/* Rows are counted up to the one that was enough. */
START_TEST (test_filter_enough)
{
  static const char ini[] = "[pipeline]\nwhere = x % 3 = 2\n"
                            "[aggregate f]\ntype = first\ncolumn = x\n";

  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (guint batch = 1; batch < 200; batch = batch * 3 + 1)
      {
        g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], batch, ini, only_x);
        g_autoptr (FanoutFeeder) feeder = begin (pipeline);
        g_autofree char *text = NULL;
        FanoutCounters counters;

        for (guint i = 0; i < 100; i++)
          {
            const FanoutCell cell = decimal (i, 0);

            put (feeder, &cell, 1);
          }
        text = end (feeder);
        ck_assert_str_eq (text, "2\n");
        fanout_pipeline_counters (pipeline, &counters, sizeof counters);
        ck_assert_uint_eq (counters.rows, 3);
        ck_assert_uint_eq (counters.rows_filtered, 2);
      }
}
END_TEST

/* What a row that was refused had in it does not matter. */
START_TEST (test_filter_refused)
{
  static const char ini[] = "[aggregate s]\ntype = sum\ncolumn = city\nwhere = price > 0\n";
  g_autoptr (FanoutPipeline) pipeline = make_pipeline ("fiber", 4096, ini, city_price);
  g_autoptr (FanoutFeeder) feeder = begin (pipeline);
  g_autofree char *text = NULL;
  FanoutCounters counters;
  FanoutCell cells[]
      = { fanout_cell_text ("1234567890123456789012345678901234567890", -1), decimal (1, 200) };

  ck_assert (!fanout_feed_row (feeder, cells, 2, NULL));
  put_pair (feeder, "1", decimal (1, 0));
  put_pair (feeder, "9876543210987654321098765432109876543210.5", decimal (1, 0));
  text = end (feeder);
  ck_assert_str_eq (text, "9.876543210987655e39\n");
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  ck_assert_uint_eq (counters.numbers_rounded, 1);
  ck_assert_str_eq (counters.first_rounded,
                    "feed:2: column 'city': '9876543210987654321098765432109876543210.5'");
}
END_TEST

/* Given up, cancelled, interrupted: the pipeline can run again. */
START_TEST (test_given_up)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    {
      g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 2, TALLY, city_price);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      FanoutFeeder *feeder = begin (pipeline);
      FanoutCounters counters;
      g_autofree char *text = NULL;

      for (guint i = 0; i < 3; i++)
        put_pair (feeder, "a", decimal (1, 0));
      ck_assert (fanout_feed_begin (pipeline, NULL, NULL, &error) == NULL);
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING));
      g_clear_error (&error);
      fanout_feeder_free (feeder);

      feeder = fanout_feed_begin (pipeline, NULL, cancellable, NULL);
      put_pair (feeder, "a", decimal (1, 0));
      g_cancellable_cancel (cancellable);
      ck_assert (!fanout_feed_flush (feeder, &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      fanout_feeder_free (feeder);

      feeder = begin (pipeline);
      put_pair (feeder, "a", decimal (1, 0));
      put_pair (feeder, "a", decimal (2, 0));
      ck_assert (fanout_feed_flush (feeder, NULL));
      fanout_pipeline_interrupt (pipeline);
      put_pair (feeder, "a", decimal (4, 0));
      text = end (feeder);
      ck_assert_str_eq (text, "a,2,3,2\n");
      fanout_pipeline_counters (pipeline, &counters, sizeof counters);
      ck_assert (counters.interrupted);
      fanout_feeder_free (feeder);

      feeder = begin (pipeline);
      put_pair (feeder, "b", decimal (1, 0));
      g_free (text);
      text = end (feeder);
      ck_assert_str_eq (text, "b,1,1,1\n");
      fanout_feeder_free (feeder);
    }
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("feed-end");
  TCase *tests = tcase_create ("feed-end");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_failure);
  tcase_add_test (tests, test_failure_of_the_program);
  tcase_add_test (tests, test_enough);
  tcase_add_test (tests, test_filter);
  tcase_add_test (tests, test_filter_fails);
  tcase_add_test (tests, test_filter_enough);
  tcase_add_test (tests, test_filter_refused);
  tcase_add_test (tests, test_given_up);
  suite_add_tcase (suite, tests);
  return suite;
}
