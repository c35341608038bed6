#include "core/result/value.h"
#include <string.h>

enum
{
  SLACK = 16, /* what may be read before and after a text */
  BLOCK = 16 * 1024,
};

void
fanout_out_init (FanoutOut *out, gsize capacity, guint n_columns)
{
  memset (out, 0, sizeof *out);
  out->values = g_new0 (FanoutValue, capacity * n_columns);
  out->capacity = capacity;
  out->n_columns = n_columns;
  out->n_own = n_columns;
  out->approximate = g_new0 (const char *, (gsize) n_columns + 1);
  out->errors = g_new0 (double, (gsize) n_columns + 1);
  out->bounds = g_new0 (char *, (gsize) n_columns + 1);
  out->blocks = g_ptr_array_new_with_free_func (g_free);
  out->json = g_string_new (NULL);
}

void
fanout_out_clear (FanoutOut *out)
{
  g_free (out->values);
  g_free (out->approximate);
  g_free (out->errors);
  for (guint i = 0; i < out->n_columns; i++)
    g_free (out->bounds[i]);
  g_free (out->bounds);
  g_ptr_array_unref (out->blocks);
  g_string_free (out->json, TRUE);
  memset (out, 0, sizeof *out);
}

static void
use_block (FanoutOut *out, char *block, gsize size)
{
  out->free = block + SLACK;
  out->n_free = size - 2 * SLACK;
}

void
fanout_out_reset (FanoutOut *out, gsize n_rows)
{
  const gsize n = n_rows * out->n_columns;

  g_assert (n_rows <= out->capacity);
  for (gsize i = 0; i < n; i++)
    out->values[i].kind = FANOUT_VALUE_NULL;
  out->n_rows = n_rows;
  out->depth = 0;
  if (out->blocks->len > 0)
    {
      g_ptr_array_set_size (out->blocks, 1);
      use_block (out, out->blocks->pdata[0], BLOCK);
    }
}

void
fanout_out_select (FanoutOut *out, guint first, guint n)
{
  out->first = first;
  out->n_own = n;
  out->depth = 0;
}

FanoutText
fanout_out_copy (FanoutOut *out, const char *data, gsize length)
{
  FanoutText text;

  if (length > BLOCK / 4)
    {
      /* On its own, and not as the first block, which is kept and has a fixed size. */
      char *block = g_malloc0 (length + 2 * SLACK);

      if (out->blocks->len == 0)
        g_ptr_array_add (out->blocks, g_malloc0 (BLOCK));
      g_ptr_array_add (out->blocks, block);
      memcpy (block + SLACK, data, length);
      text.data = block + SLACK;
      text.length = length;
      return text;
    }
  if (out->n_free < length || out->free == NULL)
    {
      char *block = g_malloc0 (BLOCK);

      g_ptr_array_add (out->blocks, block);
      use_block (out, block, BLOCK);
    }
  text.data = out->free;
  text.length = length;
  if (length > 0)
    memcpy (out->free, data, length);
  out->free += length;
  out->n_free -= length;
  return text;
}

/* A plugin that miscounts must not write elsewhere. */
static FanoutValue *
cell (FanoutOut *out, gsize row, guint column)
{
  if (G_UNLIKELY (row >= out->n_rows || column >= out->n_own))
    return NULL;
  return fanout_out_row (out, row) + out->first + column;
}

void
fanout_out_decimal (FanoutOut *out, gsize row, guint column, const FanoutDecimal *value)
{
  FanoutValue *to = cell (out, row, column);

  if (to == NULL)
    return;
  to->kind = FANOUT_VALUE_DECIMAL;
  to->decimal = *value;
}

void
fanout_out_number (FanoutOut *out, gsize row, guint column, FanoutNumber value)
{
  FanoutValue *to = cell (out, row, column);

  if (to == NULL)
    return;
  if (fanout_number_is_double (value))
    {
      to->kind = FANOUT_VALUE_DOUBLE;
      to->real = value.real;
    }
  else
    {
      to->kind = FANOUT_VALUE_DECIMAL;
      fanout_decimal_set_number (&to->decimal, value);
    }
}

void
fanout_out_count (FanoutOut *out, gsize row, guint column, guint64 value)
{
  FanoutValue *to = cell (out, row, column);

  if (to == NULL)
    return;
  to->kind = FANOUT_VALUE_DECIMAL;
  memset (&to->decimal, 0, sizeof to->decimal);
  to->decimal.limbs[0] = value;
}

void
fanout_out_double (FanoutOut *out, gsize row, guint column, double value)
{
  FanoutValue *to = cell (out, row, column);

  if (to == NULL)
    return;
  to->kind = FANOUT_VALUE_DOUBLE;
  to->real = value;
}

void
fanout_out_text (FanoutOut *out, gsize row, guint column, const char *data, gsize length)
{
  FanoutValue *to = cell (out, row, column);

  if (to == NULL)
    return;
  to->kind = FANOUT_VALUE_TEXT;
  to->text = fanout_out_copy (out, data, length);
}

void
fanout_out_null (FanoutOut *out, gsize row, guint column)
{
  FanoutValue *to = cell (out, row, column);

  if (to != NULL)
    to->kind = FANOUT_VALUE_NULL;
}

void
fanout_out_approximate (FanoutOut *out, guint column, const char *bound)
{
  if (column >= out->n_own)
    return;
  column += out->first;
  out->approximate[column] = bound;
  out->errors[column] = 0;
  g_clear_pointer (&out->bounds[column], g_free);
}

/* As a percentage of two digits, rounded up; `text` has room for FANOUT_NUMBER_TEXT_MAX bytes and
 * two more. */
static void
format_error (double error, char *text)
{
  const double percent = error * 100;
  double up = 1;
  double shown;

  do
    {
      g_ascii_formatd (text, FANOUT_NUMBER_TEXT_MAX, "%.1e", percent * up);
      shown = g_ascii_strtod (text, NULL);
      up += 0.02;
    }
  while (shown < percent);
  memcpy (text + fanout_double_format (shown, text), " %", sizeof " %");
}

void
fanout_out_approximate_by (FanoutOut *out, guint column, double error, const char *bound)
{
  char percent[FANOUT_NUMBER_TEXT_MAX + 2];
  GString *text;

  if (column >= out->n_own || error <= out->errors[out->first + column])
    return;
  fanout_out_approximate (out, column, NULL);
  column += out->first;
  format_error (error, percent);
  text = g_string_new (bound);
  g_string_replace (text, "%", percent, 1);
  out->errors[column] = error;
  out->approximate[column] = out->bounds[column] = g_string_free (text, FALSE);
}

void
fanout_list_begin (FanoutOut *out, gsize row, guint column)
{
  g_string_assign (out->json, "[");
  out->list_row = row;
  out->list_column = column;
  out->follows = FALSE;
  out->depth = 1;
}

static void
start_item (FanoutOut *out)
{
  if (out->follows)
    g_string_append_c (out->json, ',');
  out->follows = TRUE;
}

void
fanout_list_open (FanoutOut *out)
{
  start_item (out);
  g_string_append_c (out->json, '[');
  out->follows = FALSE;
  out->depth++;
}

void
fanout_list_close (FanoutOut *out)
{
  if (out->depth < 2)
    return;
  g_string_append_c (out->json, ']');
  out->follows = TRUE;
  out->depth--;
}

void
fanout_list_number (FanoutOut *out, FanoutNumber value)
{
  FanoutDecimal decimal;

  if (fanout_decimal_set_number (&decimal, value))
    fanout_list_decimal (out, &decimal);
  else
    fanout_list_double (out, value.real);
}

static void
add_value (FanoutOut *out, const FanoutValue *value)
{
  start_item (out);
  fanout_value_append_json (out->json, value);
}

void
fanout_list_decimal (FanoutOut *out, const FanoutDecimal *value)
{
  const FanoutValue item = { .kind = FANOUT_VALUE_DECIMAL, .decimal = *value };

  add_value (out, &item);
}

void
fanout_list_count (FanoutOut *out, guint64 value)
{
  const FanoutValue item = { .kind = FANOUT_VALUE_DECIMAL, .decimal = { .limbs = { value } } };

  add_value (out, &item);
}

void
fanout_list_double (FanoutOut *out, double value)
{
  const FanoutValue item = { .kind = FANOUT_VALUE_DOUBLE, .real = value };

  add_value (out, &item);
}

void
fanout_list_text (FanoutOut *out, const char *data, gsize length)
{
  start_item (out);
  fanout_json_append (out->json, data, length);
}

void
fanout_list_null (FanoutOut *out)
{
  start_item (out);
  g_string_append (out->json, "null");
}

void
fanout_list_end (FanoutOut *out)
{
  FanoutValue *to = cell (out, out->list_row, out->list_column);

  for (; out->depth > 0; out->depth--)
    g_string_append_c (out->json, ']');
  if (to == NULL)
    return;
  to->kind = FANOUT_VALUE_LIST;
  to->text = fanout_out_copy (out, out->json->str, out->json->len);
}
