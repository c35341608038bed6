#include "parts.h"

static const FanoutOperator no_update
    = { .size = sizeof no_update, .name = "no-update", .state_size = 8, .finish = finish };
static const FanoutOperator used = { .update = update };

FANOUT_OPERATORS (&no_update, &used);
