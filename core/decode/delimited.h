#pragma once

/** Parts of the decoder of delimited text. */

#include "core/decode/piece.h"

/** The way out, where a quote is not where it should be. */
#define FANOUT_QUOTES_AS_LETTERS "; where quotes are letters: quote = none"

/** One row of a text. */
typedef struct
{
  gsize start;
  gsize end;        /* without the row end */
  gsize next;       /* behind the row end */
  gboolean open;    /* the text ends inside quotes */
  gboolean comment; /* it is none */
} FanoutRowSpan;

/** The row at `start` < `length`, by the parity of quotes alone. */
FanoutRowSpan fanout_row_find (const FanoutDialect *dialect, const char *data, gsize start,
                               gsize length);

/** The fields of a row; FALSE with `field` (from 1) where a quote is out of place. An empty row has
 * no fields. */
gboolean fanout_row_split (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row,
                           GArray *spans, guint *field);

/** The way out, where fanout_row_split() found a quote out of place. */
const char *fanout_quotes_hint (const FanoutDialect *dialect, const char *data,
                                const FanoutRowSpan *row);

/** Whether the line of `length` bytes is none of the rows. */
gboolean fanout_dialect_is_comment (const FanoutDialect *dialect, const char *data, gsize length);

/** fanout_delimited_scan() where there are quotes and comments, in which quotes are letters. */
void fanout_comment_scan (const FanoutDialect *dialect, const char *data, gsize length,
                          FanoutScan *scan);

/** Decode the row at block->offset with all that may be wrong in it; the chunk has room for one. */
gboolean fanout_delimited_row (const FanoutDialect *dialect, FanoutBlock *block, FanoutChunk *chunk,
                               GError **error);

/** The rows of an index, over `length` bytes, that are right for the dialect up to the first that
 * is not, whatever their lengths and whatever is around their fields: at most `max_rows`, into a
 * piece whose data are set. Without FANOUT_FOUND_NUL. */
void fanout_loose_rows (const FanoutDialect *dialect, const FanoutIndex *index, gsize length,
                        gsize max_rows, FanoutChunk *chunk, FanoutPiece *piece);

/** fanout_delimited_decode() with the functions of one kind of processor. */
gboolean fanout_delimited_decode_with (const FanoutScanner *scanner, const FanoutDialect *dialect,
                                       FanoutBlock *block, FanoutChunk *chunk, GError **error);
