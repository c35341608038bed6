#include "core/decode/piece.h"
#include <string.h>

/* One column of a piece. */
typedef struct
{
  const FanoutPiece *piece;
  const FanoutBlock *block;
  const FanoutScanner *scanner;
  FanoutChunk *chunk;
  FanoutChunkColumn *column;
  FanoutFields fields;
} Run;

static inline guint32
length_at (const Run *run, gsize row)
{
  return fanout_field_length (fanout_fields_get (&run->fields, row));
}

gsize
fanout_span_unescape (const char *data, const FanoutSpan *span, char quote, char *text)
{
  const char *from = data + span->start;
  const char *end = from + span->length;
  char *to = text;

  while (from < end)
    {
      const char *p = memchr (from, quote, (gsize) (end - from));
      const gsize n = (gsize) ((p != NULL ? p + 1 : end) - from);

      memcpy (to, from, n);
      to += n;
      from += n + (p != NULL);
    }
  return (gsize) (to - text);
}

/* The text of a field, from the arena when quotes are doubled in it. */
static FanoutText
text_of (const Run *run, gsize row)
{
  const FanoutPiece *piece = run->piece;
  const FanoutField field = fanout_fields_get (&run->fields, row);
  FanoutText text = { piece->data + field.start, fanout_field_length (field) };

  if (piece->doubled && text.data[-1] == (char) piece->quote
      && memchr (text.data, piece->quote, text.length) != NULL)
    {
      const FanoutSpan span = { 0, text.length, TRUE };
      char *plain = fanout_chunk_text (run->chunk, text.length);

      text.length = fanout_span_unescape (text.data, &span, (char) piece->quote, plain);
      text.data = plain;
    }
  if (piece->plain != NULL)
    text = piece->plain (run->chunk, text);
  return text;
}

static gboolean
is_null (const Run *run, FanoutText text)
{
  return text.length == 0
         || (run->chunk->null_values != NULL
             && fanout_chunk_is_null (run->chunk, text.data, text.length));
}

/* Copy the fields of a column without a carriage return at the end or quotes around, where there
 * may be some. */
static inline __attribute__ ((always_inline)) void
copy_fields (const FanoutPiece *piece, guint column, gboolean returns, gboolean quotes,
             const guint32 *picked, FanoutField *fields)
{
  const guint32 *starts = piece->starts + column;
  const guint32 *nexts = piece->nexts != NULL ? piece->nexts + column : starts + 1;
  const gsize step = piece->n_fields;

  for (gsize i = 0; i < piece->n_rows; i++)
    {
      const gsize at = (picked != NULL ? picked[i] : i) * step;
      FanoutField field = { starts[at], nexts[at] };

      if (returns)
        field.next -= fanout_field_length (field) > 0 && piece->data[field.next - 2] == '\r';
      if (quotes)
        {
          const guint32 quoted
              = fanout_field_length (field) > 0 && piece->data[field.start] == (char) piece->quote;

          field.start += quoted;
          field.next -= quoted;
        }
      fields[i] = field;
    }
}

/* Blanks around fields are left out; those inside quotes count. */
static void
trim_fields (const FanoutPiece *piece, FanoutField *fields)
{
  for (gsize i = 0; i < piece->n_rows; i++)
    {
      FanoutField field = fields[i];

      if (piece->quote != FANOUT_QUOTE_NONE && piece->data[field.next - 1] == (char) piece->quote)
        continue;
      while (fanout_field_length (field) > 0 && fanout_is_blank (piece->data[field.start]))
        field.start++;
      while (fanout_field_length (field) > 0 && fanout_is_blank (piece->data[field.next - 2]))
        field.next--;
      fields[i] = field;
    }
}

/* Fields that say that there is no value, made empty. */
static void
take_nulls (Run *run, FanoutField *fields)
{
  for (gsize i = 0; i < run->piece->n_rows; i++)
    if (fanout_field_length (fields[i]) > 0 && is_null (run, text_of (run, i)))
      fields[i].start = fields[i].next - 1;
}

/* Where the column's fields are, without quotes and carriage returns; null values are empty. */
static void
find_fields (Run *run, guint field, FanoutField *fields)
{
  const FanoutPiece *piece = run->piece;
  const gboolean returns = piece->returns && field + 1 == piece->n_fields;
  const gboolean quotes = piece->quote != FANOUT_QUOTE_NONE;

  G_STATIC_ASSERT (sizeof (FanoutField) == 2 * sizeof (guint32));
  if (!returns && !quotes && piece->nexts == NULL && run->chunk->null_values == NULL && !piece->trim
      && piece->picked == NULL)
    {
      run->fields = (FanoutFields){ piece->data, piece->starts + field, piece->n_fields };
      return;
    }
  run->fields = (FanoutFields){ piece->data, &fields->start, 2 };
  if (piece->picked != NULL)
    copy_fields (piece, field, returns, quotes, piece->picked, fields);
  else if (!returns && !quotes)
    copy_fields (piece, field, FALSE, FALSE, NULL, fields);
  else if (!returns)
    copy_fields (piece, field, FALSE, TRUE, NULL, fields);
  else if (!quotes)
    copy_fields (piece, field, TRUE, FALSE, NULL, fields);
  else
    copy_fields (piece, field, TRUE, TRUE, NULL, fields);
  if (piece->trim)
    trim_fields (piece, fields);
  if (run->chunk->null_values != NULL)
    take_nulls (run, fields);
}

static guint64
record_of (const Run *run, gsize row)
{
  return run->block->record + (run->piece->picked != NULL ? run->piece->picked[row] : row);
}

static guint64
line_of (const Run *run, gsize row)
{
  FanoutScan scan = { .quoted = FALSE };

  fanout_scan_lines (run->piece->data, run->piece->starts[row * run->piece->n_fields], &scan);
  return run->block->line + scan.lines;
}

/* The value is no number: TRUE to take it for a null. */
static gboolean
pass_value (const Run *run, gsize row, FanoutText text)
{
  const FanoutChunk *chunk = run->chunk;
  const guint64 record = record_of (run, row);
  const gboolean deferred = fanout_chunk_findings (chunk) != NULL;
  const gboolean first
      = !deferred && (chunk->first_nulled == NULL || chunk->first_nulled_record > record);

  if (chunk->on_bad_value != FANOUT_BAD_PASS && !deferred)
    return FALSE;
  return fanout_chunk_bad_value (run->chunk, run->block, record, first ? line_of (run, row) : 0,
                                 run->column, text.data, text.length, NULL);
}

static void
count_rounded (const Run *run, gsize row, FanoutText text)
{
  const FanoutChunk *chunk = run->chunk;
  const guint64 record = record_of (run, row);
  const gboolean first = fanout_chunk_findings (chunk) == NULL
                         && (chunk->first_rounded == NULL || chunk->first_rounded_record > record);

  fanout_chunk_rounded (run->chunk, run->block, record, first ? line_of (run, row) : 0, run->column,
                        text.data, text.length);
}

/* FALSE: a bad value that fails. */
static gboolean
decode_number (const Run *run, gsize row)
{
  FanoutChunkColumn *column = run->column;
  const gsize to = run->chunk->n_rows + row;
  const FanoutText text = text_of (run, row);
  gboolean rounded = FALSE;
  gboolean bad = FALSE;

  if (text.length > 0)
    {
      if (fanout_chunk_parse (run->chunk, column, to, text.data, text.length, &rounded))
        {
          if (G_UNLIKELY (rounded))
            count_rounded (run, row, text);
          return TRUE;
        }
      bad = !fanout_text_is_blank (text.data, text.length);
      if (bad && !pass_value (run, row, text))
        return FALSE;
    }
  column->mantissa[to] = 0;
  column->scales[to] = 0;
  column->null[to] = fanout_chunk_mark (run->chunk, TRUE, bad);
  column->any_null = TRUE;
  return TRUE;
}

/* The short and plain ones in one go, the others one by one; answers how many are good. */
static gsize
decode_numbers (const Run *run)
{
  FanoutChunkColumn *column = run->column;
  const gsize first = run->chunk->n_rows;
  const gsize n = run->piece->n_rows;
  const gboolean plain = fanout_writing_is_plain (&run->chunk->writing);
  FanoutScaled scaled = { column->scale, column->most_digits, FALSE };
  gsize i = 0;

  while (i < n)
    {
      gsize stop;

      if (!column->mixed && plain)
        {
          scaled.scale = column->scale;
          scaled.most_digits = column->most_digits;
          i += run->scanner->numbers (fanout_fields_from (&run->fields, i), n - i,
                                      column->mantissa + first + i, column->null + first + i,
                                      &scaled);
          column->most_digits = scaled.most_digits;
          column->any_null |= scaled.any_null;
        }
      for (stop = MIN (i + FANOUT_NUMBERS_STEP, n); i < stop; i++)
        if (!decode_number (run, i))
          return i;
    }
  return n;
}

static void
mark_nulls (const Run *run)
{
  guint8 *null = run->column->null + run->chunk->n_rows;

  for (gsize i = 0; i < run->piece->n_rows; i++)
    null[i] = length_at (run, i) == 0;
  run->column->any_null = TRUE;
}

static void
decode_texts (const Run *run)
{
  FanoutText *texts = run->column->text + run->chunk->n_rows;
  const FanoutPiece *piece = run->piece;

  if (run->scanner->texts (run->fields, piece->n_rows, texts))
    mark_nulls (run);
  if (piece->doubled)
    for (gsize i = 0; i < piece->n_rows; i++)
      if (texts[i].data[-1] == (char) piece->quote)
        texts[i] = text_of (run, i);
  if (piece->plain != NULL)
    for (gsize i = 0; i < piece->n_rows; i++)
      texts[i] = piece->plain (run->chunk, texts[i]);
}

static void
decode_nothing (const Run *run)
{
  gboolean any = FALSE;

  for (gsize i = 0; i < run->piece->n_rows; i++)
    any |= length_at (run, i) == 0;
  if (any)
    mark_nulls (run);
}

/* The input has no such column. */
static void
decode_missing (const Run *run)
{
  FanoutChunkColumn *column = run->column;
  const gsize first = run->chunk->n_rows;
  const gsize n = run->piece->n_rows;

  memset (column->null + first, 1, n);
  column->any_null = TRUE;
  if (column->takes == FANOUT_TAKES_NUMBER)
    {
      memset (column->mantissa + first, 0, n * sizeof *column->mantissa);
      memset (column->scales + first, 0, n);
    }
  for (gsize i = 0; i < n && column->takes == FANOUT_TAKES_TEXT; i++)
    column->text[first + i] = (FanoutText){ run->piece->data, 0 };
}

static gsize
decode_column (const Run *run)
{
  memset (run->column->null + run->chunk->n_rows, 0, run->piece->n_rows);
  switch (run->column->takes)
    {
    case FANOUT_TAKES_NUMBER:
      return decode_numbers (run);
    case FANOUT_TAKES_TEXT:
      decode_texts (run);
      break;
    default:
      decode_nothing (run);
    }
  return run->piece->n_rows;
}

/* What a piece may count before it is known how many of its rows are good. */
typedef struct
{
  guint64 numbers_rounded;
  gboolean had_first;
  guint n_findings;
} Counted;

static guint
count_findings (const FanoutChunk *chunk)
{
  const GArray *findings = fanout_chunk_findings (chunk);

  return findings != NULL ? findings->len : 0;
}

static void
uncount (FanoutChunk *chunk, Counted before)
{
  chunk->numbers_rounded = before.numbers_rounded;
  if (!before.had_first)
    g_clear_pointer (&chunk->first_rounded, g_free);
  if (fanout_chunk_findings (chunk) != NULL)
    g_array_set_size (fanout_chunk_findings (chunk), before.n_findings);
}

/* How many rows are good in one column. */
static gsize
fill_column (const FanoutPiece *piece, const FanoutBlock *block, FanoutChunk *chunk, guint column,
             const FanoutScanner *scanner)
{
  Run run = {
    .piece = piece,
    .block = block,
    .scanner = scanner,
    .chunk = chunk,
    .column = &chunk->columns[column],
  };

  if (block->fields[column] == FANOUT_FIELD_NONE)
    {
      decode_missing (&run);
      return piece->n_rows;
    }
  find_fields (&run, block->fields[column], fanout_chunk_scratch (chunk, 0)->fields);
  return decode_column (&run);
}

static gsize
fill_columns (const FanoutPiece *piece, const FanoutBlock *block, FanoutChunk *chunk,
              const FanoutScanner *scanner)
{
  const Counted before
      = { chunk->numbers_rounded, chunk->first_rounded != NULL, count_findings (chunk) };
  FanoutPiece good = *piece;

  for (guint i = 0; i < chunk->n_columns && good.n_rows > 0; i++)
    {
      const gsize n = fill_column (&good, block, chunk, i, scanner);

      if (n < good.n_rows)
        {
          /* The columns before have gone too far: nothing of a bad row may be counted. */
          good.n_rows = n;
          uncount (chunk, before);
          i = G_MAXUINT;
        }
    }
  return good.n_rows;
}

/* The columns that a filter reads, or all others. */
static void
fill_some (const FanoutPiece *piece, const FanoutBlock *block, FanoutChunk *chunk,
           const FanoutScanner *scanner, const guint8 *reads, guint8 which)
{
  for (guint c = 0; c < chunk->n_columns && piece->n_rows > 0; c++)
    if (reads[c] == which)
      fill_column (piece, block, chunk, c, scanner);
}

static void
pick_some (FanoutChunk *chunk, const guint32 *kept, gsize n, const guint8 *reads, guint8 which)
{
  for (guint c = 0; c < chunk->n_columns; c++)
    if (reads[c] == which)
      fanout_chunk_pick (&chunk->columns[c], chunk->n_rows, kept, n);
}

/* What decides about the rows is read first, and the rest of those alone that are kept, unless they
 * are most: then it is less work to read all of it. */
static void
deliver_some (const FanoutPiece *piece, const FanoutBlock *block, FanoutChunk *chunk,
              const FanoutScanner *scanner, const FanoutChunkFilter *filter)
{
  guint32 *kept = fanout_chunk_scratch (chunk, 0)->kept;
  FanoutPiece picked = *piece;
  gsize n;

  fill_some (piece, block, chunk, scanner, filter->reads, 1);
  n = filter->keep (filter->data, chunk, block, piece->n_rows, kept);
  if (n < piece->n_rows)
    pick_some (chunk, kept, n, filter->reads, 1);
  if (n > piece->n_rows / 2)
    {
      fill_some (piece, block, chunk, scanner, filter->reads, 0);
      if (n < piece->n_rows)
        pick_some (chunk, kept, n, filter->reads, 0);
    }
  else
    {
      picked.picked = kept;
      picked.n_rows = n;
      fill_some (&picked, block, chunk, scanner, filter->reads, 0);
    }
  fanout_chunk_end_picked (chunk, block->record, kept, n);
}

gsize
fanout_piece_deliver (const FanoutPiece *piece, const FanoutBlock *block, FanoutChunk *chunk,
                      const FanoutScanner *scanner)
{
  const FanoutChunkFilter *filter = fanout_chunk_filter (chunk);
  gsize n = piece->n_rows;

  if (filter != NULL)
    deliver_some (piece, block, chunk, scanner, filter);
  else
    {
      n = fill_columns (piece, block, chunk, scanner);
      fanout_chunk_end_rows (chunk, block->record, n);
    }
  return n;
}
