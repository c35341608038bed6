#include "core/config/option.h"
#include "core/config/option-value.h"

#include <string.h>

#define N_CELLS 4

gboolean
fanout_option_is_list (const FanoutOption *option)
{
  return option->type == FANOUT_OPTION_TEXTS || option->type == FANOUT_OPTION_COLUMNS
         || option->type == FANOUT_OPTION_NUMBERS;
}

/* The same list, quoted where a line needs it; NULL: it is none. */
static char *
list_as_line (const char *value)
{
  const char *reason;
  g_auto (GStrv) items = fanout_list_split (value, &reason);
  g_autoptr (GString) list = g_string_new (NULL);

  if (items == NULL)
    return NULL;
  for (gsize i = 0; items[i] != NULL; i++)
    fanout_list_append (list, items[i]);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static gboolean
is_of_characters (const FanoutOption *option)
{
  return option != NULL
         && (option->type == FANOUT_OPTION_CHARACTER || option->type == FANOUT_OPTION_CHARACTERS);
}

/* Those that a line would lose are escaped. */
static char *
characters_as_line (const FanoutOption *option, const char *value)
{
  GString *line;

  if (strcmp (value, " ") == 0 && fanout_name_index (option->choices, "space") >= 0)
    return g_strdup ("space");
  line = g_string_new (NULL);
  for (; *value != '\0'; value++)
    if (*value == '\t')
      g_string_append (line, "\\t");
    else if (!g_ascii_isgraph (*value) && (guchar) *value < 0x80)
      g_string_append_printf (line, "\\x%02X", (guint) (guchar) *value);
    else
      g_string_append_c (line, *value);
  return g_string_free (line, FALSE);
}

char *
fanout_option_as_line (const FanoutOption *option, const char *value)
{
  const gsize length = strlen (value);
  const gboolean raw = option != NULL && (option->flags & FANOUT_OPTION_RAW) != 0;
  GString *quoted;

  if (is_of_characters (option) && length > 0)
    return characters_as_line (option, value);
  if (strchr (value, '\n') != NULL)
    return NULL;
  if (length == 0
      || (!g_ascii_isspace (value[0]) && !g_ascii_isspace (value[length - 1])
          && (raw || !fanout_value_has_comment (value))))
    return g_strdup (value);
  if (option == NULL)
    return NULL;
  if (fanout_option_is_list (option))
    return list_as_line (value);
  if (option->type != FANOUT_OPTION_COLUMN)
    return NULL;
  quoted = g_string_new (NULL);
  fanout_value_quote (quoted, value);
  return g_string_free (quoted, FALSE);
}

static void
cells_of (const FanoutOption *option, char *cells[N_CELLS])
{
  const gboolean required = (option->flags & FANOUT_OPTION_REQUIRED) != 0;

  cells[0] = g_strdup (option->key);
  cells[1] = fanout_option_words (option);
  cells[2] = g_strdup (option->value != NULL ? option->value : required ? "required" : "");
  cells[3] = g_strdup (option->help != NULL ? option->help : "");
}

static void
append_line (GString *out, const char *indent, char *const cells[N_CELLS],
             const gsize widths[N_CELLS])
{
  g_string_append (out, indent);
  for (guint i = 0; i < N_CELLS; i++)
    {
      const gsize width = (gsize) g_utf8_strlen (cells[i], -1);

      g_string_append (out, cells[i]);
      for (gsize k = width; k < widths[i] + 2; k++)
        g_string_append_c (out, ' ');
    }
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '\n');
}

/* The first line is the heading. */
static GPtrArray *
lines_of (const FanoutOption *const *tables)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  static const char *const heading[] = { "key", "possible", "default", "meaning", NULL };

  g_ptr_array_add (lines, g_strdupv ((char **) heading));
  for (gsize i = 0; tables[i] != NULL; i++)
    for (const FanoutOption *option = tables[i]; option->key != NULL; option++)
      {
        char **cells = g_new0 (char *, N_CELLS + 1);

        cells_of (option, cells);
        g_ptr_array_add (lines, cells);
      }
  return lines;
}

void
fanout_options_describe (GString *out, const FanoutOption *const *tables, const char *indent)
{
  g_autoptr (GPtrArray) lines = lines_of (tables);
  gsize widths[N_CELLS] = { 0 };

  if (lines->len == 1)
    return;
  for (guint i = 0; i < lines->len; i++)
    for (guint k = 0; k < N_CELLS; k++)
      widths[k] = MAX (widths[k], (gsize) g_utf8_strlen (((char **) lines->pdata[i])[k], -1));
  for (guint i = 0; i < lines->len; i++)
    append_line (out, indent, lines->pdata[i], widths);
}

void
fanout_options_reference (GString *out, const FanoutOption *table)
{
  for (const FanoutOption *option = table; option != NULL && option->key != NULL; option++)
    {
      const char *value = option->value != NULL ? option->value : option->example;

      if (option->help != NULL)
        g_string_append_printf (out, "# %s\n", option->help);
      if (value == NULL)
        /* An empty list means what its absence means. */
        g_string_append_printf (out, "%s%s =\n", fanout_option_is_list (option) ? "" : "# ",
                                option->key);
      else
        g_string_append_printf (out, "%s =%s%s\n", option->key, value[0] != '\0' ? " " : "", value);
    }
}
