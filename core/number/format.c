#include "core/number/limbs.h"
#include "core/number/powers.h"
#include "core/number/wide.h"
#include "core/number/text.h"
#include <math.h>
#include <string.h>

/* Write [-]digits with the point before the last @scale of them, without trailing zeros. */
static gsize
write_plain (char *text, gboolean negative, const char *digits, gsize n, gsize scale)
{
  char *p = text;

  while (scale > 0 && digits[n - 1] == '0' && n > 1)
    {
      n--;
      scale--;
    }
  if (n == 1 && digits[0] == '0')
    scale = 0;
  if (negative)
    *p++ = '-';
  if (n <= scale)
    {
      *p++ = '0';
      *p++ = '.';
      memset (p, '0', scale - n);
      p += scale - n;
      memcpy (p, digits, n);
      p += n;
    }
  else
    {
      memcpy (p, digits, n - scale);
      p += n - scale;
      if (scale > 0)
        {
          *p++ = '.';
          memcpy (p, digits + n - scale, scale);
          p += scale;
        }
    }
  *p = '\0';
  return (gsize) (p - text);
}

static gsize
format_integer_scaled (gint64 mantissa, guint8 scale, char *text)
{
  const guint64 m = mantissa < 0 ? -(guint64) mantissa : (guint64) mantissa;
  char digits[20];
  char *const end = digits + sizeof digits;
  const char *begin = fanout_digits_before (end, m);

  return write_plain (text, mantissa < 0, begin, (gsize) (end - begin), scale);
}

static gsize
format_wide (const FanoutWide *wide, char *text)
{
  char digits[FANOUT_WIDE_DIGITS + 2];
  char *const end = digits + sizeof digits;
  const char *begin = fanout_wide_digits_before (end, fanout_wide_magnitude (wide->mantissa));

  return write_plain (text, wide->mantissa < 0, begin, (gsize) (end - begin), wide->scale);
}

gsize
fanout_number_format (FanoutNumber number, char *text)
{
  if (fanout_number_is_wide (number))
    return format_wide (number.wide, text);
  if (fanout_number_is_double (number))
    return fanout_double_format (number.real, text);
  return format_integer_scaled (number.mantissa, number.scale, text);
}

gsize
fanout_decimal_format (const FanoutDecimal *decimal, char *text)
{
  const guint64 chunk = fanout_powers_of_ten[19];
  const gboolean negative = limbs_negative (decimal->limbs, FANOUT_DECIMAL_LIMBS);
  guint64 limbs[FANOUT_DECIMAL_LIMBS];
  char digits[FANOUT_DECIMAL_LIMBS * 20];
  char *const end = digits + sizeof digits;
  char *begin = end;
  guint n = FANOUT_DECIMAL_LIMBS;

  memcpy (limbs, decimal->limbs, sizeof limbs);
  if (negative)
    limbs_negate (limbs, FANOUT_DECIMAL_LIMBS);
  for (;;)
    {
      char *part;

      while (n > 0 && limbs[n - 1] == 0)
        n--;
      if (n <= 1)
        break;
      part = fanout_digits_before (begin, limbs_divide (limbs, n, chunk));
      begin -= 19;
      memset (begin, '0', (gsize) (part - begin));
    }
  /* The uppermost limb, unless nothing is left of it behind full chunks. */
  if (n == 1 || begin == end)
    begin = fanout_digits_before (begin, limbs[0]);
  while (begin < end - 1 && *begin == '0')
    begin++;
  return write_plain (text, negative, begin, (gsize) (end - begin), decimal->scale);
}

/* The product of @g and @c without its last 128 bits, with a last bit that says whether there was
 * more. */
static inline guint64
round_to_odd (FanoutPower g, guint64 c)
{
  const FanoutUint128 low = (FanoutUint128) g.low * c;
  const FanoutUint128 high = (FanoutUint128) g.high * c + (guint64) (low >> 64);

  return (guint64) (high >> 64) | ((guint64) high > 1);
}

/* Giulietti 2020, figures 4 and 6: the shortest decimal, digits * 10^exponent, that rounds to c *
 * 2^q. */
static guint64
shortest (guint64 c, int q, gboolean lower_is_closer, int *exponent)
{
  const guint64 odd = c & 1;
  const int k
      = lower_is_closer ? fanout_floor_log10_of_three_quarters (q) : fanout_floor_log10_of_two (q);
  const int h = q + fanout_floor_log2_of_ten (-k) + 1;
  FanoutPower g = fanout_power_of_five (-k);
  guint64 lower, middle, upper, s;

  /* Rounded up, where 128 bits do not hold the power. */
  if (k > 0 || k < -55)
    {
      g.low++;
      g.high += g.low == 0;
    }
  lower = round_to_odd (g, (4 * c - 2 + (guint64) lower_is_closer) << h) + odd;
  middle = round_to_odd (g, 4 * c << h);
  upper = round_to_odd (g, (4 * c + 2) << h) - odd;

  s = middle / 4;
  if (s >= 10)
    {
      const guint64 tens = s / 10;
      const gboolean below = lower <= 40 * tens;
      const gboolean above = 40 * tens + 40 <= upper;

      if (below != above)
        {
          *exponent = k + 1;
          return tens + (guint64) above;
        }
    }
  *exponent = k;
  {
    const gboolean below = lower <= 4 * s;
    const gboolean above = 4 * s + 4 <= upper;

    if (below != above)
      return s + (guint64) above;
  }
  return s + (guint64) (middle > 4 * s + 2 || (middle == 4 * s + 2 && (s & 1) != 0));
}

static gsize
write_text (char *text, const char *from)
{
  const gsize length = strlen (from);

  memcpy (text, from, length + 1);
  return length;
}

gsize
fanout_double_format (double value, char *text)
{
  const gboolean negative = signbit (value) != 0;
  guint64 m;
  int exponent;
  int point;
  int n;
  char digits[24];
  char *end = digits + sizeof digits;
  char *begin;
  char *p;

  if (!isfinite (value))
    return write_text (text, isnan (value) ? "nan" : negative ? "-inf" : "inf");
  m = fanout_double_take_apart (value, &exponent);
  if (m == 0)
    return write_text (text, negative ? "-0" : "0");

  /* Integers below 2^53 are their own shortest text. */
  if (value > -9007199254740992.0 && value < 9007199254740992.0 && value == (double) (gint64) value)
    return format_integer_scaled ((gint64) value, 0, text);

  m = shortest (m, exponent, m == (guint64) 1 << 52 && exponent > -1074, &exponent);
  while (m % 10 == 0)
    {
      m /= 10;
      exponent++;
    }
  begin = fanout_digits_before (end, m);
  n = (int) (end - begin);
  point = n + exponent;

  if (point > -6 && point <= 0)
    return write_plain (text, negative, begin, (gsize) n, (gsize) -exponent);
  if (point > 0 && point <= 21)
    {
      gsize length;

      if (exponent <= 0)
        return write_plain (text, negative, begin, (gsize) n, (gsize) -exponent);
      length = write_plain (text, negative, begin, (gsize) n, 0);
      memset (text + length, '0', (gsize) exponent);
      text[length + (gsize) exponent] = '\0';
      return length + (gsize) exponent;
    }

  p = text;
  if (negative)
    *p++ = '-';
  *p++ = *begin++;
  if (begin < end)
    {
      *p++ = '.';
      memcpy (p, begin, (gsize) (end - begin));
      p += end - begin;
    }
  *p++ = 'e';
  exponent = point - 1;
  if (exponent < 0)
    {
      *p++ = '-';
      exponent = -exponent;
    }
  end = digits + sizeof digits;
  begin = fanout_digits_before (end, (guint64) exponent);
  memcpy (p, begin, (gsize) (end - begin));
  p += end - begin;
  *p = '\0';
  return (gsize) (p - text);
}
