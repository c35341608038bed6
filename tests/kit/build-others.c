/* The sources and sinks. */

#define KINDS FANOUT_KIND_SOURCE, FANOUT_KIND_SINK
#define FIRST ""
#define END   "\x7f"
#include "tests/kit/build.h"
