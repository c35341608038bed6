#include "core/decode/json.h"
#include <string.h>

static gint
hex_value (const char *text)
{
  gint value = 0;

  for (guint i = 0; i < 4; i++)
    {
      const gint digit = g_ascii_xdigit_value (text[i]);

      if (digit < 0)
        return -1;
      value = value * 16 + digit;
    }
  return value;
}

static gboolean
is_high_half (gint value)
{
  return value >= 0xd800 && value < 0xdc00;
}

static gboolean
is_low_half (gint value)
{
  return value >= 0xdc00 && value < 0xe000;
}

static char
plain_of (char c)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char plain[] = "\"\\/\b\f\n\r\t";
  const char *found = c != '\0' ? strchr (escapes, c) : NULL;

  return found != NULL ? plain[found - escapes] : '\0';
}

/* The character of \uXXXX, or of two of them, at `text`, and behind it. */
static gunichar
take_unicode (const char **text)
{
  const gint value = hex_value (*text + 2);

  *text += 6;
  if (!is_high_half (value))
    return (gunichar) value;
  *text += 6;
  return 0x10000u + ((gunichar) (value - 0xd800) << 10)
         + (gunichar) (hex_value (*text - 4) - 0xdc00);
}

gsize
fanout_json_unescape (const char *text, gsize length, char *to)
{
  const char *end = text + length;
  char *start = to;

  while (text < end)
    {
      const char *p = memchr (text, '\\', (gsize) (end - text));
      const gsize n = (gsize) ((p != NULL ? p : end) - text);

      memcpy (to, text, n);
      to += n;
      text += n;
      if (p != NULL && text[1] == 'u')
        to += g_unichar_to_utf8 (take_unicode (&text), to);
      else if (p != NULL)
        {
          *to++ = plain_of (text[1]);
          text += 2;
        }
    }
  return (gsize) (to - start);
}

/* The length of the escape at `p`; 0: it is none. */
static gsize
escape_length (const char *p)
{
  gint value;

  if (p[1] != 'u')
    return plain_of (p[1]) != '\0' ? 2 : 0;
  value = hex_value (p + 2);
  if (value < 0 || is_low_half (value))
    return 0;
  if (!is_high_half (value))
    return 6;
  return p[6] == '\\' && p[7] == 'u' && is_low_half (hex_value (p + 8)) ? 12 : 0;
}

gsize
fanout_json_bad_escape (const char *text, gsize length)
{
  const char *end = text + length;
  const char *p = text;

  while (p < end && (p = memchr (p, '\\', (gsize) (end - p))) != NULL)
    {
      const gsize n = escape_length (p);

      if (n == 0)
        return (gsize) (p - text);
      p += n;
    }
  return G_MAXSIZE;
}

static const char *
skip_digits (const char *p, const char *end)
{
  while (p < end && g_ascii_isdigit (*p))
    p++;
  return p;
}

gboolean
fanout_json_is_number (const char *text, gsize length)
{
  const char *end = text + length;
  const char *p = text + (*text == '-');
  const char *digits = p;

  p = skip_digits (p, end);
  if (p == digits || (*digits == '0' && p - digits > 1))
    return FALSE;
  if (p < end && *p == '.')
    {
      digits = ++p;
      p = skip_digits (p, end);
      if (p == digits)
        return FALSE;
    }
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      p++;
      p += p < end && (*p == '+' || *p == '-');
      digits = p;
      p = skip_digits (p, end);
      if (p == digits)
        return FALSE;
    }
  return p == end;
}
