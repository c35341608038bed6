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

char *
fanout_hint_of_header (const FanoutPlan *plan, const char *name)
{
  const gboolean csv = strcmp (plan->source->name, "csv") == 0;
  char *hint;

  if ((!csv && strcmp (plan->source->name, "tsv") != 0) || plan->fields[0] == NULL)
    return NULL;
  hint = hint_of_spreadsheet (plan->fields);
  if (hint != NULL || plan->fields[1] != NULL)
    return hint;
  for (guint i = 0; i < G_N_ELEMENTS (separators); i++)
    if (has_part (plan->fields[0], separators[i].marks, name))
      return g_strdup_printf ("; %sdelimiter = %s takes it apart", csv ? "" : "type = csv and ",
                              separators[i].value);
  return NULL;
}
