/* The symbol says that it is larger than it is. */

#include <fanout/abi.h>

typedef struct
{
  guint32 abi;
  guint32 size;
} Start;

FANOUT_API extern const Start fanout_plugin;
const Start fanout_plugin = { FANOUT_ABI, sizeof (FanoutPlugin) };
