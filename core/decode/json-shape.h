#pragma once

/**
 * The shapes that rows have had: all but the values of their members. Where the next rows are the
 * same but for values, they are right, and their columns are known, without a look at each token:
 * some of them alone, the marks, tell where values end. Quotes are enough, unless there are arrays
 * of numbers; then brackets, commas and colons are (FanoutTokensKind).
 */

#include "core/decode/json.h"

/** Rows that are looked at together. */
#define FANOUT_JSON_ROWS_MAX 64

typedef struct FanoutJsonShapes FanoutJsonShapes;

FanoutJsonShapes *fanout_json_shapes_new (guint n_columns);
void fanout_json_shapes_free (FanoutJsonShapes *shapes);

/** Rows are too different: the next one is not to be looked for, nor learned. */
gboolean fanout_json_shapes_rest (FanoutJsonShapes *shapes);
/** Which marks are wanted of the next rows. */
FanoutTokensKind fanout_json_shapes_marks (const FanoutJsonShapes *shapes);

/** Rows that begin at `start`, and their marks. */
typedef struct
{
  gsize start;
  const guint32 *marks; /* those of whole rows; none of them is loose */
  const guint32 *marks_end;
  gsize n_max; /* rows wanted, at least 1 */
} FanoutJsonRows;

/** fanout_json_walk() for the first of these rows, as far as they are of a shape that is known and
 * right: answers how many are, at most FANOUT_JSON_ROWS_MAX. Their columns are in walk->starts and
 * walk->nexts, row by row, and in `ends` is what is behind their line feeds. `*marks` is behind
 * theirs. */
gsize fanout_json_shapes_rows (FanoutJsonShapes *shapes, const FanoutScanner *scanner,
                               const FanoutJsonWalk *walk, const FanoutJsonRows *rows,
                               guint32 *ends, const guint32 **marks);
/** The row that is all of walk->data, with the tokens from `row` to `feed`, was right, and the walk
 * has set its columns. */
void fanout_json_shapes_learn (FanoutJsonShapes *shapes, const FanoutJsonWalk *walk,
                               const guint32 *row, const guint32 *feed);
