/* What a pipeline says of itself, before a run and after it. */

#include "tests/support/suite.h"
#include "tests/support/run.h"

#include <glib/gstdio.h>

#define SUM "[aggregate s]\ntype = sum\ncolumn = x\n"

static char *
run_and_describe (FanoutPipeline *pipeline)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutResult) result = fanout_pipeline_run (pipeline, NULL, &error);
  ck_assert_msg (result != NULL, "%s", error != NULL ? error->message : "");
  return fanout_pipeline_describe (pipeline);
}

START_TEST (the_same_after_a_run)
{
  g_autofree char *folder = g_dir_make_tmp ("fanout-describe-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.csv", NULL);
  g_autofree char *ini = g_strdup_printf ("[source]\ntype = csv\npath = %s\n" SUM, path);
  ck_assert (g_file_set_contents (path, "x\n1\n2\n", -1, NULL));
  for (gsize s = 0; s < G_N_ELEMENTS (test_strategies); s++)
    {
      g_autofree char *strategy = g_strdup_printf ("pipeline.strategy=%s", test_strategies[s]);
      g_autoptr (GError) error = NULL;
      g_autoptr (FanoutPipeline) pipeline
          = test_pipeline (ini, (const char *const[]){ strategy, NULL }, &error);
      g_autofree char *before = fanout_pipeline_describe (pipeline);
      ck_assert_ptr_nonnull (strstr (before, path));
      for (int i = 0; i < 2; i++)
        {
          g_autofree char *after = run_and_describe (pipeline);
          ck_assert_str_eq (after, before);
        }
    }
  g_unlink (path);
  g_rmdir (folder);
}
END_TEST

START_TEST (a_merge)
{
  g_autofree char *folder = g_dir_make_tmp ("fanout-describe-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "part", NULL);
  const char *const paths[] = { path, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline
      = test_pipeline ("[source]\ntype = range\nstop = 4\n"
                       "[aggregate s]\ntype = sum\ncolumn = value\n",
                       NULL, &error);
  ck_assert (fanout_pipeline_run_partial (pipeline, path, NULL, &error));
  g_autoptr (FanoutPipeline) merge
      = fanout_pipeline_load_partials (test_registry (), paths, NULL, &error);
  ck_assert_msg (merge != NULL, "%s", error != NULL ? error->message : "");
  g_autofree char *before = fanout_pipeline_describe (merge);
  g_autofree char *after = run_and_describe (merge);
  ck_assert_ptr_nonnull (strstr (before, "aggregate   s: sum of value"));
  ck_assert_str_eq (after, before);
  g_unlink (path);
  g_rmdir (folder);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("describe");
  TCase *tests = tcase_create ("describe");
  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, the_same_after_a_run);
  tcase_add_test (tests, a_merge);
  suite_add_tcase (suite, tests);
  return suite;
}
