#include "parts.h"

static const FanoutOperator one = OPERATOR ("null-item");

FANOUT_OPERATORS (&one, NULL);
