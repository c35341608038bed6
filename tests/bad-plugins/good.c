#include "parts.h"

static const FanoutOperator good = OPERATOR ("good");

FANOUT_OPERATORS (&good);
