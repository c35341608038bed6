#include "core/fanoutd/text.h"

#define LINE_WIDTH 80

void
text_wrap (GString *out, const char *prefix, const char *text)
{
  const gsize indent = (gsize) g_utf8_strlen (prefix, -1);
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);
  gsize column = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const gsize width = (gsize) g_utf8_strlen (words[i], -1);

      if (width == 0)
        continue;
      if (column > 0 && column + 1 + width <= LINE_WIDTH)
        {
          g_string_append_c (out, ' ');
          column++;
        }
      else
        {
          g_string_append_printf (out, "%s%s", column > 0 ? "\n" : "", prefix);
          column = indent;
        }
      g_string_append (out, words[i]);
      column += width;
    }
  if (column > 0)
    g_string_append_c (out, '\n');
}

static gsize
char_width (gunichar c)
{
  return g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
}

gsize
text_width (const char *text)
{
  gsize width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += char_width (g_utf8_get_char (text));
  return width;
}

void
text_cut (GString *out, const char *text, gsize width)
{
  const gboolean whole = text_width (text) <= width;
  const gsize room = whole ? width : width - MIN (width, 1);
  const char *end = text;

  for (gsize used = 0; *end != '\0'; end = g_utf8_next_char (end))
    {
      used += char_width (g_utf8_get_char (end));
      if (used > room)
        break;
    }
  g_string_append_len (out, text, end - text);
  if (!whole && width > 0)
    g_string_append_c (out, '>');
}

void
text_size (GString *out, double bytes)
{
  static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
  guint unit = 0;

  for (; bytes >= 999.5 && unit + 1 < G_N_ELEMENTS (units); unit++)
    bytes /= 1000;
  g_string_append_printf (out, "%.*f %s", unit > 0 && bytes < 99.95 ? 1 : 0, bytes, units[unit]);
}

void
text_count (GString *out, guint64 count)
{
  char digits[24];
  const int n = g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, count);

  for (int i = 0; i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0)
        g_string_append_c (out, ',');
      g_string_append_c (out, digits[i]);
    }
}

void
text_time (GString *out, double seconds)
{
  const guint64 s = seconds < 1e9 ? (guint64) (seconds + 0.5) : 1000000000;

  if (s >= 3600)
    g_string_append_printf (out, "%" G_GUINT64_FORMAT ":%02u:%02u", s / 3600, (guint) (s / 60 % 60),
                            (guint) (s % 60));
  else
    g_string_append_printf (out, "%u:%02u", (guint) (s / 60), (guint) (s % 60));
}
