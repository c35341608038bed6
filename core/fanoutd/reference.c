#include "core/fanoutd/arguments.h"
#include "core/fanoutd/catalogue.h"
#include "core/fanoutd/load.h"
#include "core/fanoutd/text.h"
#include "core/config/option.h"

#include <string.h>

static const char help[]
    = "Usage: fanoutd reference [OPTION]...\n"
      "\n"
      "Prints an INI file with every key there is, its default and its meaning.\n"
      "\n"
      "  --plugin-path DIR    look for plugins there too; may be repeated\n" HELP_HELP "\n"
      "Example:\n"
      "  fanoutd reference > pipeline.ini\n";

static const char head[] = "# Every key there is, its meaning, and its default; what has none is "
                           "commented out, with an\n"
                           "# example. Made by 'fanoutd reference'.\n"
                           "#\n"
                           "# A value is the text after = without the blanks around it, as it "
                           "stands. Lists are separated\n"
                           "# by commas; an item may stand in double quotes, doubled inside. "
                           "Comments have lines of their\n"
                           "# own.\n";

/* A table of this one option. A column that must be named has an example. */
static void
make_table (FanoutOption table[2], const FanoutOption *option)
{
  memset (table, 0, 2 * sizeof *table);
  table[0] = *option;
  table[0].help = NULL;
  if (option->type == FANOUT_OPTION_COLUMN && option->example == NULL)
    table[0].example = strcmp (option->key, "column") == 0 ? "delay" : "distance";
}

/* What it means, and which values there are. */
static void
append_meaning (GString *out, const FanoutOption *option)
{
  g_autoptr (GString) text = g_string_new (option->help);
  const char *const *choice = option->type == FANOUT_OPTION_CHOICE ? option->choices : NULL;

  for (guint i = 0; choice != NULL && choice[i] != NULL; i++)
    g_string_append_printf (text, "%s%s%s",
                            i == 0                  ? " ("
                            : choice[i + 1] != NULL ? ", "
                                                    : " or ",
                            choice[i], choice[i + 1] != NULL ? "" : ")");
  text_wrap (out, "# ", text->str);
}

/* With `set` what has a default, or must be there, takes effect; the rest is commented out. */
static void
append_options (GString *out, const FanoutOption *options, gboolean set)
{
  for (const FanoutOption *option = options; option != NULL && option->key != NULL; option++)
    {
      g_autoptr (GString) line = g_string_new (NULL);
      const gboolean taken = option->value != NULL || (option->flags & FANOUT_OPTION_REQUIRED) != 0;
      FanoutOption table[2];

      make_table (table, option);
      fanout_options_reference (line, table);
      g_string_append_c (out, '\n');
      append_meaning (out, option);
      g_string_append_printf (out, "%s%s", line->str[0] == '#' || (set && taken) ? "" : "# ",
                              line->str);
    }
}

/* The keys of the example are set; those of the others can only be shown. */
static void
append_item (GString *out, const CatalogueGroup *group, const CatalogueItem *item)
{
  g_autofree char *text = g_strdup_printf ("%s = %s: %s", group->choice, item->name, item->summary);

  g_string_append_c (out, '\n');
  text_wrap (out, "# ", text);
  append_options (out, item->options, g_strcmp0 (item->name, group->example) == 0);
}

static void
append_items (GString *out, const CatalogueGroup *group, FanoutRegistry *registry)
{
  g_autoptr (GArray) items = catalogue_items (registry, group->kind);

  for (guint i = 0; i < items->len; i++)
    {
      const CatalogueItem *item = &g_array_index (items, CatalogueItem, i);

      /* The key `format` has named them all. */
      if (item->kind != FANOUT_KIND_SINK || item->options != NULL)
        append_item (out, group, item);
    }
}

static void
append_group (GString *out, const CatalogueGroup *group, FanoutRegistry *registry)
{
  g_string_append_printf (out, "\n\n%s[%s]\n", group->shown ? "# " : "", group->header);
  if (group->help != NULL)
    text_wrap (out, "# ", group->help);
  append_options (out, group->options, !group->shown);
  if (group->bytes != NULL)
    {
      g_string_append (out, "\n# of every source that reads files or standard input\n");
      append_options (out, group->bytes, TRUE);
    }
  if (group->choice != NULL)
    append_items (out, group, registry);
}

static int
run (const Verb *verb, char **arguments)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GString) out = g_string_new (head);
  g_autoptr (FanoutRegistry) registry = NULL;
  const Argument table[] = {
    { 0, "plugin-path", ARGUMENT_LIST, &folders },
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };
  int code = arguments_read (verb, table, arguments, words, NULL);

  if (code >= 0)
    return code;
  if (words->len > 0)
    return message_usage (verb, "it takes no argument");
  registry = load_registry (verb, folders, &code);
  if (registry == NULL)
    return code;
  for (const CatalogueGroup *group = catalogue_groups; group->name != NULL; group++)
    append_group (out, group, registry);
  return print (out->str);
}

const Verb reference_verb = {
  .name = "reference",
  .summary = "an INI file with every key there is",
  .help = help,
  .run = run,
};
