#include "core/fanoutd/monitor/prometheus.h"

#include <math.h>
#include <string.h>

void
prometheus_name (GString *text, const char *name)
{
  /* No digit comes first, and no letter that is not ASCII gets in. */
  if (!g_ascii_isalpha (name[0]) && name[0] != '_')
    g_string_append_c (text, '_');
  for (; *name != '\0'; name++)
    if ((*name & 0xc0) != 0x80)
      g_string_append_c (text, g_ascii_isalnum (*name) ? g_ascii_tolower (*name) : '_');
}

void
prometheus_family (GString *text, const char *name, const char *type, const char *help)
{
  g_string_append_printf (text, "# HELP %s ", name);
  for (; *help != '\0'; help++)
    if (*help == '\\')
      g_string_append (text, "\\\\");
    else
      g_string_append_c (text, *help == '\n' ? ' ' : *help);
  g_string_append_printf (text, "\n# TYPE %s %s\n", name, type);
}

void
prometheus_label (GString *text, const char *name, const char *value, gsize length)
{
  g_autofree char *valid = g_utf8_make_valid (value != NULL ? value : "", (gssize) length);

  if (text->str[text->len - 1] != '{')
    g_string_append_c (text, ',');
  g_string_append_printf (text, "%s=\"", name);
  for (const char *at = valid; *at != '\0'; at++)
    switch (*at)
      {
      case '\\':
      case '"':
        g_string_append_c (text, '\\');
        g_string_append_c (text, *at);
        break;
      case '\n':
        g_string_append (text, "\\n");
        break;
      default:
        g_string_append_c (text, *at);
      }
  g_string_append_c (text, '"');
}

void
prometheus_double (GString *text, double value)
{
  char digits[FANOUT_NUMBER_TEXT_MAX];

  g_string_append_c (text, ' ');
  if (isnan (value))
    g_string_append (text, "NaN");
  else if (isinf (value))
    g_string_append (text, value > 0 ? "+Inf" : "-Inf");
  else
    g_string_append_len (text, digits, (gssize) fanout_double_format (value, digits));
  g_string_append_c (text, '\n');
}

void
prometheus_count (GString *text, guint64 value)
{
  g_string_append_printf (text, " %" G_GUINT64_FORMAT "\n", value);
}

gboolean
prometheus_value (GString *text, const FanoutValue *value)
{
  char digits[FANOUT_DECIMAL_TEXT_MAX];

  if (value->kind == FANOUT_VALUE_DOUBLE)
    {
      prometheus_double (text, value->real);
      return TRUE;
    }
  if (value->kind != FANOUT_VALUE_DECIMAL)
    return FALSE;
  g_string_append_c (text, ' ');
  g_string_append_len (text, digits, (gssize) fanout_value_format (value, digits));
  g_string_append_c (text, '\n');
  return TRUE;
}
