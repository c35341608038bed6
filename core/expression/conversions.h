#pragma once

/** Operations from texts to numbers and back. */

#include "core/expression/private.h"

extern const FanoutOperation fanout_operation_number_text, fanout_operation_text_number,
    fanout_operation_read_number, fanout_operation_is_number_text,
    fanout_operation_is_number_number;
