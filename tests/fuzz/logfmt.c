/* Lines of key=value. */

#include "tests/fuzz/stream.h"

static const char *const *
dialect (FuzzInput *in, GString *ini)
{
  static const char *const columns[] = { "a", "b", "level", NULL };

  (void) in;
  (void) ini;
  return columns;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FuzzStream stream = { "logfmt", dialect };

  fuzz_stream (&stream, data, size);
  return 0;
}
