#pragma once

/** Rows made in a thread of their own, while those before them are written. */

#include "core/result/result.h"

typedef struct FanoutRowsAhead FanoutRowsAhead;

/** From the next rows of `result` on, which is not looked at elsewhere until the end. NULL: it has
 * too few, its plan allows no other thread, something may happen beside the making of rows, or the
 * system refuses. */
FanoutRowsAhead *fanout_rows_ahead_new (FanoutResult *result);

/** As fanout_result_next(). */
const FanoutRows *fanout_rows_ahead_next (FanoutRowsAhead *self, GError **error);

/** Rows that were made and not asked for are gone. */
void fanout_rows_ahead_free (FanoutRowsAhead *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutRowsAhead, fanout_rows_ahead_free)
