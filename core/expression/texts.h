#pragma once

/** Operations on texts. The empty text is null. */

#include "core/expression/private.h"

extern const FanoutOperation fanout_operation_lower, fanout_operation_upper, fanout_operation_trim,
    fanout_operation_length, fanout_operation_size, fanout_operation_substr,
    fanout_operation_starts, fanout_operation_ends, fanout_operation_contains,
    fanout_operation_split, fanout_operation_replace, fanout_operation_concat,
    fanout_operation_hash_text, fanout_operation_hash_number, fanout_operation_file,
    fanout_operation_row;

/** Give row `row` a copy of a text, or null where it is empty. */
void fanout_vector_put_text (FanoutEvaluator *evaluator, FanoutText *texts, guint8 *marks,
                             gsize row, const char *text, gsize length);
