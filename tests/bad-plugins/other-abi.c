#define FANOUT_ABI 99u
#include "parts.h"

static const FanoutOperator other = OPERATOR ("other-abi");

FANOUT_OPERATORS (&other);
