#include "core/fanoutd/roff.h"

#include <string.h>

static const char *
escape_of (gunichar c)
{
  switch (c)
    {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '"':
      return "\\(dq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return NULL;
    }
}

void
roff_text (GString *out, const char *text)
{
  if (text[0] == '.')
    g_string_append (out, "\\&");
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      const gunichar c = g_utf8_get_char (at);
      const char *escape = escape_of (c);

      if (escape != NULL)
        g_string_append (out, escape);
      else if (c < 0x80)
        g_string_append_c (out, (char) c);
      else
        g_string_append_printf (out, "\\[u%04X]", c);
    }
}

void
roff_lines (GString *out, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL && (lines[i][0] != '\0' || lines[i + 1] != NULL); i++)
    {
      roff_text (out, lines[i]);
      g_string_append_c (out, '\n');
    }
}

gboolean
roff_option (const char *line, char **option, char **meaning)
{
  const char *gap;

  if (!g_str_has_prefix (line, "  -"))
    return FALSE;
  line += 2;
  gap = strstr (line, "  ");
  *option = gap != NULL ? g_strndup (line, (gsize) (gap - line)) : g_strdup (line);
  *meaning = g_strstrip (g_strdup (gap != NULL ? gap : ""));
  return TRUE;
}

typedef enum
{
  PART_TEXT,
  PART_OPTION,
  PART_LINES,
} Part;

static Part
begin (GString *out, Part before, Part part)
{
  if (before == PART_LINES && part != PART_LINES)
    g_string_append (out, ".EE\n.RE\n");
  if (before != PART_LINES && part == PART_LINES)
    g_string_append (out, ".sp\n.RS 4\n.EX\n");
  return part;
}

static gboolean
is_new_paragraph (const char *const *line)
{
  return line[0][0] == '\0' && line[1] != NULL && line[1][0] != '\0' && line[1][0] != ' ';
}

static void
append_option (GString *out, const char *option, const char *meaning)
{
  g_string_append (out, ".TP\n\\fB");
  roff_text (out, option);
  g_string_append (out, "\\fR\n");
  roff_text (out, meaning);
  g_string_append_c (out, '\n');
}

static Part
append_line (GString *out, Part part, const char *line)
{
  g_autofree char *option = NULL;
  g_autofree char *meaning = NULL;

  if (roff_option (line, &option, &meaning))
    {
      part = begin (out, part, PART_OPTION);
      append_option (out, option, meaning);
      return part;
    }
  /* The meaning of an option goes on far to the right. */
  if (part == PART_OPTION && g_str_has_prefix (line, "        "))
    line += strspn (line, " ");
  else
    part = begin (out, part, line[0] == ' ' ? PART_LINES : PART_TEXT);
  if (part == PART_LINES && g_str_has_prefix (line, "  "))
    line += 2;
  roff_text (out, line);
  g_string_append_c (out, '\n');
  return part;
}

void
roff_help (GString *out, const char *help)
{
  const char *body = strstr (help, "\n\n");
  g_auto (GStrv) lines = g_strsplit (body != NULL ? body + 2 : help, "\n", -1);
  Part part = PART_TEXT;

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      part = append_line (out, part, lines[i]);
    else if (is_new_paragraph ((const char *const *) &lines[i]))
      {
        part = begin (out, part, PART_TEXT);
        g_string_append (out, ".PP\n");
      }
  begin (out, part, PART_TEXT);
}
