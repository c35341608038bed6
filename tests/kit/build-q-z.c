/* The operators from q to z. */

#define KINDS FANOUT_KIND_OPERATOR, FANOUT_KIND_OPERATOR
#define FIRST "q"
#define END   "\x7f"
#include "tests/kit/build.h"
