#include "core/number/text.h"
#include <fanout/value.h>
#include <math.h>
#include <string.h>

/* The length of the UTF-8 sequence at `p`; where there is none, minus the number of bytes that one
 * U+FFFD stands for (Unicode 15, table 3-8: the maximal subpart). */
static gint
sequence (const guint8 *p, gsize n)
{
  guint8 low = 0x80, high = 0xbf;
  guint length;

  if (p[0] >= 0xc2 && p[0] <= 0xdf)
    length = 2;
  else if ((p[0] & 0xf0) == 0xe0)
    {
      length = 3;
      if (p[0] == 0xe0)
        low = 0xa0;
      else if (p[0] == 0xed)
        high = 0x9f;
    }
  else if (p[0] >= 0xf0 && p[0] <= 0xf4)
    {
      length = 4;
      if (p[0] == 0xf0)
        low = 0x90;
      else if (p[0] == 0xf4)
        high = 0x8f;
    }
  else
    return -1;
  for (guint i = 1; i < length; i++)
    {
      if (i >= n || p[i] < low || p[i] > high)
        return -(gint) i;
      low = 0x80;
      high = 0xbf;
    }
  return (gint) length;
}

static void
append_escaped (GString *json, guint8 c)
{
  static const char names[] = "btn\0fr";

  if (c == '"' || c == '\\')
    {
      const char pair[2] = { '\\', (char) c };

      g_string_append_len (json, pair, 2);
    }
  else if (c >= '\b' && c <= '\r' && c != '\v')
    {
      const char pair[2] = { '\\', names[c - '\b'] };

      g_string_append_len (json, pair, 2);
    }
  else
    g_string_append_printf (json, "\\u%04x", c);
}

/* In a byte of the result the highest bit is set if that of `word` is no plain one; above the first
 * of these, bits can be wrong. */
static inline guint64
not_plain (guint64 word)
{
  const guint64 ones = G_MAXUINT64 / 255;
  const guint64 quote = word ^ ones * '"';
  const guint64 backslash = word ^ ones * '\\';

  return ((word - ones * 0x20) | (quote - ones) | (backslash - ones) | word) & ones << 7;
}

/* How many bytes at the beginning stand for themselves in a JSON string. */
static gsize
plain_length (const guint8 *p, gsize n)
{
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    {
      guint64 word, found;

      memcpy (&word, p + i, sizeof word);
      found = not_plain (GUINT64_FROM_LE (word));
      if (found != 0)
        return i + (gsize) __builtin_ctzll (found) / 8;
    }
  while (i < n && p[i] >= 0x20 && p[i] < 0x80 && p[i] != '"' && p[i] != '\\')
    i++;
  return i;
}

void
fanout_json_append (GString *json, const char *data, gsize length)
{
  const guint8 *p = (const guint8 *) data;
  gsize left = length;

  g_string_append_c (json, '"');
  while (left > 0)
    {
      gsize n = plain_length (p, left);

      if (n < left && p[n] >= 0x80 && sequence (p + n, left - n) > 0)
        n += (gsize) sequence (p + n, left - n);
      g_string_append_len (json, (const char *) p, (gssize) n);
      p += n;
      left -= n;
      if (left == 0 || n > 0)
        continue;
      n = 1;
      if (*p < 0x80)
        append_escaped (json, *p);
      else
        {
          g_string_append (json, "\xef\xbf\xbd");
          n = (gsize) -sequence (p, left);
        }
      p += n;
      left -= n;
    }
  g_string_append_c (json, '"');
}

/* Most values are counts, and sums of small integers. */
static gboolean
is_count (const FanoutDecimal *decimal)
{
  const guint64 *limbs = decimal->limbs;

  return decimal->scale == 0 && (limbs[1] | limbs[2] | limbs[3] | limbs[4]) == 0;
}

static gsize
format_count (guint64 count, char *text)
{
  char digits[20];
  char *const end = digits + sizeof digits;
  const char *first = fanout_digits_before (end, count);
  const gsize length = (gsize) (end - first);

  memcpy (text, first, length);
  return length;
}

gsize
fanout_value_format (const FanoutValue *value, char *text)
{
  FanoutNumber number;

  if (value->kind == FANOUT_VALUE_DOUBLE)
    return fanout_double_format (value->real, text);
  if (value->kind != FANOUT_VALUE_DECIMAL)
    return 0;
  if (is_count (&value->decimal))
    return format_count (value->decimal.limbs[0], text);
  if (fanout_decimal_get_number (&value->decimal, &number))
    return fanout_number_format (number, text);
  return fanout_decimal_format (&value->decimal, text);
}

void
fanout_value_append (GString *text, const FanoutValue *value)
{
  char number[FANOUT_DECIMAL_TEXT_MAX];

  if (value->kind == FANOUT_VALUE_TEXT || value->kind == FANOUT_VALUE_LIST)
    g_string_append_len (text, value->text.data, (gssize) value->text.length);
  else if (value->kind != FANOUT_VALUE_NULL)
    g_string_append_len (text, number, (gssize) fanout_value_format (value, number));
}

void
fanout_value_append_json (GString *json, const FanoutValue *value)
{
  switch (value->kind)
    {
    case FANOUT_VALUE_NULL:
      g_string_append (json, "null");
      break;
    case FANOUT_VALUE_TEXT:
      fanout_json_append (json, value->text.data, value->text.length);
      break;
    case FANOUT_VALUE_DOUBLE:
      if (!isfinite (value->real))
        {
          g_string_append_c (json, '"');
          fanout_value_append (json, value);
          g_string_append_c (json, '"');
          break;
        }
      G_GNUC_FALLTHROUGH;
    case FANOUT_VALUE_DECIMAL:
    case FANOUT_VALUE_LIST:
    default:
      fanout_value_append (json, value);
      break;
    }
}
