#include "parts.h"

static const FanoutOperator stateless
    = { .size = sizeof stateless, .name = "stateless", .update = update, .finish = finish };

FANOUT_OPERATORS (&stateless);
