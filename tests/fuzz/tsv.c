/* Text with tabs. */

#include "tests/fuzz/stream.h"

static const char *const *
dialect (FuzzInput *in, GString *ini)
{
  static const char *const columns[] = { "a", "b", "c", NULL };
  const guint8 what = fuzz_byte (in);

  g_string_append_printf (ini, "header = %s\n",
                          (what & 1) != 0 ? "true" : "false\ncolumns = a, b, c");
  if ((what & 2) != 0)
    g_string_append (ini, "ragged = true\n");
  if ((what & 4) != 0)
    g_string_append (ini, "trim = true\n");
  return columns;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FuzzStream stream = { "tsv", dialect };

  fuzz_stream (&stream, data, size);
  return 0;
}
