/* Rows as JSON objects (RFC 8259): an array of them, or one on each line. */

#include <fanout/sink.h>
#include <string.h>

typedef struct
{
  guint64 indent; /* 0: an object on each line */
} Options;

typedef struct
{
  guint n_columns;
  GString **names; /* as they begin a member: {"name": or ,"name": */
  gboolean array;
  char *close;      /* how an object ends */
  gboolean follows; /* the next row comes after another */
  const FanoutLayout *layout;
} Json;

static gpointer
begin (const FanoutLayout *layout, gboolean array, gsize indent)
{
  Json *json = g_new0 (Json, 1);
  g_autofree char *blanks = g_strnfill (indent, ' ');
  g_autofree char *member = indent > 0 ? g_strconcat ("\n", blanks, blanks, NULL) : g_strdup ("");

  json->close = indent > 0 ? g_strconcat ("\n", blanks, "}", NULL) : g_strdup ("}");
  json->layout = layout;
  json->n_columns = layout->n_columns;
  json->array = array;
  json->names = g_new0 (GString *, layout->n_columns);
  for (guint c = 0; c < layout->n_columns; c++)
    {
      json->names[c] = g_string_new (c > 0 ? "," : array ? blanks : "");
      g_string_append (json->names[c], c == 0 ? "{" : "");
      if (c == 0 && !array && layout->n_tables > 1)
        {
          g_string_append (json->names[c], "\"table\":");
          fanout_json_append (json->names[c], layout->table, strlen (layout->table));
          g_string_append_c (json->names[c], ',');
        }
      g_string_append (json->names[c], member);
      fanout_json_append (json->names[c], layout->names[c], strlen (layout->names[c]));
      g_string_append (json->names[c], indent > 0 ? ": " : ":");
    }
  return json;
}

static gpointer
begin_array (gconstpointer options, const FanoutLayout *layout, GString *text)
{
  if (layout->n_tables > 1)
    {
      g_string_append (text, layout->table_index == 0 ? "{\n" : "");
      fanout_json_append (text, layout->table, strlen (layout->table));
      g_string_append (text, ": ");
    }
  g_string_append_c (text, '[');
  return begin (layout, TRUE, ((const Options *) options)->indent);
}

static gpointer
begin_lines (gconstpointer options, const FanoutLayout *layout, GString *text)
{
  (void) options;
  (void) text;
  return begin (layout, FALSE, 0);
}

static void
put_row (const Json *json, const FanoutRows *rows, gsize row, GString *text)
{
  for (guint c = 0; c < json->n_columns; c++)
    {
      g_string_append_len (text, json->names[c]->str, (gssize) json->names[c]->len);
      fanout_value_append_json (text, fanout_rows_value (rows, row, c));
    }
  g_string_append (text, json->close);
}

static void
put_rows (gpointer state, const FanoutRows *rows, GString *text)
{
  Json *json = state;

  for (gsize r = 0; r < rows->n_rows; r++)
    {
      if (json->array)
        g_string_append (text, json->follows ? ",\n" : "\n");
      put_row (json, rows, r, text);
      if (!json->array)
        g_string_append_c (text, '\n');
      json->follows = TRUE;
    }
}

static void
end (gpointer state, GString *text)
{
  Json *json = state;

  if (json->array)
    {
      g_string_append (text, json->follows ? "\n]" : "]");
      if (json->layout->table_index + 1 < json->layout->n_tables)
        g_string_append_c (text, ',');
      g_string_append_c (text, '\n');
      if (json->layout->n_tables > 1 && json->layout->table_index + 1 == json->layout->n_tables)
        g_string_append (text, "}\n");
    }
  for (guint c = 0; c < json->n_columns; c++)
    g_string_free (json->names[c], TRUE);
  g_free (json->names);
  g_free (json->close);
  g_free (json);
}

static const FanoutOption options[] = {
  { .key = "indent",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, indent),
    .value = "0",
    .help = "by how many blanks members stand to the right; 0: one object on each line",
    .max = "16" },
  FANOUT_OPTIONS_END,
};

static const FanoutSink json = {
  .size = sizeof (FanoutSink),
  .name = "json",
  .summary = "an array of objects, one for each row",
  .details = "Numbers are numbers, but nan and inf are strings; keys and texts are strings, in "
             "which bytes that are not UTF-8 become U+FFFD; lists are arrays; a null is null.",
  FANOUT_OPTIONS (Options, options),
  .begin = begin_array,
  .rows = put_rows,
  .end = end,
  .flags = FANOUT_SINK_TABLES,
};

static const FanoutSink ndjson = {
  .size = sizeof (FanoutSink),
  .name = "ndjson",
  .summary = "an object on each line, one for each row",
  .details = "As json, without the array around the objects.",
  .begin = begin_lines,
  .rows = put_rows,
  .end = end,
  .flags = FANOUT_SINK_TABLES,
};

FANOUT_SINKS (&json, &ndjson);
