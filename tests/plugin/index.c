/* What makes the start quick: nothing is opened but what is asked for, as long as the index is
 * true.
 */

#include "tests/support/plugin-folder.h"
#include "tests/support/suite.h"
#include "core/plugin/index.h"

#include <fcntl.h>

static char *
index_path (const Folder *folder)
{
  return g_build_filename (folder->aggregate, "index", NULL);
}

static void
set_time (const char *path, gint64 seconds, long nanoseconds)
{
  const struct timespec times[2] = { { seconds, nanoseconds }, { seconds, nanoseconds } };

  ck_assert_int_eq (utimensat (AT_FDCWD, path, times, 0), 0);
}

/* Good and noisy, each changed last at a time of its own. */
static void
fill (const Folder *folder)
{
  g_autofree char *good = inside (folder, "good");
  g_autofree char *noisy = inside (folder, "noisy");

  put_plugin (folder, "good", "good");
  put_plugin (folder, "noisy", "noisy");
  set_time (good, 1700000001, 123456789);
  set_time (noisy, 1700000002, 987654321);
}

static void
put_index (const Folder *folder, const char *text)
{
  g_autofree char *path = index_path (folder);

  write_file (path, text, strlen (text));
  ck_assert_int_eq (g_chmod (path, 0644), 0);
}

/* What fanout_registry_write_index() makes of a folder that was filled. No file that this process
 * opens later is opened here. */
static char *
true_index (void)
{
  Folder folder;
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  char *text = NULL;

  folder_init (&folder);
  fill (&folder);
  registry = open_folder (&folder);
  ck_assert_msg (fanout_registry_write_index (registry, &error), "%s",
                 error != NULL ? error->message : "");
  path = index_path (&folder);
  ck_assert (g_file_get_contents (path, &text, NULL, NULL));
  folder_clear (&folder);
  return text;
}

/* Asks for `good`, which must be there, and answers whether noisy was opened for that. */
static gboolean
opens_all (const Folder *folder)
{
  g_autoptr (FanoutRegistry) registry = open_folder (folder);
  g_autoptr (GError) error = NULL;

  g_unsetenv ("FANOUT_TEST_NOISY");
  ck_assert_msg (fanout_registry_operator (registry, "good", &error) != NULL, "%s",
                 error != NULL ? error->message : "");
  return g_getenv ("FANOUT_TEST_NOISY") != NULL;
}

START_TEST (test_text)
{
  g_autofree char *text = true_index ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  ck_assert_int_eq ((int) g_strv_length (lines), 4);
  ck_assert_str_eq (lines[0], "fanout plugins 1");
  ck_assert_msg (g_str_has_suffix (lines[1], " 1700000001.123456789 good good.so"), "%s", lines[1]);
  ck_assert_msg (g_str_has_suffix (lines[2], " 1700000002.987654321 noisy noisy.so"), "%s",
                 lines[2]);
  ck_assert_str_eq (lines[3], "");
}
END_TEST

START_TEST (test_opens_what_is_asked_for)
{
  Folder folder;
  g_autofree char *text = true_index ();
  g_autoptr (FanoutRegistry) registry = NULL;
  const char *const *names;

  folder_init (&folder);
  fill (&folder);
  put_index (&folder, text);
  ck_assert (!opens_all (&folder));
  registry = open_folder (&folder);
  names = fanout_registry_names (registry, FANOUT_KIND_OPERATOR);
  ck_assert_str_eq (names[0], "good");
  ck_assert_str_eq (names[1], "noisy");
  ck_assert_ptr_null (names[2]);
  ck_assert_ptr_null (fanout_registry_operator (registry, "loud", NULL));
  ck_assert_ptr_null (g_getenv ("FANOUT_TEST_NOISY"));
  ck_assert_ptr_nonnull (fanout_registry_operator (registry, "noisy", NULL));
  ck_assert_ptr_nonnull (g_getenv ("FANOUT_TEST_NOISY"));
  folder_clear (&folder);
}
END_TEST

static void
change_time (const Folder *folder)
{
  g_autofree char *path = inside (folder, "noisy");

  set_time (path, 1700000003, 987654321);
}

static void
change_nanoseconds (const Folder *folder)
{
  g_autofree char *path = inside (folder, "noisy");

  set_time (path, 1700000002, 987654320);
}

static void
change_size (const Folder *folder)
{
  g_autofree char *path = inside (folder, "noisy");
  struct stat st;

  ck_assert_int_eq (stat (path, &st), 0);
  ck_assert_int_eq (truncate (path, st.st_size + 1), 0);
  set_time (path, 1700000002, 987654321);
}

static void
add_one (const Folder *folder)
{
  put_plugin (folder, "named-late", "another");
}

static void
add_last (const Folder *folder)
{
  put_plugin (folder, "named-late", "zzz");
}

static void
rename_one (const Folder *folder)
{
  g_autofree char *from = inside (folder, "noisy");
  g_autofree char *to = inside (folder, "n0isy");

  ck_assert_int_eq (g_rename (from, to), 0);
}

static void
open_to_all (const Folder *folder)
{
  g_autofree char *path = index_path (folder);

  ck_assert_int_eq (g_chmod (path, 0666), 0);
}

static void
remove_index (const Folder *folder)
{
  g_autofree char *path = index_path (folder);

  ck_assert_int_eq (g_remove (path), 0);
}

START_TEST (test_index_that_does_not_fit)
{
  static void (*const changes[]) (const Folder *folder)
      = { change_time, change_nanoseconds, change_size, add_one,
          add_last,    rename_one,         open_to_all, remove_index };
  g_autofree char *text = true_index ();

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      Folder folder;

      folder_init (&folder);
      fill (&folder);
      put_index (&folder, text);
      changes[i](&folder);
      ck_assert_msg (opens_all (&folder), "change %u", (guint) i);
      folder_clear (&folder);
    }
}
END_TEST

/* Packages keep times in whole seconds. */
START_TEST (test_whole_seconds)
{
  Folder folder;
  g_autofree char *text = true_index ();
  g_autofree char *good = NULL;
  g_autofree char *noisy = NULL;

  folder_init (&folder);
  fill (&folder);
  put_index (&folder, text);
  good = inside (&folder, "good");
  noisy = inside (&folder, "noisy");
  set_time (good, 1700000001, 0);
  set_time (noisy, 1700000002, 0);
  ck_assert (!opens_all (&folder));
  folder_clear (&folder);
}
END_TEST

/* Cut anywhere, or with a byte changed anywhere, the index counts as a whole or not at all. */
START_TEST (test_damaged)
{
  g_autofree char *text = true_index ();
  const gsize length = strlen (text);
  Folder folder;

  folder_init (&folder);
  fill (&folder);
  for (gsize i = 0; i < length; i++)
    for (guint kind = 0; kind < 3; kind++)
      {
        g_autofree char *copy = g_strdup (text);
        FanoutIndexEntry entries[2] = { { .file = "good.so" }, { .file = "noisy.so" } };
        g_autofree char *index = NULL;

        copy[i] = "\0\n "[kind];
        put_index (&folder, copy);
        for (guint e = 0; e < 2; e++)
          {
            g_autofree char *path = g_build_filename (folder.aggregate, entries[e].file, NULL);
            struct stat st;

            ck_assert_int_eq (stat (path, &st), 0);
            entries[e].stamp = (FanoutIndexStamp){ (guint64) st.st_size, st.st_mtim.tv_sec,
                                                   (guint32) st.st_mtim.tv_nsec };
          }
        index = fanout_index_read (folder.aggregate, entries, 2);
        for (guint e = 0; e < 2; e++)
          ck_assert ((index != NULL) == (entries[e].names != NULL));
        ck_assert_msg ((index != NULL) == (copy[i] == text[i]), "byte %u", (guint) i);
      }
  folder_clear (&folder);
}
END_TEST

/* An index of the right files with the wrong names: what it says is only where to look. */
START_TEST (test_lie)
{
  Folder folder;
  g_autofree char *text = true_index ();
  g_auto (GStrv) parts = g_strsplit (text, " noisy noisy.so", -1);
  g_auto (GStrv) halves = g_strsplit (parts[0], " good good.so", -1);
  g_autofree char *lie
      = g_strconcat (halves[0], " noisy good.so", halves[1], " good noisy.so\n", NULL);

  folder_init (&folder);
  fill (&folder);
  put_index (&folder, lie);
  ck_assert (opens_all (&folder));
  folder_clear (&folder);
}
END_TEST

/* Where something is wrong, it is told on each start, so there is no index. */
START_TEST (test_no_index_of_what_is_wrong)
{
  Folder folder;
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = true_index ();

  folder_init (&folder);
  fill (&folder);
  put_index (&folder, text);
  put_bytes (&folder, "words", "hello", 5);
  registry = open_folder (&folder);
  ck_assert (!fanout_registry_write_index (registry, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN));
  ck_assert_ptr_nonnull (strstr (error->message, "words.so: is text"));
  path = index_path (&folder);
  ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
  folder_clear (&folder);
}
END_TEST

START_TEST (test_index_of_nowhere)
{
  const char *const folders[] = { "/no/such/folder", NULL };
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
  g_autoptr (GError) error = NULL;

  ck_assert (!fanout_registry_write_index (registry, &error));
  ck_assert_str_eq (error->message, "/no/such/folder: No such file or directory");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("index");
  TCase *tests = tcase_create ("index");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_text);
  tcase_add_test (tests, test_opens_what_is_asked_for);
  tcase_add_test (tests, test_index_that_does_not_fit);
  tcase_add_test (tests, test_whole_seconds);
  tcase_add_test (tests, test_damaged);
  tcase_add_test (tests, test_lie);
  tcase_add_test (tests, test_no_index_of_what_is_wrong);
  tcase_add_test (tests, test_index_of_nowhere);
  suite_add_tcase (suite, tests);
  return suite;
}
