#pragma once

/**
 * The shapes that rows have had: all but the values of their members. Where the next row is the
 * same but for values, it is right, and its columns are known, without a look at each token.
 */

#include "core/decode/json.h"

typedef struct FanoutJsonShapes FanoutJsonShapes;

FanoutJsonShapes *fanout_json_shapes_new (guint n_columns);
void fanout_json_shapes_free (FanoutJsonShapes *shapes);

/** fanout_json_walk() for a row that begins at `start`, if it is of a shape that is known: NULL
 * where it is not, or not right. */
const guint32 *fanout_json_shapes_row (FanoutJsonShapes *shapes, const FanoutJsonWalk *walk,
                                       const guint32 *t, gsize start);
/** The row with the tokens from `row` to `feed` was right, and the walk has set its columns. */
void fanout_json_shapes_learn (FanoutJsonShapes *shapes, const FanoutJsonWalk *walk,
                               const guint32 *row, const guint32 *feed, gsize start);
