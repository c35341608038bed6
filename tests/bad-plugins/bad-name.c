#include "parts.h"

static const FanoutOperator bad = OPERATOR ("two words\n");

FANOUT_OPERATORS (&bad);
