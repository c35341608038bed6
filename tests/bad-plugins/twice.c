#include "parts.h"

static const FanoutOperator one = OPERATOR ("twice");
static const FanoutOperator two = OPERATOR ("twice");

FANOUT_OPERATORS (&one, &two);
