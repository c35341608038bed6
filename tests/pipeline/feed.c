/* Rows that the program puts in. */

#include "tests/support/put.h"
#include "tests/support/suite.h"

/* The same values in every way to say them, under every strategy, one by one and together. */
START_TEST (test_groups)
{
  static const guint batches[] = { 1, 2, 3, 4096 };

  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (gsize b = 0; b < G_N_ELEMENTS (batches); b++)
      {
        g_autoptr (FanoutPipeline) pipeline
            = make_pipeline (strategies[s], batches[b], TALLY, city_price);
        g_autoptr (FanoutFeeder) feeder = begin (pipeline);
        g_autofree char *text = NULL;
        FanoutCounters counters;

        put_pair (feeder, "Oslo", decimal (1230, 2));
        put_pair (feeder, "Rome", fanout_cell_text ("0.1", -1));
        put_pair (feeder, "Oslo", fanout_cell_text ("0.20", -1));
        put_pair (feeder, NULL, decimal (5, 0));
        put_pair (feeder, "Rome", fanout_cell_null ());
        put_pair (feeder, "", fanout_cell_text ("", -1));
        put_pair (feeder, "Rome", fanout_cell_text (" 2e-1xx", 5));
        text = end (feeder);
        ck_assert_str_eq (text, "Oslo,2,12.5,0.20\nRome,3,0.3, 2e-1\n,2,5,5\n");
        fanout_pipeline_counters (pipeline, &counters, sizeof counters);
        ck_assert_uint_eq (counters.rows, 7);
        ck_assert_uint_eq (counters.rows_processed, 7);
        ck_assert_uint_le (counters.in_flight, 2);
      }
}
END_TEST

#define NUMBERS                                                                                    \
  "[aggregate s]\ntype = sum\ncolumn = x\n[aggregate m]\ntype = max\ncolumn = x\n"                 \
  "[aggregate t]\ntype = collapse\ncolumn = x\n"

/* Numbers stay what they are. */
START_TEST (test_numbers)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    {
      g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 2, NUMBERS, only_x);
      g_autoptr (FanoutFeeder) feeder = begin (pipeline);
      const FanoutCell cells[] = { decimal (G_MAXINT64, 0), decimal (1, 18), decimal (-10, 18),
                                   decimal (1500, 3),       real (0.1),      real (1e300),
                                   real (-1e300),           decimal (7, 0) };
      g_autofree char *text = NULL;

      for (gsize i = 0; i < G_N_ELEMENTS (cells); i++)
        put (feeder, &cells[i], 1);
      text = end (feeder);
      ck_assert_ptr_nonnull (strstr (text, ",1e+300,") != NULL ? text : strstr (text, ",1e300,"));
      ck_assert_msg (strstr (text, "9223372036854775807") != NULL, "%s", text);
      ck_assert_msg (strstr (text, "0.000000000000000001") != NULL, "%s", text);
      ck_assert_msg (strstr (text, "-0.00000000000000001") != NULL, "%s", text);
      ck_assert_msg (strstr (text, "1.5") != NULL && strstr (text, "1.500") == NULL, "%s", text);
    }
}
END_TEST

/* What a decimal cannot hold is a double, as it would be from a file. */
START_TEST (test_least)
{
  static const char ini[] = "[aggregate s]\ntype = sum\ncolumn = x\n";
  g_autoptr (FanoutPipeline) pipeline = make_pipeline ("fiber", 1, ini, only_x);
  g_autoptr (FanoutFeeder) feeder = begin (pipeline);
  const FanoutCell cells[] = { decimal (G_MININT64, 0), decimal (G_MAXINT64, 0), decimal (1, 0) };
  g_autofree char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cells); i++)
    put (feeder, &cells[i], 1);
  text = end (feeder);
  ck_assert_str_eq (text, "0\n");
}
END_TEST

static void
assert_refused (FanoutFeeder *feeder, const FanoutCell *cells, guint n, GQuark domain, int code,
                const char *message)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!fanout_feed_row (feeder, cells, n, &error));
  ck_assert_str_eq (error->message, message);
  ck_assert (g_error_matches (error, domain, code));
}

/* A row that does not fit has not been put in, and others follow. */
START_TEST (test_rows_that_do_not_fit)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    {
      g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 2, TALLY, city_price);
      g_autoptr (FanoutFeeder) feeder = begin (pipeline);
      const FanoutCell word[] = { fanout_cell_text ("a", 1), fanout_cell_text ("dear", -1) };
      const FanoutCell deep[] = { fanout_cell_text ("a", 1), decimal (1, 19) };
      g_autofree char *text = NULL;

      put_pair (feeder, "a", decimal (1, 0));
      assert_refused (feeder, word, 1, FANOUT_ERROR, FANOUT_ERROR_DATA,
                      "feed:2: 1 cell, where the feed has 2 columns");
      assert_refused (feeder, word, 2, FANOUT_ERROR, FANOUT_ERROR_DATA,
                      "feed:2: column 'price': 'dear' is not a number");
      put_pair (feeder, "a", decimal (2, 0));
      assert_refused (feeder, deep, 2, FANOUT_ERROR, FANOUT_ERROR_DATA,
                      "feed:3: column 'price': a decimal of scale 19; 18 is the most");
      put_pair (feeder, "a", decimal (4, 0));
      text = end (feeder);
      ck_assert_str_eq (text, "a,3,7,4\n");
      assert_refused (feeder, word, 2, FANOUT_ERROR, FANOUT_ERROR_STATE,
                      "the feed has ended: no rows can follow");
      g_free (text);
      text = end (feeder);
      ck_assert_str_eq (text, "error: the feed has ended: its result has been asked for");
    }
}
END_TEST

/* A loop is an ordinary function that asks for the next row. */
START_TEST (test_loop)
{
  static const char ini[] = "[pipeline]\n[aggregate s]\ntype = loop-sum\ncolumn = x\n";

  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    {
      g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 7, ini, only_x);
      g_autoptr (FanoutFeeder) feeder = begin (pipeline);
      g_autofree char *text = NULL;

      for (guint i = 1; i <= 100; i++)
        {
          const FanoutCell cell = decimal (i, 0);

          put (feeder, &cell, 1);
        }
      text = end (feeder);
      ck_assert_str_eq (text, "5050,100,ended\n");
    }
}
END_TEST

/* What is there is handed over before the batch is full. */
START_TEST (test_flush)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    {
      g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 1000, TALLY, city_price);
      g_autoptr (FanoutFeeder) feeder = begin (pipeline);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      FanoutCounters counters;

      put_pair (feeder, "a", decimal (1, 0));
      fanout_pipeline_counters (pipeline, &counters, sizeof counters);
      ck_assert_uint_eq (counters.rows, 0);
      ck_assert (fanout_feed_flush (feeder, &error));
      ck_assert (fanout_feed_flush (feeder, &error));
      fanout_pipeline_counters (pipeline, &counters, sizeof counters);
      ck_assert_uint_eq (counters.rows, 1);
      put_pair (feeder, "a", decimal (1, 0));
      text = end (feeder);
      ck_assert_str_eq (text, "a,2,2,1\n");
    }
}
END_TEST

START_TEST (test_nothing)
{
  static const char *const none[] = { NULL };
  static const char ini[] = "[aggregate n]\ntype = count\n";

  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    {
      g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 2, ini, none);

      for (guint rows = 0; rows < 4; rows++)
        {
          g_autoptr (FanoutFeeder) feeder = begin (pipeline);
          g_autofree char *text = NULL;
          const char wanted[] = { (char) ('0' + rows), '\n', '\0' };

          for (guint i = 0; i < rows; i++)
            put (feeder, NULL, 0);
          text = end (feeder);
          ck_assert_str_eq (text, wanted);
        }
    }
}
END_TEST

START_TEST (test_configuration)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = make_pipeline ("fiber", 1, TALLY, city_price);
  g_autoptr (FanoutPipeline) reads = test_pipeline (
      "[source]\ntype = range\nstop = 3\n[aggregate n]\ntype = count\n", NULL, NULL);
  g_autofree char *described = fanout_pipeline_describe (pipeline);

  ck_assert_ptr_nonnull (strstr (described, "source      feed\ncolumns     city, price\n"));
  ck_assert (fanout_pipeline_run (pipeline, NULL, &error) == NULL);
  ck_assert_str_eq (error->message,
                    "the rows of this pipeline are put in by fanout_feed_begin () and on");
  g_clear_error (&error);
  ck_assert (!fanout_pipeline_run_partial (pipeline, "/tmp/never", NULL, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG));
  g_clear_error (&error);
  ck_assert (fanout_feed_begin (reads, NULL, NULL, &error) == NULL);
  ck_assert_str_eq (error->message, "this pipeline reads its rows itself; "
                                    "fanout_pipeline_load_feed () makes one that is fed");
  g_clear_error (&error);
  ck_assert (try_pipeline ("fiber", 1, TALLY, only_x, &error) == NULL);
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG));
  ck_assert_msg (strstr (error->message, "no column 'price' in feed; it has: x") != NULL, "%s",
                 error->message);
  g_clear_error (&error);
  ck_assert (try_pipeline ("fiber", 1, "[pipeline]\npartitions = 2\n[aggregate n]\ntype = count\n",
                           only_x, &error)
             == NULL);
  ck_assert_msg (strstr (error->message, "rows that are put in need 1, not 2") != NULL, "%s",
                 error->message);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("feed");
  TCase *tests = tcase_create ("feed");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_groups);
  tcase_add_test (tests, test_numbers);
  tcase_add_test (tests, test_least);
  tcase_add_test (tests, test_rows_that_do_not_fit);
  tcase_add_test (tests, test_loop);
  tcase_add_test (tests, test_flush);
  tcase_add_test (tests, test_nothing);
  tcase_add_test (tests, test_configuration);
  suite_add_tcase (suite, tests);
  return suite;
}
