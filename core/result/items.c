#include "core/result/items.h"
#include "core/result/value.h"
#include <string.h>

#define BLOCK 256

/* The items of a LIST. */
static FanoutItems
first_items (const FanoutText *list)
{
  const gsize bracket = list->length > 0 && list->data[0] == '[';

  return (FanoutItems){ list->data + bracket, list->data + list->length };
}

gint
fanout_items_byte (FanoutItems *string)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char escaped[] = "\"\\/\b\f\n\r\t";
  const char *const p = string->next;
  const char *escape;
  gint code = 0;

  if (p >= string->end || *p == '"')
    return -1;
  if (*p != '\\' || string->end - p < 2)
    {
      string->next++;
      return (guchar) *p;
    }
  escape = memchr (escapes, p[1], sizeof escapes - 1);
  if (escape != NULL || string->end - p < 6)
    {
      string->next += 2;
      return escape != NULL ? escaped[escape - escapes] : '\\';
    }
  /* Control characters alone are written so. */
  for (guint i = 2; i < 6; i++)
    code = code * 16 + MAX (g_ascii_xdigit_value (p[i]), 0);
  string->next += 6;
  return code & 0xff;
}

/* The text of the next item; FALSE: there is none. */
static gboolean
next_item (FanoutItems *items, FanoutText *item)
{
  gsize depth = 0;

  if (items->next < items->end && *items->next == ',')
    items->next++;
  item->data = items->next;
  for (; items->next < items->end; items->next++)
    {
      const char c = *items->next;

      if (depth == 0 && (c == ',' || c == ']'))
        break;
      if (c == '"')
        {
          items->next++;
          while (fanout_items_byte (items) >= 0)
            ;
        }
      else if (c == '[')
        depth++;
      else if (c == ']')
        depth--;
    }
  items->next = MIN (items->next, items->end);
  item->length = (gsize) (items->next - item->data);
  return item->length > 0;
}

static void
set_string (FanoutValue *value, const FanoutText *item, FanoutOut *out)
{
  FanoutItems string = { item->data + 1, item->data + item->length };
  g_autofree char *bytes = g_malloc (item->length);
  gsize n = 0;
  gint byte;

  while ((byte = fanout_items_byte (&string)) >= 0)
    bytes[n++] = (char) byte;
  value->kind = FANOUT_VALUE_TEXT;
  value->text = fanout_out_copy (out, bytes, n);
}

/* A number that would not print as it stands there stays what it is: the text of an item. */
static gboolean
set_number (FanoutValue *value, const FanoutText *item)
{
  char text[FANOUT_NUMBER_TEXT_MAX];
  FanoutNumber number;
  FanoutWide room;

  if (!fanout_number_parse_wide (item->data, item->length, &number, &room, NULL)
      || fanout_number_format (number, text) != item->length
      || memcmp (text, item->data, item->length) != 0)
    return FALSE;
  value->kind = FANOUT_VALUE_DOUBLE;
  value->real = number.real;
  if (fanout_decimal_set_number (&value->decimal, number))
    value->kind = FANOUT_VALUE_DECIMAL;
  return TRUE;
}

static void
set_item (FanoutValue *value, const FanoutText *item, FanoutOut *out)
{
  if (item->data[0] == '"')
    set_string (value, item, out);
  else if (item->length == 4 && memcmp (item->data, "null", 4) == 0)
    value->kind = FANOUT_VALUE_NULL;
  else if (!set_number (value, item))
    {
      value->kind = FANOUT_VALUE_LIST;
      value->text = *item;
    }
}

/* Where rows are gathered. */
typedef struct
{
  FanoutRows rows;
  FanoutValue *values;
  FanoutItems *items; /* for each column, of the row at hand */
  FanoutOut *out;
  FanoutRowsDo do_;
  gpointer data;
} Spread;

static void
flush (Spread *spread)
{
  if (spread->rows.n_rows > 0)
    spread->do_ (spread->data, &spread->rows);
  spread->rows.n_rows = 0;
}

/* FALSE: no list has any more. */
static gboolean
add_row (Spread *spread, const FanoutRows *rows, gsize row, gboolean first)
{
  const guint n = rows->n_columns;
  FanoutValue *values = spread->values + spread->rows.n_rows * n;
  gboolean any = first;

  for (guint c = 0; c < n; c++)
    {
      const FanoutValue *value = fanout_rows_value (rows, row, c);
      FanoutText item;

      values[c] = *value;
      if (value->kind != FANOUT_VALUE_LIST)
        continue;
      values[c].kind = FANOUT_VALUE_NULL;
      if (!next_item (&spread->items[c], &item))
        continue;
      set_item (&values[c], &item, spread->out);
      any = TRUE;
    }
  if (!any)
    return FALSE;
  if (++spread->rows.n_rows == BLOCK)
    flush (spread);
  return TRUE;
}

void
fanout_items_to_rows (const FanoutRows *rows, FanoutOut *out, FanoutRowsDo do_, gpointer data)
{
  const guint n = rows->n_columns;
  g_autofree FanoutValue *values = g_new (FanoutValue, (gsize) BLOCK * n);
  g_autofree FanoutItems *items = g_new0 (FanoutItems, n);
  Spread spread
      = { .rows = *rows, .values = values, .items = items, .out = out, .do_ = do_, .data = data };

  spread.rows.n_rows = 0;
  spread.rows.values = values;
  for (gsize row = 0; row < rows->n_rows; row++)
    {
      for (guint c = 0; c < n; c++)
        if (fanout_rows_value (rows, row, c)->kind == FANOUT_VALUE_LIST)
          items[c] = first_items (&fanout_rows_value (rows, row, c)->text);
      for (gboolean first = TRUE; add_row (&spread, rows, row, first);)
        first = FALSE;
    }
  flush (&spread);
}
