#pragma once

/** What comes next in the stream: who holds the reader's `claim` says that. */

#include "core/input/private.h"

/** What a lane has claimed. */
typedef struct
{
  FanoutReaderInput *input;
  guint64 ticket;
  guint64 offset; /* not of sequential inputs */
  gsize length;
  gboolean first; /* of its input */
  gboolean last;
  gboolean whole;   /* rows end where it ends, whatever was quoted */
  gboolean joined;  /* the row that it ends in goes on in the next file of its input, */
  gboolean torn;    /* or there is no end of it */
  gboolean skipped; /* its rows are not wanted */
  gboolean stretch; /* behind the part: all that is wanted is the end of the row that it began */
  GError *error;    /* in place of bytes */
} FanoutPiece;

/** The next one, with its bytes in the lane where its input is sequential. A failure takes its turn
 * as a piece does: only then is it known at which row it comes. BLOCK, or as fanout_reader_next. */
FanoutRead fanout_piece_claim (FanoutLane *lane, FanoutPiece *piece, GCancellable *cancellable,
                               GError **error);
