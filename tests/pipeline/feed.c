/* Rows that the program puts in. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <fanout/feed.h>

static const char *const strategies[] = { "fiber", "threads", "callback" };
static const char *const city_price[] = { "city", "price", NULL };

static GKeyFile *
key_file (const char *ini)
{
  GKeyFile *file = g_key_file_new ();

  ck_assert (g_key_file_load_from_data (file, ini, (gsize) -1, G_KEY_FILE_NONE, NULL));
  return file;
}

/* `ini` without [source]; NULL with `error`. */
static FanoutPipeline *
try_pipeline (const char *strategy, guint batch, const char *ini, const char *const *columns,
              GError **error)
{
  g_autoptr (GKeyFile) file = key_file (ini);

  g_key_file_set_string (file, "pipeline", "strategy", strategy);
  g_key_file_set_integer (file, "pipeline", "batch", (gint) batch);
  return fanout_pipeline_new_feed_from_key_file (test_registry (), file, "/", columns, error);
}

static FanoutPipeline *
make_pipeline (const char *strategy, guint batch, const char *ini, const char *const *columns)
{
  g_autoptr (GError) error = NULL;
  FanoutPipeline *pipeline = try_pipeline (strategy, batch, ini, columns, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  return pipeline;
}

static FanoutFeeder *
begin (FanoutPipeline *pipeline)
{
  g_autoptr (GError) error = NULL;
  FanoutFeeder *feeder = fanout_feed_begin (pipeline, NULL, NULL, &error);

  ck_assert_msg (feeder != NULL, "%s", error != NULL ? error->message : "");
  return feeder;
}

static void
put (FanoutFeeder *feeder, const FanoutCell *cells, guint n)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (fanout_feed_row (feeder, cells, n, &error), "%s",
                 error != NULL ? error->message : "");
}

static void
put_pair (FanoutFeeder *feeder, const char *city, FanoutCell price)
{
  const FanoutCell cells[]
      = { city != NULL ? fanout_cell_text (city, -1) : fanout_cell_null (), price };

  put (feeder, cells, 2);
}

static FanoutCell
decimal (gint64 mantissa, guint8 scale)
{
  return fanout_cell_number (fanout_number_decimal (mantissa, scale));
}

static FanoutCell
real (double value)
{
  return fanout_cell_number (fanout_number_double (value));
}

/* The rows of the result, or "error: " and what went wrong. */
static char *
end (FanoutFeeder *feeder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutResult) result = fanout_feed_end (feeder, &error);

  ck_assert ((result == NULL) == (error != NULL));
  return result != NULL ? test_text (result) : g_strdup_printf ("error: %s", error->message);
}

#define TALLY                                                                                      \
  "[pipeline]\ngroup-by = city\n"                                                                  \
  "[aggregate n]\ntype = count\n[aggregate total]\ntype = sum\ncolumn = price\n"                   \
  "[aggregate last]\ntype = last\ncolumn = price\n[output]\nsort = city\n"

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

static const char *const only_x[] = { "x", NULL };

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
  FanoutCell cells[] = { fanout_cell_text ("12345678901234567890", -1), decimal (1, 200) };

  ck_assert (!fanout_feed_row (feeder, cells, 2, NULL));
  put_pair (feeder, "1", decimal (1, 0));
  put_pair (feeder, "98765432109876543210", decimal (1, 0));
  text = end (feeder);
  ck_assert_str_eq (text, "98765432109876540000\n");
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  ck_assert_uint_eq (counters.numbers_rounded, 1);
  ck_assert_str_eq (counters.first_rounded, "feed:2: column 'city': '98765432109876543210'");
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

/* In a main context, beside other work: a program that never waits, and operators that answer
 * later, from that context. */
typedef struct
{
  FanoutFeeder *feeder;
  GSource *ready;
  GMainLoop *loop;
  guint next;
  guint n_would_block;
  guint n_other;
  char *text;
} Feeding;

static gboolean
is_would_block (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static gboolean
feed_some (gpointer data)
{
  Feeding *feeding = data;
  g_autoptr (GError) error = NULL;

  while (feeding->next < 50)
    {
      const FanoutCell cell = decimal (feeding->next + 1, 0);

      if (fanout_feed_row (feeding->feeder, &cell, 1, &error))
        feeding->next++;
      else
        {
          ck_assert_msg (is_would_block (error), "%s", error->message);
          feeding->n_would_block++;
          return G_SOURCE_CONTINUE;
        }
    }
  {
    g_autoptr (FanoutResult) result = fanout_feed_end (feeding->feeder, &error);

    if (result == NULL)
      {
        ck_assert_msg (is_would_block (error), "%s", error->message);
        return G_SOURCE_CONTINUE;
      }
    feeding->text = test_text (result);
  }
  g_main_loop_quit (feeding->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
do_other_work (gpointer data)
{
  ((Feeding *) data)->n_other++;
  return G_SOURCE_CONTINUE;
}

#define LATER                                                                                      \
  "[aggregate s]\ntype = later-sum\ncolumn = x\nfrom = %s\n[aggregate n]\ntype = count\n"

static void
run_in_context (const char *strategy, const char *from)
{
  g_autofree char *ini = g_strdup_printf (LATER, from);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategy, 3, ini, only_x);
  g_autoptr (GSource) other = g_idle_source_new ();
  Feeding feeding = { .loop = g_main_loop_new (context, FALSE) };

  g_main_context_push_thread_default (context);
  feeding.feeder = fanout_feed_begin (pipeline, context, NULL, NULL);
  ck_assert_ptr_nonnull (feeding.feeder);
  feeding.ready = fanout_feed_source_new (feeding.feeder);
  g_source_set_callback (feeding.ready, feed_some, &feeding, NULL);
  g_source_attach (feeding.ready, context);
  g_source_set_callback (other, do_other_work, &feeding, NULL);
  g_source_attach (other, context);
  g_main_loop_run (feeding.loop);
  g_source_destroy (feeding.ready);
  g_source_unref (feeding.ready);
  g_source_destroy (other);
  fanout_feeder_free (feeding.feeder);
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (feeding.loop);
  ck_assert_str_eq (feeding.text, "1275,50\n");
  /* An acknowledgement from this very context cannot come while it is kept busy. */
  if (strcmp (strategy, "threads") != 0 && strcmp (from, "context") == 0)
    ck_assert_uint_gt (feeding.n_would_block, 10);
  g_free (feeding.text);
}

static const char *const places[] = { "context", "thread", "at-once" };

START_TEST (test_main_context)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (gsize p = 0; p < G_N_ELEMENTS (places); p++)
      run_in_context (strategies[s], places[p]);
}
END_TEST

/* The same operator, waited for. */
START_TEST (test_later)
{
  for (gsize s = 0; s < G_N_ELEMENTS (strategies); s++)
    for (gsize p = 0; p < G_N_ELEMENTS (places); p++)
      {
        g_autofree char *ini = g_strdup_printf (LATER, places[p]);
        g_autoptr (FanoutPipeline) pipeline = make_pipeline (strategies[s], 3, ini, only_x);
        g_autoptr (FanoutFeeder) feeder = begin (pipeline);
        g_autofree char *text = NULL;

        for (guint i = 1; i <= 50; i++)
          {
            const FanoutCell cell = decimal (i, 0);

            put (feeder, &cell, 1);
          }
        text = end (feeder);
        ck_assert_str_eq (text, "1275,50\n");
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
  tcase_add_test (tests, test_failure);
  tcase_add_test (tests, test_failure_of_the_program);
  tcase_add_test (tests, test_enough);
  tcase_add_test (tests, test_filter);
  tcase_add_test (tests, test_filter_fails);
  tcase_add_test (tests, test_filter_enough);
  tcase_add_test (tests, test_filter_refused);
  tcase_add_test (tests, test_loop);
  tcase_add_test (tests, test_flush);
  tcase_add_test (tests, test_nothing);
  tcase_add_test (tests, test_given_up);
  tcase_add_test (tests, test_main_context);
  tcase_add_test (tests, test_later);
  tcase_add_test (tests, test_configuration);
  suite_add_tcase (suite, tests);
  return suite;
}
