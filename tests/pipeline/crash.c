/* A run that ends before a window is told, right behind a checkpoint: the next one tells it whole.
 */

#include "tests/support/run.h"
#include "tests/support/suite.h"

#include <glib/gstdio.h>

#define CRASH "the end of the world"

static char *folder;
static char *ini;

static char *
put (const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);

  ck_assert (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* What varies in size is moved to the result of a window, not copied. */
static void
make_folder (void)
{
  g_autofree char *rows = NULL;

  folder = g_dir_make_tmp ("fanout-crash-XXXXXX", NULL);
  rows = put ("rows.csv", "t,k,v\n0,a,1\n10,b,2\n70,a,3\n80,a,1\n130,b,5\n");
  ini = g_strdup_printf ("[source]\ntype = csv\npath = %s\n"
                         "[window]\ntime = t\nsize = 1m\n"
                         "[pipeline]\ngroup-by = k\n"
                         "[checkpoint]\npath = %s/state\n"
                         "[aggregate n]\ntype = count\n"
                         "[aggregate l]\ntype = collapse\ncolumn = v\n"
                         "[aggregate u]\ntype = unique\ncolumn = v\n",
                         rows, folder);
}

static void
remove_folder (void)
{
  static const char *const names[] = { "rows.csv", "state", "state.1" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&ini, g_free);
}

typedef struct
{
  FanoutPipeline *pipeline;
  GString *text;
  guint crash; /* instead of telling so many windows; 0: never */
} Run;

static gboolean
turn (gpointer data, FanoutInstant when, GError **error)
{
  Run *self = data;

  ck_assert_int_eq (when % (60 * G_GINT64_CONSTANT (1000000000)), 0);
  return self->crash != 1 || fanout_pipeline_save (self->pipeline, error);
}

static gboolean
take (gpointer data, FanoutResult *result, FanoutInstant when G_GNUC_UNUSED, GError **error)
{
  Run *self = data;
  g_autofree char *text = NULL;

  if (self->crash > 0 && --self->crash == 0)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT, CRASH);
      return FALSE;
    }
  text = test_text (result);
  g_string_append (self->text, text);
  return TRUE;
}

static void
run (guint crash, GString *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPipeline) pipeline = test_pipeline (ini, NULL, &error);
  g_autoptr (FanoutResult) result = NULL;
  Run self = { pipeline, text, crash };
  const FanoutStreamHandlers handlers = { .turn = turn, .result = take, .data = &self };

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  fanout_pipeline_on_stream (pipeline, &handlers);
  result = fanout_pipeline_run (pipeline, NULL, &error);
  if (crash > 0)
    ck_assert_str_eq (error != NULL ? error->message : "it goes on", CRASH);
  else
    ck_assert_msg (error == NULL, "%s", error != NULL ? error->message : "");
}

START_TEST (test_before_window)
{
  const guint crash = (guint) _i;
  g_autoptr (GString) text = g_string_new (NULL);

  make_folder ();
  run (crash, text);
  run (0, text);
  ck_assert_str_eq (text->str,
                    "1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,a,1,[\"1\"],[\"1\"]\n"
                    "1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,b,1,[\"2\"],[\"2\"]\n"
                    "1970-01-01T00:01:00Z,1970-01-01T00:02:00Z,a,2,[\"3\",\"1\"],[\"1\",\"3\"]\n"
                    "1970-01-01T00:02:00Z,1970-01-01T00:03:00Z,b,1,[\"5\"],[\"5\"]\n");
  remove_folder ();
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("crash");
  TCase *tests = tcase_create ("crash");

  tcase_add_loop_test (tests, test_before_window, 1, 4);
  suite_add_tcase (suite, tests);
  return suite;
}
