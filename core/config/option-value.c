#include "core/config/option-value.h"
#include "core/config/list.h"
#include "core/config/names.h"

#include <math.h>
#include <string.h>

/* What a value is bound with. */
typedef struct
{
  FanoutConfig *config;
  GPtrArray *column_names;
  GString *reason;
} Binding;

typedef struct
{
  const char *suffix;
  guint64 factor;
} Unit;

static const Unit no_units[] = { { "", 1 }, { NULL, 0 } };
static const Unit byte_units[]
    = { { "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL, 0 } };
static const Unit time_units[] = { { "ms", 1000 },
                                   { "s", 1000000 },
                                   { "m", G_GUINT64_CONSTANT (60000000) },
                                   { "h", G_GUINT64_CONSTANT (3600000000) },
                                   { NULL, 0 } };
static const char *const boolean_names[] = { "true", "false", "yes", "no", "1", "0", NULL };

static const Unit *
units_of (FanoutOptionType type)
{
  return type == FANOUT_OPTION_BYTES  ? byte_units
         : type == FANOUT_OPTION_TIME ? time_units
                                      : no_units;
}

/* Append `items` as "a, b or c". */
static void
append_choices (GString *out, const char *const *items)
{
  for (gsize i = 0; items != NULL && items[i] != NULL; i++)
    {
      if (out->len > 0)
        g_string_append (out, items[i + 1] != NULL ? ", " : " or ");
      g_string_append (out, items[i]);
    }
}

char *
fanout_option_words (const FanoutOption *option)
{
  static const char *const words[] = {
    [FANOUT_OPTION_BOOLEAN] = "true/false, yes/no or 1/0",
    [FANOUT_OPTION_COUNT] = "a whole number",
    [FANOUT_OPTION_INTEGER] = "a whole number",
    [FANOUT_OPTION_NUMBER] = "a number",
    [FANOUT_OPTION_NUMBERS] = "numbers",
    [FANOUT_OPTION_BYTES] = "a size (64K, 1M, 4G)",
    [FANOUT_OPTION_TIME] = "a time (500ms, 10s, 5m, 1h)",
    [FANOUT_OPTION_CHARACTER] = "one ASCII character (or \\t, \\x1F)",
    [FANOUT_OPTION_CHOICE] = "",
    [FANOUT_OPTION_TEXT] = "a text",
    [FANOUT_OPTION_TEXTS] = "texts separated by commas",
    [FANOUT_OPTION_COLUMN] = "a column",
    [FANOUT_OPTION_COLUMNS] = "columns separated by commas",
    [FANOUT_OPTION_CHARACTERS] = "characters (or \\t, \\x1F)",
  };
  GString *out = g_string_new (option->type < G_N_ELEMENTS (words) ? words[option->type] : "");
  const char *min = option->min;

  if (min == NULL && option->type == FANOUT_OPTION_COUNT)
    min = "0";
  if (min != NULL)
    g_string_append_printf (out, " from %s", min);
  if (option->max != NULL)
    g_string_append_printf (out, min != NULL ? " to %s" : " up to %s", option->max);
  if (option->type == FANOUT_OPTION_NUMBERS)
    g_string_append (out, " separated by commas");
  append_choices (out, option->choices);
  return g_string_free (out, FALSE);
}

const char *const *
fanout_option_names (const FanoutOption *option)
{
  return option->type == FANOUT_OPTION_BOOLEAN ? boolean_names : option->choices;
}

/* Digits and a unit, as far as a gint64 goes. */
static gboolean
parse_scaled (const char *text, const Unit *units, guint64 *value, GString *reason)
{
  const gsize digits = strspn (text, "0123456789");
  guint64 sum = 0;
  gboolean fits = TRUE;

  if (digits == 0)
    return FALSE;
  while (units->suffix != NULL && strcmp (units->suffix, text + digits) != 0)
    units++;
  if (units->suffix == NULL)
    {
      if (text[digits] == '\0')
        g_string_append (reason, "no unit");
      return FALSE;
    }
  for (gsize i = 0; i < digits && fits; i++)
    fits = g_uint64_checked_mul (&sum, sum, 10)
           && g_uint64_checked_add (&sum, sum, (guint64) (text[i] - '0'));
  fits = fits && g_uint64_checked_mul (&sum, sum, units->factor) && sum <= G_MAXINT64;
  if (fits)
    *value = sum;
  else
    g_string_append (reason, "too large");
  return fits;
}

static gboolean
parse_integer (const char *text, gint64 *value, GString *reason)
{
  const gboolean negative = text[0] == '-';
  guint64 size;

  if (!parse_scaled (text + (negative || text[0] == '+'), no_units, &size, reason))
    {
      if (negative && reason->len > 0)
        g_string_assign (reason, "too small");
      return FALSE;
    }
  *value = negative ? -(gint64) size : (gint64) size;
  return TRUE;
}

/* NUMBER and NUMBERS: in `room` where it is wide, and the option knows such numbers. */
static gboolean
parse_number (const FanoutOption *option, const char *text, FanoutNumber *value, FanoutWide *room,
              GString *reason)
{
  const gboolean takes_wide = option->takes == FANOUT_TAKES_WIDE;
  FanoutNumber number;

  if (takes_wide ? !fanout_number_parse_wide (text, strlen (text), &number, room, NULL)
                 : !fanout_number_parse (text, strlen (text), &number, NULL))
    return FALSE;
  if (fanout_number_is_double (number) && !isfinite (number.real))
    {
      g_string_append (reason, "not finite");
      return FALSE;
    }
  *value = number;
  return TRUE;
}

/* All bounds are compared as the numbers that they are; those of sizes and times have units. */
static gboolean
parse_any (const FanoutOption *option, const char *text, FanoutNumber *value, FanoutWide *room,
           GString *reason)
{
  guint64 size;
  gint64 integer;

  switch (option->type)
    {
    case FANOUT_OPTION_COUNT:
    case FANOUT_OPTION_BYTES:
    case FANOUT_OPTION_TIME:
      if (!parse_scaled (text, units_of (option->type), &size, reason))
        return FALSE;
      *value = fanout_number_decimal ((gint64) size, 0);
      return TRUE;
    case FANOUT_OPTION_INTEGER:
      if (!parse_integer (text, &integer, reason))
        return FALSE;
      *value = fanout_number_decimal (integer, 0);
      return TRUE;
    default:
      return parse_number (option, text, value, room, reason);
    }
}

static gboolean
parse_bounded (const FanoutOption *option, const char *text, FanoutNumber *value, FanoutWide *room,
               GString *reason)
{
  FanoutNumber number, bound;
  FanoutWide bound_room;

  if (!parse_any (option, text, &number, room, reason))
    return FALSE;
  if (option->min != NULL && parse_any (option, option->min, &bound, &bound_room, reason)
      && fanout_number_compare (number, bound) < 0)
    g_string_append (reason, "too small");
  else if (option->max != NULL && parse_any (option, option->max, &bound, &bound_room, reason)
           && fanout_number_compare (number, bound) > 0)
    g_string_append (reason, "too large");
  else
    {
      *value = number;
      return TRUE;
    }
  return FALSE;
}

static gboolean
bind_size (Binding *binding, const FanoutOption *option, const char *text, guint64 *target)
{
  const gint index = fanout_name_index (option->choices, text);
  FanoutNumber number;

  if (index >= 0)
    *target = FANOUT_OPTION_NAMED (index);
  else if (parse_bounded (option, text, &number, NULL, binding->reason))
    *target = (guint64) number.mantissa;
  else
    return FALSE;
  return TRUE;
}

static gboolean
bind_integer (Binding *binding, const FanoutOption *option, const char *text, gint64 *target)
{
  FanoutNumber number;

  if (!parse_bounded (option, text, &number, NULL, binding->reason))
    return FALSE;
  *target = number.mantissa;
  return TRUE;
}

/* What lies in a room of ours finds one that lives as long as the options. */
static gboolean
bind_number (Binding *binding, const FanoutOption *option, const char *text, FanoutNumber *target)
{
  FanoutNumber number;
  FanoutWide room;
  FanoutWide *kept;

  if (!parse_bounded (option, text, &number, &room, binding->reason))
    return FALSE;
  if (fanout_number_is_wide (number))
    {
      kept = fanout_config_allocate (binding->config, sizeof *kept);
      *kept = room;
      number = fanout_number_wide (kept);
    }
  *target = number;
  return TRUE;
}

static gboolean
bind_boolean (const char *text, gboolean *target)
{
  const gint index = fanout_name_index (boolean_names, text);

  if (index < 0)
    return FALSE;
  *target = index % 2 == 0;
  return TRUE;
}

static gboolean
bind_choice (const FanoutOption *option, const char *text, gint *target)
{
  const gint index = fanout_name_index (option->choices, text);

  if (index < 0)
    return FALSE;
  *target = index;
  return TRUE;
}

/* Of "\\xHH", if it is ASCII, else -1. */
static gint
hexadecimal_byte (const char *text)
{
  gint byte;

  if (strlen (text) != 4 || strncmp (text, "\\x", 2) != 0 || !g_ascii_isxdigit (text[2])
      || !g_ascii_isxdigit (text[3]))
    return -1;
  byte = g_ascii_xdigit_value (text[2]) * 16 + g_ascii_xdigit_value (text[3]);
  return byte < 128 ? byte : -1;
}

static gboolean
bind_character (Binding *binding, const FanoutOption *option, const char *text, gint *target)
{
  const gint index = fanout_name_index (option->choices, text);

  if (strcmp (text, "\\t") == 0 || (index >= 0 && strcmp (text, "tab") == 0))
    *target = '\t';
  else if (index >= 0 && strcmp (text, "space") == 0)
    *target = ' ';
  else if (index >= 0)
    *target = -1 - index;
  else if (strlen (text) == 1)
    *target = (guchar) text[0];
  else if (hexadecimal_byte (text) > 0)
    *target = hexadecimal_byte (text);
  else
    {
      if (g_utf8_strlen (text, -1) == 1)
        g_string_append_printf (binding->reason, "%u bytes in UTF-8", (guint) strlen (text));
      return FALSE;
    }
  return TRUE;
}

/* The byte that a text begins with, and how long it is there; -1: none that is possible. */
static gint
escaped_byte (const char *text, gsize *length)
{
  gint byte = (guchar) text[0];

  *length = 1;
  if (strncmp (text, "\\t", 2) == 0)
    {
      *length = 2;
      return '\t';
    }
  if (strncmp (text, "\\x", 2) == 0)
    {
      if (!g_ascii_isxdigit (text[2]) || !g_ascii_isxdigit (text[3]))
        return -1;
      byte = g_ascii_xdigit_value (text[2]) * 16 + g_ascii_xdigit_value (text[3]);
      *length = 4;
    }
  return byte == '\0' || byte == '\n' || byte == '\r' ? -1 : byte;
}

static gboolean
is_word (const char *text)
{
  gsize n = 0;

  while (g_ascii_isalpha (text[n]))
    n++;
  return n > 1 && text[n] == '\0';
}

static gboolean
bind_characters (Binding *binding, const FanoutOption *option, const char *text,
                 const char **target)
{
  const gint index = fanout_name_index (option->choices, text);
  const char *given = text;
  g_autoptr (GString) bytes = g_string_new (NULL);

  if (index >= 0)
    g_string_append (bytes, strcmp (text, "tab") == 0     ? "\t"
                            : strcmp (text, "space") == 0 ? " "
                                                          : text);
  else if (!is_word (text))
    for (gsize length; *text != '\0'; text += length)
      {
        const gint byte = escaped_byte (text, &length);

        if (byte < 0)
          return FALSE;
        g_string_append_c (bytes, (char) byte);
      }
  /* Where there need be none, nothing is what its absence means. */
  if (bytes->len == 0 && (*given != '\0' || option->value != NULL))
    return FALSE;
  *target = fanout_config_intern (binding->config, bytes->str);
  return TRUE;
}

static char **
split (Binding *binding, const char *text)
{
  const char *reason = NULL;
  char **items = fanout_list_split (text, &reason);

  if (items == NULL)
    g_string_append (binding->reason, reason);
  return items;
}

static gboolean
bind_numbers (Binding *binding, const FanoutOption *option, const char *text, FanoutNumbers *target)
{
  g_auto (GStrv) items = split (binding, text);
  const guint n = items != NULL ? g_strv_length (items) : 0;
  g_autofree FanoutNumber *values = g_new0 (FanoutNumber, n + 1);
  FanoutNumber *kept;

  if (items == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!bind_number (binding, option, items[i], &values[i]))
      {
        g_autofree char *quoted = fanout_quote (items[i], -1);
        g_autofree char *why = g_strdup (binding->reason->str);

        g_string_printf (binding->reason, "%s is %s", quoted, why[0] != '\0' ? why : "no number");
        return FALSE;
      }
  kept = fanout_config_allocate (binding->config, n * sizeof *kept);
  if (n > 0)
    memcpy (kept, values, n * sizeof *kept);
  target->n = n;
  target->values = kept;
  target->texts = fanout_config_intern_list (binding->config, (const char *const *) items);
  return TRUE;
}

static gboolean
bind_texts (Binding *binding, const char *text, const char *const **target)
{
  g_auto (GStrv) items = split (binding, text);

  if (items == NULL)
    return FALSE;
  *target = fanout_config_intern_list (binding->config, (const char *const *) items);
  return TRUE;
}

static gint
add_column (Binding *binding, const char *name)
{
  if (binding->column_names == NULL)
    return -1;
  g_ptr_array_add (binding->column_names, (gpointer) fanout_config_intern (binding->config, name));
  return (gint) binding->column_names->len - 1;
}

static gboolean
bind_column (Binding *binding, const char *text, gint *target)
{
  if (text[0] == '\0')
    return FALSE;
  *target = add_column (binding, text);
  return TRUE;
}

static gboolean
bind_columns (Binding *binding, const char *text, FanoutColumns *target)
{
  g_auto (GStrv) items = split (binding, text);

  if (items == NULL)
    return FALSE;
  target->first = binding->column_names != NULL ? (gint) binding->column_names->len : 0;
  target->n = g_strv_length (items);
  for (guint i = 0; i < target->n; i++)
    add_column (binding, items[i]);
  return TRUE;
}

gboolean
fanout_option_set (FanoutConfig *config, const FanoutOption *option, const char *text,
                   gpointer place, GPtrArray *column_names, GString *reason)
{
  Binding storage = { config, column_names, reason };
  Binding *binding = &storage;

  switch (option->type)
    {
    case FANOUT_OPTION_BOOLEAN:
      return bind_boolean (text, place);
    case FANOUT_OPTION_COUNT:
    case FANOUT_OPTION_BYTES:
    case FANOUT_OPTION_TIME:
      return bind_size (binding, option, text, place);
    case FANOUT_OPTION_INTEGER:
      return bind_integer (binding, option, text, place);
    case FANOUT_OPTION_NUMBER:
      return bind_number (binding, option, text, place);
    case FANOUT_OPTION_NUMBERS:
      return bind_numbers (binding, option, text, place);
    case FANOUT_OPTION_CHARACTER:
      return bind_character (binding, option, text, place);
    case FANOUT_OPTION_CHARACTERS:
      return bind_characters (binding, option, text, place);
    case FANOUT_OPTION_CHOICE:
      return bind_choice (option, text, place);
    case FANOUT_OPTION_TEXT:
      *(const char **) place = fanout_config_intern (config, text);
      return TRUE;
    case FANOUT_OPTION_TEXTS:
      return bind_texts (binding, text, place);
    case FANOUT_OPTION_COLUMN:
      return bind_column (binding, text, place);
    case FANOUT_OPTION_COLUMNS:
      return bind_columns (binding, text, place);
    default: /* from a plugin with a wrong table */
      return FALSE;
    }
}
