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

/* As if the folder had changed after that. */
static void
put_index (const Folder *folder, const char *text)
{
  g_autofree char *path = index_path (folder);

  write_file (path, text, strlen (text));
  ck_assert_int_eq (g_chmod (path, 0644), 0);
  set_time (folder->aggregate, G_MAXINT32, 0);
}

/* As if it had not. */
static void
put_young_index (const Folder *folder, const char *text)
{
  put_index (folder, text);
  set_time (folder->aggregate, 1700000000, 0);
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
  static void (*const puts[]) (const Folder *folder, const char *text)
      = { put_index, put_young_index };
  Folder folder;
  g_autofree char *text = true_index ();
  g_autoptr (FanoutRegistry) registry = NULL;
  const char *const *names;

  folder_init (&folder);
  fill (&folder);
  puts[_i](&folder, text);
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

/* An index that is younger than the folder is asked alone; what it does not know, and what is to be
 * opened, is looked at. */
START_TEST (test_young_index)
{
  g_autofree char *text = true_index ();

  for (guint i = 0; i < 4; i++)
    {
      Folder folder;
      g_autoptr (FanoutRegistry) registry = NULL;
      g_autoptr (GError) error = NULL;

      folder_init (&folder);
      fill (&folder);
      put_young_index (&folder, text);
      change_time (&folder);
      ck_assert (!opens_all (&folder));
      registry = open_folder (&folder);
      if (i == 0)
        ck_assert_ptr_nonnull (fanout_registry_operator (registry, "noisy", &error));
      else if (i == 1)
        ck_assert_ptr_null (fanout_registry_operator (registry, "loud", &error));
      else if (i == 2)
        ck_assert_str_eq (fanout_registry_names (registry, FANOUT_KIND_OPERATOR)[1], "noisy");
      else
        {
          g_auto (GStrv) problems = NULL;

          ck_assert_ptr_nonnull (fanout_registry_operator (registry, "good", &error));
          problems = fanout_registry_problems (registry);
          ck_assert_ptr_null (problems[0]);
        }
      ck_assert_ptr_nonnull (fanout_registry_operator (registry, "good", &error));
      ck_assert_ptr_nonnull (g_getenv ("FANOUT_TEST_NOISY"));
      folder_clear (&folder);
    }
}
END_TEST

/* A file that is gone, or has something else in it now. */
START_TEST (test_young_index_that_does_not_fit)
{
  g_autofree char *text = true_index ();

  for (guint i = 0; i < 2; i++)
    {
      Folder folder;
      g_autoptr (FanoutRegistry) registry = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *noisy = NULL;

      folder_init (&folder);
      fill (&folder);
      noisy = inside (&folder, "noisy");
      if (i == 0)
        g_remove (noisy);
      else
        put_plugin (&folder, "named-late", "noisy");
      put_young_index (&folder, text);
      registry = open_folder (&folder);
      ck_assert_ptr_nonnull (fanout_registry_operator (registry, "good", &error));
      ck_assert_ptr_null (fanout_registry_operator (registry, "noisy", &error));
      ck_assert_ptr_nonnull (strstr (error->message, "there is no operator 'noisy'"));
      folder_clear (&folder);
    }
}
END_TEST

static FanoutIndex *
read_index (const Folder *folder)
{
  struct stat st;

  ck_assert_int_eq (stat (folder->aggregate, &st), 0);
  return fanout_index_read (folder->aggregate, &st);
}

/* What is written is young at once, and what comes into the folder next makes it old. */
START_TEST (test_written_index_is_young)
{
  Folder folder;
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autoptr (FanoutIndex) index = NULL;
  g_autoptr (FanoutIndex) later = NULL;

  folder_init (&folder);
  fill (&folder);
  registry = open_folder (&folder);
  ck_assert (fanout_registry_write_index (registry, NULL));
  index = read_index (&folder);
  ck_assert (index != NULL && index->is_young);
  put_plugin (&folder, "named-late", "another");
  later = read_index (&folder);
  ck_assert (later != NULL && !later->is_young);
  folder_clear (&folder);
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
        g_autoptr (FanoutIndex) index = NULL;

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
        index = read_index (&folder);
        ck_assert_msg ((index != NULL && fanout_index_fits (index, entries, 2))
                           == (copy[i] == text[i]),
                       "byte %u", (guint) i);
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
  tcase_add_loop_test (tests, test_opens_what_is_asked_for, 0, 2);
  tcase_add_test (tests, test_index_that_does_not_fit);
  tcase_add_test (tests, test_young_index);
  tcase_add_test (tests, test_young_index_that_does_not_fit);
  tcase_add_test (tests, test_written_index_is_young);
  tcase_add_test (tests, test_whole_seconds);
  tcase_add_test (tests, test_damaged);
  tcase_add_test (tests, test_lie);
  tcase_add_test (tests, test_no_index_of_what_is_wrong);
  tcase_add_test (tests, test_index_of_nowhere);
  suite_add_tcase (suite, tests);
  return suite;
}
