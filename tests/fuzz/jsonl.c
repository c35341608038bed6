/* JSON lines. */

#include "tests/fuzz/stream.h"

static const char *const *
dialect (FuzzInput *in, GString *ini)
{
  static const char *const columns[] = { "a", "b", "a.b", "c[0]", "\"a.b\"", "a[1].b", NULL };

  (void) in;
  (void) ini;
  return columns;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FuzzStream stream = { "jsonl", dialect };

  fuzz_stream (&stream, data, size);
  return 0;
}
