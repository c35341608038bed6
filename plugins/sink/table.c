/* Aligned columns for people. */

#include <fanout/sink.h>
#include <string.h>

typedef struct
{
  gsize width;
  gboolean text;   /* some value is no number: to the left */
  gboolean number; /* some value is one */
} Column;

typedef struct
{
  const FanoutLayout *layout;
  Column *columns; /* ungrouped: the names, then the values */
  guint n_columns;
  GString *cell;
  gboolean begun; /* the header has been written, or there is none */
} Table;

/* C0 and C1 controls, and what changes the direction of text: a terminal must not obey the data. */
static gboolean
is_unsafe (gunichar c)
{
  return g_unichar_iscntrl (c) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069) || c == 0x061c || c == 0xfeff;
}

static gsize
append_unsafe (GString *cell, gunichar c)
{
  const gsize before = cell->len;

  switch (c)
    {
    case '\t':
      g_string_append (cell, "\\t");
      break;
    case '\n':
      g_string_append (cell, "\\n");
      break;
    case '\r':
      g_string_append (cell, "\\r");
      break;
    default:
      g_string_append_printf (cell, c < 0x80 ? "\\x%02x" : "\\u%04x", c);
      break;
    }
  return cell->len - before;
}

static gsize
width_of (gunichar c)
{
  return g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
}

/* Put a text in `cell` as it can be shown; answers its width. */
static gsize
show_text (GString *cell, const char *data, gsize length)
{
  const char *const end = data + length;
  gsize width = 0;

  while (data < end)
    {
      gunichar c = (guchar) *data;
      gsize n = 1;

      if (c >= 0x80)
        {
          c = g_utf8_get_char_validated (data, end - data);
          if (c >= (gunichar) -2)
            c = 0xfffd;
          else
            n = (gsize) (g_utf8_next_char (data) - data);
        }
      data += n;
      if (is_unsafe (c))
        width += append_unsafe (cell, c);
      else
        {
          g_string_append_unichar (cell, c);
          width += width_of (c);
        }
    }
  return width;
}

static gsize
show (GString *cell, const FanoutValue *value)
{
  g_string_truncate (cell, 0);
  switch (value->kind)
    {
    case FANOUT_VALUE_NULL:
      g_string_append_c (cell, '-');
      return 1;
    case FANOUT_VALUE_TEXT:
    case FANOUT_VALUE_LIST:
      return show_text (cell, value->text.data, value->text.length);
    case FANOUT_VALUE_DECIMAL:
    case FANOUT_VALUE_DOUBLE:
    default:
      fanout_value_append (cell, value);
      return cell->len;
    }
}

static gsize
show_name (GString *cell, const char *name)
{
  g_string_truncate (cell, 0);
  return show_text (cell, name, strlen (name));
}

/* A text is a number when it reads as one. */
static gboolean
is_number (const FanoutValue *value)
{
  FanoutNumber number;

  if (value->kind == FANOUT_VALUE_TEXT)
    return fanout_number_parse (value->text.data, value->text.length, &number, NULL);
  return value->kind == FANOUT_VALUE_DECIMAL || value->kind == FANOUT_VALUE_DOUBLE;
}

static void
widen (Column *column, gsize width)
{
  column->width = MAX (column->width, width);
}

static void
measure_value (Table *table, Column *column, const FanoutValue *value)
{
  widen (column, show (table->cell, value));
  if (value->kind == FANOUT_VALUE_NULL)
    return;
  if (is_number (value))
    column->number = TRUE;
  else
    column->text = TRUE;
}

static void
put_blanks (GString *text, gsize n)
{
  for (; n > 0; n--)
    g_string_append_c (text, ' ');
}

/* The cell just shown, of `width`, in its column. */
static void
put_cell (Table *table, guint c, gsize width, gboolean right, GString *text)
{
  const gsize blanks = table->columns[c].width - MIN (width, table->columns[c].width);

  if (c > 0)
    g_string_append (text, "  ");
  if (right)
    put_blanks (text, blanks);
  g_string_append_len (text, table->cell->str, (gssize) table->cell->len);
  if (!right && c + 1 < table->n_columns)
    put_blanks (text, blanks);
}

static gboolean
is_right (const Column *column)
{
  return column->number && !column->text;
}

/* Widths are known when the first rows come, or never do. */
static void
put_header (Table *table, GString *text)
{
  if (table->begun)
    return;
  table->begun = TRUE;
  for (guint c = 0; c < table->n_columns; c++)
    {
      const gsize width = show_name (table->cell, table->layout->names[c]);

      put_cell (table, c, width, is_right (&table->columns[c]), text);
    }
  g_string_append_c (text, '\n');
}

static gpointer
begin (gconstpointer options, const FanoutLayout *layout, GString *text)
{
  Table *table = g_new0 (Table, 1);

  (void) options;
  table->layout = layout;
  table->n_columns = layout->grouped ? layout->n_columns : 2;
  table->columns = g_new0 (Column, table->n_columns);
  table->cell = g_string_new (NULL);
  table->begun = !layout->grouped || !layout->header;
  for (guint c = 0; c < layout->n_columns; c++)
    if (layout->header || !layout->grouped)
      widen (&table->columns[layout->grouped ? c : 0], show_name (table->cell, layout->names[c]));
  if (layout->n_tables > 1)
    {
      show_name (table->cell, layout->table);
      g_string_append_printf (text, "%s%s\n", layout->table_index > 0 ? "\n" : "",
                              table->cell->str);
    }
  return table;
}

static void
measure (gpointer state, const FanoutRows *rows)
{
  Table *table = state;
  const guint n = table->layout->n_columns;

  for (gsize r = 0; r < rows->n_rows; r++)
    for (guint c = 0; c < n; c++)
      {
        const FanoutValue *value = fanout_rows_value (rows, r, c);

        if (table->layout->grouped)
          measure_value (table, &table->columns[c], value);
        else if (is_number (value))
          widen (&table->columns[1], show (table->cell, value));
      }
}

/* Names beside values: numbers end in one place, all else begins in one. */
static void
put_results (Table *table, const FanoutRows *rows, gsize row, GString *text)
{
  for (guint c = 0; c < table->layout->n_columns; c++)
    {
      const FanoutValue *value = fanout_rows_value (rows, row, c);

      put_cell (table, 0, show_name (table->cell, table->layout->names[c]), FALSE, text);
      put_cell (table, 1, show (table->cell, value),
                value->kind == FANOUT_VALUE_NULL || is_number (value), text);
      g_string_append_c (text, '\n');
    }
}

static void
put_row (Table *table, const FanoutRows *rows, gsize row, GString *text)
{
  for (guint c = 0; c < table->n_columns; c++)
    put_cell (table, c, show (table->cell, fanout_rows_value (rows, row, c)),
              is_right (&table->columns[c]), text);
  g_string_append_c (text, '\n');
}

static void
put_rows (gpointer state, const FanoutRows *rows, GString *text)
{
  Table *table = state;

  put_header (table, text);
  for (gsize r = 0; r < rows->n_rows; r++)
    if (table->layout->grouped)
      put_row (table, rows, r, text);
    else
      put_results (table, rows, r, text);
}

static void
end (gpointer state, GString *text)
{
  Table *table = state;

  put_header (table, text);
  g_string_free (table->cell, TRUE);
  g_free (table->columns);
  g_free (table);
}

static const FanoutSink table = {
  .size = sizeof (FanoutSink),
  .name = "table",
  .summary = "aligned columns for people",
  .details
  = "Numbers to the right, texts to the left, a null as -. Without group-by there is one "
    "line for each result. Control characters are shown as \\t, \\n, \\r, \\xHH or \\uHHHH. Of "
    "several tables each stands under its name.",
  .begin = begin,
  .measure = measure,
  .rows = put_rows,
  .end = end,
  .flags = FANOUT_SINK_TABLES,
};

FANOUT_SINKS (&table);
