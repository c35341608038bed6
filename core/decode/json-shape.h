#pragma once

/**
 * The shapes that rows have had: all but the values of their members. Where the next row is the
 * same but for values, it is right, and its columns are known, without a look at each token: the
 * marks alone (FanoutTokens.marks) tell where its values end.
 */

#include "core/decode/json.h"

typedef struct FanoutJsonShapes FanoutJsonShapes;

FanoutJsonShapes *fanout_json_shapes_new (guint n_columns);
void fanout_json_shapes_free (FanoutJsonShapes *shapes);

/** Rows are too different: the next one is not to be looked for, nor learned. */
gboolean fanout_json_shapes_rest (FanoutJsonShapes *shapes);
/** fanout_json_walk() for a row that begins at `start`, whose first mark is at `t`, with those of
 * whole rows up to `end`, none of them loose, if it is of a shape that is known: NULL where it is
 * not, or not right. */
const guint32 *fanout_json_shapes_row (FanoutJsonShapes *shapes, const FanoutJsonWalk *walk,
                                       const guint32 *t, const guint32 *end, gsize start);
/** The row that is all of walk->data, with the tokens from `row` to `feed`, was right, and the walk
 * has set its columns. */
void fanout_json_shapes_learn (FanoutJsonShapes *shapes, const FanoutJsonWalk *walk,
                               const guint32 *row, const guint32 *feed);
