/* Who can have put a plugin where it is. */

#include "tests/support/plugin-folder.h"
#include "tests/support/suite.h"
#include "core/plugin/folders.h"
#include "core/plugin/shared-object.h"

/* The good plugin in a folder of its own, and its path. */
static char *
make_good (Folder *folder)
{
  folder_init (folder);
  put_plugin (folder, "good", "good");
  return inside (folder, "good");
}

/* Asked for alone, as the checker does. */
static void
assert_file_refused (const char *path, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutPluginFile) file = fanout_plugin_file_open (path, FANOUT_KIND_OPERATOR, &error);

  ck_assert_ptr_null (file);
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN));
  ck_assert_msg (strstr (error->message, part) != NULL, "no '%s' in: %s", part, error->message);
}

START_TEST (test_everyone)
{
  Folder folder;
  g_autofree char *path = make_good (&folder);

  g_chmod (path, 0777);
  assert_refused (&folder, "good", FANOUT_ERROR_PLUGIN, path, "everyone can write", "chmod go-w",
                  NULL);
  g_chmod (path, 0755);
  g_chmod (folder.aggregate, 0777);
  assert_refused (&folder, "good", FANOUT_ERROR_CONFIG, folder.aggregate, "everyone can write",
                  NULL);
  g_chmod (folder.aggregate, 0755);
  g_chmod (folder.path, 01777);
  assert_refused (&folder, "good", FANOUT_ERROR_CONFIG, folder.path, "everyone can write", NULL);
  folder_clear (&folder);
}
END_TEST

START_TEST (test_unreadable)
{
  Folder folder;
  g_autofree char *path = make_good (&folder);

  g_chmod (path, 0);
  if (geteuid () != 0)
    assert_refused (&folder, "good", FANOUT_ERROR_PLUGIN, path, "ermission denied", NULL);
  folder_clear (&folder);
}
END_TEST

/* A group that others can be in. Only root can give a file to one of those. */
START_TEST (test_group)
{
  Folder folder;
  g_autofree char *path = make_good (&folder);

  if (geteuid () == 0 && chown (path, 0, 12345) == 0 && chown (folder.aggregate, 0, 12345) == 0)
    {
      g_chmod (path, 0775);
      assert_refused (&folder, "good", FANOUT_ERROR_PLUGIN, path, "the group 12345 can write",
                      "chmod g-w", NULL);
      g_chmod (path, 0755);
      g_chmod (folder.aggregate, 0775);
      assert_refused (&folder, "good", FANOUT_ERROR_CONFIG, folder.aggregate,
                      "the group 12345 can write", NULL);
    }
  folder_clear (&folder);
}
END_TEST

/* Root's group has nobody in it that could not do as root does. */
START_TEST (test_group_of_root)
{
  Folder folder;
  g_autofree char *path = make_good (&folder);
  g_autoptr (FanoutRegistry) registry = NULL;

  if (geteuid () == 0 && chown (path, 0, 0) == 0)
    {
      g_chmod (path, 0775);
      registry = open_folder (&folder);
      ck_assert_ptr_nonnull (fanout_registry_operator (registry, "good", NULL));
    }
  folder_clear (&folder);
}
END_TEST

START_TEST (test_stranger)
{
  Folder folder;
  g_autofree char *path = make_good (&folder);

  if (geteuid () == 0 && chown (path, 12345, 0) == 0)
    {
      assert_refused (&folder, "good", FANOUT_ERROR_PLUGIN, path, "belongs to user 12345", NULL);
      ck_assert_int_eq (chown (path, 0, 0), 0);
      ck_assert_int_eq (chown (folder.aggregate, 12345, 0), 0);
      assert_refused (&folder, "good", FANOUT_ERROR_CONFIG, folder.aggregate,
                      "belongs to user 12345", NULL);
      assert_file_refused (path, "which belongs to user 12345");
    }
  folder_clear (&folder);
}
END_TEST

/* Who can write to a folder further up can put another in the place of ours. */
START_TEST (test_parents)
{
  Folder folder;
  g_autofree char *path = make_good (&folder);
  g_autofree char *open = g_build_filename (folder.path, "open", NULL);
  g_autofree char *wanted = g_strdup_printf ("lies in %s, which everyone can write to", open);
  g_autofree char *deep = g_build_filename (open, "deep", NULL);
  g_autofree char *below = g_build_filename (deep, "aggregate", NULL);

  ck_assert_int_eq (g_mkdir (open, 0755), 0);
  ck_assert_int_eq (g_mkdir (deep, 0755), 0);
  ck_assert_int_eq (g_rename (folder.aggregate, below), 0);
  g_free (folder.aggregate);
  folder.aggregate = g_strdup (below);
  g_free (path);
  path = g_build_filename (below, "good.so", NULL);
  g_chmod (open, 0777);
  assert_file_refused (path, wanted);
  {
    const char *const folders[] = { deep, NULL };
    g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
    g_auto (GStrv) problems = fanout_registry_problems (registry);

    ck_assert_int_eq ((int) g_strv_length (problems), 1);
    ck_assert_ptr_nonnull (strstr (problems[0], wanted));
  }
  g_chmod (open, 01777);
  {
    const char *const folders[] = { deep, NULL };
    g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);

    ck_assert_ptr_nonnull (fanout_registry_operator (registry, "good", NULL));
  }
  folder_clear (&folder);
}
END_TEST

/* A link into a folder that is open to all is no way around that. */
START_TEST (test_link)
{
  Folder folder;
  Folder other;
  g_autofree char *path = make_good (&folder);
  g_autofree char *link = NULL;

  folder_init (&other);
  link = inside (&other, "good");
  ck_assert_int_eq (symlink (path, link), 0);
  g_chmod (folder.aggregate, 0777);
  assert_refused (&other, "good", FANOUT_ERROR_PLUGIN, link, "lies in", folder.aggregate, NULL);
  folder_clear (&folder);
  folder_clear (&other);
}
END_TEST

START_TEST (test_folders)
{
  Folder folder;
  g_autofree char *nowhere = NULL;
  g_autofree char *own = NULL;
  g_autoptr (FanoutRegistry) registry = NULL;
  g_auto (GStrv) problems = NULL;
  g_auto (GStrv) folders = NULL;
  g_autofree char *old = g_strdup (g_getenv ("XDG_DATA_HOME"));
  const char *const extra[] = { "/extra/1", "/extra/2", NULL };

  folder_init (&folder);
  nowhere = g_build_filename (folder.path, "nowhere", NULL);
  {
    const char *const some[] = { nowhere, folder.aggregate, NULL };

    registry = fanout_registry_new (some);
  }
  problems = fanout_registry_problems (registry);
  ck_assert_int_eq ((int) g_strv_length (problems), 2);
  ck_assert_ptr_nonnull (strstr (problems[0], "neither aggregate/, source/ nor sink/"));
  ck_assert_ptr_nonnull (strstr (problems[1], "No such file"));
  own = g_build_filename (folder.path, "fanout", "plugins", NULL);
  g_setenv ("FANOUT_PLUGIN_PATH", "/path/1::/path/2:", TRUE);
  g_setenv ("XDG_DATA_HOME", folder.path, TRUE);
  folders = fanout_plugin_folders (extra);
  ck_assert_int_eq ((int) g_strv_length (folders), 5);
  ck_assert_str_eq (folders[0], "/extra/1");
  ck_assert_str_eq (folders[1], "/extra/2");
  ck_assert_str_eq (folders[2], "/path/1");
  ck_assert_str_eq (folders[3], "/path/2");
  ck_assert_msg (g_str_has_suffix (folders[4], "/plugins"), "%s", folders[4]);
  /* The user's own, where he has one. */
  ck_assert_int_eq (g_mkdir_with_parents (own, 0755), 0);
  g_strfreev (folders);
  folders = fanout_plugin_folders (NULL);
  ck_assert_int_eq ((int) g_strv_length (folders), 4);
  ck_assert_str_eq (folders[2], own);
  g_unsetenv ("FANOUT_PLUGIN_PATH");
  if (old != NULL)
    g_setenv ("XDG_DATA_HOME", old, TRUE);
  else
    g_unsetenv ("XDG_DATA_HOME");
  folder_clear (&folder);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("access");
  TCase *tests = tcase_create ("access");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_everyone);
  tcase_add_test (tests, test_unreadable);
  tcase_add_test (tests, test_group);
  tcase_add_test (tests, test_group_of_root);
  tcase_add_test (tests, test_stranger);
  tcase_add_test (tests, test_parents);
  tcase_add_test (tests, test_link);
  tcase_add_test (tests, test_folders);
  suite_add_tcase (suite, tests);
  return suite;
}
