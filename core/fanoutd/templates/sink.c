/* @name@: a line for each cell, to start from. */

#include <fanout/fanout.h>

typedef struct
{
  gint separator;
} Options;

/* What is kept while one result is written. */
typedef struct
{
  const Options *options;
  const FanoutLayout *layout;
} Writer;

static gpointer
begin (gconstpointer options, const FanoutLayout *layout, GString *text)
{
  Writer *writer = g_new0 (Writer, 1);

  (void) text;
  writer->options = (const Options *) options;
  writer->layout = layout;
  return writer;
}

static void
put_rows (gpointer data, const FanoutRows *rows, GString *text)
{
  const Writer *writer = (const Writer *) data;

  for (gsize row = 0; row < rows->n_rows; row++)
    for (guint column = 0; column < rows->n_columns; column++)
      {
        g_string_append (text, writer->layout->names[column]);
        g_string_append_c (text, (char) writer->options->separator);
        fanout_value_append (text, fanout_rows_value (rows, row, column));
        g_string_append_c (text, '\n');
      }
}

static void
end (gpointer data, GString *text)
{
  (void) text;
  g_free (data);
}

static const FanoutOption options[] = {
  { .key = "separator",
    .type = FANOUT_OPTION_CHARACTER,
    .offset = G_STRUCT_OFFSET (Options, separator),
    .value = "=",
    .help = "what stands between name and value" },
  FANOUT_OPTIONS_END,
};

static const FanoutSink @id@_sink = {
  .size = sizeof (FanoutSink),
  .name = "@name@",
  .summary = "a line for each cell",
  .details = "The name of the column, a separator, and the value; a null is empty.",
  FANOUT_OPTIONS (Options, options),
  .begin = begin,
  .rows = put_rows,
  .end = end,
};

FANOUT_SINKS (&@id@_sink);
