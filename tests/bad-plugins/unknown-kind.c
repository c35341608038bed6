#include "parts.h"

static const FanoutOperator unknown = OPERATOR ("unknown-kind");

FANOUT_PLUGIN_ (77, &unknown);
