/* Delimited text. */

#include "tests/fuzz/stream.h"

static const char *const *
dialect (FuzzInput *in, GString *ini)
{
  static const char *const delimiters[]
      = { ",", ";", "\\t", "space", "whitespace", "|", "a", "1", "::", ", " };
  static const char *const quotes[] = { "\"", "'", "none", "x" };
  static const char *const columns[] = { "a", "b", "c", "d", NULL };
  static const char *const positions[] = { "1", "2", "3", "4", NULL };
  const guint8 what = fuzz_byte (in);

  g_string_append_printf (ini, "delimiter = %s\nquote = %s\n", fuzz_pick (in, delimiters),
                          fuzz_pick (in, quotes));
  if ((what & 1) != 0)
    g_string_append (ini, "ragged = true\n");
  if ((what & 2) != 0)
    g_string_append (ini, "trim = true\n");
  if ((what & 4) != 0)
    g_string_append (ini, "decimal = ,\nthousands = .\n");
  switch (what >> 6)
    {
    case 0:
      g_string_append (ini, "header = true\n");
      return columns;
    case 1:
      g_string_append (ini, "header = true\ncolumns = a, b, c, d\n");
      return columns;
    case 2:
      g_string_append (ini, "header = false\n");
      return positions;
    default:
      g_string_append (ini, "header = false\ncolumns = a, b, c, d\n");
      return columns;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FuzzStream stream = { "csv", dialect };

  fuzz_stream (&stream, data, size);
  return 0;
}
