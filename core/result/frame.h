#pragma once

/** Rows of a result as columns, and what [result], having and total() make of them. */

#include "core/expression/evaluate.h"
#include "core/plan/results.h"
#include "core/result/value.h"

#include <fanout/sink.h>

typedef struct FanoutResultFrame FanoutResultFrame;

/** For up to `capacity` rows of `layout`, of which the columns of [result] are the last. What it
 * is made of is borrowed. */
FanoutResultFrame *fanout_result_frame_new (const FanoutPlanResults *plan,
                                            const FanoutLayout *layout, gsize capacity,
                                            FanoutMemory *memory);
void fanout_result_frame_free (FanoutResultFrame *frame);

/** Whether a column of the layout is read by anything. */
gboolean fanout_result_frame_reads (const FanoutResultFrame *frame, guint column);

/** Turn to the `n` rows that are in `out`, where the columns that are read are filled. `named`: in
 * place of a key they have a name, which may be no number, no time and so on. */
void fanout_result_frame_turn (FanoutResultFrame *frame, FanoutOut *out, gsize n, gboolean named);

/** Whether nothing that is computed of these rows can be bad, as is seen before it is. */
gboolean fanout_result_frame_is_sound (const FanoutResultFrame *frame);

/**
 * Compute what somebody wants of these rows. A bad value there is an error (FANOUT_ERROR_DATA) that
 * names the row by its keys, or taken for a null, as the plan has it and in rows that are named.
 */
gboolean fanout_result_frame_run (FanoutResultFrame *frame, guint n,
                                  const FanoutPlanResult *const *wanted, GError **error);

/** The values of a register that was computed. */
const FanoutVector *fanout_result_frame_vector (FanoutResultFrame *frame, guint register_);

/** Write the columns of [result] from `first` of these on, `n` of them, to their cells. */
void fanout_result_frame_store (FanoutResultFrame *frame, guint first, guint n);

/** Add a total's argument in these rows. Those of one level are added together. */
void fanout_result_frame_add (FanoutResultFrame *frame, guint total);
/** No row comes any more for the totals of this level: they have their values from now on. */
void fanout_result_frame_settle (FanoutResultFrame *frame, guint level);
