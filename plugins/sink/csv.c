/* RFC 4180, with lines that end in LF. */

#include <fanout/sink.h>
#include <string.h>

enum
{
  SLACK = 16, /* texts are copied 16 bytes at a time */
};

typedef struct
{
  guint n_columns;
} Csv;

static guint64
has_byte (guint64 word, guint8 byte)
{
  const guint64 ones = G_MAXUINT64 / 255;
  const guint64 x = word ^ ones * byte;

  return (x - ones) & ~x & ones << 7;
}

static guint64
special (const char *data)
{
  guint64 word;

  memcpy (&word, data, sizeof word);
  return GUINT64_TO_LE (has_byte (word, ',') | has_byte (word, '"') | has_byte (word, '\n')
                        | has_byte (word, '\r'));
}

/* Eight bytes at a time; those behind the end can be read and do not count. */
static gboolean
needs_quotes (const char *data, gsize length)
{
  for (; length > 8; length -= 8, data += 8)
    if (special (data) != 0)
      return TRUE;
  return length == 0 || special (data) << (64 - 8 * length) != 0;
}

static char *
put_quoted (char *to, const char *data, gsize length)
{
  *to++ = '"';
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '"')
        *to++ = '"';
      *to++ = data[i];
    }
  *to++ = '"';
  return to;
}

/* An empty text is quoted, so that it is not taken for a null. */
static char *
put_text (char *to, const char *data, gsize length)
{
  if (length == 0 || needs_quotes (data, length))
    return put_quoted (to, data, length);
  memcpy (to, data, SLACK);
  if (length > SLACK)
    memcpy (to + SLACK, data + SLACK, length - SLACK);
  return to + length;
}

static gboolean
is_text (const FanoutValue *value)
{
  return value->kind == FANOUT_VALUE_TEXT || value->kind == FANOUT_VALUE_LIST;
}

static gsize
measure_row (const FanoutValue *values, guint n)
{
  gsize size = 3;

  for (guint c = 0; c < n; c++)
    size += is_text (&values[c]) ? 2 * values[c].text.length + 3 + SLACK
                                 : FANOUT_DECIMAL_TEXT_MAX;
  return size;
}

static void
put_row (const FanoutValue *values, guint n, GString *text)
{
  const gsize start = text->len;
  char *to;

  g_string_set_size (text, start + measure_row (values, n));
  to = text->str + start;
  for (guint c = 0; c < n; c++)
    {
      to = is_text (&values[c]) ? put_text (to, values[c].text.data, values[c].text.length)
                                : to + fanout_value_format (&values[c], to);
      *to++ = ',';
    }
  to--;
  if (to == text->str + start)
    to = put_quoted (to, NULL, 0); /* an empty line would be no row */
  *to++ = '\n';
  g_string_truncate (text, (gsize) (to - text->str));
}

static gpointer
begin (const FanoutLayout *layout, GString *text)
{
  Csv *csv = g_new0 (Csv, 1);

  csv->n_columns = layout->n_columns;
  for (guint c = 0; layout->header && c < layout->n_columns; c++)
    {
      const gsize length = strlen (layout->names[c]);
      g_autofree char *name = g_malloc0 (length + SLACK);
      g_autofree char *field = g_malloc (2 * length + 2 + SLACK);
      const char *end;

      memcpy (name, layout->names[c], length);
      end = put_text (field, name, length);
      g_string_append_len (text, field, end - field);
      g_string_append_c (text, c + 1 < layout->n_columns ? ',' : '\n');
    }
  return csv;
}

static void
put_rows (gpointer state, const FanoutRows *rows, GString *text)
{
  const Csv *csv = state;

  for (gsize r = 0; r < rows->n_rows; r++)
    put_row (rows->values + r * csv->n_columns, csv->n_columns, text);
}

static void
end (gpointer state, GString *text)
{
  (void) text;
  g_free (state);
}

static const FanoutSink csv = {
  .size = sizeof (FanoutSink),
  .name = "csv",
  .summary = "fields separated by commas",
  .details = "RFC 4180: a field with a comma, a quote, CR or LF stands in double quotes, quotes in "
             "it doubled. Lines end in LF. A null is an empty field; where it is the only field of "
             "its row it is written \"\", because readers take an empty line for none.",
  .begin = begin,
  .rows = put_rows,
  .end = end,
};

FANOUT_SINKS (&csv);
