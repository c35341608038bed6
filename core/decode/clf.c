#include "core/decode/clf.h"
#include <string.h>

/* Bytes that are looked at at a time. */
#define PIECE_MAX 16384
#define PIECE_MIN 1024
#define FIELDS    8192
/* Fields of a line, told apart by blanks outside quotes: the time is two of them. */
#define WORDS_MAX 64
#define STARTS    (FIELDS + WORDS_MAX + 1 + FANOUT_INDEX_SLACK)

/* Where fields are among the words of a line. */
typedef struct
{
  guint host;
  guint time;
  guint request;
  guint least; /* words of a line */
} Layout;

/* What is kept in the chunk. */
typedef struct
{
  FanoutSpansRoom spans;
  guint32 *starts; /* see FanoutIndex */
  guint n_words;   /* of the lines before; 0: unknown */
} Own;

typedef struct
{
  const FanoutScanner *scanner;
  FanoutClfFormat format;
  Layout layout;
  Own *own;
  FanoutBlock *block;
  FanoutChunk *chunk;
  gsize piece;
  gsize row_by_row; /* offset up to which lines are taken one by one */
} Decoder;

static Layout
layout_of (FanoutClfFormat format)
{
  const guint host = format == FANOUT_CLF_VHOST_COMBINED ? 1 : 0;

  return (Layout){ host, host + 3, host + 5, host + (format == FANOUT_CLF_COMMON ? 8 : 10) };
}

static void
free_own (gpointer data)
{
  Own *own = data;

  fanout_spans_room_clear (&own->spans);
  g_free (own->starts);
  g_free (own);
}

static Own *
own_of (FanoutChunk *chunk)
{
  Own *own = chunk->own;

  if (own != NULL)
    return own;
  own = g_new0 (Own, 1);
  fanout_spans_room_init (&own->spans, chunk);
  own->starts = g_new0 (guint32, STARTS);
  fanout_chunk_hold (chunk, STARTS * sizeof *own->starts);
  chunk->own = own;
  chunk->free_own = free_own;
  return own;
}

static gsize
line_length (const char *line, gsize left, gsize *next)
{
  const char *feed = memchr (line, '\n', left);
  const gsize length = feed != NULL ? (gsize) (feed - line) : left;

  *next = length + (feed != NULL ? 1 : 0);
  return length - (feed != NULL && length > 0 && line[length - 1] == '\r' ? 1 : 0);
}

static gboolean
put_fields (const Decoder *self, const FanoutText *fields, GError **error)
{
  for (guint i = 0; i < self->chunk->n_columns; i++)
    {
      const FanoutText text = fanout_clf_plain (self->chunk, fields[self->block->fields[i]]);

      if (!fanout_chunk_put (self->chunk, self->block, i, text.data, text.length, error))
        return FALSE;
    }
  fanout_chunk_end_row (self->chunk, self->block->record);
  return TRUE;
}

/* FALSE with `error` unless the line became a row, is none or was skipped. */
static gboolean
put_line (const Decoder *self, const char *line, gsize length, GError **error)
{
  FanoutText fields[FANOUT_CLF_FIELDS];
  const char *wanted;
  gsize at;

  if (self->chunk->max_row > 0 && length > self->chunk->max_row)
    return fanout_chunk_bad_row (self->chunk, self->block, error,
                                 "a row longer than max-row (%zu bytes)", self->chunk->max_row);
  if (memchr (line, '\0', length) != NULL)
    return fanout_chunk_bad_row (self->chunk, self->block, error, "a NUL byte");
  if (length == 0)
    return TRUE;
  if (!fanout_clf_line (self->format, line, length, fields, &wanted, &at))
    return fanout_chunk_bad_row (self->chunk, self->block, error, "column %zu: %s is wanted%s",
                                 at + 1, wanted, fanout_clf_hint (self->format, line, length));
  return put_fields (self, fields, error);
}

/* One line with all that may be wrong in it. */
static gboolean
decode_line (Decoder *self, GError **error)
{
  FanoutBlock *block = self->block;
  const char *line = block->data + block->offset;
  gsize next;
  const gsize length = line_length (line, block->length - block->offset, &next);

  if (!put_line (self, line, length, error))
    return FALSE;
  fanout_spans_pass (block, next);
  return TRUE;
}

/* How many words the line at `data` has, as many as are of use. */
static guint
count_words (const char *data, gsize length)
{
  gboolean inside = FALSE;
  guint n = 1;

  for (gsize i = 0; i < length && data[i] != '\n' && n < WORDS_MAX; i++)
    {
      inside ^= data[i] == '"';
      n += data[i] == ' ' && !inside;
    }
  return n;
}

/* Whether the words of a line are what fanout_clf_line() would make of it. */
static inline gboolean
is_regular (const Decoder *self, const char *data, const guint32 *starts)
{
  const Layout *layout = &self->layout;
  const guint n = self->own->n_words;
  const char *time = data + starts[layout->time];
  const guint quoted = layout->request + 3;
  guint other = 0;

  for (guint i = 0; i < n; i++)
    other |= starts[i + 1] - starts[i] < 2 || data[starts[i + 1] - 1] != (i + 1 < n ? ' ' : '\n');
  other |= starts[n] - starts[n - 1] < 3 && data[starts[n] - 2] == '\r';
  for (guint i = 0; i < layout->time; i++)
    other |= data[starts[i]] == '"';
  for (guint i = quoted - 2; i < quoted; i++)
    other |= data[starts[i]] == '"';
  other |= data[starts[layout->request]] != '"';
  for (guint i = quoted; i < layout->least; i++)
    other |= data[starts[i]] != '"';
  other |= *time != '[' || data[starts[layout->time + 2] - 2] != ']'
           || memchr (time, ']', starts[layout->time + 2] - 3 - starts[layout->time]) != NULL;
  return other == 0;
}

static inline void
set_text (const FanoutSpans *spans, guint column, FanoutText text)
{
  const gsize start = (gsize) (text.data - spans->data);

  fanout_spans_set (spans, column, start, start + text.length + 1);
}

/* Words `first` to `last` without `edges` bytes at either end. */
static inline void
set_words (const FanoutSpans *spans, guint column, const guint32 *starts, guint first, guint last,
           guint edges)
{
  const gsize start = starts[first] + edges;
  gsize next = starts[last + 1] - edges;

  /* The last word has the end of the line behind it. */
  if (spans->data[next - 2 + edges] == '\r' && spans->data[next - 1 + edges] == '\n')
    next--;
  if (next - start == 2 && spans->data[start] == '-')
    next = start + 1;
  fanout_spans_set (spans, column, start, next);
}

static inline void
set_fields (const Decoder *self, const FanoutSpans *spans, const guint32 *starts)
{
  const Layout *layout = &self->layout;
  const guint request = layout->request;
  FanoutText parts[3];
  gboolean split = FALSE;

  for (guint i = 0; i < self->chunk->n_columns; i++)
    {
      const guint field = self->block->fields[i];

      if (field >= FANOUT_CLF_METHOD && field <= FANOUT_CLF_PROTOCOL)
        {
          const gsize start = starts[request] + 1;
          const gsize length = starts[request + 1] - 2 - start;

          if (!split)
            fanout_clf_request (
                (FanoutText){ spans->data + start,
                              length == 1 && spans->data[start] == '-' ? 0 : length },
                parts);
          split = TRUE;
          set_text (spans, i, parts[field - FANOUT_CLF_METHOD]);
        }
      else if (!fanout_clf_has (self->format, (FanoutClfField) field))
        fanout_spans_set (spans, i, starts[0], starts[0] + 1);
      else if (field <= FANOUT_CLF_USER)
        set_words (spans, i, starts, layout->host + field - FANOUT_CLF_HOST,
                   layout->host + field - FANOUT_CLF_HOST, 0);
      else if (field == FANOUT_CLF_TIME)
        set_words (spans, i, starts, layout->time, layout->time + 1, 1);
      else if (field == FANOUT_CLF_REQUEST)
        set_words (spans, i, starts, request, request, 1);
      else
        set_words (spans, i, starts, request + 1 + field - FANOUT_CLF_STATUS,
                   request + 1 + field - FANOUT_CLF_STATUS, field >= FANOUT_CLF_REFERER);
    }
}

/* The lines of a piece that are as most are. */
static gboolean
decode_regular (Decoder *self, const FanoutIndex *index, gboolean *all, GError **error)
{
  const char *data = self->block->data + self->block->offset;
  const gsize max_row = self->chunk->max_row > 0 ? self->chunk->max_row : G_MAXSIZE - 1;
  const gsize wanted = self->chunk->capacity - self->chunk->n_rows;
  FanoutSpans spans = fanout_spans (&self->own->spans, self->scanner, self->block, self->chunk);
  const guint n = self->own->n_words;
  const guint32 *starts = index->starts;
  const guint32 *end = starts + index->n;

  spans.data = data;
  *all = TRUE;
  for (; starts + n <= end && spans.n_rows < MIN (wanted, spans.rows_max); starts += n)
    {
      if (!is_regular (self, data, starts) || starts[n] - starts[0] > max_row + 1)
        {
          *all = FALSE;
          break;
        }
      set_fields (self, &spans, starts);
      spans.ends[spans.n_rows++] = starts[n];
    }
  *all &= spans.n_rows > 0;
  return fanout_spans_deliver (&spans, error);
}

static gboolean
decode_piece (Decoder *self, GError **error)
{
  const FanoutBlock *block = self->block;
  const char *data = block->data + block->offset;
  gsize length = MIN (block->length - block->offset, self->piece);
  /* It may stand before a quote that closes nothing. */
  const char *escape = memchr (data, '\\', length);
  const gsize wanted = self->chunk->capacity - self->chunk->n_rows;
  FanoutIndex index = {
    .delimiter = ' ',
    .quote = '"',
    .starts = self->own->starts,
    .nexts = self->own->starts,
  };
  gsize looked_at;
  gboolean all;

  if (escape != NULL)
    length = (gsize) (escape - data);
  if (self->own->n_words < self->layout.least)
    self->own->n_words = MAX (count_words (data, length), self->layout.least);
  index.n_fields = self->own->n_words;
  index.limit = MIN (wanted, FIELDS / index.n_fields) * index.n_fields + 1;
  looked_at = self->scanner->index (data, length, TRUE, &index);
  if ((index.found & (FANOUT_FOUND_NUL | FANOUT_FOUND_MISPLACED | FANOUT_FOUND_DOUBLED)) != 0)
    {
      self->row_by_row = block->offset + MAX (looked_at, 1);
      self->piece = PIECE_MIN;
      return TRUE;
    }
  if (!decode_regular (self, &index, &all, error))
    return FALSE;
  if (all)
    self->piece = MIN (2 * self->piece, PIECE_MAX);
  else
    {
      /* Perhaps most lines have another number of words. */
      self->row_by_row = block->offset + 1;
      self->own->n_words = 0;
      self->piece = PIECE_MIN;
    }
  return TRUE;
}

gboolean
fanout_clf_decode_with (const FanoutScanner *scanner, FanoutClfFormat format, FanoutBlock *block,
                        FanoutChunk *chunk, GError **error)
{
  Decoder self = {
    .scanner = scanner,
    .format = format,
    .layout = layout_of (format),
    .own = own_of (chunk),
    .block = block,
    .chunk = chunk,
    .piece = PIECE_MAX,
  };

  for (guint i = 0; i < chunk->n_columns; i++)
    chunk->columns[i].seen |= fanout_clf_has (format, (FanoutClfField) block->fields[i]);
  while (block->offset < block->length && chunk->n_rows < chunk->capacity)
    if (block->offset >= self.row_by_row)
      {
        if (!decode_piece (&self, error))
          return FALSE;
      }
    else if (!decode_line (&self, error))
      return FALSE;
  return TRUE;
}

gboolean
fanout_clf_decode (FanoutClfFormat format, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  return fanout_clf_decode_with (fanout_scanner (), format, block, chunk, error);
}

char **
fanout_clf_names (void)
{
  return g_strdupv ((char **) fanout_clf_columns);
}
