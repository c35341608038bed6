/* A program for model.py: expressions over rows from standard input, their values on standard
 * output. First the names and the rows, cells with tabs between them; an empty line; then a kind
 * (f, n, t or c) and an expression a line. The values of each are a line, with 0x1f between them;
 * a mistake is `error`. */

#include "tests/support/expression.h"

#include <stdio.h>

static char *
read_line (FILE *in)
{
  GString *line = g_string_new (NULL);
  int c = getc (in);

  if (c == EOF)
    {
      g_string_free (line, TRUE);
      return NULL;
    }
  for (; c != EOF && c != '\n'; c = getc (in))
    g_string_append_c (line, (char) c);
  return g_string_free (line, FALSE);
}

static FanoutVectorKind
kind_of (char letter)
{
  return letter == 'n'   ? FANOUT_KIND_NUMBER
         : letter == 't' ? FANOUT_KIND_TEXT
         : letter == 'c' ? FANOUT_KIND_CONDITION
                         : FANOUT_KIND_FREE;
}

int
main (void)
{
  g_autofree char *header = read_line (stdin);
  g_auto (GStrv) names = g_strsplit (header, "\t", -1);
  ExpressionRows rows = { .names = (const char *const *) names };
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  char *line;

  while ((line = read_line (stdin)) != NULL && *line != '\0')
    {
      char **cells = g_strsplit (line, "\t", -1);

      g_ptr_array_add (owned, cells);
      for (guint i = 0; cells[i] != NULL; i++)
        rows.cells[rows.n_rows][i] = cells[i];
      rows.n_rows++;
      g_free (line);
    }
  g_free (line);
  while ((line = read_line (stdin)) != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *values
          = expression_values (&rows, NULL, line + 1, kind_of (line[0]), "\x1f", &error);

      puts (values != NULL ? values : "error");
      g_free (line);
    }
  return 0;
}
