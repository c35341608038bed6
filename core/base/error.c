#include "core/base/error.h"

#include <errno.h>
#include <string.h>

#define QUOTE_MAX 60

GQuark
fanout_error_quark (void)
{
  return g_quark_from_static_string ("fanout-error-quark");
}

void
fanout_errors_init (FanoutErrors *errors)
{
  errors->lines = g_ptr_array_new_with_free_func (g_free);
  errors->more = errors->retry = FALSE;
}

void
fanout_errors_clear (FanoutErrors *errors)
{
  g_clear_pointer (&errors->lines, g_ptr_array_unref);
  errors->more = errors->retry = FALSE;
}

gboolean
fanout_errors_is_full (const FanoutErrors *errors)
{
  return errors->lines->len >= FANOUT_ERRORS_MAX;
}

gboolean
fanout_errors_wants (FanoutErrors *errors)
{
  const gboolean full = fanout_errors_is_full (errors);

  errors->more |= full;
  return !full;
}

/* The number behind "FILE:" in a line that starts with these `length` bytes, else -1. */
static gint64
line_number (const char *line, const char *file, gsize length)
{
  char *end;
  gint64 number;

  if (strncmp (line, file, length) != 0 || !g_ascii_isdigit (line[length]))
    return -1;
  number = g_ascii_strtoll (line + length, &end, 10);
  return *end == ':' ? number : -1;
}

/* Syntax is checked before values are, but people read a file from its top. */
static guint
place_of (const FanoutErrors *errors, const char *line, const char *origin)
{
  const char *colon = strrchr (origin, ':');
  const gsize length = colon != NULL ? (gsize) (colon + 1 - origin) : 0;
  const gint64 number = length > 0 ? line_number (line, origin, length) : -1;
  guint place = errors->lines->len;

  while (number >= 0 && place > 0
         && line_number (errors->lines->pdata[place - 1], origin, length) > number)
    place--;
  return place;
}

void
fanout_errors_add (FanoutErrors *errors, const char *origin, const char *format, ...)
{
  g_autofree char *text = NULL;
  char *line;
  va_list arguments;

  if (!fanout_errors_wants (errors))
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = g_strconcat (origin, ": ", text, NULL);
  g_ptr_array_insert (errors->lines, (gint) place_of (errors, line, origin), line);
}

gboolean
fanout_errors_raise (const FanoutErrors *errors, GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);

  if (errors->lines->len == 0)
    return TRUE;
  for (guint i = 0; i < errors->lines->len; i++)
    g_string_append_printf (all, "%s%s", i > 0 ? "\n" : "", (char *) errors->lines->pdata[i]);
  if (errors->more)
    g_string_append_printf (all, "\nmore than %d mistakes: the others are not shown",
                            FANOUT_ERRORS_MAX);
  g_set_error_literal (error, FANOUT_ERROR,
                       errors->retry ? FANOUT_ERROR_RETRY : FANOUT_ERROR_CONFIG, all->str);
  return FALSE;
}

/* Whether the same may work later, or on another machine, with nothing put right by hand. */
static gboolean
may_pass (int number)
{
  switch (number)
    {
    case EIO:
    case ENOSPC:
    case EDQUOT:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
    case EBUSY:
    case ETIMEDOUT:
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case ENETDOWN:
    case ENETUNREACH:
    case ENETRESET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENOTCONN:
    case ENOLCK:
    case ENODEV:
#ifdef ESTALE
    case ESTALE:
#endif
#ifdef EREMOTEIO
    case EREMOTEIO:
#endif
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
fanout_error_system (GError **error, FanoutError code, int number, const char *format, ...)
{
  g_autofree char *prefix = NULL;
  va_list arguments;

  va_start (arguments, format);
  prefix = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, FANOUT_ERROR, (gint) (may_pass (number) ? FANOUT_ERROR_RETRY : code),
               "%s: %s", prefix, g_strerror (number));
  return FALSE;
}

void
fanout_errors_add_system (FanoutErrors *errors, const char *origin, int number)
{
  errors->retry = errors->retry || may_pass (number);
  fanout_errors_add (errors, origin, "%s", g_strerror (number));
}

void
fanout_errors_weigh (FanoutErrors *errors, const GError *error)
{
  errors->retry = errors->retry || g_error_matches (error, FANOUT_ERROR, FANOUT_ERROR_RETRY);
}

static void
append_bytes (GString *out, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (out, "\\x%02X", (guint) (guchar) text[i]);
}

/* Append one character, or one bad byte; answers how many bytes it was. */
static gsize
append_character (GString *out, const char *text, gsize length)
{
  const gunichar c = g_utf8_get_char_validated (text, (gssize) MIN (length, 6));
  const gsize n = (gint) c < 0 || c == 0 ? 1 : (gsize) g_unichar_to_utf8 (c, NULL);

  if (c == '\t')
    g_string_append (out, "\\t");
  else if (c == '\n')
    g_string_append (out, "\\n");
  else if (c == '\r')
    g_string_append (out, "\\r");
  else if (c == ' ' || ((gint) c > 0 && g_unichar_isprint (c) && !g_unichar_isspace (c)))
    g_string_append_len (out, text, (gssize) n);
  else
    append_bytes (out, text, n);
  return n;
}

/* Up to `max` characters; FALSE when there are more. */
static gboolean
append_escaped (GString *out, const char *text, gsize length, gsize max)
{
  gsize at = 0;

  for (gsize i = 0; i < max && at < length; i++)
    at += append_character (out, text + at, length - at);
  return at == length;
}

char *
fanout_escape (const char *text, gssize length)
{
  GString *out = g_string_new (NULL);

  append_escaped (out, text, length < 0 ? strlen (text) : (gsize) length, G_MAXSIZE);
  return g_string_free (out, FALSE);
}

char *
fanout_quote (const char *text, gssize length)
{
  GString *out = g_string_new ("'");
  const gsize n = length < 0 ? strlen (text) : (gsize) length;

  g_string_append (out, append_escaped (out, text, n, QUOTE_MAX) ? "'" : "...'");
  return g_string_free (out, FALSE);
}

char *
fanout_count_of (guint64 n, const char *noun)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %s%s", n, noun, n == 1 ? "" : "s");
}
