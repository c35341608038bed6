/* Whether two CSV files say the same.  The header lines may differ.  Cells are the same when their
   texts are, or when they are numbers, not both whole, within a tolerance that is relative for
   large ones and absolute for small ones, which may be sums of larger ones.  Prints the first
   difference.

   bench-same FILE FILE [TOLERANCE]  */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
  CELL_SIZE = 1 << 16,
};

typedef struct
{
  const char *path;
  FILE *file;
  char cell[CELL_SIZE];
  int next; /* what ended the cell: ',', '\n' or EOF */
} Side;

static _Noreturn void
fail (const char *path, const char *why)
{
  fprintf (stderr, "%s: %s\n", path, why);
  exit (2);
}

static void
side_open (Side *side, const char *path)
{
  side->path = path;
  side->file = fopen (path, "r");
  if (side->file == NULL)
    fail (path, strerror (errno));
  for (int c = 0; c != '\n' && c != EOF;)
    c = getc_unlocked (side->file);
}

/* The next cell; false at the end of the file.  */
static bool
side_read (Side *side)
{
  bool quoted = false;
  size_t length = 0;
  int c = getc_unlocked (side->file);

  if (c == EOF)
    {
      side->next = EOF;
      return false;
    }
  for (;; c = getc_unlocked (side->file))
    {
      if (c == '"')
        {
          const int after = getc_unlocked (side->file);

          if (!quoted || after != '"')
            {
              quoted = !quoted;
              ungetc (after, side->file);
              continue;
            }
        }
      else if (c == EOF || (!quoted && (c == ',' || c == '\n')))
        break;
      if (length == CELL_SIZE - 1)
        fail (side->path, "a cell is too long");
      side->cell[length++] = (char) c;
    }
  if (length > 0 && c == '\n' && side->cell[length - 1] == '\r')
    length--;
  side->cell[length] = '\0';
  side->next = c == EOF ? '\n' : c;
  return true;
}

static bool
is_whole (const char *text)
{
  text += *text == '-';
  return text[0] != '\0' && text[strspn (text, "0123456789")] == '\0';
}

/* The standard deviation of one value, say.  */
static bool
is_undefined (const char *text)
{
  return *text == '\0' || strcmp (text, "nan") == 0;
}

static double
size (double number)
{
  return number < 0 ? -number : number;
}

static bool
same (const char *a, const char *b, double tolerance)
{
  char *end_a, *end_b;
  double x, y;

  if (strcmp (a, b) == 0)
    return true;
  if (is_undefined (a) || is_undefined (b))
    return is_undefined (a) && is_undefined (b);
  if (is_whole (a) && is_whole (b))
    return false;
  x = strtod (a, &end_a);
  y = strtod (b, &end_b);
  if (*end_a != '\0' || *end_b != '\0')
    return false;
  return size (x - y) <= tolerance * (1 + size (x) + size (y));
}

int
main (int argc, char **argv)
{
  static Side a, b;
  const double tolerance = argc > 3 ? strtod (argv[3], NULL) : 1e-9;
  long line = 2, column = 1;

  if (argc < 3)
    {
      fputs ("usage: bench-same FILE FILE [TOLERANCE]\n", stderr);
      return 2;
    }
  side_open (&a, argv[1]);
  side_open (&b, argv[2]);
  for (;;)
    {
      const bool more_a = side_read (&a), more_b = side_read (&b);

      if (!more_a && !more_b)
        return 0;
      if (more_a != more_b || a.next != b.next)
        {
          printf ("line %ld: %s ends before %s\n", line,
                  !more_a || (more_b && a.next == '\n') ? a.path : b.path,
                  !more_a || (more_b && a.next == '\n') ? b.path : a.path);
          return 1;
        }
      if (!same (a.cell, b.cell, tolerance))
        {
          printf ("line %ld, column %ld: %s has \"%s\", %s has \"%s\"\n", line, column, a.path,
                  a.cell, b.path, b.cell);
          return 1;
        }
      if (a.next == '\n')
        {
          line++;
          column = 1;
        }
      else
        column++;
    }
}
