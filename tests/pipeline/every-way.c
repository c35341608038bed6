/* All operators of the build in whole pipelines: the same bytes in every way these can run. */

#include "core/plugin/registry.h"
#include "tests/support/run.h"
#include "tests/support/suite.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

static void
append_number (GString *text, GRand *random)
{
  const gint32 n = g_rand_int_range (random, -500, 500);

  switch (g_rand_int_range (random, 0, 10))
    {
    case 0:
      break;
    case 1:
      g_string_append_printf (text, "%d.%de%d", n, g_rand_int_range (random, 0, 1000000),
                              g_rand_int_range (random, -290, 290));
      break;
    case 2:
      g_string_append_printf (text, "%d.%018d", n, g_rand_int_range (random, 0, 1000000));
      break;
    case 3:
      g_string_append_printf (text, "%d0000000000000", n);
      break;
    default:
      g_string_append_printf (text, "%d.%02d", n, g_rand_int_range (random, 0, 4) * 25);
    }
}

/* Two columns of numbers, one of integers, one of groups, one of weights. */
static char *
write_rows (guint n)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  g_autoptr (GString) text = g_string_new ("x,y,i,g,w\n");
  char *path = NULL;
  const int file = g_file_open_tmp ("fanout-contract-XXXXXX.csv", &path, NULL);

  ck_assert_int_ge (file, 0);
  g_close (file, NULL);
  for (guint row = 0; row < n; row++)
    {
      append_number (text, random);
      g_string_append_c (text, ',');
      append_number (text, random);
      g_string_append_printf (text, ",%d,%c,%d\n", g_rand_int_range (random, -9, 9),
                              "abc"[g_rand_int_range (random, 0, 3)],
                              g_rand_int_range (random, 0, 5));
    }
  ck_assert (g_file_set_contents (path, text->str, (gssize) text->len, NULL));
  return path;
}

/* With what it cannot do without. */
static void
append_aggregate (GString *ini, const FanoutOperator *operator_)
{
  const char *column = g_str_has_prefix (operator_->name, "bit-") ? "i" : "x";

  g_string_append_printf (ini, "[aggregate %s]\ntype = %s\n", operator_->name, operator_->name);
  for (const FanoutOption *option = operator_->options; option->key != NULL; option++)
    if (option->type == FANOUT_OPTION_COLUMN)
      {
        const gboolean weight = strcmp (option->key, "weight") == 0;

        g_string_append_printf (ini, "%s = %s\n", option->key, weight ? "w" : column);
        column = "y";
      }
    else if ((option->flags & FANOUT_OPTION_REQUIRED) != 0)
      g_string_append_printf (ini, "%s = %s\n", option->key,
                              option->example != NULL ? option->example : column);
}

typedef struct
{
  const char *ini;
  char *first;
} Everything;

static void
check_everything (const char *const *overrides, gpointer data)
{
  Everything *everything = data;
  g_autofree char *text = test_run (everything->ini, overrides);

  ck_assert_msg (!g_str_has_prefix (text, "error"), "%s", text);
  if (everything->first == NULL)
    everything->first = g_steal_pointer (&text);
  else
    ck_assert_msg (strcmp (text, everything->first) == 0, "with %s %s %s:\n%s\n%s", overrides[0],
                   overrides[1], overrides[2], everything->first, text);
}

START_TEST (test_pipelines)
{
  const gboolean grouped = _i == 1;
  g_autofree char *folder = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), "plugins", NULL);
  const char *const folders[] = { folder, NULL };
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
  g_autofree char *path = write_rows (1000);
  g_autoptr (GString) free_ = g_string_new (NULL);
  g_autoptr (GString) ordered = g_string_new (NULL);
  Everything everything = { 0 };

  for (guint i = 0; i < 2; i++)
    g_string_printf (i == 0 ? free_ : ordered, "%s[source]\ntype = csv\npath = %s\n",
                     grouped ? "[pipeline]\ngroup-by = g\n" : "", path);
  for (const char *const *names = fanout_registry_names (registry, FANOUT_KIND_OPERATOR);
       *names != NULL; names++)
    {
      const FanoutOperator *operator_ = fanout_registry_operator (registry, *names, NULL);
      const gboolean is_ordered
          = operator_->order >= FANOUT_ORDER_ORDERED || operator_->combine == NULL;

      if (!grouped || (operator_->flags & FANOUT_UNGROUPED) == 0)
        append_aggregate (is_ordered ? ordered : free_, operator_);
    }
  everything.ini = free_->str;
  test_every_way (3, check_everything, &everything);
  g_clear_pointer (&everything.first, g_free);
  everything.ini = ordered->str;
  test_every_way (1, check_everything, &everything);
  g_free (everything.first);
  g_unlink (path);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("every way");
  TCase *tests = tcase_create ("every way");

  tcase_set_timeout (tests, 300);
  tcase_add_loop_test (tests, test_pipelines, 0, 2);
  suite_add_tcase (suite, tests);
  return suite;
}
