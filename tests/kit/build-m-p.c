/* The operators from m to p. */

#define KINDS FANOUT_KIND_OPERATOR, FANOUT_KIND_OPERATOR
#define FIRST "m"
#define END   "q"
#include "tests/kit/build.h"
