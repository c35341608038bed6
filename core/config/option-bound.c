#include "core/config/option.h"

#include <string.h>

static void
append_number (GString *out, FanoutNumber number)
{
  char text[FANOUT_NUMBER_TEXT_MAX];
  guint64 bits;

  if (fanout_number_is_wide (number))
    {
      fanout_number_format (number, text);
      g_string_append_printf (out, "w%s", text);
      return;
    }
  if (!fanout_number_is_double (number))
    {
      g_string_append_printf (out, "%" G_GINT64_FORMAT "/%u", number.mantissa, number.scale);
      return;
    }
  memcpy (&bits, &number.real, sizeof bits);
  g_string_append_printf (out, "x%" G_GINT64_MODIFIER "x", bits);
}

/* With its length, so that two texts never read as one. */
static void
append_text (GString *out, const char *text)
{
  if (text != NULL)
    g_string_append_printf (out, "%" G_GSIZE_FORMAT ":%s", strlen (text), text);
}

static void
append_column (GString *out, const GPtrArray *column_names, gint column)
{
  if (column >= 0)
    append_text (out, g_ptr_array_index (column_names, (guint) column));
}

static void
append_columns (GString *out, const GPtrArray *column_names, const FanoutColumns *columns)
{
  for (guint i = 0; i < columns->n; i++)
    append_column (out, column_names, columns->first + (gint) i);
}

static void
append_numbers (GString *out, const FanoutNumbers *numbers)
{
  for (guint i = 0; i < numbers->n; i++)
    {
      g_string_append_c (out, ',');
      append_number (out, numbers->values[i]);
    }
}

static void
append_value (GString *out, const FanoutOption *option, gconstpointer place,
              const GPtrArray *column_names)
{
  switch (option->type)
    {
    case FANOUT_OPTION_BOOLEAN:
      g_string_append_c (out, *(const gboolean *) place ? '1' : '0');
      break;
    case FANOUT_OPTION_COUNT:
    case FANOUT_OPTION_BYTES:
    case FANOUT_OPTION_TIME:
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, *(const guint64 *) place);
      break;
    case FANOUT_OPTION_INTEGER:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, *(const gint64 *) place);
      break;
    case FANOUT_OPTION_NUMBER:
      append_number (out, *(const FanoutNumber *) place);
      break;
    case FANOUT_OPTION_NUMBERS:
      append_numbers (out, place);
      break;
    case FANOUT_OPTION_CHARACTER:
      g_string_append_printf (out, "%d", *(const gint *) place);
      break;
    case FANOUT_OPTION_CHOICE:
      append_text (out, option->choices[*(const gint *) place]);
      break;
    case FANOUT_OPTION_TEXT:
    case FANOUT_OPTION_CHARACTERS:
      append_text (out, *(const char *const *) place);
      break;
    case FANOUT_OPTION_TEXTS:
      for (const char *const *item = *(const char *const *const *) place; *item != NULL; item++)
        append_text (out, *item);
      break;
    case FANOUT_OPTION_COLUMN:
      append_column (out, column_names, *(const gint *) place);
      break;
    case FANOUT_OPTION_COLUMNS:
      append_columns (out, column_names, place);
      break;
    }
}

static gint
compare_keys (gconstpointer a, gconstpointer b)
{
  const FanoutOption *const *first = a;
  const FanoutOption *const *second = b;

  return strcmp ((*first)->key, (*second)->key);
}

char *
fanout_options_meaning (const FanoutOption *table, gconstpointer target,
                        const GPtrArray *column_names)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  GString *out = g_string_new (NULL);

  for (const FanoutOption *option = table; option != NULL && option->key != NULL; option++)
    g_ptr_array_add (sorted, (gpointer) option);
  g_ptr_array_sort (sorted, compare_keys);
  for (guint i = 0; i < sorted->len; i++)
    {
      const FanoutOption *option = sorted->pdata[i];

      g_string_append_printf (out, "%s=", option->key);
      append_value (out, option, (const char *) target + option->offset, column_names);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}
