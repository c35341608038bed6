/* Fields separated by tabs; what would break a line or a field is escaped. */

#include <fanout/sink.h>
#include <string.h>

typedef struct
{
  guint n_columns;
} Tsv;

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
put_row (const FanoutValue *values, guint n, GString *text)
{
  const gsize start = text->len;
  gsize size = 1;
  char *to;

  for (guint c = 0; c < n; c++)
    size += is_text (&values[c]) ? 2 * values[c].text.length + 1 : FANOUT_DECIMAL_TEXT_MAX;
  g_string_set_size (text, start + size);
  to = text->str + start;
  for (guint c = 0; c < n; c++)
    {
      to = is_text (&values[c]) ? put_text (to, values[c].text.data, values[c].text.length)
                                : to + fanout_value_format (&values[c], to);
      *to++ = '\t';
    }
  to[-1] = '\n';
  g_string_truncate (text, (gsize) (to - text->str));
}

static gpointer
begin (const FanoutLayout *layout, GString *text)
{
  Tsv *tsv = g_new0 (Tsv, 1);

  tsv->n_columns = layout->n_columns;
  for (guint c = 0; layout->header && c < layout->n_columns; c++)
    {
      const gsize length = strlen (layout->names[c]);
      g_autofree char *field = g_malloc (2 * length + 1);
      const char *end = put_text (field, layout->names[c], length);

      g_string_append_len (text, field, end - field);
      g_string_append_c (text, c + 1 < layout->n_columns ? '\t' : '\n');
    }
  return tsv;
}

static void
put_rows (gpointer state, const FanoutRows *rows, GString *text)
{
  const Tsv *tsv = state;

  for (gsize r = 0; r < rows->n_rows; r++)
    put_row (rows->values + r * tsv->n_columns, tsv->n_columns, text);
}

static void
end (gpointer state, GString *text)
{
  (void) text;
  g_free (state);
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
