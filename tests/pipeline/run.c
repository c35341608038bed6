/* Whole pipelines in one process: every strategy, batch and number of partitions says the same. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define RANGE "[source]\ntype = range\nstop = 20011\n"

START_TEST (folds)
{
  test_everywhere (3,
                   RANGE "[aggregate n]\ntype = count\n"
                         "[aggregate s]\ntype = sum\ncolumn = value\n"
                         "[aggregate lo]\ntype = min\ncolumn = value\n"
                         "[aggregate hi]\ntype = max\ncolumn = value\n"
                         "[aggregate a]\ntype = first\ncolumn = value\n"
                         "[aggregate z]\ntype = last\ncolumn = value\n"
                         "[aggregate m]\ntype = mean\ncolumn = value\n",
                   "20011,200210055,0,20010,0,20010,10005\n");
}
END_TEST

START_TEST (no_rows)
{
  test_everywhere (3,
                   "[source]\ntype = range\nstop = 0\n[aggregate n]\ntype = count\n"
                   "[aggregate s]\ntype = sum\ncolumn = value\n",
                   "0,\n");
  test_everywhere (3,
                   "[pipeline]\ngroup-by = value\n[source]\ntype = range\nstop = 0\n"
                   "[aggregate n]\ntype = count\n",
                   "");
}
END_TEST

START_TEST (one_thread)
{
  TestCase test = { "[pipeline]\nthreads = 1\n" RANGE "[aggregate s]\ntype = sum\ncolumn = value\n",
                    "200210055\n" };
  test_every_way (1, test_check_case, &test);
}
END_TEST

START_TEST (many_threads)
{
  GString *ini = g_string_new ("[pipeline]\nthreads = 5\n" RANGE);
  GString *wanted = g_string_new (NULL);
  for (int i = 0; i < 17; i++)
    {
      g_string_append_printf (ini, "[aggregate s%d]\ntype = sum\ncolumn = value\n", i);
      g_string_append_printf (wanted, "%s200210055", i > 0 ? "," : "");
    }
  g_string_append_c (wanted, '\n');
  test_everywhere (1, ini->str, wanted->str);
  g_string_free (ini, TRUE);
  g_string_free (wanted, TRUE);
}
END_TEST

START_TEST (later)
{
  static const char *const from[] = { "context", "thread", "at-once" };
  for (gsize i = 0; i < G_N_ELEMENTS (from); i++)
    {
      g_autofree char *ini
          = g_strdup_printf ("[source]\ntype = range\nstop = 500\n"
                             "[aggregate a]\ntype = later-sum\ncolumn = value\nfrom = %s\n"
                             "[aggregate b]\ntype = sum\ncolumn = value\n"
                             "[aggregate c]\ntype = later-sum\ncolumn = value\nfrom = %s\n",
                             from[i], from[(i + 1) % G_N_ELEMENTS (from)]);
      test_everywhere (1, ini, "124750,124750,124750\n");
    }
}
END_TEST

static void
check_one_skipped (const char *const *overrides, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (data, overrides, &error);
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  ck_assert_ptr_nonnull (result);
  FanoutCounters counters;
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  ck_assert_uint_eq (counters.rows, 3);
  ck_assert_uint_eq (counters.rows_processed, 2);
  ck_assert_uint_eq (counters.rows_skipped, 1);
}

START_TEST (groups)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("fanout-XXXXXX.csv", &path, NULL);
  ck_assert_int_ge (fd, 0);
  GString *csv = g_string_new ("k,l,x\n");
  for (int i = 0; i < 5000; i++)
    g_string_append_printf (csv, "%c,%d,%d.%d\n", "abc"[i % 3], i % 2, i, i % 10);
  ck_assert (g_file_set_contents (path, csv->str, (gssize) csv->len, NULL));
  g_string_free (csv, TRUE);
  g_close (fd, NULL);
  g_autofree char *ini = g_strdup_printf (
      "[pipeline]\ngroup-by = k, l\n[source]\ntype = csv\npath = %s\n"
      "[aggregate n]\ntype = count\n[aggregate s]\ntype = sum\ncolumn = x\n"
      "[aggregate f]\ntype = first\ncolumn = x\n[aggregate z]\ntype = last\ncolumn = x\n",
      path);
  test_everywhere (3, ini,
                   "a,0,834,2084499.6,0.0,4998.8\n"
                   "a,1,833,2082083.7,3.3,4995.5\n"
                   "b,0,833,2082833,4.4,4996.6\n"
                   "b,1,834,2085417,1.1,4999.9\n"
                   "c,0,833,2081167.4,2.2,4994.4\n"
                   "c,1,833,2083749.3,5.5,4997.7\n");
  g_unlink (path);
}
END_TEST

/* Blocks without rows, while the batch before is still in use: nothing of it is written over. */
START_TEST (blocks_without_rows)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("fanout-XXXXXX.csv", &path, NULL);
  ck_assert_int_ge (fd, 0);
  GString *csv = g_string_new ("x,t\n");
  for (int i = 1; i <= 5; i++)
    {
      g_string_append_printf (csv, "%d,text %d\n", i, i);
      /* Each of them longer than a block. */
      for (int k = 0; k < i; k++)
        g_string_append_printf (csv, "%0300000d,,too many\n", 0);
    }
  ck_assert (g_file_set_contents (path, csv->str, (gssize) csv->len, NULL));
  g_string_free (csv, TRUE);
  g_close (fd, NULL);
  g_autofree char *ini = g_strdup_printf ("[source]\ntype = csv\npath = %s\non-bad-row = skip\n"
                                          "[aggregate s]\ntype = later-sum\ncolumn = x\n"
                                          "[aggregate t]\ntype = max\ncolumn = t\nas = text\n",
                                          path);
  test_everywhere (1, ini, "15,text 5\n");
  g_free (ini);
  /* Those behind the last row that counts are not counted as skipped. */
  ini = g_strdup_printf ("[source]\ntype = csv\npath = %s\non-bad-row = skip\n"
                         "[aggregate a]\ntype = until\ncolumn = x\nat = 2\n",
                         path);
  test_every_way (1, check_one_skipped, ini);
  g_unlink (path);
}
END_TEST

typedef struct
{
  GMainLoop *loop;
  guint left;
  FanoutPipeline *pipeline;
  char *text;
} Async;

static void
done (GObject *source, GAsyncResult *result, gpointer data)
{
  (void) source;
  Async *async = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutResult) table = fanout_pipeline_run_finish (async->pipeline, result, &error);
  async->text = table != NULL ? test_text (table) : g_strdup_printf ("error: %s", error->message);
  g_main_loop_quit (async->loop);
}

#define SUM_LATER                                                                                  \
  "[pipeline]\nstrategy = callback\nbatch = 1\n[source]\ntype = range\nstop = 1000\n"              \
  "[aggregate a]\ntype = later-sum\ncolumn = value\n"

/* Both wait for the one context again and again; neither would end if the other kept it. */
START_TEST (two_in_one_context)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  Async runs[2] = { { .loop = loop }, { .loop = loop } };
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      runs[i].pipeline = test_pipeline (SUM_LATER, NULL, &error);
      fanout_pipeline_run_async (runs[i].pipeline, NULL, done, &runs[i]);
    }
  while (runs[0].text == NULL || runs[1].text == NULL)
    g_main_loop_run (loop);
  for (int i = 0; i < 2; i++)
    {
      ck_assert_str_eq (runs[i].text, "499500\n");
      fanout_pipeline_free (runs[i].pipeline);
      g_free (runs[i].text);
    }
  g_main_context_pop_thread_default (context);
}
END_TEST

START_TEST (async_under_every_strategy)
{
  for (gsize s = 0; s < G_N_ELEMENTS (test_strategies); s++)
    for (guint cancelled = 0; cancelled < 2; cancelled++)
      {
        g_autoptr (GMainContext) context = g_main_context_new ();
        g_main_context_push_thread_default (context);
        g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
        g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[s]);
        g_autoptr (GError) error = NULL;
        g_autoptr (GCancellable) cancellable = g_cancellable_new ();
        Async run = { .loop = loop };
        run.pipeline = test_pipeline (RANGE "[aggregate s]\ntype = sum\ncolumn = value\n",
                                      (const char *const[]){ strategy, NULL }, &error);
        if (cancelled)
          g_cancellable_cancel (cancellable);
        fanout_pipeline_run_async (run.pipeline, cancellable, done, &run);
        while (run.text == NULL)
          g_main_loop_run (loop);
        ck_assert_str_eq (run.text, cancelled ? "error: Operation was cancelled" : "200210055\n");
        fanout_pipeline_free (run.pipeline);
        g_free (run.text);
        g_main_context_pop_thread_default (context);
      }
}
END_TEST

START_TEST (runs_again)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline
      = test_pipeline (RANGE "[aggregate s]\ntype = sum\ncolumn = value\n", NULL, &error);
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
      g_autofree char *text = test_text (result);
      ck_assert_str_eq (text, "200210055\n");
    }
}
END_TEST

static gboolean
put (gpointer text, const char *piece, gsize length, GError **error)
{
  (void) error;
  g_string_append_len (text, piece, (gssize) length);
  return TRUE;
}

/* Who embeds this may have a terminal that is not standard output. */
START_TEST (written_for_a_terminal)
{
  static const struct
  {
    const char *output;
    gboolean terminal;
    const char *wanted;
  } cases[] = {
    { "", FALSE, "n\n3\n" },
    { "", TRUE, "n  3\n" },
    { "[output]\ndelimiter = ;\n", TRUE, "n  3\n" },
    { "[output]\nformat = csv\n", TRUE, "n\n3\n" },
    { "[output]\nformat = table\n", FALSE, "n  3\n" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *ini = g_strconcat ("[source]\ntype = range\nstop = 3\n", cases[i].output,
                                          "[aggregate n]\ntype = count\n", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, NULL, &error);
      for (guint run = 0; run < 2; run++)
        {
          g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
          g_autoptr (GString) text = g_string_new (NULL);
          ck_assert_ptr_nonnull (result);
          ck_assert (fanout_result_write (result, cases[i].terminal, put, text, &error));
          ck_assert_str_eq (text->str, cases[i].wanted);
        }
    }
}
END_TEST

START_TEST (interrupted_before)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline
      = test_pipeline (RANGE "[aggregate n]\ntype = count\n", NULL, &error);
  fanout_pipeline_interrupt (pipeline);
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  g_autofree char *text = test_text (result);
  ck_assert_str_eq (text, "0\n");
  FanoutCounters counters;
  fanout_pipeline_counters (pipeline, &counters, sizeof counters);
  ck_assert_int_eq (counters.interrupted, TRUE);
}
END_TEST

START_TEST (key_file)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_key_file_set_string (file, "source", "type", "range");
  g_key_file_set_string (file, "source", "stop", "10");
  g_key_file_set_string (file, "aggregate s", "type", "sum");
  g_key_file_set_string (file, "aggregate s", "column", "value");
  g_autoptr (FanoutPipeline) pipeline
      = fanout_pipeline_new_from_key_file (test_registry (), file, "/", &error);
  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  g_autofree char *text = test_text (result);
  ck_assert_str_eq (text, "45\n");
}
END_TEST

START_TEST (key_file_with_mistakes)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_key_file_set_string (file, "source", "type", "csv");
  g_key_file_set_string (file, "source", "path", "nowhere.csv");
  g_key_file_set_string (file, "aggregate s", "type", "smu");
  g_key_file_set_string (file, "pipeline", "bacth", "1");
  ck_assert_ptr_null (fanout_pipeline_new_from_key_file (test_registry (), file, "/tmp", &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG));
  ck_assert (g_str_has_prefix (error->message, "[pipeline] bacth: unknown key"));
  ck_assert_ptr_nonnull (
      strstr (error->message, "\n[aggregate s] type: there is no operator 'smu'"));
}
END_TEST

START_TEST (max_memory)
{
  g_autofree char *found = test_run (
      "[pipeline]\ngroup-by = value\nmax-memory = 2M\n"
      "[source]\ntype = range\nstop = 1000000\n[aggregate s]\ntype = sum\ncolumn = value\n",
      NULL);
  ck_assert_str_eq (found,
                    "error: states, keys and chunks take more than 2M: [pipeline] max-memory "
                    "allows more");
}
END_TEST

START_TEST (max_groups)
{
  test_everywhere (
      3, "[pipeline]\ngroup-by = value\nmax-groups = 1000\n" RANGE "[aggregate n]\ntype = count\n",
      "error: more than 1000 groups: [pipeline] max-groups allows more");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("run");
  TCase *tests = tcase_create ("run");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, folds);
  tcase_add_test (tests, no_rows);
  tcase_add_test (tests, one_thread);
  tcase_add_test (tests, many_threads);
  tcase_add_test (tests, later);
  tcase_add_test (tests, groups);
  tcase_add_test (tests, blocks_without_rows);
  tcase_add_test (tests, two_in_one_context);
  tcase_add_test (tests, async_under_every_strategy);
  tcase_add_test (tests, runs_again);
  tcase_add_test (tests, written_for_a_terminal);
  tcase_add_test (tests, interrupted_before);
  tcase_add_test (tests, key_file);
  tcase_add_test (tests, max_memory);
  tcase_add_test (tests, max_groups);
  suite_add_tcase (suite, tests);
  tests = tcase_create ("once");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, key_file_with_mistakes);
  suite_add_tcase (suite, tests);
  return suite;
}
