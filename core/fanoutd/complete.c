#include "core/fanoutd/arguments.h"
#include "core/expression/functions.h"
#include "core/fanoutd/catalogue.h"
#include "core/fanoutd/load.h"
#include "core/fanoutd/roff.h"
#include "core/plan/options.h"

#include <string.h>

static const char help[]
    = "Usage: fanoutd complete operators|sources|types|sinks|formats|keys|functions|verbs\n"
      "   or: fanoutd complete keys OPERATOR\n"
      "   or: fanoutd complete options VERB\n"
      "\n"
      "Lists the words that may stand somewhere, one on each line, for the completion of shells.\n"
      "\n" HELP_HELP;

static void
append_names (GString *out, FanoutRegistry *registry, FanoutKind kind)
{
  for (const char *const *name = fanout_registry_names (registry, kind); *name != NULL; name++)
    g_string_append_printf (out, "%s\n", *name);
}

static void
append_keys (GString *out, const char *group, const FanoutOption *options)
{
  for (const FanoutOption *option = options; option != NULL && option->key != NULL; option++)
    {
      g_autofree char *line = g_strdup_printf ("%s.%s=\n", group, option->key);

      /* Sources may share a key. */
      if (strstr (out->str, line) == NULL)
        g_string_append (out, line);
    }
}

static void
append_all_keys (GString *out, FanoutRegistry *registry)
{
  for (const CatalogueGroup *group = catalogue_groups; group->name != NULL; group++)
    {
      g_autoptr (GArray) items = NULL;

      /* The header of an aggregate has a name, which is not known here, nor are names for keys. */
      if (strcmp (group->name, group->header) != 0 || group->free)
        continue;
      append_keys (out, group->name, group->options);
      append_keys (out, group->name, group->bytes);
      if (group->choice == NULL)
        continue;
      items = catalogue_items (registry, group->kind);
      for (guint i = 0; i < items->len; i++)
        append_keys (out, group->name, g_array_index (items, CatalogueItem, i).options);
    }
}

static void
append_call_keys (GString *out, const FanoutOption *options)
{
  for (const FanoutOption *option = options; option != NULL && option->key != NULL; option++)
    if (strcmp (option->key, "column") != 0 && strcmp (option->key, "type") != 0)
      g_string_append_printf (out, "%s=\n", option->key);
}

/* What may stand in a call behind the column. */
static void
append_operator_keys (GString *out, FanoutRegistry *registry, const char *name)
{
  CatalogueItem item;

  if (!catalogue_find (registry, FANOUT_KIND_OPERATOR, name, &item, NULL))
    return;
  append_call_keys (out, item.options);
  append_call_keys (out, fanout_aggregate_options);
}

static void
append_verbs (GString *out)
{
  for (guint i = 0; verbs[i] != NULL; i++)
    if (verbs[i]->summary != NULL)
      g_string_append_printf (out, "%s\n", verbs[i]->name);
}

static void
append_functions (GString *out)
{
  for (const FanoutFunction *function = fanout_functions; function->name != NULL; function++)
    g_string_append_printf (out, "%s\n", function->name);
}

/* "-o, --output FILE" has two; what follows is no option. */
static void
append_option_words (GString *out, const char *option)
{
  g_auto (GStrv) words = g_strsplit_set (option, " ,", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] == '-')
      g_string_append_printf (out, "%s\n", words[i]);
}

static void
append_verb_options (GString *out, const char *name)
{
  for (guint i = 0; verbs[i] != NULL; i++)
    if (strcmp (verbs[i]->name, name) == 0)
      {
        g_auto (GStrv) lines = g_strsplit (verbs[i]->help, "\n", -1);

        for (guint k = 0; lines[k] != NULL; k++)
          {
            g_autofree char *option = NULL;
            g_autofree char *meaning = NULL;

            if (roff_option (lines[k], &option, &meaning))
              append_option_words (out, option);
          }
      }
}

static gboolean
append_list (GString *out, const char *what, const char *name, FanoutRegistry *registry)
{
  if (strcmp (what, "operators") == 0)
    append_names (out, registry, FANOUT_KIND_OPERATOR);
  else if (strcmp (what, "sources") == 0)
    append_names (out, registry, FANOUT_KIND_SOURCE);
  else if (strcmp (what, "types") == 0)
    {
      g_string_append (out, "auto\n");
      append_names (out, registry, FANOUT_KIND_SOURCE);
    }
  else if (strcmp (what, "sinks") == 0)
    append_names (out, registry, FANOUT_KIND_SINK);
  else if (strcmp (what, "formats") == 0)
    {
      g_string_append (out, "auto\n");
      append_names (out, registry, FANOUT_KIND_SINK);
    }
  else if (strcmp (what, "keys") == 0 && name == NULL)
    append_all_keys (out, registry);
  else if (strcmp (what, "keys") == 0)
    append_operator_keys (out, registry, name);
  else if (strcmp (what, "functions") == 0)
    append_functions (out);
  else if (strcmp (what, "verbs") == 0)
    append_verbs (out);
  else if (strcmp (what, "options") == 0 && name != NULL)
    append_verb_options (out, name);
  else
    return FALSE;
  return TRUE;
}

static int
complete (const Verb *verb, char **arguments)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (FanoutRegistry) registry = NULL;
  static const Argument none[] = { { 0, NULL, ARGUMENT_FLAG, NULL } };
  int code = arguments_read (verb, none, arguments, words, NULL);

  if (code >= 0)
    return code;
  if (words->len == 0 || words->len > 2)
    return message_usage (verb, "what is to be listed?");
  registry = load_registry (verb, folders, &code);
  if (registry == NULL)
    return code;
  if (!append_list (out, words->pdata[0], words->len > 1 ? words->pdata[1] : NULL, registry))
    return message_usage (verb, "there is no list of this name");
  return print (out->str);
}

const Verb complete_verb = {
  .name = "complete",
  .help = help,
  .run = complete,
};
