#include "core/expression/lexer.h"

#include "core/base/error.h"
#include "core/exact/arithmetic.h"

#include <string.h>

/* Widest part of an expression that a message shows on either side of the place. */
#define SHOWN 60

static guint
characters (const char *from, const char *to)
{
  guint n = 0;

  for (; from < to; from++)
    n += (*from & 0xc0) != 0x80;
  return n;
}

/* One line, whatever it was, in as many characters. */
static void
append_plain (GString *out, const char *from, const char *to)
{
  for (; from < to; from++)
    g_string_append_c (out, g_ascii_iscntrl (*from) ? ' ' : *from);
}

void
fanout_expression_fail (GError **error, const char *text, guint start, guint end,
                        const char *format, ...)
{
  g_autoptr (GString) message = g_string_new (NULL);
  const char *mark = text + start;
  const char *first = mark;
  const char *last = mark;
  va_list arguments;
  guint n_before;

  va_start (arguments, format);
  g_string_vprintf (message, format, arguments);
  va_end (arguments);
  for (guint i = 0; i < SHOWN && first > text; i++)
    first = g_utf8_prev_char (first);
  for (guint i = 0; i < SHOWN && *last != '\0'; i++)
    last = g_utf8_next_char (last);
  g_string_append_printf (message, "\n  %s", first > text ? "..." : "");
  append_plain (message, first, last);
  g_string_append (message, *last != '\0' ? "...\n  " : "\n  ");
  n_before = characters (first, mark) + (first > text ? 3 : 0);
  for (guint i = 0; i < n_before; i++)
    g_string_append_c (message, ' ');
  for (guint i = 0; i < MAX (1, characters (mark, MIN (text + end, last))); i++)
    g_string_append_c (message, '^');
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, message->str);
}

static gboolean
is_name_start (char c)
{
  return g_ascii_isalpha (c) || c == '_' || (c & 0x80) != 0;
}

static gboolean
is_name (char c)
{
  return is_name_start (c) || g_ascii_isdigit (c);
}

/* `.word`, `[3]` behind a name: parts of a path. */
static const char *
path_end (const char *p)
{
  while (TRUE)
    {
      if (is_name (*p))
        p++;
      else if (*p == '.' && is_name (p[1]))
        p += 2;
      else if (*p == '[' && g_ascii_isdigit (p[1]))
        {
          const char *q = p + 2;

          while (g_ascii_isdigit (*q))
            q++;
          if (*q != ']')
            return p;
          p = q + 1;
        }
      else
        return p;
    }
}

/* Text between quotes, which are doubled inside; FALSE when it is not closed. */
static gboolean
read_quoted (const char **p, FanoutToken *token)
{
  GString *value = g_string_new (NULL);
  const char quote = **p;

  for ((*p)++;; (*p)++)
    {
      if (**p == '\0')
        {
          g_string_free (value, TRUE);
          return FALSE;
        }
      if (**p == quote && *++*p != quote)
        break;
      g_string_append_c (value, **p);
    }
  token->length = value->len;
  token->text = g_string_free (value, FALSE);
  return TRUE;
}

static const struct
{
  const char *name;
  gint64 mantissa; /* seconds */
  guint8 scale;
  char unit; /* of the calendar, or 0 */
} units[] = {
  { "ns", 1, 9, 0 },   { "us", 1, 6, 0 },   { "ms", 1, 3, 0 },      { "s", 1, 0, 0 },
  { "m", 60, 0, 0 },   { "h", 3600, 0, 0 }, { "d", 86400, 0, 'd' }, { "w", 604800, 0, 'w' },
  { "mo", 0, 0, 'm' }, { "q", 0, 0, 'q' },  { "y", 0, 0, 'y' },
};

static gboolean
read_number (const char *text, const char **p, FanoutToken *token, GError **error)
{
  const char *start = *p;
  const char *q = start;
  const char *unit;
  gsize unit_length;

  while (g_ascii_isdigit (*q))
    q++;
  if (*q == '.' && g_ascii_isdigit (q[1]))
    for (q++; g_ascii_isdigit (*q);)
      q++;
  if ((*q | 0x20) == 'e'
      && (g_ascii_isdigit (q[1]) || ((q[1] == '-' || q[1] == '+') && g_ascii_isdigit (q[2]))))
    for (q += 2; g_ascii_isdigit (*q);)
      q++;
  if (!fanout_number_parse_wide (start, (gsize) (q - start), &token->number, &token->wide, NULL))
    {
      fanout_expression_fail (error, text, (guint) (start - text), (guint) (q - text),
                              "a number that is too large");
      return FALSE;
    }
  token->kind = FANOUT_TOKEN_NUMBER;
  unit = q;
  while (is_name (*q))
    q++;
  unit_length = (gsize) (q - unit);
  *p = q;
  if (unit_length == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strlen (units[i].name) == unit_length && strncmp (units[i].name, unit, unit_length) == 0)
      {
        const FanoutNumber unit_of_time = fanout_number_decimal (units[i].mantissa, units[i].scale);
        FanoutWide room;

        token->unit = units[i].unit;
        if (token->unit != 0)
          {
            token->kind = FANOUT_TOKEN_CALENDAR;
            return TRUE;
          }
        token->number = fanout_number_multiply (token->number, unit_of_time, &room);
        if (fanout_number_is_wide (token->number))
          token->wide = room;
        return TRUE;
      }
  fanout_expression_fail (
      error, text, (guint) (start - text), (guint) (q - text),
      "'%.*s' is no number, and no duration such as 500ms, 5m, 2h or 1d; a column of that name is "
      "written \"%.*s\"",
      (int) (q - start), start, (int) (q - start), start);
  return FALSE;
}

static gsize
sign_length (const char *p)
{
  static const char *const doubles[] = { "==", "!=", "<>", "<=", ">=", "!~", "//" };

  for (guint i = 0; i < G_N_ELEMENTS (doubles); i++)
    if (p[0] == doubles[i][0] && p[1] == doubles[i][1])
      return 2;
  return strchr ("+-*/%=<>~(),", *p) != NULL ? 1 : 0;
}

gboolean
fanout_token_read (const char *text, guint at, FanoutToken *token, GError **error)
{
  const char *p = text + at;
  FanoutToken read = { 0 };

  while (g_ascii_isspace (*p))
    p++;
  read.start = (guint) (p - text);
  if (*p == '\0')
    read.kind = FANOUT_TOKEN_END;
  else if (g_ascii_isdigit (*p) || (*p == '.' && g_ascii_isdigit (p[1])))
    {
      if (!read_number (text, &p, &read, error))
        return FALSE;
    }
  else if (*p == '\'' || *p == '"')
    {
      const gboolean is_text = *p == '\'';

      if (!read_quoted (&p, &read))
        {
          fanout_expression_fail (error, text, read.start, (guint) strlen (text),
                                  "%s is never closed: %s is missing",
                                  is_text ? "a text" : "a name in double quotes",
                                  is_text ? "a ' behind it" : "a \" behind it");
          return FALSE;
        }
      read.kind = is_text ? FANOUT_TOKEN_TEXT : FANOUT_TOKEN_QUOTED;
    }
  else if (is_name_start (*p))
    {
      const char *end = path_end (p);

      read.kind = FANOUT_TOKEN_WORD;
      read.length = (gsize) (end - p);
      read.text = g_strndup (p, read.length);
      p = end;
    }
  else if (*p == '$' && g_ascii_isdigit (p[1]))
    {
      const char *end = p + 1;

      while (g_ascii_isdigit (*end))
        end++;
      read.kind = FANOUT_TOKEN_POSITION;
      if (!fanout_number_parse (p + 1, (gsize) (end - p - 1), &read.number, NULL)
          || read.number.scale != 0 || read.number.mantissa < 1
          || read.number.mantissa > G_MAXINT32)
        {
          fanout_expression_fail (error, text, read.start, (guint) (end - text),
                                  "columns are numbered from $1 on");
          return FALSE;
        }
      p = end;
    }
  else
    {
      const gsize length = sign_length (p);

      if (length == 0)
        {
          const guint n = (guint) (*p == '\0' ? 0 : 1);
          g_autofree char *found = fanout_quote (p, (gssize) n);

          fanout_expression_fail (error, text, read.start, read.start + n,
                                  "%s means nothing in an expression%s", found,
                                  *p == '&' || *p == '|' ? ": conditions are joined by and, or"
                                  : *p == '!'            ? ": the opposite is not, or !="
                                  : *p == '^'            ? ": there is no such operation"
                                  : *p == '`'            ? ": names are quoted by \""
                                  : *p == '$'            ? ": columns are numbered $1, $2, ..."
                                                         : "");
          return FALSE;
        }
      read.kind = FANOUT_TOKEN_SIGN;
      read.length = length;
      read.text = g_strndup (p, length);
      p += length;
    }
  read.end = (guint) (p - text);
  *token = read;
  return TRUE;
}

void
fanout_token_clear (FanoutToken *token)
{
  g_clear_pointer (&token->text, g_free);
}
