/* Plugins that are found, and every way in which one cannot be used. */

#include "tests/support/plugin-folder.h"
#include "tests/support/suite.h"
#include "core/plugin/elf.h"
#include "core/plugin/shared-object.h"
#include "core/plugin/registry.h"

#include <check.h>
#include <elf.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST (test_plugins_that_do_not_fit)
{
  static const struct
  {
    const char *name;
    const char *found;
    const char *wanted;
  } cases[] = {
    { "other-abi", "built for plugin ABI 99", "has ABI 1" },
    { "newer-plugin", "plugin struct takes", "newer libfanout" },
    { "newer-operator", "operator struct takes", "newer libfanout" },
    { "sizeless", "operator struct takes 0 bytes", "sizeof" },
    { "no-symbol", "does not export fanout_plugin", "FANOUT_OPERATORS" },
    { "function", "is not data", "fanout_plugin" },
    { "short-symbol", "has 4 bytes", "are wanted" },
    { "cut-symbol", "has 8 bytes", "are wanted" },
    { "sink", "offers sinks", "operators are wanted here" },
    { "unknown-kind", "unknown kind 77", "operators are 1" },
    { "no-items", "offers 0 things", "are wanted" },
    { "null-item", "item 1 is NULL", "null-item.so" },
    { "nameless", "without a name", "nameless.so" },
    { "bad-name", "'two words\\n'", "letters, digits" },
    { "own-core", "a libfanout of its own", "link it" },
    { "no-update", "no-update", "either `update` or `loop`" },
    { "no-finish", "no-finish", "no `finish`" },
    { "stateless", "stateless", "`state_size` is 0" },
    { "bad-option", "bad-option", "far" },
    { "no-stride", "its option struct takes 0 bytes", "set `option_size`" },
    { "undefined", "undefined symbol", "fanout_not_there" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Folder folder;

      folder_init (&folder);
      put_plugin (&folder, cases[i].name, cases[i].name);
      assert_refused (&folder, cases[i].name, FANOUT_ERROR_PLUGIN, "cannot be used",
                      folder.aggregate, cases[i].found, cases[i].wanted, NULL);
      folder_clear (&folder);
    }
}
END_TEST

START_TEST (test_files_that_are_no_plugins)
{
  static const struct
  {
    const char *bytes;
    gsize length;
    const char *found;
  } cases[] = {
    { "", 0, "is empty" },
    { "hello, this is text and no shared object\n", 41, "is text" },
    { "hi", 2, "is text" },
    { "\0\1\2\3\4\5\6\7\0\1\2\3\4\5\6\7\0\1\2\3", 20, "is not an ELF file" },
    { ELFMAG "\2\1\1\0\0", 9, "ends within its header" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Folder folder;

      folder_init (&folder);
      put_bytes (&folder, "sum", cases[i].bytes, cases[i].length);
      assert_refused (&folder, "sum", FANOUT_ERROR_PLUGIN, folder.aggregate, "sum.so",
                      cases[i].found, NULL);
      folder_clear (&folder);
    }
}
END_TEST

/* The good plugin with one thing in its header changed. */
static void
assert_header_refused (void (*change) (Elf64_Ehdr *header), const char *found, const char *wanted)
{
  Folder folder;
  gsize length;
  g_autofree char *bytes = read_built ("good", &length);

  change ((Elf64_Ehdr *) bytes);
  folder_init (&folder);
  put_bytes (&folder, "good", bytes, length);
  assert_refused (&folder, "good", FANOUT_ERROR_PLUGIN, "good.so", found, wanted, NULL);
  folder_clear (&folder);
}

static void
make_mips (Elf64_Ehdr *header)
{
  header->e_machine = EM_MIPS;
}

static void
make_narrow (Elf64_Ehdr *header)
{
  header->e_ident[EI_CLASS] = ELFCLASS32;
}

static void
make_swapped (Elf64_Ehdr *header)
{
  header->e_ident[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB;
  header->e_machine = GUINT16_SWAP_LE_BE (EM_S390);
}

static void
make_object (Elf64_Ehdr *header)
{
  header->e_type = ET_REL;
}

static void
make_program (Elf64_Ehdr *header)
{
  header->e_type = ET_EXEC;
}

static void
make_headless (Elf64_Ehdr *header)
{
  header->e_phnum = 0;
}

static void
make_far (Elf64_Ehdr *header)
{
  header->e_phoff = G_MAXUINT64 - 8;
}

START_TEST (test_other_machines)
{
  if (sizeof (gpointer) != 8 || G_BYTE_ORDER != G_LITTLE_ENDIAN)
    return;
  assert_header_refused (make_mips, "is built for 64-bit MIPS", "this libfanout is for 64-bit");
  assert_header_refused (make_narrow, "is built for 32-bit", "this libfanout is for 64-bit");
  assert_header_refused (make_swapped, "S/390 big-endian", "this libfanout is for 64-bit");
  assert_header_refused (make_object, "is an object file", "cc -shared");
  assert_header_refused (make_program, "is a program", "cc -shared");
  assert_header_refused (make_headless, "is damaged", "program headers");
  assert_header_refused (make_far, "is cut short", "program headers");
}
END_TEST

/* A plugin that was copied in part, to any length, is refused, and nothing is run or crashes. */
START_TEST (test_cut_short)
{
  gsize length;
  g_autofree char *bytes = read_built ("good", &length);

  for (gsize part = 0; part <= 20; part++)
    {
      Folder folder;
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (FanoutPluginFile) file = NULL;

      folder_init (&folder);
      path = inside (&folder, "good");
      put_bytes (&folder, "good", bytes, length * part / 20);
      file = fanout_plugin_file_open (path, FANOUT_KIND_OPERATOR, &error);
      ck_assert ((file == NULL) == (error != NULL));
      if (part < 10)
        ck_assert_ptr_null (file);
      if (part == 20)
        ck_assert_ptr_nonnull (file);
      folder_clear (&folder);
    }
}
END_TEST

/* Whether the file of these bytes is told to be loadable: either that, or a reason. */
static gboolean
check_bytes (const char *path, const char *bytes, gsize length)
{
  char *problem = NULL;
  gboolean fine;

  write_file (path, bytes, length);
  fine = fanout_elf_check_file (path, &problem);
  if (fine != (problem == NULL))
    ck_abort_msg ("%s", fine ? problem : "no reason");
  g_free (problem);
  return fine;
}

/* A real plugin, cut anywhere, or with some bytes changed: mostly of its headers, which say where
 * everything is. */
START_TEST (test_damaged)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4711);
  Folder folder;
  g_autofree char *path = NULL;
  g_autofree char *bytes = NULL;
  gsize length;
  guint n_refused = 0;

  folder_init (&folder);
  path = inside (&folder, "damaged");
  bytes = read_built ("good", &length);
  for (gsize cut = 0; cut < length; cut += cut < 1500 ? 7 : length / 100)
    n_refused += !check_bytes (path, bytes, cut);
  ck_assert_uint_gt (n_refused, 200);
  ck_assert (check_bytes (path, bytes, length));
  for (guint round = 0; round < 2000; round++)
    {
      g_autofree char *copy = g_memdup2 (bytes, length);

      for (gint n = g_rand_int_range (random, 1, 9); n > 0; n--)
        {
          const gsize end = g_rand_int_range (random, 0, 8) > 0 ? 1000 : length;

          copy[g_rand_int_range (random, 0, (gint32) end)]
              = (char) g_rand_int_range (random, 0, 256);
        }
      check_bytes (path, copy, length);
    }
  folder_clear (&folder);
}
END_TEST

START_TEST (test_things_that_are_no_files)
{
  Folder folder;
  g_autofree char *directory = NULL;
  g_autofree char *dangling = NULL;
  g_autofree char *fifo = NULL;

  folder_init (&folder);
  directory = inside (&folder, "directory");
  dangling = inside (&folder, "dangling");
  fifo = inside (&folder, "fifo");
  ck_assert_int_eq (g_mkdir (directory, 0755), 0);
  ck_assert_int_eq (symlink ("/no/such/file", dangling), 0);
  ck_assert_int_eq (mkfifo (fifo, 0644), 0);
  assert_refused (&folder, "directory", FANOUT_ERROR_PLUGIN, directory, "is a folder", NULL);
  assert_refused (&folder, "dangling", FANOUT_ERROR_PLUGIN, dangling,
                  "is a link to a file that does not exist", NULL);
  assert_refused (&folder, "fifo", FANOUT_ERROR_PLUGIN, fifo, "is not a regular file", NULL);
  folder_clear (&folder);
}
END_TEST

START_TEST (test_good)
{
  Folder folder;
  g_autoptr (GError) error = NULL;
  FanoutRegistry *registry;
  const FanoutOperator *good;
  g_auto (GStrv) problems = NULL;
  g_autofree char *path = NULL;
  const char *const *names;

  folder_init (&folder);
  put_plugin (&folder, "good", "any-name");
  path = inside (&folder, "any-name");
  registry = open_folder (&folder);
  good = fanout_registry_operator (registry, "good", &error);
  ck_assert_msg (good != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_str_eq (good->name, "good");
  names = fanout_registry_names (registry, FANOUT_KIND_OPERATOR);
  ck_assert_str_eq (names[0], "good");
  ck_assert_ptr_null (names[1]);
  ck_assert_str_eq (fanout_registry_file (registry, FANOUT_KIND_OPERATOR, "good"), path);
  ck_assert_ptr_null (fanout_registry_file (registry, FANOUT_KIND_OPERATOR, "bad"));
  problems = fanout_registry_problems (registry);
  ck_assert_ptr_null (problems[0]);
  ck_assert_ptr_eq (fanout_registry_ref (registry), registry);
  fanout_registry_unref (registry);
  fanout_registry_unref (registry);
  folder_clear (&folder);
}
END_TEST

/* What is found without loading a file is a guess, which must not make it unknown. */
START_TEST (test_named_late)
{
  Folder folder;
  g_autoptr (GError) error = NULL;
  g_autoptr (FanoutRegistry) registry = NULL;

  folder_init (&folder);
  put_plugin (&folder, "named-late", "any-name");
  put_plugin (&folder, "good", "good");
  registry = open_folder (&folder);
  ck_assert (fanout_registry_operator (registry, "good", &error) != NULL);
  ck_assert_msg (fanout_registry_operator (registry, "late", &error) != NULL, "%s",
                 error != NULL ? error->message : "");
  folder_clear (&folder);
}
END_TEST

START_TEST (test_unknown_name)
{
  Folder folder;

  folder_init (&folder);
  assert_refused (&folder, "godo", FANOUT_ERROR_CONFIG, "no operator 'godo'",
                  "no operators were found", NULL);
  put_plugin (&folder, "good", "good");
  put_plugin (&folder, "other-abi", "family");
  assert_refused (&folder, "godo", FANOUT_ERROR_CONFIG, "no operator 'godo'", "'good'",
                  "did you mean", "family.so", "ABI 99", NULL);
  folder_clear (&folder);
}
END_TEST

START_TEST (test_twins)
{
  Folder folder;
  g_autoptr (FanoutRegistry) registry = NULL;
  g_auto (GStrv) problems = NULL;

  folder_init (&folder);
  put_plugin (&folder, "good", "good");
  put_plugin (&folder, "twin", "twin");
  put_plugin (&folder, "twice", "twice");
  assert_refused (&folder, "good", FANOUT_ERROR_PLUGIN, "good.so", "twin.so", "and so does", NULL);
  assert_refused (&folder, "twice", FANOUT_ERROR_PLUGIN, "twice.so", "offers two operators", NULL);
  registry = open_folder (&folder);
  ck_assert_int_eq (
      (int) g_strv_length ((char **) fanout_registry_names (registry, FANOUT_KIND_OPERATOR)), 2);
  problems = fanout_registry_problems (registry);
  ck_assert_int_eq ((int) g_strv_length (problems), 2);
  folder_clear (&folder);
}
END_TEST

/* In two folders the first one counts, and a note says so, of what was asked for. */
START_TEST (test_twins_in_two_folders)
{
  Folder first;
  Folder second;
  g_autofree char *path = NULL;
  g_autofree char *other = NULL;
  g_autofree char *wanted = NULL;

  folder_init (&first);
  folder_init (&second);
  put_plugin (&first, "good", "good");
  put_plugin (&second, "twin", "twin");
  put_plugin (&second, "twice", "twice");
  path = inside (&first, "good");
  other = inside (&second, "twin");
  wanted = g_strdup_printf ("the operator 'good' of %s is used, not that of %s", path, other);
  {
    const char *const folders[] = { first.path, second.path, NULL };
    g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
    g_auto (GStrv) none = fanout_registry_notes (registry);
    g_auto (GStrv) notes = NULL;

    ck_assert_ptr_null (none[0]);
    for (int i = 0; i < 2; i++)
      ck_assert_ptr_nonnull (fanout_registry_operator (registry, "good", NULL));
    ck_assert_str_eq (fanout_registry_file (registry, FANOUT_KIND_OPERATOR, "good"), path);
    notes = fanout_registry_notes (registry);
    ck_assert_str_eq (notes[0], wanted);
    ck_assert_ptr_null (notes[1]);
    ck_assert_ptr_null (fanout_registry_operator (registry, "twice", NULL));
  }
  folder_clear (&first);
  folder_clear (&second);
}
END_TEST

/* The time and memory that it takes have nothing to do with how large a file says it is. */
START_TEST (test_sparse)
{
  Folder folder;
  g_autofree char *path = NULL;
  g_autoptr (FanoutRegistry) registry = NULL;

  folder_init (&folder);
  put_plugin (&folder, "good", "good");
  path = inside (&folder, "good");
  ck_assert_int_eq (truncate (path, (off_t) 4 << 30), 0);
  registry = open_folder (&folder);
  ck_assert_ptr_nonnull (fanout_registry_operator (registry, "good", NULL));
  folder_clear (&folder);
}
END_TEST

/* One file is one plugin, by however many ways it is found. */
START_TEST (test_one_file_twice)
{
  Folder folder;
  g_autofree char *link = NULL;
  g_autofree char *dotted = NULL;
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  put_plugin (&folder, "good", "good");
  link = inside (&folder, "link");
  dotted = g_build_filename (folder.path, "aggregate", "..", NULL);
  ck_assert_int_eq (symlink ("good.so", link), 0);
  {
    const char *const folders[] = { folder.path, folder.path, dotted, NULL };

    registry = fanout_registry_new (folders);
  }
  ck_assert_ptr_nonnull (fanout_registry_operator (registry, "good", &error));
  folder_clear (&folder);
}
END_TEST

/* A bad file is told of even where another file offers its name. */
START_TEST (test_bad_file_hides_nothing)
{
  Folder folder;

  folder_init (&folder);
  put_plugin (&folder, "good", "another");
  put_bytes (&folder, "good", "text", 4);
  assert_refused (&folder, "good", FANOUT_ERROR_PLUGIN, "good.so", "is text", NULL);
  folder_clear (&folder);
}
END_TEST

static gpointer
ask (gpointer registry)
{
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      FanoutRegistry *own = fanout_registry_ref (registry);

      ck_assert_ptr_nonnull (fanout_registry_operator (own, "good", NULL));
      ck_assert_ptr_null (fanout_registry_operator (own, "bad", &error));
      ck_assert_str_eq (fanout_registry_names (own, FANOUT_KIND_OPERATOR)[0], "good");
      fanout_registry_unref (own);
    }
  return NULL;
}

START_TEST (test_threads)
{
  Folder folder;
  FanoutRegistry *registry;
  pthread_t threads[4];

  folder_init (&folder);
  put_plugin (&folder, "good", "any-name");
  registry = open_folder (&folder);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    ck_assert_int_eq (pthread_create (&threads[i], NULL, ask, registry), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
  fanout_registry_unref (registry);
  folder_clear (&folder);
}
END_TEST

/* All plugins of this build can be used. */
START_TEST (test_build)
{
  g_autofree char *path = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), "plugins", NULL);
  const char *const folders[] = { path, NULL };
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
  g_auto (GStrv) problems = fanout_registry_problems (registry);

  ck_assert_msg (problems[0] == NULL, "%s", problems[0]);
  ck_assert_ptr_nonnull (fanout_registry_names (registry, FANOUT_KIND_OPERATOR)[0]);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("registry");
  TCase *tests = tcase_create ("registry");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_plugins_that_do_not_fit);
  tcase_add_test (tests, test_files_that_are_no_plugins);
  tcase_add_test (tests, test_other_machines);
  tcase_add_test (tests, test_cut_short);
  tcase_add_test (tests, test_damaged);
  tcase_add_test (tests, test_things_that_are_no_files);
  tcase_add_test (tests, test_good);
  tcase_add_test (tests, test_named_late);
  tcase_add_test (tests, test_unknown_name);
  tcase_add_test (tests, test_twins);
  tcase_add_test (tests, test_twins_in_two_folders);
  tcase_add_test (tests, test_sparse);
  tcase_add_test (tests, test_one_file_twice);
  tcase_add_test (tests, test_bad_file_hides_nothing);
  tcase_add_test (tests, test_threads);
  tcase_add_test (tests, test_build);
  suite_add_tcase (suite, tests);
  return suite;
}
