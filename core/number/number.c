#include "core/number/text.h"
#include "core/number/powers.h"
#include "core/number/wide.h"
#include <math.h>
#include <string.h>

static inline gboolean
is_digit (char c)
{
  return (guint8) (c - '0') < 10;
}

static inline gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* Eight characters as a number, if they are digits. */
static inline gboolean
eight_digits (const char *text, guint64 *value)
{
  const guint64 v = fanout_load_word (text);

  if ((((v + 0x4646464646464646u) | (v - 0x3030303030303030u)) & 0x8080808080808080u) != 0)
    return FALSE;
  *value = fanout_eight_digits (v & 0x0f0f0f0f0f0f0f0fu);
  return TRUE;
}

/* Digits from `p` on; `value` takes them modulo 2^64. */
static const char *
scan_digits (const char *p, const char *end, guint64 *value)
{
  guint64 eight;

  while (end - p >= 8 && eight_digits (p, &eight))
    {
      *value = *value * 100000000u + eight;
      p += 8;
    }
  for (; p < end && is_digit (*p); p++)
    *value = *value * 10 + (guint64) (*p - '0');
  return p;
}

/* An optional exponent and the end of the text. What is beyond any double's range is cut off. */
static gboolean
scan_exponent (const char *p, const char *end, gint64 *exponent)
{
  const gint64 enough = G_MAXINT64 / 16;
  gboolean negative = FALSE;
  gint64 value = 0;

  *exponent = 0;
  if (p == end)
    return TRUE;
  if (*p != 'e' && *p != 'E')
    return FALSE;
  p++;
  if (p < end && (*p == '-' || *p == '+'))
    negative = *p++ == '-';
  if (p == end)
    return FALSE;
  for (; p < end; p++)
    {
      if (!is_digit (*p))
        return FALSE;
      if (value < enough)
        value = value * 10 + (*p - '0');
    }
  *exponent = negative ? -value : value;
  return TRUE;
}

static gboolean
parse_name (const char *p, gsize length, double *value)
{
  static const char *const names[] = { "nan", "inf", "infinity" };
  static const double values[] = { NAN, INFINITY, INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == length && g_ascii_strncasecmp (p, names[i], length) == 0)
      {
        *value = values[i];
        return TRUE;
      }
  return FALSE;
}

static gboolean
only_zeros (const char *p, const char *end)
{
  while (p < end && (*p == '0' || *p == '.'))
    p++;
  return p == end;
}

/* Let the run begin and end with a digit other than 0, and find its leading digits. */
static void
trim_run (FanoutDigitRun *run)
{
  gsize n = 0;

  while (*run->first == '0' || *run->first == '.')
    run->n_digits -= *run->first++ == '0';
  while (*run->last == '0' || *run->last == '.')
    if (*run->last-- == '0')
      {
        run->exponent++;
        run->n_digits--;
      }
  run->leading = 0;
  for (const char *p = run->first; n < MIN (run->n_digits, 19); p++)
    if (*p != '.')
      {
        run->leading = run->leading * 10 + (guint64) (*p - '0');
        n++;
      }
}

/* The decimal m * 10^exponent, if it is one; `m` is not 0. */
static gboolean
to_decimal (guint64 m, gint64 exponent, FanoutNumber *number)
{
  while (exponent < 0 && m % 10 == 0)
    {
      m /= 10;
      exponent++;
    }
  if (m > G_MAXINT64 || exponent < -FANOUT_SCALE_MAX || exponent > 18)
    return FALSE;
  if (exponent > 0)
    {
      if (m > G_MAXINT64 / fanout_powers_of_ten[exponent])
        return FALSE;
      m *= fanout_powers_of_ten[exponent];
      exponent = 0;
    }
  *number = fanout_number_decimal ((gint64) m, (guint8) -exponent);
  return TRUE;
}

/* The same of up to 38 digits, in `room`. */
static gboolean
to_wide (const FanoutDigitRun *run, gboolean negative, FanoutWide *room, FanoutNumber *number)
{
  FanoutUint128 m = 0;
  gsize n = 0;

  if (run->n_digits > FANOUT_WIDE_DIGITS || run->exponent > FANOUT_WIDE_DIGITS
      || run->exponent < -2 * FANOUT_WIDE_DIGITS)
    return FALSE;
  for (const char *p = run->first; n < run->n_digits; p++)
    if (*p != '.')
      {
        m = m * 10 + (guint) (*p - '0');
        n++;
      }
  for (gint64 e = run->exponent; e > 0; e--)
    {
      if (m >= fanout_wide_limit () / 10)
        return FALSE;
      m *= 10;
    }
  return fanout_number_set_decimal (number, negative ? -(FanoutInt128) m : (FanoutInt128) m,
                                    (guint) MAX (-run->exponent, 0), room);
}

/* FALSE: the digits have not enough fives in them, and the value has no end in binary. */
static gboolean
may_end (const FanoutDigitRun *run)
{
  guint64 m = run->leading;
  gint64 exponent = run->exponent;

  if (exponent < 0 && run->n_digits > 19)
    return *run->last == '5';
  for (; exponent < 0 && m % 10 == 0; exponent++)
    m /= 10;
  return exponent >= 0 || (exponent >= -27 && m % fanout_powers_of_five[-exponent] == 0);
}

/*
 * Whether `real`, the double nearest to the run's value, is another. The value, which is not 0, is
 * also an integer, of which `low` are the last 64 bits, times 10^low_exponent.
 */
static gboolean
is_rounded (const FanoutDigitRun *run, guint64 low, gint64 low_exponent, double real)
{
  int exponent;

  if (real == 0 || !may_end (run))
    return TRUE;
  frexp (real, &exponent);
  /* The double is a multiple of 2^(exponent - 53). */
  if (low != 0 && __builtin_ctzll (low) + low_exponent < exponent - 53)
    return TRUE;
  return fanout_digit_run_compare (run, real) != 0;
}

static gboolean
parse (const char *text, gsize length, FanoutNumber *number, FanoutWide *room, gboolean *rounded)
{
  const char *p = text;
  const char *end = text + length;
  const char *point = NULL;
  gboolean negative = FALSE;
  gboolean inexact = FALSE;
  guint64 value = 0;
  gint64 exponent;
  gint64 n_after = 0;
  gsize n_digits;
  const char *digits_end;
  FanoutNumber result;

  while (p < end && is_blank (*p))
    p++;
  while (p < end && is_blank (end[-1]))
    end--;
  if (p < end && (*p == '-' || *p == '+'))
    negative = *p++ == '-';
  if (p < end && (*p | 0x20) >= 'i')
    {
      double real;

      if (!parse_name (p, (gsize) (end - p), &real))
        return FALSE;
      if (negative && !isnan (real))
        real = -real;
      *number = fanout_number_double (real);
      if (rounded != NULL)
        *rounded = FALSE;
      return TRUE;
    }

  text = p;
  p = scan_digits (p, end, &value);
  n_digits = (gsize) (p - text);
  if (p < end && *p == '.')
    {
      point = p;
      p = scan_digits (p + 1, end, &value);
      n_after = p - point - 1;
      n_digits += (gsize) n_after;
    }
  digits_end = p;
  if (n_digits == 0 || !scan_exponent (p, end, &exponent))
    return FALSE;
  exponent -= n_after;

  if (value == 0 && (n_digits <= 19 || only_zeros (text, digits_end)))
    result = fanout_number_decimal (0, 0);
  else
    {
      FanoutDigitRun run = { text, digits_end - 1, n_digits, exponent, value };

      if (n_digits > 19)
        trim_run (&run);
      if (run.n_digits <= 19 && to_decimal (run.leading, run.exponent, &result))
        {
          if (negative)
            result.mantissa = -result.mantissa;
        }
      else if (room == NULL || !to_wide (&run, negative, room, &result))
        {
          double real = fanout_digit_run_to_double (&run);

          if (isinf (real))
            return FALSE;
          if (rounded != NULL)
            inexact = is_rounded (&run, value, exponent, real);
          result = fanout_number_double (negative ? -real : real);
        }
    }

  *number = result;
  if (rounded != NULL)
    *rounded = inexact;
  return TRUE;
}

gboolean
fanout_number_parse (const char *text, gsize length, FanoutNumber *number, gboolean *rounded)
{
  return parse (text, length, number, NULL, rounded);
}

gboolean
fanout_number_parse_wide (const char *text, gsize length, FanoutNumber *number, FanoutWide *room,
                          gboolean *rounded)
{
  return parse (text, length, number, room, rounded);
}
