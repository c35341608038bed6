/* Fields separated by tabs; what would break a line or a field is escaped. */

#include <fanout/sink.h>
#include <string.h>

static char *
put_text (char *to, const char *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      const char c = data[i];
      const char escape = c == '\t'   ? 't'
                          : c == '\n' ? 'n'
                          : c == '\r' ? 'r'
                          : c == '\\' ? '\\'
                                      : '\0';

      if (G_UNLIKELY (escape != '\0'))
        *to++ = '\\';
      *to++ = escape != '\0' ? escape : c;
    }
  return to;
}

static gboolean
is_text (const FanoutValue *value)
{
  return value->kind == FANOUT_VALUE_TEXT || value->kind == FANOUT_VALUE_LIST;
}

static void
put_row (const FanoutRows *rows, gsize row, GString *text)
{
  const gsize start = text->len;
  gsize size = 1;
  char *to;

  for (guint c = 0; c < rows->n_columns; c++)
    {
      const FanoutValue *value = fanout_rows_value (rows, row, c);

      size += is_text (value) ? 2 * value->text.length + 1 : FANOUT_DECIMAL_TEXT_MAX;
    }
  g_string_set_size (text, start + size);
  to = text->str + start;
  for (guint c = 0; c < rows->n_columns; c++)
    {
      const FanoutValue *value = fanout_rows_value (rows, row, c);

      to = is_text (value) ? put_text (to, value->text.data, value->text.length)
                           : to + fanout_value_format (value, to);
      *to++ = '\t';
    }
  to[-1] = '\n';
  g_string_truncate (text, (gsize) (to - text->str));
}

static gpointer
begin (gconstpointer options, const FanoutLayout *layout, GString *text)
{
  (void) options;
  for (guint c = 0; layout->header && c < layout->n_columns; c++)
    {
      const gsize length = strlen (layout->names[c]);
      g_autofree char *field = g_malloc (2 * length + 1);
      const char *end = put_text (field, layout->names[c], length);

      g_string_append_len (text, field, end - field);
      g_string_append_c (text, c + 1 < layout->n_columns ? '\t' : '\n');
    }
  return NULL;
}

static void
put_rows (gpointer state, const FanoutRows *rows, GString *text)
{
  (void) state;
  for (gsize r = 0; r < rows->n_rows; r++)
    put_row (rows, r, text);
}

static void
end (gpointer state, GString *text)
{
  (void) state;
  (void) text;
}

static const FanoutSink tsv = {
  .size = sizeof (FanoutSink),
  .name = "tsv",
  .summary = "fields separated by tabs",
  .details
  = "Tab, LF, CR and backslash in a field are written \\t, \\n, \\r and \\\\. A null is an "
    "empty field.",
  .begin = begin,
  .rows = put_rows,
  .end = end,
};

FANOUT_SINKS (&tsv);
