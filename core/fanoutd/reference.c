#include "core/fanoutd/arguments.h"
#include "core/fanoutd/load.h"
#include "core/option.h"
#include "core/plan-options.h"
#include "core/registry.h"

#include <string.h>

static const char help[]
    = "Usage: fanoutd reference [OPTION]...\n"
      "\n"
      "Prints an INI file with every key there is, its default and its meaning.\n"
      "\n"
      "  --plugin-path DIR    look for plugins there too; may be repeated\n"
      "  -h, --help           this text\n"
      "  -V, --version        the version\n";

/* What the examples of the tables go with. */
#define SET_SOURCE "csv"
#define SET_OPERATOR "mean"

static const char head[]
    = "# Every key there is, with its default or an example, and its meaning.\n"
      "#\n"
      "# A value is the text after = without the blanks around it, as it stands. Lists are separated by\n"
      "# commas; an item may stand in double quotes, doubled inside. Comments have lines of their own.\n"
      "# Made by 'fanoutd reference'.\n";

/* All lines are comments then. */
static void
append_commented (GString *out, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      g_string_append_printf (out, "%s%s\n", lines[i][0] == '#' ? "" : "# ", lines[i]);
}

/* A copy of `table` in which a column that must be named has an example. */
static FanoutOption *
with_examples (const FanoutOption *table)
{
  GArray *copy = g_array_new (TRUE, FALSE, sizeof *table);

  for (; table->key != NULL; table++)
    {
      FanoutOption option = *table;

      if (option.type == FANOUT_OPTION_COLUMN && option.value == NULL && option.example == NULL)
        option.example = "delay";
      g_array_append_val (copy, option);
    }
  return (FanoutOption *) (gpointer) g_array_free (copy, FALSE);
}

static void
append_options (GString *out, const FanoutOption *table, gboolean commented)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree FanoutOption *options = table != NULL ? with_examples (table) : NULL;

  if (options != NULL)
    fanout_options_reference (text, options);
  if (commented)
    append_commented (out, text->str);
  else
    g_string_append (out, text->str);
}

/* The keys of one source are set; those of the others can only be shown. */
static void
append_sources (GString *out, FanoutRegistry *registry)
{
  const char *const *names = fanout_registry_names (registry, FANOUT_KIND_SOURCE);
  const FanoutSource *set = fanout_registry_source (registry, SET_SOURCE, NULL);

  g_string_append (out, "\n[source]\n");
  append_options (out, fanout_source_options, FALSE);
  g_string_append (out, "\n# of every source that reads files or standard input\n");
  append_options (out, fanout_source_bytes_options, FALSE);
  if (set != NULL)
    g_string_append_printf (out, "\n# type = %s: %s\n", set->name, set->summary);
  append_options (out, set != NULL ? set->options : NULL, FALSE);
  for (; *names != NULL; names++)
    {
      const FanoutSource *source = fanout_registry_source (registry, *names, NULL);

      if (source == NULL || source == set)
        continue;
      g_string_append_printf (out, "\n# type = %s: %s\n", source->name, source->summary);
      append_options (out, source->options, TRUE);
    }
}

static void
append_operators (GString *out, FanoutRegistry *registry)
{
  const char *const *names = fanout_registry_names (registry, FANOUT_KIND_OPERATOR);

  g_string_append (out, "\n[aggregate mean_delay]\n");
  append_options (out, fanout_aggregate_options, FALSE);
  for (; *names != NULL; names++)
    {
      const FanoutOperator *operator_ = fanout_registry_operator (registry, *names, NULL);

      if (operator_ == NULL)
        continue;
      g_string_append_printf (out, "\n# type = %s: %s\n", operator_->name, operator_->summary);
      append_options (out, operator_->options, strcmp (operator_->name, SET_OPERATOR) != 0);
    }
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
  g_string_append (out, "\n[pipeline]\n");
  append_options (out, fanout_pipeline_options, FALSE);
  append_sources (out, registry);
  append_operators (out, registry);
  g_string_append (out, "\n[output]\n");
  append_options (out, fanout_output_options, FALSE);
  return print (out->str);
}

const Verb reference_verb = {
  .name = "reference",
  .help = help,
  .run = run,
};
