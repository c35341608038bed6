#pragma once

/** Operations that compare numbers and texts, and the least and the greatest of several. */

#include "core/expression/private.h"

extern const FanoutOperation fanout_operation_equal, fanout_operation_less,
    fanout_operation_less_equal;
/** Bytewise. */
extern const FanoutOperation fanout_operation_text_equal, fanout_operation_text_less,
    fanout_operation_text_less_equal;
/** Of one kind, any number of them; null where one is. */
extern const FanoutOperation fanout_operation_least, fanout_operation_greatest;
