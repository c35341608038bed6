#include "core/decode/number-hint.h"
#include "core/base/error.h"
#include "core/config/list.h"

#include <string.h>

/* What a message calls a mark between thousands: one that looks like a blank by its name as well.
 */
static const char *
mark_name (const char *mark)
{
  if (mark[0] == ' ')
    return "space";
  if (strcmp (mark, "\302\240") == 0)
    return "\302\240 (U+00A0)";
  if (strcmp (mark, "\342\200\257") == 0)
    return "\342\200\257 (U+202F)";
  return mark;
}

/* `second` where `first` has no mark between thousands, and one would read the text as well;
 * `decimal` 0: none. */
typedef struct
{
  FanoutWriting first;
  FanoutWriting second;
} Ways;

/* With one decimal mark or the other, `decimal` first. */
static Ways
find_ways (char decimal, const char *text, gsize length)
{
  static const char *const marks[]
      = { ",", ".", " ", "'", "\342\200\231", "\302\240", "\342\200\257" };
  static const char decimals[] = { '.', ',' };
  const FanoutWriting plain[] = { { '.', "" }, { ',', "" } };
  Ways ways = { 0 };
  FanoutNumber number;

  for (gsize i = 0; i < G_N_ELEMENTS (plain) && ways.first.decimal == 0; i++)
    if (fanout_number_parse_written (text, length, &plain[i], &number, NULL))
      ways.first = plain[i];
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (marks) && ways.second.decimal == 0; i++)
    {
      FanoutWriting way = { 0 };
      const gboolean other = i >= G_N_ELEMENTS (marks);

      way.decimal = decimals[other ^ (decimal == ',')];
      g_strlcpy (way.thousands, marks[i % G_N_ELEMENTS (marks)], sizeof way.thousands);
      if (way.thousands[0] == way.decimal
          || !fanout_number_parse_written (text, length, &way, &number, NULL))
        continue;
      if (ways.first.decimal == 0)
        ways.first = way;
      else if (ways.first.thousands[0] == '\0' && way.decimal == decimal)
        ways.second = way;
    }
  return ways;
}

/* Beyond Unicode is what was no character. */
static gboolean
is_money (gunichar c)
{
  return c < 0x110000 && g_unichar_type (c) == G_UNICODE_CURRENCY_SYMBOL;
}

/* The sign of money in front of a number, but for its own, or that or one of percentages behind it:
 * its length; 0: there is none. */
static gsize
find_sign (const char *text, gsize length, const char **sign)
{
  const char *end = text + length;
  const char *last;
  gunichar c;

  while (text < end && (*text == ' ' || *text == '-' || *text == '+'))
    text++;
  while (end > text && end[-1] == ' ')
    end--;
  *sign = text;
  if (is_money (g_utf8_get_char_validated (text, end - text)))
    return (gsize) (g_utf8_next_char (text) - text);
  last = g_utf8_find_prev_char (text, end);
  if (last == NULL)
    return 0;
  *sign = last;
  c = g_utf8_get_char_validated (last, end - last);
  return c == '%' || c == 0x2030 || is_money (c) ? (gsize) (end - last) : 0;
}

/* A name as an expression has it; of a path, quotes are a part of it. */
static void
append_name (GString *out, const char *name, gboolean path)
{
  const gsize plain = strspn (name, "_.[]" G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS);
  g_autofree char *shown = fanout_escape (name, -1);

  if ((plain > 0 && name[plain] == '\0' && !g_ascii_isdigit (name[0])) || (path && name[0] == '"'))
    g_string_append (out, shown);
  else
    fanout_value_quote (out, shown);
}

static void
append_num (GString *out, const char *replaced, const FanoutWriting *way)
{
  const char *mark = strcmp (way->thousands, "'") == 0 ? "''" : way->thousands;

  g_string_append_printf (out, "num(%s, '%c'", replaced, way->decimal);
  if (*mark != '\0')
    g_string_append_printf (out, ", '%s'", mark);
  g_string_append_c (out, ')');
}

/* Texts that an expression makes are read as they are, whatever the source writes. */
static char *
signed_hint (const char *name, gboolean path, const char *text, gsize length)
{
  g_autoptr (GString) rest = g_string_new (NULL);
  g_autoptr (GString) replaced = g_string_new ("replace(");
  g_autoptr (GString) hint = g_string_new ("; ");
  const char *sign;
  const gsize n = find_sign (text, length, &sign);
  const char *behind = sign + n;
  FanoutNumber number;
  Ways ways;

  if (n == 0)
    return NULL;
  g_string_append_len (rest, text, sign - text);
  g_string_append_len (rest, behind, text + length - behind);
  append_name (replaced, name, path);
  g_string_append_printf (replaced, ", '%.*s', '')", (int) n, sign);
  g_strstrip (rest->str);
  rest->len = strlen (rest->str);
  ways = find_ways ('.', rest->str, rest->len);
  if (ways.first.decimal == 0)
    return NULL;
  if (fanout_number_parse (rest->str, rest->len, &number, NULL))
    g_string_append (hint, replaced->str);
  else
    {
      if (ways.second.decimal != 0)
        {
          append_num (hint, replaced->str, &ways.second);
          g_string_append (hint, " or ");
        }
      append_num (hint, replaced->str, &ways.first);
    }
  g_string_append (hint, " reads it");
  return g_strdup (hint->str);
}

char *
fanout_number_hint (const FanoutWriting *writing, const char *name, const char *text, gsize length)
{
  const Ways ways
      = writing->decimal != 0 ? find_ways (writing->decimal, text, length) : (Ways){ 0 };

  if (ways.first.decimal == 0)
    return signed_hint (name, writing->decimal == 0, text, length);
  if (ways.second.decimal != 0)
    return g_strdup_printf ("; thousands = %s or decimal = %c reads it", ways.second.thousands,
                            ways.first.decimal);
  if (ways.first.thousands[0] == '\0')
    return g_strdup_printf ("; decimal = %c reads it", ways.first.decimal);
  if (ways.first.decimal == writing->decimal)
    return g_strdup_printf ("; thousands = %s reads it", mark_name (ways.first.thousands));
  return g_strdup_printf ("; decimal = %c and thousands = %s read it", ways.first.decimal,
                          mark_name (ways.first.thousands));
}
