#pragma once

/**
 * Rows whose values have been found one row at a time, on their way into the columns of a chunk.
 */

#include "core/decode/piece.h"

typedef struct
{
  const FanoutScanner *scanner;
  FanoutBlock *block;
  FanoutChunk *chunk;
  const guint *fields;   /* 0, 1, 2, ... */
  FanoutPlainText plain; /* NULL: all texts are what they mean */
  const char *data;      /* what the rows are in */
  gsize origin;          /* where they begin; block->offset is there, whatever `data` is */
  gsize n_rows;
  gsize rows_max;  /* more must be delivered first */
  guint32 *starts; /* row by row, for each column: from `origin` on; as in FanoutPiece */
  guint32 *nexts;
  guint32 *ends; /* of each row, behind its line feed, in `data` */
} FanoutSpans;

/** What a decoder keeps for FanoutSpans. */
typedef struct
{
  guint *fields;
  guint32 *ends;
  gsize rows_max;
} FanoutSpansRoom;

void fanout_spans_room_init (FanoutSpansRoom *room, const FanoutChunk *chunk);
void fanout_spans_room_clear (FanoutSpansRoom *room);

/** No rows; the caller sets `plain`, `data` and `origin`. */
FanoutSpans fanout_spans (const FanoutSpansRoom *room, const FanoutScanner *scanner,
                          FanoutBlock *block, FanoutChunk *chunk);

/** Put the rows into the chunk and go behind them; the next ones begin there. FALSE with `error` at
 * a bad value that fails. */
gboolean fanout_spans_deliver (FanoutSpans *spans, GError **error);

/** The row at block->offset, which has `length` bytes with its line feed, is done. */
void fanout_spans_pass (FanoutBlock *block, gsize length);

/** In a row that is begun: column `column` is data[start] up to data[next - 2]. */
static inline void
fanout_spans_set (const FanoutSpans *spans, guint column, gsize start, gsize next)
{
  const gsize at = spans->n_rows * spans->chunk->n_columns + column;

  spans->starts[at] = (guint32) (start - spans->origin);
  spans->nexts[at] = (guint32) (next - spans->origin);
}
