/* Logs of web servers. */

#include "tests/fuzz/stream.h"

static const char *const *
dialect (FuzzInput *in, GString *ini)
{
  static const char *const columns[]
      = { "host", "status", "bytes", "path", "time", "vhost", "request", "agent", "user", NULL };
  static const char *const formats[] = { "combined", "common", "vhost" };

  g_string_append_printf (ini, "format = %s\n", fuzz_pick (in, formats));
  return columns;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FuzzStream stream = { "clf", dialect };

  fuzz_stream (&stream, data, size);
  return 0;
}
