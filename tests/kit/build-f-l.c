/* The operators from f to l. */

#define KINDS FANOUT_KIND_OPERATOR, FANOUT_KIND_OPERATOR
#define FIRST "f"
#define END   "m"
#include "tests/kit/build.h"
