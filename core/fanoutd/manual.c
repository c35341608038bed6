#include "core/fanoutd/manual.h"
#include "core/fanoutd/arguments.h"
#include "core/fanoutd/describe.h"
#include "core/fanoutd/functions.h"
#include "core/fanoutd/load.h"
#include "core/fanoutd/roff.h"
#include "core/fanoutd/template.h"
#include "core/fanoutd/text.h"
#include "core/config/option.h"

#include <string.h>

static const char help[]
    = "Usage: fanoutd manual [OPTION]... PAGE\n"
      "\n"
      "Prints a page of the manual as roff: fanoutd.1, fanout.ini.5 or fanout-plugin.7.\n"
      "\n"
      "  --plugin-path DIR    look for plugins there too; may be repeated\n" HELP_HELP "\n"
      "Example:\n"
      "  fanoutd manual fanout.ini.5 | man -l -\n";

/* What is possible: the second cell of the line that people get to see. */
static char *
words_of (const FanoutOption *option)
{
  g_autoptr (GString) text = g_string_new (NULL);
  FanoutOption table[2] = { *option };
  const FanoutOption *const tables[] = { table, NULL };
  const char *line;

  table[0].flags = 0;
  table[0].value = NULL;
  table[0].help = NULL;
  fanout_options_describe (text, tables, "");
  line = strchr (text->str, '\n') + 1 + strlen (option->key);
  return g_strstrip (g_strdup (line));
}

static void
append_option (GString *out, const FanoutOption *option)
{
  g_autofree char *words = words_of (option);
  const gboolean required = (option->flags & FANOUT_OPTION_REQUIRED) != 0;
  const char *value = option->value != NULL ? option->value : option->example;

  g_string_append (out, ".TP 7\n\\fB");
  roff_text (out, option->key);
  g_string_append (out, "\\fR = \\fI");
  roff_text (out, words);
  g_string_append (out, "\\fR\n");
  roff_text (out, option->help != NULL ? option->help : "");
  if (required && option->value == NULL)
    g_string_append (out, " (required)");
  g_string_append_c (out, '\n');
  if (value == NULL || value[0] == '\0')
    return;
  g_string_append_printf (out, ".br\n%s \\fB", option->value != NULL ? "Default:" : "Example:");
  roff_text (out, value);
  g_string_append (out, "\\fR\n");
}

static void
append_options (GString *out, const FanoutOption *options)
{
  for (const FanoutOption *option = options; option != NULL && option->key != NULL; option++)
    append_option (out, option);
}

/* Lines such as "promise   exact", whose text goes on behind blanks. */
static void
append_facts (GString *out, const char *part)
{
  g_auto (GStrv) lines = g_strsplit (part, "\n", -1);

  g_string_append (out, ".PP\n.PD 0\n");
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      char *text = lines[i] + strcspn (lines[i], " ");
      char *rest = text + strspn (text, " ");

      if (text != lines[i])
        {
          *text = '\0';
          g_string_append_printf (out, ".TP 10\n\\fI%s\\fR\n", lines[i]);
        }
      roff_text (out, rest);
      g_string_append_c (out, '\n');
    }
  g_string_append (out, ".PD\n");
}

static void
append_paragraphs (GString *out, const char *details)
{
  g_autoptr (GString) wrapped = g_string_new (NULL);

  if (details == NULL || details[0] == '\0')
    return;
  text_wrap (wrapped, "", details);
  g_string_append (out, ".PP\n");
  roff_lines (out, wrapped->str);
}

static void
append_item (GString *out, const CatalogueItem *item)
{
  g_autoptr (GString) facts = g_string_new (NULL);

  g_string_append (out, ".SS \"");
  roff_text (out, item->name);
  g_string_append (out, "\"\n");
  roff_text (out, item->summary);
  g_string_append (out, ".\n");
  append_paragraphs (out, item->details);
  describe_facts (facts, item);
  if (facts->len > 0)
    append_facts (out, facts->str);
  append_options (out, item->options);
}

static void
append_items (GString *out, FanoutRegistry *registry, FanoutKind kind)
{
  g_autoptr (GArray) items = catalogue_items (registry, kind);

  for (guint i = 0; i < items->len; i++)
    append_item (out, &g_array_index (items, CatalogueItem, i));
}

/* "fanoutd run [OPTION]..." of its help text. */
static char *
usage_of (const Verb *verb)
{
  const char *start = verb->help + strlen ("Usage: ");

  return g_strndup (start, strcspn (start, "\n"));
}

static void
append_synopsis (GString *out)
{
  for (guint i = 0; verbs[i] != NULL; i++)
    if (verbs[i]->summary != NULL)
      {
        g_autofree char *usage = usage_of (verbs[i]);

        g_string_append_printf (out, "%s\\fB", i > 0 ? ".br\n" : "");
        roff_text (out, usage);
        g_string_append (out, "\\fR\n");
      }
}

/* A help text without what the page says once for all verbs. */
static char *
without (const char *whole, const char *part)
{
  g_autoptr (GString) text = g_string_new (whole);

  g_string_replace (text, part, "", 1);
  g_string_replace (text, HELP_HELP, "", 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
append_settings (GString *out)
{
  g_autofree char *text = without (SETTINGS_HELP, HELP_HELP);

  roff_help (out, text);
}

static void
append_verbs (GString *out)
{
  for (guint i = 0; verbs[i] != NULL; i++)
    if (verbs[i]->summary != NULL)
      {
        g_autofree char *usage = usage_of (verbs[i]);
        g_autofree char *text = NULL;

        g_string_append (out, ".SS \"");
        roff_text (out, usage);
        g_string_append (out, "\"\n");
        text = without (verbs[i]->help, SETTINGS_HELP);
        roff_help (out, text);
      }
}

/* @pipeline@ and the like are the keys of a group, @bytes@ those of every source over bytes. */
static gboolean
append_group (GString *out, const char *word)
{
  for (const CatalogueGroup *group = catalogue_groups; group->name != NULL; group++)
    {
      const gboolean bytes = group->bytes != NULL && strcmp (word, "@bytes@") == 0;
      g_autofree char *name = g_strdup_printf ("@%s@", group->name);

      if (!bytes && strcmp (word, name) != 0)
        continue;
      append_options (out, bytes ? group->bytes : group->options);
      return TRUE;
    }
  return FALSE;
}

/* What @word@ stands for. */
static gboolean
append_word (GString *out, const char *word, FanoutRegistry *registry)
{
  if (strcmp (word, "@synopsis@") == 0)
    append_synopsis (out);
  else if (strcmp (word, "@verbs@") == 0)
    append_verbs (out);
  else if (strcmp (word, "@settings@") == 0)
    append_settings (out);
  else if (strcmp (word, "@operators@") == 0)
    append_items (out, registry, FANOUT_KIND_OPERATOR);
  else if (strcmp (word, "@sources@") == 0)
    append_items (out, registry, FANOUT_KIND_SOURCE);
  else if (strcmp (word, "@sinks@") == 0)
    append_items (out, registry, FANOUT_KIND_SINK);
  else if (strcmp (word, "@functions@") == 0)
    functions_manual (out);
  else if (strcmp (word, "@fold@") == 0)
    roff_lines (out, template_fold[0].text);
  else if (strcmp (word, "@feed@") == 0)
    roff_lines (out, template_feed);
  else
    return append_group (out, word);
  return TRUE;
}

static char *
make_page (const ManualPage *page, FanoutRegistry *registry)
{
  g_auto (GStrv) lines = g_strsplit (page->text, "\n", -1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL && (lines[i][0] != '\0' || lines[i + 1] != NULL); i++)
    if (lines[i][0] != '@' || !append_word (out, lines[i], registry))
      g_string_append_printf (out, "%s\n", lines[i]);
  g_string_replace (out, "@version@", FANOUT_VERSION, 0);
  /* The names in the template of an operator. */
  g_string_replace (out, "@name@", "mine", 0);
  g_string_replace (out, "@id@", "mine", 0);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static const ManualPage *
find_page (const char *name)
{
  for (const ManualPage *page = manual_pages; page->name != NULL; page++)
    if (strcmp (page->name, name) == 0)
      return page;
  return NULL;
}

static int
manual (const Verb *verb, char **arguments)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (FanoutRegistry) registry = NULL;
  g_autofree char *text = NULL;
  const Argument table[] = {
    { 0, "plugin-path", ARGUMENT_LIST, &folders },
    { 0, NULL, ARGUMENT_FLAG, NULL },
  };
  const ManualPage *page;
  int code = arguments_read (verb, table, arguments, words, NULL);

  if (code >= 0)
    return code;
  page = words->len == 1 ? find_page (words->pdata[0]) : NULL;
  if (page == NULL)
    return message_usage (verb, "one PAGE is wanted: fanoutd.1, fanout.ini.5 or fanout-plugin.7");
  registry = load_registry (verb, folders, &code);
  if (registry == NULL)
    return code;
  text = make_page (page, registry);
  return print (text);
}

const Verb manual_verb = {
  .name = "manual",
  .help = help,
  .run = manual,
};
