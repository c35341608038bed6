#include "parts.h"

static const FanoutOperator nameless = OPERATOR (NULL);

FANOUT_OPERATORS (&nameless);
