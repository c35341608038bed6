#include "parts.h"

static const FanoutOperator sizeless
    = { .name = "sizeless", .state_size = 8, .update = update, .finish = finish };

FANOUT_OPERATORS (&sizeless);
