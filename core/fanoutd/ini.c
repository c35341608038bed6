#include "core/fanoutd/ini.h"
#include "core/base/error.h"

#include <string.h>

void
ini_free (Ini *ini)
{
  g_string_free (ini->text, TRUE);
  g_ptr_array_unref (ini->labels);
  g_free (ini);
}

static void add_line (Ini *ini, const char *label, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
add_line (Ini *ini, const char *label, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (ini->text, format, arguments);
  va_end (arguments);
  g_string_append_c (ini->text, '\n');
  g_ptr_array_add (ini->labels, fanout_escape (label, -1));
}

static void
add_blank (Ini *ini)
{
  add_line (ini, "", "%s", "");
}

/* As an item of a list. */
static void
append_item (GString *list, const char *item)
{
  const gsize length = strlen (item);

  if (list->len > 0)
    g_string_append (list, ", ");
  if (length > 0 && strpbrk (item, ",\"") == NULL && !g_ascii_isspace (item[0])
      && !g_ascii_isspace (item[length - 1]))
    {
      g_string_append (list, item);
      return;
    }
  g_string_append_c (list, '"');
  for (; *item != '\0'; item++)
    {
      if (*item == '"')
        g_string_append_c (list, '"');
      g_string_append_c (list, *item);
    }
  g_string_append_c (list, '"');
}

/* A file name as a glob that matches it alone. One without such characters is no glob, and a
 * backslash in it is itself. */
static char *
pattern_of (const char *path)
{
  static const char glob_characters[] = "*?[";
  const gboolean is_glob = strpbrk (path, glob_characters) != NULL;
  GString *pattern = g_string_new (NULL);

  for (; *path != '\0'; path++)
    if (strchr (glob_characters, *path) != NULL)
      g_string_append_printf (pattern, "[%c]", *path);
    else if (is_glob && *path == '\\')
      g_string_append (pattern, "\\\\");
    else
      g_string_append_c (pattern, *path);
  return g_string_free (pattern, FALSE);
}

static char *
path_of (const GPtrArray *inputs)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; inputs != NULL && i < inputs->len; i++)
    {
      g_autofree char *pattern = pattern_of (inputs->pdata[i]);

      append_item (list, pattern);
    }
  if (list->len == 0)
    g_string_append_c (list, '-');
  return g_string_free (list, FALSE);
}

static gboolean
is_list_type (FanoutOptionType type)
{
  return type == FANOUT_OPTION_NUMBERS || type == FANOUT_OPTION_TEXTS
         || type == FANOUT_OPTION_COLUMNS;
}

/* Only lists have quotes in an INI file; any other value stands there as it is. */
static gboolean
is_list (const FanoutOperator *operator_, const char *key)
{
  if (operator_ == NULL || operator_->options == NULL)
    return TRUE;
  for (const FanoutOption *option = operator_->options; option->key != NULL; option++)
    if (strcmp (option->key, key) == 0)
      return is_list_type (option->type);
  return FALSE;
}

static char *
value_of (const GPtrArray *items, gboolean list)
{
  GString *value = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    if (list)
      append_item (value, items->pdata[i]);
    else
      g_string_append_printf (value, "%s%s", i > 0 ? ", " : "", (const char *) items->pdata[i]);
  return g_string_free (value, FALSE);
}

static void
add_aggregate (Ini *ini, const Expression *expression, FanoutRegistry *registry)
{
  const FanoutOperator *operator_
      = fanout_registry_operator (registry, expression->operator_, NULL);

  add_blank (ini);
  add_line (ini, expression->text, "[aggregate %s]", expression->name);
  add_line (ini, expression->text, "type = %s", expression->operator_);
  for (guint i = 0; i < expression->options->len; i++)
    {
      const ExpressionOption *option = expression->options->pdata[i];
      g_autofree char *value = value_of (option->items, is_list (operator_, option->key));

      add_line (ini, expression->text, "%s = %s", option->key, value);
    }
}

static void
add_pipeline (Ini *ini, const GPtrArray *group_by)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *label = NULL;

  if (group_by->len == 0)
    return;
  for (guint i = 0; i < group_by->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", (const char *) group_by->pdata[i]);
  label = g_strconcat ("-g ", list->str, NULL);
  add_line (ini, label, "[pipeline]");
  add_line (ini, label, "group-by = %s", list->str);
  add_blank (ini);
}

/* A blank alone would be no value in an INI file. */
static const char *
delimiter_name (const char *delimiter)
{
  if (strcmp (delimiter, " ") == 0)
    return "space";
  return strcmp (delimiter, "\t") == 0 ? "tab" : delimiter;
}

static void
add_source (Ini *ini, const IniParts *parts, FanoutRegistry *registry)
{
  const char *type = parts->type != NULL ? parts->type : "csv";
  const FanoutSource *source = fanout_registry_source (registry, type, NULL);
  const gboolean reads = source == NULL || source->decode != NULL;
  g_autofree char *type_label = g_strconcat ("-t ", type, NULL);

  add_line (ini, type_label, "[source]");
  add_line (ini, type_label, "type = %s", type);
  if (reads || (parts->inputs != NULL && parts->inputs->len > 0))
    {
      g_autofree char *path = path_of (parts->inputs);

      add_line (ini, "the inputs", "path = %s", path);
    }
  if (parts->delimiter != NULL)
    {
      g_autofree char *label = g_strconcat ("-d ", parts->delimiter, NULL);

      add_line (ini, label, "delimiter = %s", delimiter_name (parts->delimiter));
    }
  if (parts->no_header)
    add_line (ini, "--no-header", "header = false");
}

Ini *
ini_new (const IniParts *parts, FanoutRegistry *registry)
{
  Ini *ini = g_new0 (Ini, 1);

  ini->text = g_string_new (NULL);
  ini->labels = g_ptr_array_new_with_free_func (g_free);
  add_pipeline (ini, parts->group_by);
  add_source (ini, parts, registry);
  for (guint i = 0; i < parts->expressions->len; i++)
    add_aggregate (ini, parts->expressions->pdata[i], registry);
  return ini;
}

/* The label of the line that `text` names at its start, and the length of that; NULL: none. */
static const char *
label_at (const Ini *ini, const char *text, gsize *length)
{
  char *end;
  guint64 line;

  if (!g_str_has_prefix (text, INI_NAME ":"))
    return NULL;
  line = g_ascii_strtoull (text + strlen (INI_NAME ":"), &end, 10);
  if (line < 1 || line > ini->labels->len)
    return NULL;
  *length = (gsize) (end - text);
  return ini->labels->pdata[line - 1];
}

char *
ini_restore (const Ini *ini, const char *message)
{
  g_auto (GStrv) lines = g_strsplit (message, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      gsize length = 0;
      const char *label = label_at (ini, lines[i], &length);

      if (label != NULL && label[0] != '\0')
        {
          char *line = g_strconcat (label, lines[i] + length, NULL);

          g_free (lines[i]);
          lines[i] = line;
        }
    }
  return g_strjoinv ("\n", lines);
}
