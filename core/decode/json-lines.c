#include "core/decode/json-shape.h"
#include <string.h>

/* Bytes whose tokens are found at a time: with them and the spans they stay near. */
#define PIECE_MAX 16384
#define PIECE_MIN 1024
/* Tokens of a row in a piece. */
#define ROW_ROOM  (PIECE_MAX + FANOUT_JSON_BEHIND)

/* What is kept in the chunk. */
typedef struct
{
  FanoutJsonTree *tree;
  FanoutJsonShapes *shapes;
  guint32 *tokens;
  gsize room;          /* for tokens */
  guint32 *row_tokens; /* of a row in a piece whose marks are known */
  FanoutSpansRoom spans;
} Own;

typedef struct
{
  const FanoutScanner *scanner;
  Own *own;
  FanoutBlock *block;
  FanoutChunk *chunk;
  gsize piece; /* bytes to look at next */
} Decoder;

static void
free_own (gpointer data)
{
  Own *own = data;

  fanout_json_tree_free (own->tree);
  fanout_json_shapes_free (own->shapes);
  g_free (own->tokens);
  g_free (own->row_tokens);
  fanout_spans_room_clear (&own->spans);
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
  own->shapes = fanout_json_shapes_new (chunk->n_columns);
  fanout_spans_room_init (&own->spans, chunk);
  chunk->own = own;
  chunk->free_own = free_own;
  return own;
}

static void
make_room (FanoutChunk *chunk, Own *own, gsize room)
{
  if (own->row_tokens == NULL)
    {
      fanout_chunk_hold (chunk, ROW_ROOM * sizeof *own->row_tokens);
      own->row_tokens = g_new0 (guint32, ROW_ROOM + FANOUT_INDEX_SLACK);
    }
  if (own->room >= room)
    return;
  fanout_chunk_hold (chunk, (room - own->room) * sizeof *own->tokens);
  g_free (own->tokens);
  own->tokens = g_new0 (guint32, room + FANOUT_INDEX_SLACK);
  own->room = room;
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
  fanout_spans_pass (self->block, length + 1);
  return TRUE;
}

/* A string's text; others have no escapes. */
static FanoutText
plain_text (FanoutChunk *chunk, FanoutText text)
{
  char *plain;

  if (text.data[-1] != '"' || memchr (text.data, '\\', text.length) == NULL)
    return text;
  plain = fanout_chunk_text (chunk, text.length);
  return (FanoutText){ plain, fanout_json_unescape (text.data, text.length, plain) };
}

/* How many of the tokens are of whole rows in front of `end`. */
static gsize
count_whole (const char *data, const FanoutTokens *tokens, gsize end)
{
  gsize n = tokens->n;

  while (n > 0 && (data[tokens->at[n - 1]] != '\n' || tokens->at[n - 1] >= end))
    n--;
  return n;
}

/* The same, and in front of what is not right in the texts of these rows. */
static gsize
count_right (const FanoutScanner *scanner, const char *data, const FanoutTokens *tokens)
{
  const gsize n = count_whole (data, tokens, tokens->control);
  const gsize length = n > 0 ? (gsize) tokens->at[n - 1] + 1 : 0;
  gsize wrong = G_MAXSIZE;

  if (tokens->escape)
    wrong = fanout_json_bad_escape (data, length);
  if (tokens->high && !scanner->is_utf8 (data, length))
    wrong = MIN (wrong, fanout_bad_utf8 (data, length));
  return wrong == G_MAXSIZE ? n : count_whole (data, tokens, wrong);
}

/* Find the tokens, or the marks, of the next `length` bytes, with room for `room`; answers how many
 * bytes were looked at. */
static gsize
find_tokens (const Decoder *self, const char *data, gsize length, guint32 *at, gsize room,
             FanoutTokensKind kind, FanoutTokens *tokens)
{
  gsize looked_at;

  tokens->kind = kind;
  tokens->at = at;
  tokens->limit = room - FANOUT_JSON_BEHIND;
  looked_at = self->scanner->tokens (data, length, tokens);
  for (guint i = 0; i < FANOUT_JSON_BEHIND; i++)
    tokens->at[tokens->n + i] = (guint32) looked_at;
  return looked_at;
}

/* The row at `start` of walk->data, whose first token is at `t`: as fanout_json_walk(). */
static const guint32 *
walk_row (const FanoutSpans *spans, FanoutJsonWalk *walk, const guint32 *t, gsize start)
{
  /* Columns that the row lacks are empty. */
  for (guint i = 0; i < spans->chunk->n_columns; i++)
    {
      walk->starts[i] = (guint32) start - walk->origin;
      walk->nexts[i] = (guint32) start + 1 - walk->origin;
    }
  return fanout_json_walk (walk, t);
}

/* The row at `start`, whose first mark is at `t`, is of no known shape: answers where its line feed
 * is; NULL: it is not right. */
static const guint32 *
take_other (const Decoder *self, const FanoutSpans *spans, const FanoutJsonWalk *walk,
            const guint32 *t, gsize start)
{
  const char *row = walk->data + start;
  FanoutJsonWalk alone = *walk;
  FanoutTokens tokens;
  const guint32 *feed;

  while (walk->data[*t] != '\n')
    t++;
  find_tokens (self, row, *t + 1 - start, self->own->row_tokens, ROW_ROOM, FANOUT_TOKENS_ALL,
               &tokens);
  alone.data = row;
  alone.origin -= (guint32) start;
  feed = tokens.control == G_MAXSIZE ? walk_row (spans, &alone, tokens.at, 0) : NULL;
  if (feed == NULL)
    return NULL;
  fanout_json_shapes_learn (self->own->shapes, &alone, tokens.at, feed);
  return t;
}

/* Rows from `start` on, whose first token, or mark, is at `*t`: answers how many of them are right,
 * up to spans->rows_max, with their ends in spans->ends; `*t` is behind their tokens. */
static gsize
take_rows (const Decoder *self, const FanoutSpans *spans, FanoutJsonWalk *walk,
           const FanoutTokens *tokens, const guint32 **t, const guint32 *end, gsize start)
{
  const gsize room = MIN (spans->rows_max, self->chunk->capacity - self->chunk->n_rows);
  const guint n = spans->chunk->n_columns;
  guint32 *ends = spans->ends + spans->n_rows;
  const guint32 *feed;
  gsize n_rows = 0;

  walk->origin = (guint32) spans->origin;
  walk->starts = spans->starts + spans->n_rows * n;
  walk->nexts = spans->nexts + spans->n_rows * n;
  if (tokens->kind == FANOUT_TOKENS_ALL)
    {
      fanout_json_shapes_rest (self->own->shapes);
      feed = walk_row (spans, walk, *t, start);
    }
  else
    {
      const FanoutJsonRows rows = { start, *t, end, room - spans->n_rows };

      n_rows = fanout_json_shapes_rows (self->own->shapes, self->scanner, walk, &rows, ends, t);
      if (G_LIKELY (n_rows > 0))
        return n_rows;
      feed = take_other (self, spans, walk, *t, start);
    }
  if (feed == NULL)
    return 0;
  *ends = *feed + 1;
  *t = feed + 1;
  return 1;
}

/* How many of `n` rows from `start` on are not longer than a row may be. */
static gsize
count_short (const Decoder *self, const char *data, gsize start, const guint32 *ends, gsize n)
{
  const gsize max_row = self->chunk->max_row > 0 ? self->chunk->max_row : G_MAXSIZE;

  if (n == 0 || ends[n - 1] - start <= max_row)
    return n;
  for (gsize i = 0; i < n; start = ends[i++])
    if (ends[i] - 1 - start > max_row && length_of (data + start, ends[i] - 1 - start) > max_row)
      return i;
  return n;
}

/* Whether there is nothing but blanks from `start` to the line feed at `end`. */
static gboolean
is_blank_line (const char *data, gsize start, gsize end)
{
  while (start < end && (data[start] == ' ' || data[start] == '\t' || data[start] == '\r'))
    start++;
  return start == end;
}

/* Decode the whole rows of a piece of the block, or a copy of it, as far as they are right and
 * there is room; `done`: some bytes were. */
static gboolean
decode_rows (const Decoder *self, const char *data, const FanoutTokens *tokens, gsize whole,
             gboolean *done, GError **error)
{
  FanoutJsonWalk walk = { .data = data, .tree = self->own->tree, .columns = self->chunk->columns };
  FanoutSpans spans = fanout_spans (&self->own->spans, self->scanner, self->block, self->chunk);
  const guint32 *end = tokens->at + whole;
  const guint32 *t = tokens->at;
  gsize start = 0;

  spans.data = data;
  spans.plain = tokens->escape ? plain_text : NULL;
  while (t < end && spans.n_rows < spans.rows_max
         && self->chunk->n_rows + spans.n_rows < self->chunk->capacity)
    {
      gsize n, fine;

      if (G_UNLIKELY (data[*t] == '\n') && is_blank_line (data, start, *t))
        {
          if (!fanout_spans_deliver (&spans, error))
            return FALSE;
          fanout_spans_pass (self->block, *t + 1 - start);
          start = *t++ + 1;
          spans.origin = start;
          continue;
        }
      n = take_rows (self, &spans, &walk, tokens, &t, end, start);
      fine = count_short (self, data, start, spans.ends + spans.n_rows, n);
      spans.n_rows += fine;
      if (fine > 0)
        start = spans.ends[spans.n_rows - 1];
      /* Which marks are looked for may have changed. */
      if (fine < n || n == 0
          || (tokens->kind != FANOUT_TOKENS_ALL
              && tokens->kind != fanout_json_shapes_marks (self->own->shapes)))
        break;
    }
  *done = start > 0;
  return fanout_spans_deliver (&spans, error);
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
      looked_at = find_tokens (self, data, length + 1, self->own->tokens, self->own->room,
                               FANOUT_TOKENS_ALL, &tokens);
      if (looked_at <= length && tokens.control == G_MAXSIZE)
        make_room (self->chunk, self->own, 2 * self->own->room);
    }
  while (looked_at <= length && tokens.control == G_MAXSIZE);
  if (!decode_rows (self, data, &tokens, count_right (self->scanner, data, &tokens), &done, error))
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
  Own *own = self->own;
  FanoutTokens tokens;
  const FanoutTokensKind kind = fanout_json_shapes_rest (own->shapes)
                                    ? FANOUT_TOKENS_ALL
                                    : fanout_json_shapes_marks (own->shapes);
  gboolean done = FALSE;

  find_tokens (self, data, length, own->tokens, own->room, kind, &tokens);
  if (tokens.loose)
    find_tokens (self, data, length, own->tokens, own->room, FANOUT_TOKENS_ALL, &tokens);
  if (!decode_rows (self, data, &tokens, count_right (self->scanner, data, &tokens), &done, error))
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
    .piece = PIECE_MAX,
  };

  make_room (chunk, own, PIECE_MAX);
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
