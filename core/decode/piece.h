#pragma once

/** Rows whose fields have been found, into the columns of a chunk. */

#include "core/decode/chunk.h"

/** Write a field with each doubled quote once; answers its new length, at most span->length. */
gsize fanout_span_unescape (const char *data, const FanoutSpan *span, char quote, char *text);

/** A text as it stands to what it means; from the arena of the chunk where the two differ. */
typedef FanoutText (*FanoutPlainText) (FanoutChunk *chunk, FanoutText text);

/** Whole rows that are right: the number of fields, the quotes. */
typedef struct
{
  const char *data;
  const guint32 *starts; /* of fields, row by row, and behind the last one; see FanoutIndex */
  const guint32 *nexts;  /* NULL: starts + 1 */
  const guint32 *ends;   /* of rows, with their row ends; NULL: at the next row, or behind blanks */
  guint n_fields;
  gsize n_rows;
  gint quote;            /* FANOUT_QUOTE_NONE when there is none in them */
  gboolean doubled;      /* there are doubled quotes */
  gboolean returns;      /* there are carriage returns */
  gboolean trim;         /* blanks around fields do not count */
  FanoutPlainText plain; /* NULL: texts are what they mean, but for doubled quotes */
  const guint32 *picked; /* which rows of another piece these are; NULL: all, one by one */
} FanoutPiece;

/** Put the rows into the chunk, the first one as number block->record. Answers how many are good:
 * less than piece->n_rows when the next one has a bad value that fails. What the chunk's filter
 * does not keep is good too, but not put. */
gsize fanout_piece_deliver (const FanoutPiece *piece, const FanoutBlock *block, FanoutChunk *chunk,
                            const FanoutScanner *scanner);
