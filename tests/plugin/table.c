/* Operators that are part of the program. */

#define FANOUT_PLUGIN_SYMBOL own_operators

#include "tests/bad-plugins/parts.h"
#include "tests/support/plugin-folder.h"
#include "tests/support/suite.h"

static const FanoutOperator own = OPERATOR ("own");
static const FanoutOperator good = OPERATOR ("good");

FANOUT_OPERATORS (&own, &good);

static FanoutRegistry *
make (const char *folder)
{
  const char *const folders[] = { folder, NULL };
  FanoutRegistry *registry = fanout_registry_new (folders);
  g_autoptr (GError) error = NULL;

  ck_assert_msg (fanout_registry_add (registry, &own_operators, &error), "%s",
                 error != NULL ? error->message : "");
  return registry;
}

START_TEST (test_found)
{
  g_autoptr (FanoutRegistry) registry = make (NULL);
  g_autoptr (GError) error = NULL;
  const char *const *names = fanout_registry_names (registry, FANOUT_KIND_OPERATOR);

  ck_assert_ptr_eq (fanout_registry_operator (registry, "own", NULL), &own);
  ck_assert_str_eq (names[0], "good");
  ck_assert_str_eq (names[1], "own");
  ck_assert_ptr_null (names[2]);
  ck_assert_str_eq (fanout_registry_file (registry, FANOUT_KIND_OPERATOR, "own"), "the program");
  ck_assert_ptr_null (fanout_registry_source (registry, "own", &error));
  ck_assert_str_eq (error->message, "there is no source 'own'; no sources were found");
}
END_TEST

static const FanoutOperator later = OPERATOR ("later");
static const void *const later_items[] = { &later };
static const FanoutPlugin later_table
    = { FANOUT_ABI, sizeof (FanoutPlugin), FANOUT_KIND_OPERATOR, 1, later_items, &fanout_core };

/* Names that were asked for before stay as they are. */
START_TEST (test_added_later)
{
  g_autoptr (FanoutRegistry) registry = make (NULL);
  const char *const *names = fanout_registry_names (registry, FANOUT_KIND_OPERATOR);

  ck_assert_ptr_null (fanout_registry_operator (registry, "later", NULL));
  ck_assert (fanout_registry_add (registry, &later_table, NULL));
  ck_assert_ptr_eq (fanout_registry_operator (registry, "later", NULL), &later);
  ck_assert_str_eq (names[0], "good");
  ck_assert_str_eq (names[1], "own");
  ck_assert_str_eq (fanout_registry_names (registry, FANOUT_KIND_OPERATOR)[1], "later");
}
END_TEST

START_TEST (test_before_folders)
{
  Folder folder;
  g_autoptr (FanoutRegistry) registry = NULL;
  g_auto (GStrv) notes = NULL;
  g_autofree char *path = NULL;
  g_autofree char *wanted = NULL;

  folder_init (&folder);
  put_plugin (&folder, "good", "good");
  path = inside (&folder, "good");
  registry = make (folder.path);
  ck_assert_ptr_eq (fanout_registry_operator (registry, "good", NULL), &good);
  notes = fanout_registry_notes (registry);
  wanted = g_strdup_printf ("the operator 'good' of the program is used, not that of %s", path);
  ck_assert_str_eq (notes[0], wanted);
  ck_assert_ptr_null (notes[1]);
  folder_clear (&folder);
}
END_TEST

/* What is wrong with `table` is told, and nothing of it is added. */
static void
assert_not_added (const FanoutPlugin *table, const char *text)
{
  g_autoptr (FanoutRegistry) registry = make (NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (!fanout_registry_add (registry, table, &error));
  ck_assert (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN));
  ck_assert_str_eq (error->message, text);
  ck_assert_ptr_null (fanout_registry_operator (registry, "later", NULL));
}

START_TEST (test_refused)
{
  static const FanoutOperator unfinished = {
    .size = sizeof (FanoutOperator), .name = "unfinished", .state_size = 8, .update = update
  };
  static const void *const wrong[] = { &later, &unfinished };
  static const void *const twice[] = { &later, &later };
  static const void *const again[] = { &later, &own };
  static const guint32 other_core = 0;
  FanoutPlugin table = later_table;

  table.abi = FANOUT_ABI + 98;
  assert_not_added (&table, "the program: is built for plugin ABI 99; this libfanout has ABI 1");
  table = later_table;
  table.kind = 77;
  assert_not_added (&table, "the program: is of the unknown kind 77; operators are 1, sources 2, "
                            "sinks 3");
  table = later_table;
  table.n_items = 0;
  assert_not_added (&table, "the program: offers 0 things; 1 to 1024 are wanted");
  table = later_table;
  table.core = &other_core;
  assert_not_added (&table,
                    "the program: brought a libfanout of its own; link it to the shared one "
                    "that fanoutd uses");
  table = later_table;
  table.n_items = 2;
  table.items = wrong;
  assert_not_added (&table, "the program: operator 'unfinished': it has no `finish`");
  table.items = twice;
  assert_not_added (&table,
                    "the program: offers two operators called 'later'; one of them has to go");
  table.items = again;
  assert_not_added (&table,
                    "the program: offers two operators called 'own'; one of them has to go");
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("table");
  TCase *tests = tcase_create ("table");

  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, test_found);
  tcase_add_test (tests, test_added_later);
  tcase_add_test (tests, test_before_folders);
  tcase_add_test (tests, test_refused);
  suite_add_tcase (suite, tests);
  return suite;
}
