/* Copies of results: what is kept, and how much. */

#include "core/fanoutd/monitor/kept.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

#include <check.h>

static const char range[] = "[pipeline]\n"
                            "group-by = k\n"
                            "[source]\n"
                            "type = range\n"
                            "stop = 25000\n"
                            "[let]\n"
                            "k = text(value)\n"
                            "[aggregate text]\n"
                            "type = first\n"
                            "column = k\n"
                            "[aggregate size]\n"
                            "type = sum\n"
                            "column = value\n";

static Kept *
keep (const char *ini, const char *const *overrides, gboolean windows)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, overrides, &error);
  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  ck_assert_msg (result != NULL, "%s", error != NULL ? error->message : "");
  Kept *kept = kept_new (windows);
  ck_assert (kept_take (kept, result, &error));
  /* And it can be read again. */
  ck_assert_ptr_nonnull (fanout_result_next (result, NULL));
  return kept;
}

static char *
cell (const KeptRows *rows, gsize r, guint c)
{
  GString *text = g_string_new (NULL);

  fanout_value_append (text, &rows->values[r * rows->n_columns + c]);
  return g_string_free (text, FALSE);
}

static void
assert_cell (const KeptRows *rows, gsize r, guint c, const char *wanted)
{
  g_autofree char *text = cell (rows, r, c);

  ck_assert_str_eq (text, wanted);
}

START_TEST (test_few)
{
  Kept *kept = keep (range, (const char *const[]){ "source.stop=3", NULL }, FALSE);
  g_autoptr (GPtrArray) all = kept_get (kept, 0);
  const KeptRows *rows = all->pdata[0];

  /* Longer than the run and its result. */
  ck_assert_uint_eq (all->len, 1);
  ck_assert_uint_eq (rows->n_rows, rows->n_groups);
  ck_assert_uint_eq (rows->n_columns, 3);
  assert_cell (rows, 1, 0, "1");
  assert_cell (rows, 1, 1, "1");
  assert_cell (rows, 1, 2, "1");
  ck_assert_ptr_null (rows->start);
  kept_free (kept);
}
END_TEST

/* The largest by the first result that is a number, in the order of the result. */
START_TEST (test_many)
{
  Kept *kept = keep (range, NULL, FALSE);
  g_autoptr (GPtrArray) all = kept_get (kept, 0);
  const KeptRows *rows = all->pdata[0];
  gsize n = 0;

  ck_assert_uint_ge (rows->n_groups, 25000);
  ck_assert_uint_eq (rows->n_rows, 10000);
  for (gsize r = 0; r < rows->n_rows; r++)
    {
      g_autofree char *size = cell (rows, r, 2);

      ck_assert_uint_ge (g_ascii_strtoull (size, NULL, 10), rows->n_groups - 10001);
    }
  g_autofree guint8 *largest = kept_rows_largest (rows, 1, 7);
  for (gsize r = 0; r < rows->n_rows; r++)
    n += largest[r];
  ck_assert_uint_eq (n, 7);
  kept_free (kept);
}
END_TEST

/* As many as are wanted, though more of them are equal. */
START_TEST (test_equal)
{
  Kept *kept = keep (range, (const char *const[]){ "aggregate size.type=count", NULL }, FALSE);
  g_autoptr (GPtrArray) all = kept_get (kept, 0);

  ck_assert_uint_eq (((KeptRows *) all->pdata[0])->n_rows, 10000);
  kept_free (kept);
}
END_TEST

START_TEST (test_newest_alone)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline
      = test_pipeline (range, (const char *const[]){ "source.stop=3", NULL }, &error);
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  Kept *kept = kept_new (FALSE);

  ck_assert_uint_eq (kept_serial (kept), 0);
  for (guint i = 1; i <= 3; i++)
    {
      ck_assert (kept_take (kept, result, &error));
      g_autoptr (GPtrArray) all = kept_get (kept, 0);
      ck_assert_uint_eq (all->len, 1);
      ck_assert_uint_eq (kept_serial (kept), i);
    }
  kept_free (kept);
}
END_TEST

typedef struct
{
  Kept *kept;
  guint n;
} Windows;

static gboolean
take_window (gpointer data, FanoutResult *result, GError **error)
{
  Windows *windows = data;

  windows->n++;
  return kept_take (windows->kept, result, error);
}

START_TEST (test_windows)
{
  g_autofree char *ini = g_strconcat (range, "[window]\ntime = value\nsize = 1s\n", NULL);
  const char *const overrides[] = { "source.stop=1500", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, overrides, &error);
  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  Windows windows = { kept_new (TRUE), 0 };

  fanout_pipeline_on_result (pipeline, take_window, &windows);
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  ck_assert_msg (result != NULL, "%s", error != NULL ? error->message : "");
  /* What is left has no rows. */
  ck_assert (kept_take (windows.kept, result, &error));
  g_autoptr (GPtrArray) all = kept_get (windows.kept, 0);
  ck_assert_uint_gt (windows.n, 1000);
  ck_assert_uint_eq (all->len, 1000);
  const KeptRows *newest = all->pdata[0];
  assert_cell (newest, 0, 0, newest->start);
  ck_assert_str_gt (newest->start, ((KeptRows *) all->pdata[1])->start);
  kept_free (windows.kept);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("kept");
  TCase *cases = tcase_create ("kept");

  tcase_set_timeout (cases, 0);
  tcase_add_test (cases, test_few);
  tcase_add_test (cases, test_many);
  tcase_add_test (cases, test_equal);
  tcase_add_test (cases, test_newest_alone);
  tcase_add_test (cases, test_windows);
  suite_add_tcase (suite, cases);
  return suite;
}
