#include "core/decode/delimited.h"
#include "core/decode/json.h"
#include <string.h>

/* Bytes whose tokens are found at a time: with them and the spans they stay near. */
#define PIECE_MAX 16384
#define PIECE_MIN 1024
/* Spans of one piece. */
#define SPANS     8192

/* What is kept in the chunk. */
typedef struct
{
  FanoutJsonTree *tree;
  guint *fields; /* of a block: column i is field i */
  guint32 *tokens;
  gsize room; /* for tokens */
  guint32 *ends;
  gsize rows_max; /* of one piece: room for ends */
} Own;

typedef struct
{
  const FanoutScanner *scanner;
  Own *own;
  FanoutBlock *block;
  FanoutChunk *chunk;
  FanoutScratch *scratch;
  gsize piece; /* bytes to look at next */
} Decoder;

/* Whole rows of a piece, one behind the other, that are right. */
typedef struct
{
  const char *data; /* the piece */
  gsize origin;     /* where they begin */
  gsize n_rows;
  gboolean escapes;
} Rows;

static void
free_own (gpointer data)
{
  Own *own = data;

  fanout_json_tree_free (own->tree);
  g_free (own->fields);
  g_free (own->tokens);
  g_free (own->ends);
  g_free (own);
}

static Own *
own_of (FanoutChunk *chunk)
{
  Own *own = chunk->own;

  if (own != NULL)
    return own;
  own = g_new0 (Own, 1);
  own->tree = fanout_json_tree_new (chunk);
  own->fields = g_new (guint, MAX (chunk->n_columns, 1));
  for (guint i = 0; i < chunk->n_columns; i++)
    own->fields[i] = i;
  own->rows_max = MAX (SPANS / MAX (chunk->n_columns, 1), 8);
  own->ends = g_new (guint32, own->rows_max);
  chunk->own = own;
  chunk->free_own = free_own;
  return own;
}

static void
make_room (Own *own, gsize room)
{
  if (own->room >= room)
    return;
  g_free (own->tokens);
  own->tokens = g_new0 (guint32, room + FANOUT_INDEX_SLACK);
  own->room = room;
}

/* The row at block->offset, which has `length` bytes with its line feed, is done. */
static void
pass_row (FanoutBlock *block, gsize length)
{
  block->offset = MIN (block->offset + length, block->length);
  block->line++;
  block->record++;
}

/* Bytes of a row without its end. */
static gsize
length_of (const char *row, gsize length)
{
  return length - (length > 0 && row[length - 1] == '\r');
}

/* FALSE with `error` unless the row at block->offset, which has `length` bytes, is skipped. */
static gboolean
refuse (const Decoder *self, gsize length, GError **error)
{
  const char *row = self->block->data + self->block->offset;
  const gsize max_row = self->chunk->max_row;
  g_autofree char *reason = NULL;

  if (max_row > 0 && length_of (row, length) > max_row)
    {
      if (!fanout_chunk_bad_row (self->chunk, self->block, error,
                                 "a row longer than max-row (%zu bytes)", max_row))
        return FALSE;
    }
  else
    {
      reason = fanout_json_reason (self->scanner, row, length_of (row, length));
      if (!fanout_chunk_bad_row (self->chunk, self->block, error, "%s", reason))
        return FALSE;
    }
  pass_row (self->block, length + 1);
  return TRUE;
}

/* The row behind those that piece_columns() could take has a bad value: say so. */
static gboolean
put_row (const Decoder *self, const Rows *rows, gsize row, GError **error)
{
  const guint n = self->chunk->n_columns;

  for (guint i = 0; i < n; i++)
    {
      const char *text = rows->data + rows->origin + self->scratch->starts[row * n + i];
      gsize length = self->scratch->nexts[row * n + i] - self->scratch->starts[row * n + i] - 1;

      if (length > 0 && text[-1] == '"' && memchr (text, '\\', length) != NULL)
        {
          char *plain = fanout_chunk_text (self->chunk, length);

          length = fanout_json_unescape (text, length, plain);
          text = plain;
        }
      if (!fanout_chunk_put (self->chunk, self->block, i, text, length, error))
        return FALSE;
    }
  fanout_chunk_end_row (self->chunk, self->block->record);
  return TRUE;
}

/* Put rows into the chunk, and go behind them. */
static gboolean
deliver (const Decoder *self, const Rows *rows, GError **error)
{
  FanoutBlock *block = self->block;
  FanoutBlock mapped = *block;
  const FanoutPiece piece = {
    .data = rows->data + rows->origin,
    .starts = self->scratch->starts,
    .nexts = self->scratch->nexts,
    .n_fields = self->chunk->n_columns,
    .n_rows = rows->n_rows,
    .quote = FANOUT_QUOTE_NONE,
    .escapes = rows->escapes,
  };
  const guint32 *ends = self->own->ends;
  gsize n;

  if (rows->n_rows == 0)
    return TRUE;
  mapped.fields = self->own->fields;
  n = fanout_piece_columns (&piece, &mapped, self->chunk, self->scanner);
  fanout_chunk_end_rows (self->chunk, block->record, n);
  block->record += n;
  block->line += n;
  if (n > 0)
    block->offset = MIN (block->offset + ends[n - 1] - rows->origin, block->length);
  if (n == rows->n_rows)
    return TRUE;
  if (!put_row (self, rows, n, error))
    return FALSE;
  pass_row (block, ends[n] - (n > 0 ? ends[n - 1] : rows->origin));
  return TRUE;
}

/* Where what is not right begins, or may; G_MAXSIZE: nowhere. */
static gsize
find_trouble (const char *data, gsize length, const FanoutTokens *tokens)
{
  gsize trouble = tokens->control;

  if (tokens->escape)
    trouble = MIN (trouble, fanout_json_bad_escape (data, MIN (length, trouble)));
  if (tokens->high)
    trouble = MIN (trouble, fanout_json_bad_utf8 (data, MIN (length, trouble)));
  return trouble;
}

/* How many tokens are of whole rows in front of the trouble. */
static gsize
count_whole (const char *data, const FanoutTokens *tokens, gsize trouble)
{
  gsize n = tokens->n;

  while (n > 0 && (data[tokens->at[n - 1]] != '\n' || tokens->at[n - 1] >= trouble))
    n--;
  return n;
}

/* Columns that a row lacks are empty. */
static inline void
begin_row (const Decoder *self, FanoutJsonWalk *walk, const Rows *rows, gsize start)
{
  const guint n = self->chunk->n_columns;

  walk->starts = self->scratch->starts + rows->n_rows * n;
  walk->nexts = self->scratch->nexts + rows->n_rows * n;
  walk->origin = rows->origin;
  for (guint i = 0; i < n; i++)
    {
      walk->starts[i] = (guint32) (start - rows->origin);
      walk->nexts[i] = (guint32) (start - rows->origin) + 1;
    }
}

/* Decode the whole rows of a piece of the block, or a copy of it, as far as they are right and
 * there is room; `done`: some bytes were. */
static gboolean
decode_rows (const Decoder *self, const char *data, const FanoutTokens *tokens, gsize whole,
             gboolean *done, GError **error)
{
  FanoutJsonWalk walk = { .data = data, .tree = self->own->tree, .columns = self->chunk->columns };
  const gsize max_row = self->chunk->max_row > 0 ? self->chunk->max_row : G_MAXSIZE;
  const gsize wanted = self->chunk->capacity - self->chunk->n_rows;
  const guint32 *end = tokens->at + whole;
  const guint32 *t = tokens->at;
  Rows rows = { .data = data, .escapes = tokens->escape };
  gsize delivered = 0;
  gsize start = 0;

  while (t < end && delivered + rows.n_rows < wanted && rows.n_rows < self->own->rows_max)
    {
      const guint32 *next;

      if (G_UNLIKELY (data[*t] == '\n'))
        {
          if (!deliver (self, &rows, error))
            return FALSE;
          delivered += rows.n_rows;
          pass_row (self->block, *t + 1 - start);
          start = *t++ + 1;
          rows.origin = start;
          rows.n_rows = 0;
          continue;
        }
      begin_row (self, &walk, &rows, start);
      next = fanout_json_walk (&walk, t);
      if (next == NULL || length_of (data + start, *next - start) > max_row)
        break;
      start = *next + 1;
      self->own->ends[rows.n_rows++] = (guint32) start;
      t = next + 1;
    }
  *done = start > 0;
  return deliver (self, &rows, error);
}

/* Find the tokens of the next `length` bytes; answers how many were looked at. */
static gsize
find_tokens (const Decoder *self, const char *data, gsize length, FanoutTokens *tokens)
{
  gsize looked_at;

  tokens->at = self->own->tokens;
  tokens->limit = self->own->room - FANOUT_JSON_BEHIND;
  looked_at = self->scanner->tokens (data, length, tokens);
  for (guint i = 0; i < FANOUT_JSON_BEHIND; i++)
    tokens->at[tokens->n + i] = (guint32) looked_at;
  return looked_at;
}

/* The last row of an input may lack its line feed: give it one. */
static const char *
complete_row (const Decoder *self, gsize length)
{
  char *row = fanout_chunk_text (self->chunk, length + 1);

  memcpy (row, self->block->data + self->block->offset, length);
  row[length] = '\n';
  return row;
}

/* Nothing could be done: either the piece was too short, or its first row is bad. */
static gboolean
decode_one (Decoder *self, GError **error)
{
  const char *data = self->block->data + self->block->offset;
  const gsize left = self->block->length - self->block->offset;
  const char *feed = memchr (data, '\n', left);
  const gsize length = feed != NULL ? (gsize) (feed - data) : left;
  const gsize max_row = self->chunk->max_row;
  FanoutTokens tokens;
  gboolean done = FALSE;
  gsize looked_at;

  self->piece = PIECE_MIN;
  if (max_row > 0 && length_of (data, length) > max_row)
    return refuse (self, length, error);
  if (feed == NULL)
    data = complete_row (self, length);
  do
    {
      looked_at = find_tokens (self, data, length + 1, &tokens);
      if (looked_at <= length && tokens.control == G_MAXSIZE)
        make_room (self->own, 2 * self->own->room);
    }
  while (looked_at <= length && tokens.control == G_MAXSIZE);
  if (!decode_rows (self, data, &tokens,
                    count_whole (data, &tokens, find_trouble (data, looked_at, &tokens)), &done,
                    error))
    return FALSE;
  return done || refuse (self, length, error);
}

static gboolean
decode_piece (Decoder *self, GError **error)
{
  const char *data = self->block->data + self->block->offset;
  const gsize wanted = self->chunk->capacity - self->chunk->n_rows;
  const gsize length
      = MIN (self->block->length - self->block->offset, MIN (self->piece, wanted * PIECE_MIN));
  FanoutTokens tokens;
  gboolean done = FALSE;
  gsize looked_at = find_tokens (self, data, length, &tokens);

  if (!decode_rows (self, data, &tokens,
                    count_whole (data, &tokens, find_trouble (data, looked_at, &tokens)), &done,
                    error))
    return FALSE;
  if (!done)
    return decode_one (self, error);
  self->piece = MIN (2 * self->piece, PIECE_MAX);
  return TRUE;
}

gboolean
fanout_json_decode_with (const FanoutScanner *scanner, FanoutBlock *block, FanoutChunk *chunk,
                         GError **error)
{
  Own *own = own_of (chunk);
  Decoder self = {
    .scanner = scanner,
    .own = own,
    .block = block,
    .chunk = chunk,
    .scratch = fanout_chunk_scratch (chunk, own->rows_max * MAX (chunk->n_columns, 1) + 1),
    .piece = PIECE_MAX,
  };

  make_room (own, PIECE_MAX);
  while (block->offset < block->length && chunk->n_rows < chunk->capacity)
    if (!decode_piece (&self, error))
      return FALSE;
  return TRUE;
}

gboolean
fanout_json_decode (FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  return fanout_json_decode_with (fanout_scanner (), block, chunk, error);
}

gboolean
fanout_json_column (const char *name, GError **error)
{
  return fanout_json_path_check (name, error);
}
