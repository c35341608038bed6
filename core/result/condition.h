#pragma once

/** A condition over rows of a result table that were made before, as `having` is one over those
 * that are made. */

#include <fanout/sink.h>

typedef struct FanoutResultCondition FanoutResultCondition;

/** What `text` says of rows with the columns of `layout`, which is borrowed with its names. NULL
 * with `error` (FANOUT_ERROR_CONFIG). */
FANOUT_API FanoutResultCondition *
fanout_result_condition_new (const char *text, const FanoutLayout *layout, GError **error);
FANOUT_API void fanout_result_condition_free (FanoutResultCondition *condition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutResultCondition, fanout_result_condition_free)

/** For each of `n` rows, row-major in `values`, whether it holds: 1 or 0, which is also where
 * something is no number, no time and so on. */
FANOUT_API void fanout_result_condition_test (FanoutResultCondition *condition,
                                              const FanoutValue *values, gsize n, guint8 *holds);
