#include "core/plan/private.h"

#include <string.h>

static const struct
{
  const char *marks;
  const char *value; /* of delimiter */
} separators[] = {
  { "\t", "tab" }, { ";", ";" }, { ",", "," }, { "|", "|" }, { " \t", "whitespace" },
};

static gboolean
has_part (const char *header, const char *marks, const char *name)
{
  g_auto (GStrv) parts = g_strsplit_set (header, marks, -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (strcmp (g_strstrip (parts[i]), name) == 0)
      return TRUE;
  return FALSE;
}

/* Spreadsheets are told so by a line of its own. */
static char *
hint_of_spreadsheet (char **fields)
{
  if (!g_str_has_prefix (fields[0], "sep="))
    return NULL;
  if (fields[1] == NULL && strlen (fields[0]) == strlen ("sep=") + 1)
    {
      g_autofree char *mark = fanout_escape (fields[0] + strlen ("sep="), -1);

      return g_strdup_printf ("; for the line sep=%s and what comes behind it: skip-lines = 1 and "
                              "delimiter = %s",
                              mark, mark);
    }
  return fields[1] != NULL && fields[2] == NULL && fields[0][strlen ("sep=")] == '\0'
             ? g_strdup ("; skip-lines = 1 passes over the line sep=")
             : NULL;
}

/* A line in front of the header, or of rows that have none. */
static const char *
hint_of_comment (char **fields)
{
  static const char *const directives[] = { "#Software:", "#Version:", "#Date:", "#Fields:" };

  for (guint i = 0; i < G_N_ELEMENTS (directives); i++)
    if (g_str_has_prefix (fields[0], directives[i]))
      return "; for a log of the W3C: comment = #, header = false, columns = the names behind "
             "#Fields:, and delimiter = space or tab";
  return fields[0][0] == '#' && (fields[0][1] == '#' || g_ascii_isspace (fields[0][1]))
             ? "; comment = # passes over such lines"
             : NULL;
}

char *
fanout_hint_of_header (const FanoutPlan *plan, const char *name)
{
  const gboolean csv = strcmp (plan->source->name, "csv") == 0;
  const char *comment;
  char *hint;

  if ((!csv && strcmp (plan->source->name, "tsv") != 0) || plan->fields[0] == NULL)
    return NULL;
  comment = hint_of_comment (plan->fields);
  hint = comment != NULL ? g_strdup (comment) : hint_of_spreadsheet (plan->fields);
  if (hint != NULL || plan->fields[1] != NULL)
    return hint;
  for (guint i = 0; i < G_N_ELEMENTS (separators); i++)
    if (has_part (plan->fields[0], separators[i].marks, name))
      return g_strdup_printf ("; %sdelimiter = %s takes it apart", csv ? "" : "type = csv and ",
                              separators[i].value);
  return NULL;
}
