#pragma once

/** Conditions, and what chooses by them. */

#include "core/expression/private.h"

extern const FanoutOperation fanout_operation_and, fanout_operation_or, fanout_operation_not,
    fanout_operation_is_null, fanout_operation_truth_number, fanout_operation_truth_text,
    fanout_operation_coalesce, fanout_operation_nullif;
