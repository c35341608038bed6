#include "core/decode/delimited.h"
#include <string.h>

/* What is indexed at a time: with the starts of its fields it stays in the first-level cache. */
#define PIECE_MAX    16384
#define PIECE_MIN    1024
#define FIELDS       8192
/* Bounds of fields at a time where short rows are filled up to many. */
#define LOOSE_FIELDS 65536
/* A piece of fewer rows is too short: its last row is cut, and was looked at in vain. */
#define ROWS_ENOUGH  8

static gboolean
has_quote (const FanoutDialect *dialect, const char *text)
{
  return text != NULL && dialect->quote >= 0 && strchr (text, dialect->quote) != NULL;
}

gboolean
fanout_dialect_check (const FanoutDialect *dialect, GError **error)
{
  const char *text = NULL;

  if (dialect->delimiter >= 0 && dialect->delimiter == dialect->quote)
    text = "'delimiter' and 'quote' are the same";
  else if (has_quote (dialect, dialect->delimiter_text))
    text = "'quote' is a part of 'delimiter'";
  else if (has_quote (dialect, dialect->comment))
    text = "'quote' is a part of 'comment'";
  else if (dialect->delimiter == FANOUT_DELIMITER_WHITESPACE
           && (dialect->quote == ' ' || dialect->quote == '\t'))
    text = "'quote' is a blank, and so is 'delimiter'";
  else if (dialect->delimiter == '\n' || dialect->delimiter == '\r' || dialect->delimiter == '\0')
    text = "'delimiter' cannot be a line feed, a carriage return or NUL";
  else if (dialect->quote == '\n' || dialect->quote == '\r' || dialect->quote == '\0')
    text = "'quote' cannot be a line feed, a carriage return or NUL";
  if (text == NULL)
    return TRUE;
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, text);
  return FALSE;
}

void
fanout_delimited_scan (const FanoutDialect *dialect, const char *data, gsize length,
                       FanoutScan *scan)
{
  if (dialect->comment != NULL && dialect->quote != FANOUT_QUOTE_NONE)
    fanout_comment_scan (dialect, data, length, scan);
  else
    fanout_scanner ()->scan (data, length, dialect->quote, scan);
}

typedef struct
{
  const FanoutDialect *dialect;
  FanoutBlock *block;
  FanoutChunk *chunk;
  const FanoutScanner *scanner;
  gsize piece_max;  /* bytes to look at next */
  gsize row_by_row; /* offset up to which rows are decoded one by one */
  gboolean quotes;  /* there were some in the last piece */
} Decoder;

/* Index a piece at block->offset; answers how many bytes were looked at. */
static gsize
index_piece (Decoder *self, FanoutIndex *index)
{
  const FanoutBlock *block = self->block;
  const guint n_fields = block->n_fields;
  const char *data = block->data + block->offset;
  const gsize length = MIN (block->length - block->offset, MIN (self->piece_max, G_MAXINT32));
  const gsize room = MAX (FIELDS, ROWS_ENOUGH * (gsize) n_fields + 1);
  const gsize wanted = self->chunk->capacity - self->chunk->n_rows;
  FanoutScratch *scratch = fanout_chunk_scratch (self->chunk, 1 + room + FANOUT_INDEX_SLACK);
  gsize looked_at;

  index->delimiter
      = self->dialect->delimiter == FANOUT_DELIMITER_NONE ? '\n' : self->dialect->delimiter;
  index->quote = self->dialect->quote;
  index->n_fields = n_fields;
  index->starts = scratch->starts;
  index->nexts = scratch->nexts;
  /* One more field: the row end before it has been seen then. */
  index->limit = wanted < room / n_fields ? wanted * n_fields + 1 : room;
  looked_at = self->scanner->index (data, length, self->quotes, index);
  if (!self->quotes && (index->found & FANOUT_FOUND_QUOTE) != 0)
    looked_at = self->scanner->index (data, length, TRUE, index);
  self->quotes = (index->found & FANOUT_FOUND_QUOTE) != 0;
  return looked_at;
}

static FanoutPiece
piece_of (const Decoder *self, const FanoutIndex *index)
{
  const gboolean runs = index->delimiter == FANOUT_DELIMITER_WHITESPACE;
  const gsize wanted = self->chunk->capacity - self->chunk->n_rows;

  return (FanoutPiece){
    .data = self->block->data + self->block->offset,
    .starts = index->starts,
    .nexts = runs ? index->nexts : NULL,
    .n_fields = index->n_fields,
    .n_rows = MIN (runs ? index->n_rows : index->n / index->n_fields, wanted),
    .quote = self->quotes ? index->quote : FANOUT_QUOTE_NONE,
    .doubled = (index->found & FANOUT_FOUND_DOUBLED) != 0,
    .returns = (index->found & FANOUT_FOUND_RETURN) != 0,
    .trim = self->dialect->trim,
  };
}

/* Whether the bounds of an index may not be those of the fields of regular rows. */
static gboolean
is_loose (const Decoder *self, const FanoutIndex *index, gsize looked_at)
{
  const FanoutDialect *dialect = self->dialect;
  const gsize max_row = self->chunk->max_row;
  guint doubts = FANOUT_FOUND_MISPLACED;

  if (dialect->ragged)
    doubts |= FANOUT_FOUND_UNEVEN;
  if (dialect->delimiter != FANOUT_DELIMITER_WHITESPACE)
    return (index->found & doubts) != 0 || dialect->delimiter_text != NULL;
  /* Whether a carriage return is a field of its own depends on what is behind it. */
  doubts |= FANOUT_FOUND_UNEVEN | FANOUT_FOUND_RETURN;
  return (index->found & doubts) != 0 || (max_row > 0 && looked_at > max_row);
}

static gboolean
row_is_regular (const FanoutPiece *piece, gsize row, gsize max_row)
{
  const guint32 *starts = piece->starts + row * piece->n_fields;
  const char *before = piece->data - 1;

  for (guint i = 1; i < piece->n_fields; i++)
    if (before[starts[i]] == '\n')
      return FALSE;
  return before[starts[piece->n_fields]] == '\n'
         && (max_row == 0 || starts[piece->n_fields] - starts[0] <= max_row + 1);
}

/* How many of the rows come before the first comment. */
static gsize
count_before_comment (const FanoutDialect *dialect, const FanoutPiece *piece, gsize looked_at)
{
  gsize n = 0;

  for (; n < piece->n_rows; n++)
    {
      const gsize start = piece->starts[n * piece->n_fields];

      /* Behind blanks it is a field. */
      if (piece->data[start] == dialect->comment[0]
          && (start == 0 || piece->data[start - 1] == '\n')
          && fanout_dialect_is_comment (dialect, piece->data + start, looked_at - start))
        break;
    }
  return n;
}

/* How many rows of the piece come before the first that is not as it should be, or may not be. */
static gsize
count_regular (const FanoutPiece *piece, const FanoutIndex *index, gsize looked_at, gsize max_row)
{
  gsize n = 0;

  if (piece->nexts != NULL
      || ((max_row == 0 || looked_at <= max_row) && (index->found & FANOUT_FOUND_UNEVEN) == 0))
    return piece->n_rows;
  while (n < piece->n_rows && row_is_regular (piece, n, max_row))
    n++;
  return n;
}

/* Where the row behind the first `n_rows` begins. */
static gsize
end_of (const FanoutPiece *piece, gsize n_rows)
{
  const gsize n = n_rows * piece->n_fields;
  gsize at;

  if (piece->ends != NULL)
    return piece->ends[n_rows - 1];
  if (piece->nexts == NULL)
    return piece->starts[n];
  for (at = piece->nexts[n - 1] - 1; piece->data[at] != '\n'; at++)
    ;
  return at + 1;
}

/* The first rows of a piece have been delivered. */
static void
pass_rows (Decoder *self, const FanoutPiece *piece, gsize n_rows)
{
  FanoutBlock *block = self->block;
  gsize length;

  if (n_rows == 0)
    return;
  length = end_of (piece, n_rows);
  if (piece->quote == FANOUT_QUOTE_NONE)
    block->line += n_rows;
  else
    {
      FanoutScan scan = { .quoted = FALSE };

      self->scanner->scan (piece->data, length, FANOUT_QUOTE_NONE, &scan);
      block->line += scan.lines;
    }
  block->record += n_rows;
  block->offset += length;
}

/* Decode what is right of the next piece, and say what comes then, where rows need not be regular.
 */
static void
decode_loose (Decoder *self, const FanoutIndex *index, FanoutPiece *piece, gsize looked_at)
{
  FanoutBlock *block = self->block;
  const gsize before = block->offset;
  const gsize left = block->length - before;
  const gsize wanted = MIN (self->chunk->capacity - self->chunk->n_rows,
                            MAX (LOOSE_FIELDS / index->n_fields, ROWS_ENOUGH));

  fanout_loose_rows (self->dialect, index, looked_at, wanted, self->chunk, piece);
  piece->n_rows = fanout_piece_deliver (piece, block, self->chunk, self->scanner);
  pass_rows (self, piece, piece->n_rows);
  if (piece->n_rows < MIN (index->n_rows, wanted)
      || (piece->n_rows == 0 && looked_at < MIN (left, self->piece_max)))
    {
      /* The next one is not right, or none; there may be another as soon. */
      self->row_by_row = block->offset + 1;
      self->piece_max = CLAMP (2 * (block->offset - before), PIECE_MIN, PIECE_MAX);
    }
  else if (looked_at == left && index->n_rows == 0)
    self->row_by_row = block->length;
  else if (looked_at >= self->piece_max && (looked_at < PIECE_MAX || piece->n_rows < ROWS_ENOUGH))
    self->piece_max *= 2;
}

/* The same of any piece. */
static void
decode_piece (Decoder *self)
{
  FanoutIndex index;
  const gsize looked_at = index_piece (self, &index);
  FanoutPiece piece = piece_of (self, &index);
  const gsize whole = piece.n_rows;

  if ((index.found & FANOUT_FOUND_NUL) != 0)
    {
      self->row_by_row = self->block->offset + looked_at;
      return;
    }
  if (is_loose (self, &index, looked_at))
    {
      decode_loose (self, &index, &piece, looked_at);
      return;
    }
  piece.n_rows = count_regular (&piece, &index, looked_at, self->chunk->max_row);
  if (self->dialect->comment != NULL)
    piece.n_rows = count_before_comment (self->dialect, &piece, looked_at);
  piece.n_rows = fanout_piece_deliver (&piece, self->block, self->chunk, self->scanner);
  pass_rows (self, &piece, piece.n_rows);
  if (piece.n_rows < whole)
    {
      /* One row is not right, or there are many such; the pieces get long again later. */
      self->row_by_row = self->block->offset + (piece.n_rows < ROWS_ENOUGH ? PIECE_MIN : 1);
      self->piece_max = PIECE_MIN;
    }
  else if (looked_at == self->block->length - self->block->offset && whole == 0)
    self->row_by_row = self->block->length;
  else if (looked_at >= self->piece_max && (looked_at < PIECE_MAX || whole < ROWS_ENOUGH))
    self->piece_max *= 2;
}

gboolean
fanout_delimited_decode_with (const FanoutScanner *scanner, const FanoutDialect *dialect,
                              FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  Decoder self = {
    .dialect = dialect,
    .block = block,
    .chunk = chunk,
    .scanner = scanner,
    .piece_max = PIECE_MAX,
  };

  chunk->writing = dialect->writing;
  if (block->n_fields == 0)
    self.row_by_row = block->length;
  while (block->offset < block->length && chunk->n_rows < chunk->capacity)
    if (block->offset >= self.row_by_row)
      decode_piece (&self);
    else if (!fanout_delimited_row (dialect, block, chunk, error))
      return FALSE;
  return TRUE;
}

gboolean
fanout_delimited_decode (const FanoutDialect *dialect, FanoutBlock *block, FanoutChunk *chunk,
                         GError **error)
{
  return fanout_delimited_decode_with (fanout_scanner (), dialect, block, chunk, error);
}
