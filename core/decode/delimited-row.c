#include "core/decode/delimited.h"
#include <string.h>

/* The first of two bytes from `p` on, or `end`. `quote` may be FANOUT_QUOTE_NONE. */
static const char *
find_either (const char *p, const char *end, gint quote, char c)
{
  if (quote == FANOUT_QUOTE_NONE)
    p = memchr (p, c, (gsize) (end - p));
  else
    while (p < end && *p != c && *p != (char) quote)
      p++;
  return p != NULL ? p : end;
}

FanoutRowSpan
fanout_row_find (const FanoutDialect *dialect, const char *data, gsize start, gsize length)
{
  const char *end = data + length;
  const char *p = data + start;
  FanoutRowSpan row = { .start = start, .end = length, .next = length };
  gint quote = dialect->quote;

  row.comment = fanout_dialect_is_comment (dialect, p, length - start);
  if (row.comment)
    quote = FANOUT_QUOTE_NONE;
  while ((p = find_either (p, end, quote, '\n')) < end)
    {
      if (*p == '\n')
        {
          row.end = (gsize) (p - data);
          row.next = row.end + 1;
          row.end -= row.end > start && p[-1] == '\r';
          return row;
        }
      p = memchr (p + 1, quote, (gsize) (end - p - 1));
      if (p == NULL)
        {
          row.open = TRUE;
          return row;
        }
      p++;
    }
  return row;
}

/* Bytes of the delimiter at `at`, before the end of the row; 0: there is none. */
static gsize
delimiter_at (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row, gsize at)
{
  const char *text = dialect->delimiter_text;
  gsize n;

  if (dialect->delimiter == FANOUT_DELIMITER_WHITESPACE)
    return fanout_is_blank (data[at]) ? 1 : 0;
  if (data[at] != (char) dialect->delimiter || text == NULL)
    return data[at] == (char) dialect->delimiter;
  for (n = 1; text[n] != '\0' && at + n < row->end && data[at + n] == text[n];)
    n++;
  return text[n] == '\0' ? n : 0;
}

/* Whether a field ends before the byte at `at`. */
static gboolean
ends_field (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row, gsize at)
{
  return at == row->end || delimiter_at (dialect, data, row, at) > 0;
}

/* The same of a run of blanks that do not count. */
static gsize
trim_at (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row, gsize at)
{
  if (dialect->trim)
    while (!ends_field (dialect, data, row, at) && fanout_is_blank (data[at]))
      at++;
  return at;
}

/* The field at `at`, which opens with a quote; FALSE when text follows the closing one. */
static gboolean
take_quoted (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row, gsize *at,
             FanoutSpan *span)
{
  const char quote = (char) dialect->quote;
  gsize p = *at + 1;

  span->start = p;
  for (;; p += 2)
    {
      while (p < row->end && data[p] != quote)
        p++;
      if (p == row->end)
        return FALSE;
      if (p + 1 == row->end || data[p + 1] != quote)
        break;
      span->doubled = TRUE;
    }
  span->length = p - span->start;
  *at = trim_at (dialect, data, row, p + 1);
  return ends_field (dialect, data, row, *at);
}

static gboolean
take_plain (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row, gsize *at,
            FanoutSpan *span)
{
  gsize p = *at;

  span->start = p;
  if (dialect->delimiter == FANOUT_DELIMITER_NONE)
    p = row->end;
  else
    while (!ends_field (dialect, data, row, p))
      p++;
  *at = p;
  if (dialect->trim)
    while (p > span->start && fanout_is_blank (data[p - 1]))
      p--;
  span->length = p - span->start;
  return dialect->quote == FANOUT_QUOTE_NONE
         || memchr (data + span->start, dialect->quote, span->length) == NULL;
}

static gboolean
take_field (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row, gsize *at,
            GArray *spans)
{
  FanoutSpan span = { 0, 0, FALSE };
  gboolean quoted;

  *at = trim_at (dialect, data, row, *at);
  quoted
      = dialect->quote != FANOUT_QUOTE_NONE && *at < row->end && data[*at] == (char) dialect->quote;

  if (!(quoted ? take_quoted : take_plain) (dialect, data, row, at, &span))
    return FALSE;
  g_array_append_val (spans, span);
  return TRUE;
}

static gsize
skip_blanks (const char *data, gsize at, gsize end)
{
  while (at < end && fanout_is_blank (data[at]))
    at++;
  return at;
}

gboolean
fanout_row_split (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row,
                  GArray *spans, guint *field)
{
  const gboolean runs = dialect->delimiter == FANOUT_DELIMITER_WHITESPACE;
  gsize at = row->start;

  g_array_set_size (spans, 0);
  if (runs)
    at = skip_blanks (data, at, row->end);
  if (trim_at (dialect, data, row, at) == row->end)
    return TRUE;
  for (;;)
    {
      *field = spans->len + 1;
      if (!take_field (dialect, data, row, &at, spans))
        return FALSE;
      if (runs)
        {
          at = skip_blanks (data, at, row->end);
          if (at == row->end)
            return TRUE;
        }
      else if (at == row->end)
        return TRUE;
      else
        at += delimiter_at (dialect, data, row, at);
    }
}

/* What to say of a row in which quotes are right for another delimiter; NULL: it has none. */
static const char *
delimiter_hint (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row)
{
  static const struct
  {
    gint delimiter;
    const char *hint;
  } others[] = {
    { ',', "; where fields end in commas: delimiter = ," },
    { ';', "; where fields end in semicolons: delimiter = ;" },
    { '\t', "; where fields end in tabs: delimiter = tab" },
    { '|', "; where fields end in '|': delimiter = |" },
  };
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (FanoutSpan));
  FanoutDialect other = { .quote = dialect->quote, .trim = dialect->trim };
  guint field;

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      other.delimiter = others[i].delimiter;
      if (fanout_row_split (&other, data, row, spans, &field) && spans->len > 1)
        return others[i].hint;
    }
  return NULL;
}

/* The way out where quotes may be letters, or have backslashes in front of them. */
static const char *
letters_hint (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row)
{
  if (dialect->quote != '"' || memmem (data + row->start, row->end - row->start, "\\\"", 2) == NULL)
    return FANOUT_QUOTES_AS_LETTERS;
  return "; where \\\" stands for a quote, it is doubled in what comes from: sed "
         "'s/\\\\\"/\"\"/g'" FANOUT_QUOTES_AS_LETTERS;
}

const char *
fanout_quotes_hint (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (FanoutSpan));
  FanoutDialect trimmed = *dialect;
  const char *delimiter;
  guint field;

  trimmed.trim = TRUE;
  if (!dialect->trim && fanout_row_split (&trimmed, data, row, spans, &field))
    return "; where there are blanks around quotes: trim = true";
  if (data[row->start] == '{' && data[row->end - 1] == '}')
    return "; where lines are JSON: type = jsonl";
  delimiter = delimiter_hint (dialect, data, row);
  return delimiter != NULL ? delimiter : letters_hint (dialect, data, row);
}

static gboolean
put_field (const FanoutDialect *dialect, const FanoutBlock *block, FanoutChunk *chunk, guint column,
           const FanoutSpan *span, GError **error)
{
  const char *text = block->data + span->start;
  gsize length = span->length;

  if (span->doubled)
    {
      char *plain = fanout_chunk_text (chunk, span->length);

      length = fanout_span_unescape (block->data, span, (char) dialect->quote, plain);
      text = plain;
    }
  return fanout_chunk_put (chunk, block, column, text, length, error);
}

static gboolean
put_row (const FanoutDialect *dialect, const FanoutBlock *block, FanoutChunk *chunk,
         const GArray *spans, GError **error)
{
  const FanoutSpan nothing = { block->offset, 0, FALSE };

  for (guint i = 0; i < chunk->n_columns; i++)
    {
      const guint field = block->fields[i];
      const FanoutSpan *span
          = field < spans->len ? &g_array_index (spans, FanoutSpan, field) : &nothing;

      if (!put_field (dialect, block, chunk, i, span, error))
        return FALSE;
    }
  fanout_chunk_end_row (chunk, block->record);
  return TRUE;
}

/* Where the quote stands that opens what is never closed: the last one of an odd number. */
static guint64
opening_line (const FanoutDialect *dialect, const FanoutBlock *block, const FanoutRowSpan *row)
{
  const char *data = block->data + row->start;
  FanoutScan scan = { .quoted = FALSE };
  gsize last = row->end - row->start;

  while (last > 0 && data[last - 1] != (char) dialect->quote)
    last--;
  fanout_scan_lines (data, last, &scan);
  return block->line + scan.lines;
}

/* FALSE with `error` unless the row is skipped. A long row may be cut: where it ends is not known
 * then. */
static gboolean
refuse_long (const FanoutDialect *dialect, const FanoutBlock *block, FanoutChunk *chunk,
             const FanoutRowSpan *row, GError **error)
{
  const char *data = block->data + row->start;
  gboolean open = FALSE;
  const char *hint;

  /* How much of it is here depends on the blocks. */
  for (gsize i = 0; dialect->quote != FANOUT_QUOTE_NONE && i < chunk->max_row; i++)
    open ^= data[i] == (char) dialect->quote;
  hint = open ? "; it is inside of quotes there" FANOUT_QUOTES_AS_LETTERS : "";

  return fanout_chunk_bad_lines (chunk, block,
                                 row->next > row->end ? row->end - row->start : G_MAXSIZE, error,
                                 "a row longer than max-row (%zu byte%s)%s", chunk->max_row,
                                 chunk->max_row == 1 ? "" : "s", hint);
}

/* The same. */
static gboolean
refuse_open (const FanoutDialect *dialect, const FanoutBlock *block, FanoutChunk *chunk,
             const FanoutRowSpan *row, GError **error)
{
  const guint64 line = opening_line (dialect, block, row);
  g_autofree char *where = line == block->line
                               ? g_strdup ("in this row")
                               : g_strdup_printf ("that opens in line %" G_GUINT64_FORMAT, line);

  return fanout_chunk_bad_lines (
      chunk, block, row->end - row->start - (block->data[row->end - 1] == '\n'), error,
      "a quote %s is never closed%s", where, letters_hint (dialect, block->data, row));
}

/* Whether it separates a header, or frames a table, for people. */
static gboolean
is_drawn (const char *row, gsize length)
{
  gsize n_strokes = 0;
  gsize i = 0;

  for (; i < length && strchr ("-=+|: \t\r", row[i]) != NULL && row[i] != '\0'; i++)
    n_strokes += row[i] == '-' || row[i] == '=';
  return i == length && n_strokes >= 3;
}

/* What to do about a row with another number of fields. */
static const char *
number_hint (const FanoutDialect *dialect, const FanoutBlock *block, const FanoutRowSpan *row,
             const GArray *spans)
{
  const FanoutSpan *last = &g_array_index (spans, FanoutSpan, spans->len - 1);
  const gboolean first = dialect->header && block->line == block->first_line;

  if (is_drawn (block->data + row->start, row->end - row->start))
    return "a line drawn for people, which psql --csv and mysql --batch leave away; "
           "comment = --- passes over what begins so";
  if (first && dialect->n_columns == 0 && spans->len == block->n_fields + 1 && last->length > 0)
    return "where the header has no name for the first column, as R writes row names: "
           "header = true and columns = NAME, and the names of the header; else "
           "ragged = true takes shorter and longer rows";
  return "ragged = true takes shorter and longer rows";
}

static gboolean
refuse_number (const FanoutDialect *dialect, const FanoutBlock *block, FanoutChunk *chunk,
               const FanoutRowSpan *row, const GArray *spans, GError **error)
{
  const guint wanted = block->n_fields;
  const guint found = spans->len;

  return fanout_chunk_bad_lines (chunk, block, row->end - row->start, error,
                                 "%u field%s where %u %s wanted; %s", found, found == 1 ? "" : "s",
                                 wanted, wanted == 1 ? "is" : "are",
                                 number_hint (dialect, block, row, spans));
}

/* FALSE with `error` unless the row is skipped. */
static gboolean
check_row (const FanoutDialect *dialect, const FanoutBlock *block, FanoutChunk *chunk,
           const FanoutRowSpan *row, GArray *spans, gboolean *good, GError **error)
{
  const guint wanted = block->n_fields;
  const gsize length = row->end - row->start;
  guint field;

  *good = FALSE;
  if (row->comment)
    return TRUE;
  if (chunk->max_row > 0 && length > chunk->max_row)
    return refuse_long (dialect, block, chunk, row, error);
  if (row->open)
    return refuse_open (dialect, block, chunk, row, error);
  if (memchr (block->data + row->start, '\0', length) != NULL)
    return fanout_chunk_bad_lines (chunk, block, length, error, "a NUL byte");
  if (!fanout_row_split (dialect, block->data, row, spans, &field))
    return fanout_chunk_bad_lines (
        chunk, block, length, error,
        "field %u: a quote that is neither at an edge of it nor doubled%s", field,
        fanout_quotes_hint (dialect, block->data, row));
  if (wanted > 0 && spans->len > 0 && spans->len != wanted && !dialect->ragged)
    return refuse_number (dialect, block, chunk, row, spans, error);
  *good = TRUE;
  return TRUE;
}

gboolean
fanout_delimited_row (const FanoutDialect *dialect, FanoutBlock *block, FanoutChunk *chunk,
                      GError **error)
{
  const FanoutRowSpan row = fanout_row_find (dialect, block->data, block->offset, block->length);
  GArray *spans = fanout_chunk_scratch (chunk, 0)->spans;
  FanoutScan scan = { .quoted = FALSE };
  gboolean good;

  if (!check_row (dialect, block, chunk, &row, spans, &good, error))
    return FALSE;
  /* An empty line is a row of nulls where there is one column, else nothing. */
  if (good && (spans->len > 0 || block->n_fields == 1)
      && !put_row (dialect, block, chunk, spans, error))
    return FALSE;
  fanout_scan_lines (block->data + row.start, row.next - row.start, &scan);
  block->offset = row.next;
  block->line += scan.lines;
  block->record++;
  return TRUE;
}
