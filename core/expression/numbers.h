#pragma once

/** Operations that give numbers. */

#include "core/expression/private.h"

extern const FanoutOperation fanout_operation_negate, fanout_operation_add,
    fanout_operation_subtract, fanout_operation_multiply, fanout_operation_divide,
    fanout_operation_floor_divide, fanout_operation_modulo;
extern const FanoutOperation fanout_operation_abs, fanout_operation_floor, fanout_operation_ceil,
    fanout_operation_trunc, fanout_operation_sign, fanout_operation_round, fanout_operation_sqrt,
    fanout_operation_ln, fanout_operation_log2, fanout_operation_log10;

/** Fill row `row` of a mixed vector; rows before it are filled or null. */
static inline void
fanout_vector_put (gint64 *numbers, guint8 *scales, gsize row, FanoutNumber number)
{
  numbers[row] = number.mantissa;
  scales[row] = number.scale;
}
