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
