#include "parts.h"

static const FanoutOperator unknown = OPERATOR ("unknown-kind");

FANOUT_PLUGIN (FANOUT_PLUGIN_SYMBOL, 77, &unknown);
