#include "core/base/error.h"
#include "core/fanoutd/arguments.h"

#include <string.h>

void
settings_init (Settings *settings)
{
  *settings = (Settings){ .plugin_path = g_ptr_array_new (), .overrides = g_ptr_array_new () };
}

void
settings_clear (Settings *settings)
{
  g_clear_pointer (&settings->plugin_path, g_ptr_array_unref);
  g_clear_pointer (&settings->overrides, g_ptr_array_unref);
}

static char *
format_override (const Settings *settings)
{
  return settings->format != NULL ? g_strconcat ("output.format=", settings->format, NULL) : NULL;
}

static char *
output_override (const Settings *settings)
{
  return settings->output != NULL ? g_strconcat ("output.path=", settings->output, NULL) : NULL;
}

char **
settings_overrides (const Settings *settings)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);
  char *format = format_override (settings);
  char *output = output_override (settings);

  for (guint i = 0; i < settings->overrides->len; i++)
    g_ptr_array_add (all, g_strdup (settings->overrides->pdata[i]));
  if (format != NULL)
    g_ptr_array_add (all, format);
  if (output != NULL)
    g_ptr_array_add (all, output);
  g_ptr_array_add (all, NULL);
  return (char **) g_ptr_array_steal (all, NULL);
}

/* The line with "-s OVERRIDE" at its start replaced by "OPTION VALUE"; NULL: it does not start so.
 */
static char *
restore_line (const char *line, const char *override, const char *option, const char *value)
{
  g_autofree char *escaped = override != NULL ? fanout_escape (override, -1) : NULL;
  g_autofree char *shown = value != NULL ? fanout_escape (value, -1) : NULL;
  const gsize length = escaped != NULL ? strlen (escaped) : 0;

  if (escaped == NULL || !g_str_has_prefix (line, "-s ") || !g_str_has_prefix (line + 3, escaped)
      || line[3 + length] != ':')
    return NULL;
  return g_strconcat (option, " ", shown, line + 3 + length, NULL);
}

char *
settings_restore (const Settings *settings, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *format = format_override (settings);
  g_autofree char *output = output_override (settings);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = restore_line (lines[i], format, "-f", settings->format);

      if (line == NULL)
        line = restore_line (lines[i], output, "-o", settings->output);
      if (line != NULL)
        {
          g_free (lines[i]);
          lines[i] = line;
        }
    }
  return g_strjoinv ("\n", lines);
}
