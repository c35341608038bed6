/* The operators from a to e; others begin where these end. */

#define KINDS FANOUT_KIND_OPERATOR, FANOUT_KIND_OPERATOR
#define FIRST ""
#define END   "f"
#include "tests/kit/build.h"
