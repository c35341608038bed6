#include "parts.h"

static const FanoutOperator no_finish
    = { .size = sizeof no_finish, .name = "no-finish", .state_size = 8, .update = update };
static const FanoutOperator used = { .finish = finish };

FANOUT_OPERATORS (&no_finish, &used);
