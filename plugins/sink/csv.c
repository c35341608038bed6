/* RFC 4180, with lines that end in LF. */

#include <fanout/error.h>
#include <fanout/sink.h>
#include <string.h>

enum
{
  SLACK = 16, /* texts are copied 16 bytes at a time */
};

typedef struct
{
  gint delimiter;
  gint decimal;
} Options;

typedef struct
{
  char delimiter;
  char decimal;
  guint8 bound; /* all bytes that matter are below */
} Csv;

/* The highest bit of each byte that is below `bound`, and of some that follow such a one. */
static inline guint64
below (guint64 word, guint8 bound)
{
  const guint64 ones = G_MAXUINT64 / 255;

  return (word - ones * bound) & ~word & ones << 7;
}

static inline gboolean
is_special (const Csv *csv, char c)
{
  return c == csv->delimiter || c == '"' || c == '\n' || c == '\r';
}

/* Nearly all texts have no byte that is as low as a comma, which eight bytes at a time tell; those
 * behind the end can be read and do not count. */
static inline gboolean
needs_quotes (const Csv *csv, const char *data, gsize length)
{
  guint64 word;
  gsize i = 0;

  for (; i + 8 < length; i += 8)
    {
      memcpy (&word, data + i, sizeof word);
      if (below (word, csv->bound) != 0)
        break;
    }
  memcpy (&word, data + i, sizeof word);
  if (i + 8 >= length && below (GUINT64_FROM_LE (word), csv->bound) << (64 - 8 * (length - i)) == 0)
    return FALSE;
  for (; i < length; i++)
    if (is_special (csv, data[i]))
      return TRUE;
  return FALSE;
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
put_text (const Csv *csv, char *to, const char *data, gsize length)
{
  if (length == 0 || needs_quotes (csv, data, length))
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

static char *
put_number (const Csv *csv, char *to, const FanoutValue *value)
{
  const gsize length = fanout_value_format (value, to);
  char *point = csv->decimal != '.' ? memchr (to, '.', length) : NULL;

  if (point != NULL)
    *point = csv->decimal;
  return to + length;
}

static gsize
measure_row (const FanoutRows *rows, gsize row)
{
  gsize size = 3;

  for (guint c = 0; c < rows->n_columns; c++)
    {
      const FanoutValue *value = fanout_rows_value (rows, row, c);

      size += is_text (value) ? 2 * value->text.length + 3 + SLACK : FANOUT_DECIMAL_TEXT_MAX;
    }
  return size;
}

static void
put_row (const Csv *csv, const FanoutRows *rows, gsize row, GString *text)
{
  const gsize start = text->len;
  char *to;

  g_string_set_size (text, start + measure_row (rows, row));
  to = text->str + start;
  for (guint c = 0; c < rows->n_columns; c++)
    {
      const FanoutValue *value = fanout_rows_value (rows, row, c);

      to = is_text (value) ? put_text (csv, to, value->text.data, value->text.length)
                           : put_number (csv, to, value);
      *to++ = csv->delimiter;
    }
  to--;
  if (to == text->str + start)
    to = put_quoted (to, NULL, 0); /* an empty line would be no row */
  *to++ = '\n';
  g_string_truncate (text, (gsize) (to - text->str));
}

static gpointer
begin (gconstpointer options_, const FanoutLayout *layout, GString *text)
{
  const Options *options = options_;
  Csv *csv = g_new0 (Csv, 1);

  csv->delimiter = (char) options->delimiter;
  csv->decimal = (char) options->decimal;
  csv->bound = (guint8) (MAX (options->delimiter, '"') + 1);
  for (guint c = 0; layout->header && c < layout->n_columns; c++)
    {
      const gsize length = strlen (layout->names[c]);
      g_autofree char *name = g_malloc0 (length + SLACK);
      g_autofree char *field = g_malloc (2 * length + 2 + SLACK);
      const char *end;

      memcpy (name, layout->names[c], length);
      end = put_text (csv, field, name, length);
      g_string_append_len (text, field, end - field);
      g_string_append_c (text, c + 1 < layout->n_columns ? csv->delimiter : '\n');
    }
  return csv;
}

static void
put_rows (gpointer state, const FanoutRows *rows, GString *text)
{
  for (gsize r = 0; r < rows->n_rows; r++)
    put_row (state, rows, r, text);
}

static void
end (gpointer state, GString *text)
{
  (void) text;
  g_free (state);
}

static gboolean
prepare (gpointer data, GError **error)
{
  const Options *options = data;
  const char *text = NULL;

  if (options->delimiter == options->decimal)
    text = "'delimiter' and 'decimal' are the same";
  else if (options->delimiter == '"' || options->delimiter == '\n' || options->delimiter == '\r'
           || options->delimiter == '\0')
    text = "'delimiter' cannot be a double quote, a line feed, a carriage return or NUL";
  else if (options->decimal != '.' && options->decimal != ',')
    text = "'decimal' is a point or a comma";
  if (text == NULL)
    return TRUE;
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, text);
  return FALSE;
}

static const char *const delimiter_choices[] = { "tab", "space", NULL };

static const FanoutOption options[] = {
  { .key = "delimiter",
    .type = FANOUT_OPTION_CHARACTER,
    .offset = G_STRUCT_OFFSET (Options, delimiter),
    .value = ",",
    .help = "what stands between fields",
    .choices = delimiter_choices },
  { .key = "decimal",
    .type = FANOUT_OPTION_CHARACTER,
    .offset = G_STRUCT_OFFSET (Options, decimal),
    .value = ".",
    .help = "the point in numbers: . or ," },
  FANOUT_OPTIONS_END,
};

static const FanoutSink csv = {
  .size = sizeof (FanoutSink),
  .name = "csv",
  .summary = "fields separated by commas",
  .details
  = "RFC 4180: a field with a delimiter, a quote, CR or LF stands in double quotes, quotes in "
    "it doubled. Lines end in LF. A null is an empty field; where it is the only field of "
    "its row it is written \"\", because readers take an empty line for none.",
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .begin = begin,
  .rows = put_rows,
  .end = end,
};

FANOUT_SINKS (&csv);
