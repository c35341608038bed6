/* Lines, whole or by a pattern, which may be of the input. */

#include "tests/fuzz/stream.h"

static const char *const *
dialect (FuzzInput *in, GString *ini)
{
  static const char *const whole[] = { "line", NULL };
  static const char *const groups[] = { "a", "b", NULL };
  static const char *const patterns[] = {
    "(?<a>\\S+) *(?<b>[^ ]*)", "^(?<a>[0-9.]+)[, ](?<b>.*)$", "(?<a>x)?(?<b>.)",
    "(?<a>\\w+)=(?<b>\\d+)",   "(?i)(?<a>a|b)(?<b>\\p{L}*)",
  };
  const guint what = fuzz_below (in, G_N_ELEMENTS (patterns) + 2);

  if (what == G_N_ELEMENTS (patterns))
    return whole;
  if (what < G_N_ELEMENTS (patterns))
    g_string_append_printf (ini, "pattern = %s\n", patterns[what]);
  else
    {
      g_autofree char *line = fuzz_line (in);

      g_string_append_printf (ini, "pattern = (?<a>%s)(?<b>.*)\n", line);
    }
  return groups;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FuzzStream stream = { "lines", dialect };

  fuzz_stream (&stream, data, size);
  return 0;
}
