/* The symbol is there, but smaller than what is wanted. */

#include <fanout/abi.h>

FANOUT_API extern const guint32 fanout_plugin;
const guint32 fanout_plugin = FANOUT_ABI;
