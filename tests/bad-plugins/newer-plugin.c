/* Built for a libfanout whose plugin struct has grown. */

#include "parts.h"

static const FanoutOperator newer = OPERATOR ("newer-plugin");
static const void *const items[] = { &newer };

typedef struct
{
  FanoutPlugin known;
  guint64 more;
} NewerPlugin;

FANOUT_API extern const NewerPlugin fanout_plugin;
const NewerPlugin fanout_plugin
    = { { FANOUT_ABI, sizeof (NewerPlugin), FANOUT_KIND_OPERATOR, 1, items, &fanout_core }, 0 };
