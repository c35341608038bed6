#pragma once

/** Operations that give numbers. */

#include "core/expression/private.h"

extern const FanoutOperation fanout_operation_negate, fanout_operation_add,
    fanout_operation_subtract, fanout_operation_multiply, fanout_operation_divide,
    fanout_operation_floor_divide, fanout_operation_modulo;
extern const FanoutOperation fanout_operation_abs, fanout_operation_floor, fanout_operation_ceil,
    fanout_operation_trunc, fanout_operation_sign, fanout_operation_round, fanout_operation_sqrt,
    fanout_operation_ln, fanout_operation_log2, fanout_operation_log10;

/** The wide decimal at @wide as long as the rows. */
FanoutNumber fanout_evaluator_wide (FanoutEvaluator *evaluator, const FanoutWide *wide);

/** Fill row `row` of a mixed vector; rows before it are filled or null. A wide decimal is copied.
 */
static inline void
fanout_vector_put (FanoutEvaluator *evaluator, gint64 *numbers, guint8 *scales, gsize row,
                   FanoutNumber number)
{
  if (G_UNLIKELY (fanout_number_is_wide (number)))
    number = fanout_evaluator_wide (evaluator, number.wide);
  numbers[row] = number.mantissa;
  scales[row] = number.scale;
}
