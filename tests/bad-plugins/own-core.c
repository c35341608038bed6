/* As if it had been linked to a copy of libfanout. */

#include "parts.h"

static const guint32 own_core = FANOUT_ABI;
static const FanoutOperator operator_ = OPERATOR ("own-core");
static const void *const items[] = { &operator_ };

FANOUT_API extern const FanoutPlugin fanout_plugin;
const FanoutPlugin fanout_plugin
    = { FANOUT_ABI, sizeof (FanoutPlugin), FANOUT_KIND_OPERATOR, 1, items, &own_core };
