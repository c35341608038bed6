#include <fanout/aggregate.h>

FANOUT_API extern const FanoutPlugin fanout_plugin;
const FanoutPlugin fanout_plugin
    = { FANOUT_ABI, sizeof (FanoutPlugin), FANOUT_KIND_OPERATOR, 0, NULL, &fanout_core };
