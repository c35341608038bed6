#pragma once

/** Another plan in place of the one that runs: states, inputs and windows go on. */

#include "core/pipeline/private.h"

typedef struct
{
  FanoutPlan *plan;
  FanoutPasses *passes; /* that have not run, with the states that are kept */
  FanoutChanges *changes;
} FanoutReload;

/** Make ready what comes in place of `passes`, which rest; their reader goes by `plan` (taken over)
 * then. NULL with `error`: all is as it was. */
FanoutReload *fanout_reload_new (const FanoutPasses *passes, FanoutPlan *plan, GError **error);
void fanout_reload_free (FanoutReload *reload);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutReload, fanout_reload_free)
