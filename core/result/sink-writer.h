#pragma once

/** A result through a sink to an output. */

#include "core/base/output.h"
#include <fanout/pipeline.h>

/** Write all rows from the first one on. The output is not committed. */
FANOUT_API gboolean fanout_result_write (FanoutResult *result, const FanoutSink *sink,
                                         FanoutOutput *output, gboolean header, GError **error);
