#include "parts.h"

static const FanoutOperator twin = OPERATOR ("good");

FANOUT_OPERATORS (&twin);
