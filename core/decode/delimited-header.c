#include "core/decode/delimited.h"
#include <string.h>

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_DATA, text);
  return FALSE;
}

/* The name of column `number`, without the blanks at its ends. */
static char *
take_name (const FanoutDialect *dialect, const char *data, const FanoutSpan *span, guint number)
{
  g_autofree char *text = g_malloc (span->length + 1);
  const char *p = data + span->start;
  gsize length = span->length;

  if (span->doubled)
    {
      length = fanout_span_unescape (data, span, (char) dialect->quote, text);
      p = text;
    }
  for (; length > 0 && (*p == ' ' || *p == '\t'); length--)
    p++;
  while (length > 0 && (p[length - 1] == ' ' || p[length - 1] == '\t'))
    length--;
  return length > 0 ? g_strndup (p, length) : g_strdup_printf ("%u", number);
}

static char **
take_names (const FanoutDialect *dialect, const char *data, const GArray *spans)
{
  char **names = g_new0 (char *, spans->len + 1);

  for (guint i = 0; i < spans->len; i++)
    names[i] = take_name (dialect, data, &g_array_index (spans, FanoutSpan, i), i + 1);
  return names;
}

static gboolean
is_blank (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row)
{
  gsize at = row->start;

  while (at < row->end && (data[at] == ' ' || data[at] == '\t')
         && data[at] != (char) dialect->delimiter)
    at++;
  return at == row->end;
}

/* The first row that is not blank. */
static FanoutRowSpan
first_row (const FanoutDialect *dialect, const char *data, gsize start, gsize length)
{
  FanoutRowSpan row = { .start = start, .end = start, .next = start };

  while ((row.comment || is_blank (dialect, data, &row)) && row.next < length)
    row = fanout_row_find (dialect, data, row.next, length);
  return row;
}

static gboolean
check_names (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row,
             const GArray *spans, GError **error)
{
  if (memchr (data + row->start, '\0', row->end - row->start) != NULL)
    return fail (error, "a NUL byte in the header");
  /* One name more than the header has: that of the row names of R, which has none. */
  if (dialect->n_columns > 0 && dialect->n_columns != spans->len
      && dialect->n_columns != spans->len + 1)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
                   "%u field%s in the header where 'columns' names %u", spans->len,
                   spans->len == 1 ? "" : "s", dialect->n_columns);
      return FALSE;
    }
  return TRUE;
}

/* Fields of a row that may be wrong; it will be told when it is decoded. */
static guint
count_fields (const FanoutDialect *dialect, const char *data, const FanoutRowSpan *row,
              GArray *spans)
{
  FanoutDialect loose = *dialect;
  guint field;

  if (fanout_row_split (dialect, data, row, spans, &field))
    return MAX (spans->len, 1);
  loose.quote = FANOUT_QUOTE_NONE;
  fanout_row_split (&loose, data, row, spans, &field);
  return MAX (spans->len, 1);
}

char **
fanout_delimited_names (const FanoutDialect *dialect)
{
  char **names;

  if (dialect->n_columns == 0)
    return NULL;
  names = g_new0 (char *, dialect->n_columns + 1);
  for (guint i = 0; i < dialect->n_columns; i++)
    names[i] = g_strdup (dialect->columns[i]);
  return names;
}

gboolean
fanout_delimited_header (const FanoutDialect *dialect, const char *data, gsize length,
                         gboolean complete, char ***names, guint *n_fields, gsize *header_length,
                         GError **error)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (FanoutSpan));
  const FanoutRowSpan row = first_row (dialect, data, 0, length);
  guint field;

  if (!dialect->header)
    {
      *n_fields
          = dialect->n_columns > 0 ? dialect->n_columns : count_fields (dialect, data, &row, spans);
      *names = fanout_delimited_names (dialect);
      *header_length = 0;
      return TRUE;
    }
  if (row.next == row.end && !complete)
    return fail (error, "a header longer than max-row");
  if (row.open)
    return fail (error, "a quote in the header is never closed" FANOUT_QUOTES_AS_LETTERS);
  if (!fanout_row_split (dialect, data, &row, spans, &field))
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
                   "field %u of the header: a quote that is neither at an edge of it nor doubled%s",
                   field, fanout_quotes_hint (dialect, data, &row));
      return FALSE;
    }
  /* Blank lines alone: no header, as where there is nothing at all. */
  if (is_blank (dialect, data, &row) && dialect->n_columns == 0 && complete)
    {
      *n_fields = 0;
      *names = NULL;
      *header_length = row.next;
      return TRUE;
    }
  if (spans->len == 0)
    g_array_append_val (spans, ((FanoutSpan){ row.start, 0, FALSE }));
  if (!check_names (dialect, data, &row, spans, error))
    return FALSE;
  *n_fields = MAX (spans->len, dialect->n_columns);
  *names = dialect->n_columns > 0 ? fanout_delimited_names (dialect)
                                  : take_names (dialect, data, spans);
  *header_length = row.next;
  return TRUE;
}
