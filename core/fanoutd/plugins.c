#include "core/base/error.h"
#include "core/fanoutd/arguments.h"
#include "core/fanoutd/describe.h"
#include "core/fanoutd/functions.h"
#include "core/fanoutd/load.h"
#include "core/config/option.h"
#include "core/plan/synonyms.h"
#include "core/plugin/shared-object.h"
#include "core/plugin/registry.h"

#include <string.h>

static const char help[]
    = "Usage: fanoutd plugins [OPTION]... [NAME]\n"
      "\n"
      "Lists the operators, sources and sinks there are, and the functions of expressions; with "
      "NAME\n"
      "all about one of them.\n"
      "\n"
      "  --plugin-path DIR    look for plugins there too; may be repeated\n"
      "  --write-index DIR    only write what offers what in DIR, which makes the start quick; "
      "write\n"
      "                       it again when DIR has changed: an index that is old does not "
      "count\n" HELP_HELP "\n"
      "Plugins are also looked for in the folders of FANOUT_PLUGIN_PATH (separated by colons) and "
      "in\n"
      "XDG_DATA_HOME/fanout/plugins, or ~/.local/share/fanout/plugins. Of several with one name "
      "the\n"
      "first counts: those of --plugin-path, then in this order, then those that came with "
      "fanoutd.\n"
      "\n"
      "Examples:\n"
      "  fanoutd plugins\n"
      "  fanoutd plugins quantile\n"
      "  fanoutd plugins csv\n";

static int
print_problems (FanoutRegistry *registry)
{
  g_auto (GStrv) problems = fanout_registry_problems (registry);

  load_print_notes (registry);

  for (guint i = 0; problems[i] != NULL; i++)
    message ("%s", problems[i]);
  return problems[0] != NULL ? EXIT_FAILED : EXIT_DONE;
}

/* One that cannot be used is among the problems. */
static int
list_all (FanoutRegistry *registry)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  gsize width = 0;
  int code;
  int printed;

  for (guint k = 0; k < n_catalogue_kinds; k++)
    {
      GArray *items = catalogue_items (registry, catalogue_kinds[k]);

      g_ptr_array_add (all, items);
      for (guint i = 0; i < items->len; i++)
        width = MAX (width, strlen (g_array_index (items, CatalogueItem, i).name));
    }
  for (guint k = 0; k < all->len; k++)
    for (guint i = 0; i < ((GArray *) all->pdata[k])->len; i++)
      {
        const CatalogueItem *item = &g_array_index ((GArray *) all->pdata[k], CatalogueItem, i);

        g_string_append_printf (text, "%-8s  %-*s  %s\n", fanout_kind_word (item->kind),
                                (int) width, item->name, item->summary);
      }
  for (const FanoutFunction *function = fanout_functions; function->name != NULL; function++)
    g_string_append_printf (text, "function  %-*s  %s\n", (int) width, function->name,
                            function->help);
  code = print_problems (registry);
  printed = print (text->str);
  return printed == EXIT_DONE ? code : printed;
}

static int
refuse_name (const Verb *verb, FanoutRegistry *registry, const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *shown = fanout_quote (name, -1);
  g_autofree char *near = NULL;
  g_autofree char *ours = fanout_synonym (name);

  /* One name may be an operator and a source. */
  for (guint k = 0; k < n_catalogue_kinds; k++)
    for (const char *const *other = fanout_registry_names (registry, catalogue_kinds[k]);
         *other != NULL; other++)
      if (!g_ptr_array_find_with_equal_func (names, *other, g_str_equal, NULL))
        g_ptr_array_add (names, (gpointer) *other);
  g_ptr_array_add (names, NULL);
  near = ours != NULL ? g_strdup (ours)
                      : fanout_nearest_names (name, (const char *const *) names->pdata);
  print_problems (registry);
  if (near[0] != '\0')
    return message_usage (verb, "there is no operator, source or sink %s; did you mean %s?", shown,
                          near);
  return message_usage (
      verb, "there is no operator, source or sink %s; 'fanoutd plugins' lists them", shown);
}

/* One name may be an operator and a source. */
static int
show_one (const Verb *verb, FanoutRegistry *registry, const char *name)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean failed = FALSE;
  int printed;

  for (guint k = 0; k < n_catalogue_kinds; k++)
    {
      g_autoptr (GError) error = NULL;
      CatalogueItem item;

      if (catalogue_find (registry, catalogue_kinds[k], name, &item, &error))
        {
          if (text->len > 0)
            g_string_append_c (text, '\n');
          describe_item (text, &item);
        }
      else if (g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN))
        {
          message_error (error);
          failed = TRUE;
        }
    }
  if (fanout_function_find (name) != NULL)
    {
      if (text->len > 0)
        g_string_append_c (text, '\n');
      functions_describe (text, fanout_function_find (name));
    }
  if (text->len == 0)
    return failed ? EXIT_FAILED : refuse_name (verb, registry, name);
  printed = print (text->str);
  return printed == EXIT_DONE && failed ? EXIT_FAILED : printed;
}

static int
write_index (const char *folder)
{
  const char *const folders[] = { folder, NULL };
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
  g_autoptr (GError) error = NULL;

  if (fanout_registry_write_index (registry, &error))
    return EXIT_DONE;
  message_error (error);
  return EXIT_FAILED;
}

static int
run (const Verb *verb, char **arguments)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (FanoutRegistry) registry = NULL;
  const char *indexed = NULL;
  const Argument table[] = {
    { 0, "plugin-path", ARGUMENT_LIST, &folders },
    { 0, "write-index", ARGUMENT_TEXT, &indexed },
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };
  int code = arguments_read (verb, table, arguments, words, NULL);

  if (code >= 0)
    return code;
  if (words->len > 1)
    return message_usage (verb, "one NAME at most");
  if (indexed != NULL)
    return write_index (indexed);
  registry = load_registry (verb, folders, &code);
  if (registry == NULL)
    return code;
  return words->len == 1 ? show_one (verb, registry, words->pdata[0]) : list_all (registry);
}

const Verb plugins_verb = {
  .name = "plugins",
  .summary = "the operators, sources and sinks there are, with their options",
  .help = help,
  .run = run,
};
