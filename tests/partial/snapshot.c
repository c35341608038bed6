/* A checkpoint that is taken into memory has the bytes of one that is written at once. */

#include "core/partial/snapshot.h"
#include "core/pipeline/pipeline.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

#include <check.h>
#include <glib/gstdio.h>

static const char ini[] = "[pipeline]\n"
                          "max-groups = 1000000\n"
                          "[source]\n"
                          "type = range\n"
                          "stop = 60000\n"
                          "[let]\n"
                          "k = value % 20000\n"
                          "t = value / 1000\n"
                          "[aggregate n]\n"
                          "type = count\n"
                          "[aggregate q]\n"
                          "type = quantile\n"
                          "column = value\n"
                          "q = 0.5\n";

static char *
contents (const char *path, gsize *length)
{
  char *bytes;
  ck_assert (g_file_get_contents (path, &bytes, length, NULL));
  return bytes;
}

static void
compare (const char *more, gboolean grouped, guint n_partitions)
{
  static const char *const by[] = { "pipeline.group-by=k", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strconcat (ini, more, NULL);
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (text, grouped ? by : NULL, &error);
  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  FanoutRun *run = fanout_run_new (fanout_pipeline_plan (pipeline), NULL, NULL);
  FanoutPasses *passes = fanout_passes_new (run, n_partitions);
  fanout_passes_run (passes);
  const FanoutStreamCounts counts = { .rows_processed = 7 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) "abc", 3);
  g_autofree char *folder = g_dir_make_tmp ("fanout-XXXXXX", NULL);
  g_autofree char *one = g_build_filename (folder, "one", NULL);
  g_autofree char *other = g_build_filename (folder, "other", NULL);
  g_autoptr (FanoutSnapshot) snapshot = fanout_snapshot_new (passes, &counts, bytes, bytes);
  g_autoptr (FanoutOutput) at_once = fanout_output_open (one, NULL, &error);
  ck_assert (fanout_checkpoint_write (passes, &counts, bytes, bytes, at_once, &error)
             && fanout_output_commit (at_once, &error));
  /* What is done to the states now is none of its business. */
  fanout_passes_free (passes);
  g_autoptr (FanoutOutput) later = fanout_output_open (other, NULL, &error);
  ck_assert (fanout_snapshot_write (snapshot, later, &error)
             && fanout_output_commit (later, &error));
  gsize length, other_length;
  g_autofree char *wanted = contents (one, &length);
  g_autofree char *found = contents (other, &other_length);
  ck_assert_uint_gt (length, 200000);
  ck_assert_uint_eq (length, other_length);
  ck_assert_mem_eq (wanted, found, length);
  ck_assert (fanout_checkpoint_check (other, &error));
  g_unlink (one);
  g_unlink (other);
  g_rmdir (folder);
}

START_TEST (same_bytes)
{
  for (guint n = 1; n <= 3; n++)
    {
      compare ("", TRUE, n);
      compare ("[table a]\ngroup-by = k\n[table b]\ngroup-by = t\n", FALSE, n);
    }
  compare ("[window]\ntime = t\nsize = 1m\n", TRUE, 1);
  compare ("[window]\ntime = t\ngap = 1s\n", TRUE, 1);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("snapshot");
  TCase *cases = tcase_create ("snapshot");

  tcase_set_timeout (cases, 0);
  tcase_add_test (cases, same_bytes);
  suite_add_tcase (suite, cases);
  return suite;
}
