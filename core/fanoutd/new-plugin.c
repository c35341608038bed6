#include "core/base/error.h"
#include "core/fanoutd/load.h"
#include "core/fanoutd/template.h"
#include "core/plugin/registry.h"
#include "core/plugin/shared-object.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static const char help[]
    = "Usage: fanoutd new-plugin NAME [--mergeable | --loop | --source | --sink]\n"
      "\n"
      "Makes a folder NAME with a plugin to start from: NAME.c, CMakeLists.txt, an INI file that\n"
      "uses it, and a test. It builds and passes at once:\n"
      "\n"
      "  cmake -S NAME -B NAME/build && cmake --build NAME/build && ctest --test-dir NAME/build\n"
      "\n"
      "  --mergeable          an operator with an option that runs in partitions and gives parts\n"
      "  --loop               an operator as an ordinary blocking function\n"
      "  --source             a source in place of an operator\n"
      "  --sink               a sink in place of an operator\n" HELP_HELP;

/* What may be made. Options exclude each other; without one it is the first. */
static const struct
{
  const char *option;
  FanoutKind kind;
  const TemplateFile *files;
} choices[] = {
  { NULL, FANOUT_KIND_OPERATOR, template_fold },
  { "mergeable", FANOUT_KIND_OPERATOR, template_mergeable },
  { "loop", FANOUT_KIND_OPERATOR, template_loop },
  { "source", FANOUT_KIND_SOURCE, template_source },
  { "sink", FANOUT_KIND_SINK, template_sink },
};

static gboolean
is_name (const char *text)
{
  if (!g_ascii_islower (text[0]) || strlen (text) > 40)
    return FALSE;
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '-')
      return FALSE;
  return TRUE;
}

/* Of a target in CMake, which has them for itself. */
static gboolean
is_taken_by_cmake (const char *name)
{
  static const char *const names[] = { "all",     "clean",   "codegen",    "depend", "help",
                                       "install", "package", "preinstall", "test",   NULL };

  return g_strv_contains (names, name);
}

static gboolean
is_there (FanoutRegistry *registry, FanoutKind kind, const char *name)
{
  switch (kind)
    {
    case FANOUT_KIND_SOURCE:
      return fanout_registry_source (registry, name, NULL) != NULL;
    case FANOUT_KIND_SINK:
      return fanout_registry_sink (registry, name, NULL) != NULL;
    case FANOUT_KIND_OPERATOR:
    default:
      return fanout_registry_operator (registry, name, NULL) != NULL;
    }
}

/* A second one of a name could not be used. -1: the name is free, else the exit code. */
static int
refuse_name (const Verb *verb, const char *name, FanoutKind kind)
{
  g_autofree char *shown = fanout_quote (name, -1);
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  g_autoptr (FanoutRegistry) registry = NULL;
  int code = -1;

  if (!is_name (name))
    return message_usage (verb,
                          "found the name %s; up to 40 lower-case letters, digits and - are "
                          "wanted, a letter first",
                          shown);
  if (is_taken_by_cmake (name))
    return message_usage (verb, "%s is the name of a target of CMake's own; another is wanted",
                          shown);
  registry = load_registry (verb, folders, &code);
  if (is_there (registry, kind, name))
    return message_usage (verb, "there is %s %s %s already; another name is wanted",
                          kind == FANOUT_KIND_OPERATOR ? "an" : "a", fanout_kind_word (kind),
                          shown);
  return code;
}

/* NAME and the C identifier IDENTIFIER stand in the templates as @name@ and @id@. */
static char *
fill (const char *template, const char *name)
{
  g_autofree char *identifier = g_strdelimit (g_strdup (name), "-", '_');
  g_autoptr (GString) text = g_string_new (template);

  g_string_replace (text, "@name@", name, 0);
  g_string_replace (text, "@id@", identifier, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
write_file (const char *folder, const TemplateFile *file, GError **error)
{
  g_autofree char *name = fill (file->name, folder);
  g_autofree char *text = fill (file->text, folder);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_set_contents (path, text, -1, error);
}

static int
make (const char *name, const TemplateFile *files)
{
  g_autoptr (GError) error = NULL;

  if (g_mkdir (name, 0777) != 0)
    {
      fanout_error_system (&error, FANOUT_ERROR_OUTPUT, errno, "%s", name);
      return message_error (error);
    }
  for (const TemplateFile *file = files; file->name != NULL; file++)
    if (!write_file (name, file, &error))
      return message_error (error);
  return EXIT_DONE;
}

static int
new_plugin (const Verb *verb, char **arguments)
{
  gboolean asked[G_N_ELEMENTS (choices)] = { FALSE };
  Argument table[G_N_ELEMENTS (choices)] = { 0 };
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  gsize chosen = 0;
  int code;

  for (gsize i = 1; i < G_N_ELEMENTS (choices); i++)
    table[i - 1] = (Argument){ 0, choices[i].option, ARGUMENT_FLAG, &asked[i] };
  code = arguments_read (verb, table, arguments, words, NULL);
  if (code >= 0)
    return code;
  if (words->len != 1)
    return message_usage (verb, "one NAME is wanted, %u are given", words->len);
  for (gsize i = 1; i < G_N_ELEMENTS (choices); i++)
    if (asked[i] && chosen > 0)
      return message_usage (verb, "--%s or --%s, not both", choices[chosen].option,
                            choices[i].option);
    else if (asked[i])
      chosen = i;
  code = refuse_name (verb, words->pdata[0], choices[chosen].kind);
  if (code >= 0)
    return code;
  return make (words->pdata[0], choices[chosen].files);
}

const Verb new_plugin_verb = {
  .name = "new-plugin",
  .summary = "make a folder with a plugin to start from",
  .help = help,
  .run = new_plugin,
};
