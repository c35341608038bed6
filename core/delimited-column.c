#include "core/delimited.h"
#include "core/number-fast.h"
#include "core/powers.h"
#include "core/scan.h"

/* One column of a piece. */
typedef struct
{
  const FanoutPiece *piece;
  const FanoutBlock *block;
  FanoutChunk *chunk;
  FanoutChunkColumn *column;
  guint field;
  gboolean returns; /* the field is the last one, and a carriage return may be before the row end */
} Run;

typedef struct
{
  const char *text;
  gsize length;
} Field;

/* As in the text, but without the quotes around. */
static inline Field
bare_field (const Run *run, gsize row)
{
  const FanoutPiece *piece = run->piece;
  const guint32 *end = piece->positions + row * piece->n_fields + run->field;
  const guint32 start = end[-1] + 1;

  return (Field){ piece->data + start, end[0] - start };
}

static inline Field
field_at (const Run *run, gsize row)
{
  const gint quote = run->piece->quote;
  Field field = bare_field (run, row);

  if (run->returns && field.length > 0 && field.text[field.length - 1] == '\r')
    field.length--;
  if (quote != FANOUT_QUOTE_NONE && field.length > 0 && field.text[0] == (char) quote)
    {
      field.text++;
      field.length -= 2;
      if (run->piece->doubled && memchr (field.text, quote, field.length) != NULL)
        {
          const FanoutSpan span = { 0, field.length, TRUE };
          char *text = fanout_chunk_text (run->chunk, field.length);

          field.length = fanout_span_unescape (field.text, &span, (char) quote, text);
          field.text = text;
        }
    }
  return field;
}

static inline gboolean
is_simple (const Run *run)
{
  return run->piece->quote == FANOUT_QUOTE_NONE && !run->returns
         && run->chunk->null_values == NULL;
}

static inline guint8
is_null (const Run *run, Field field, gboolean simple)
{
  return field.length == 0
         || (!simple && run->chunk->null_values != NULL
             && fanout_chunk_is_null (run->chunk, field.text, field.length));
}

static inline guint8 *
null_of (const Run *run)
{
  return run->column->null + run->chunk->n_rows;
}

/* The value is no number: TRUE to take it for a null. */
static gboolean
pass_value (const Run *run, gsize row, Field field)
{
  const FanoutPiece *piece = run->piece;
  const FanoutBlock *block = run->block;
  FanoutScan scan = { .quoted = FALSE };

  if (run->chunk->on_bad_value != FANOUT_BAD_PASS)
    return FALSE;
  if (run->chunk->first_nulled == NULL
      || run->chunk->first_nulled_record > block->record + row)
    fanout_scan_lines (piece->data,
                       (gsize) (piece->positions[(gssize) (row * piece->n_fields) - 1] + 1), &scan);
  return fanout_chunk_bad_value (run->chunk, block, block->record + row, block->line + scan.lines,
                                 run->column, field.text, field.length, NULL);
}

/* FALSE: a bad value that fails. */
static gboolean
slow_number (const Run *run, gsize row, Field field)
{
  FanoutChunkColumn *column = run->column;
  const gsize to = run->chunk->n_rows + row;

  if (!is_null (run, field, FALSE))
    {
      if (fanout_chunk_parse (run->chunk, column, to, field.text, field.length))
        return TRUE;
      if (!pass_value (run, row, field))
        return FALSE;
    }
  column->mantissa[to] = 0;
  column->scales[to] = 0;
  column->null[to] = 1;
  column->any_null = TRUE;
  return TRUE;
}

static inline gsize
numbers (const Run *run, gboolean simple)
{
  FanoutChunkColumn *column = run->column;
  gint64 *mantissa = column->mantissa + run->chunk->n_rows;

  for (gsize i = 0; i < run->piece->n_rows; i++)
    {
      const Field field = simple ? bare_field (run, i) : field_at (run, i);
      guint8 scale;
      gint64 value;

      if (!simple && is_null (run, field, FALSE))
        slow_number (run, i, field);
      else if (parse_short (field.text, field.length, &value, &scale) && scale == column->scale
               && !column->mixed)
        {
          mantissa[i] = value;
          column->most_digits = scale;
        }
      else if (!slow_number (run, i, field))
        return i;
    }
  return run->piece->n_rows;
}

static inline void
texts (const Run *run, gboolean simple)
{
  FanoutText *text = run->column->text + run->chunk->n_rows;
  guint8 *null = null_of (run);
  guint any = 0;

  for (gsize i = 0; i < run->piece->n_rows; i++)
    {
      const Field field = simple ? bare_field (run, i) : field_at (run, i);

      text[i].data = field.text;
      text[i].length = field.length;
      null[i] = is_null (run, field, simple);
      any |= null[i];
    }
  run->column->any_null |= any != 0;
}

static inline void
nulls (const Run *run, gboolean simple)
{
  guint8 *null = null_of (run);
  guint any = 0;

  for (gsize i = 0; i < run->piece->n_rows; i++)
    {
      null[i] = is_null (run, simple ? bare_field (run, i) : field_at (run, i), simple);
      any |= null[i];
    }
  run->column->any_null |= any != 0;
}

static gsize
decode_column (const Run *run)
{
  const gboolean simple = is_simple (run);

  switch (run->column->takes)
    {
    case FANOUT_TAKES_NUMBER:
      memset (null_of (run), 0, run->piece->n_rows);
      return simple ? numbers (run, TRUE) : numbers (run, FALSE);
    case FANOUT_TAKES_TEXT:
      if (simple)
        texts (run, TRUE);
      else
        texts (run, FALSE);
      break;
    default:
      if (simple)
        nulls (run, TRUE);
      else
        nulls (run, FALSE);
    }
  return run->piece->n_rows;
}

gsize
fanout_piece_columns (const FanoutPiece *piece, const FanoutBlock *block, FanoutChunk *chunk)
{
  const guint64 rounded = chunk->integers_rounded;
  FanoutPiece good = *piece;

  for (guint i = 0; i < chunk->n_columns; i++)
    {
      Run run = {
        .piece = &good,
        .block = block,
        .chunk = chunk,
        .column = &chunk->columns[i],
        .field = block->fields[i],
        .returns = piece->returns && block->fields[i] + 1 == piece->n_fields,
      };
      const gsize n = decode_column (&run);

      if (n < good.n_rows)
        {
          /* The columns before have gone too far: nothing of a bad row may be counted. */
          good.n_rows = n;
          chunk->integers_rounded = rounded;
          i = G_MAXUINT;
        }
    }
  return good.n_rows;
}
