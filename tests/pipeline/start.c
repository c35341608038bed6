/* What a pipeline opens: the plugins that it names, and no others, as long as an index says where
 * these are. */

#include "tests/support/plugin-folder.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

#include <fcntl.h>

static void
set_time (const char *path, gint64 seconds)
{
  const struct timespec times[2] = { { seconds, 0 }, { seconds, 0 } };

  ck_assert_int_eq (utimensat (AT_FDCWD, path, times, 0), 0);
}

static void
put (const Folder *folder, const char *name, gint64 seconds)
{
  g_autofree char *path = inside (folder, name);

  put_plugin (folder, name, name);
  set_time (path, seconds);
}

/* Of good and noisy, each of a time of its own; the files that are opened for it are not those that
 * are looked for later. */
static char *
make_index (void)
{
  Folder folder;
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autofree char *path = NULL;
  char *text = NULL;

  folder_init (&folder);
  put (&folder, "good", 1700000001);
  put (&folder, "noisy", 1700000002);
  registry = open_folder (&folder);
  ck_assert (fanout_registry_write_index (registry, NULL));
  path = g_build_filename (folder.aggregate, "index", NULL);
  ck_assert (g_file_get_contents (path, &text, NULL, NULL));
  folder_clear (&folder);
  g_unsetenv ("FANOUT_TEST_NOISY");
  return text;
}

/* The index is younger than the folder; noisy, written to in place since, is opened by whoever
 * looks through the folder for any name. */
static void
fill (const Folder *folder)
{
  g_autofree char *index = make_index ();
  g_autofree char *path = g_build_filename (folder->aggregate, "index", NULL);

  put (folder, "good", 1700000001);
  put (folder, "noisy", 1700000003);
  write_file (path, index, strlen (index));
  ck_assert_int_eq (g_chmod (path, 0644), 0);
  set_time (folder->aggregate, 1700000000);
}

static FanoutPipeline *
load (FanoutRegistry *registry, const char *type)
{
  g_autofree char *ini = g_strdup_printf ("[source]\ntype = range\nstop = 3\n"
                                          "[aggregate a]\ntype = %s\n",
                                          type);
  FanoutErrors errors;
  FanoutConfig *config;
  FanoutPipeline *pipeline;

  fanout_errors_init (&errors);
  config = fanout_config_parse (ini, strlen (ini), "test.ini", "/", NULL, &errors);
  pipeline = fanout_pipeline_new_from_config (registry, config, "test.ini", NULL, &errors, NULL);
  fanout_errors_clear (&errors);
  return pipeline;
}

START_TEST (opens_what_is_named)
{
  g_autofree char *all = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), "plugins", NULL);
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  Folder folder;

  folder_init (&folder);
  fill (&folder);
  registry = fanout_registry_new ((const char *const[]){ folder.path, all, NULL });
  pipeline = load (registry, "good");
  ck_assert_ptr_nonnull (pipeline);
  ck_assert_ptr_null (g_getenv ("FANOUT_TEST_NOISY"));
  /* Whether there is one is a matter of all of them. */
  ck_assert_ptr_null (load (registry, "loud"));
  ck_assert_ptr_nonnull (g_getenv ("FANOUT_TEST_NOISY"));
  folder_clear (&folder);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("start");
  TCase *tests = tcase_create ("start");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, opens_what_is_named);
  suite_add_tcase (suite, tests);
  return suite;
}
