#include "core/exact/arithmetic.h"

#include "core/exact/rational.h"
#include "core/number/text.h"
#include "core/number/wide.h"

#include <math.h>

gboolean
fanout_number_is_nan (FanoutNumber x)
{
  return fanout_number_is_double (x) && isnan (x.real);
}

gboolean
fanout_number_is_finite (FanoutNumber x)
{
  return !fanout_number_is_double (x) || isfinite (x.real);
}

/* value / 10^scale, for scales up to 38. */
static FanoutNumber
from_wide (FanoutInt128 value, guint scale, FanoutWide *room)
{
  const FanoutUint128 m = fanout_wide_magnitude (value);
  FanoutNumber number;

  if (fanout_number_set_decimal (&number, value, scale, room))
    return number;
  if (scale <= 19)
    return fanout_number_double (
        fanout_divide_to_double (value < 0, m, fanout_powers_of_ten[scale], 0));
  {
    const guint64 words64[2] = { (guint64) m, (guint64) (m >> 64) };
    const guint32 words[4] = { (guint32) words64[0], (guint32) (words64[0] >> 32),
                               (guint32) words64[1], (guint32) (words64[1] >> 32) };
    g_autoptr (FanoutRational) whole
        = fanout_rational_new_words (value < 0, words, 4, -(gint) scale, scale);

    return fanout_number_double (fanout_rational_to_double (whole));
  }
}

/* The number itself, in a room of its own where it is wide. */
static FanoutNumber
copy_number (FanoutNumber x, FanoutWide *room)
{
  return fanout_number_is_wide (x) ? from_wide (x.wide->mantissa, x.wide->scale, room) : x;
}

/* A value as a number: a decimal where it is one, else the nearest double. */
static FanoutNumber
from_rational (const FanoutRational *value, FanoutWide *room)
{
  FanoutNumber number;

  return fanout_rational_to_number (value, &number, room)
             ? number
             : fanout_number_double (fanout_rational_to_double (value));
}

typedef FanoutRational *(*Binary) (const FanoutRational *a, const FanoutRational *b);

static FanoutNumber
by_rationals (Binary binary, FanoutNumber x, FanoutNumber y, FanoutWide *room)
{
  g_autoptr (FanoutRational) a = fanout_rational_new_number (x);
  g_autoptr (FanoutRational) b = fanout_rational_new_number (y);
  g_autoptr (FanoutRational) result = binary (a, b);

  return from_rational (result, room);
}

/* Whether they are decimals of 63 bits. */
static gboolean
both_short (FanoutNumber x, FanoutNumber y)
{
  return x.scale <= FANOUT_SCALE_MAX && y.scale <= FANOUT_SCALE_MAX;
}

FanoutNumber
fanout_number_negate (FanoutNumber x, FanoutWide *room)
{
  if (fanout_number_is_double (x))
    return fanout_number_double (-x.real);
  if (fanout_number_is_wide (x))
    return from_wide (-x.wide->mantissa, x.wide->scale, room);
  return fanout_number_decimal (-x.mantissa, x.scale);
}

FanoutNumber
fanout_number_add (FanoutNumber x, FanoutNumber y, FanoutWide *room)
{
  guint scale;

  if (!both_short (x, y))
    return by_rationals (fanout_rational_add, x, y, room);
  scale = MAX (x.scale, y.scale);
  return from_wide (x.mantissa * (FanoutInt128) fanout_wide_power_of_ten (scale - x.scale)
                        + y.mantissa * (FanoutInt128) fanout_wide_power_of_ten (scale - y.scale),
                    scale, room);
}

FanoutNumber
fanout_number_subtract (FanoutNumber x, FanoutNumber y, FanoutWide *room)
{
  FanoutWide own;

  return fanout_number_add (x, fanout_number_negate (y, &own), room);
}

FanoutNumber
fanout_number_multiply (FanoutNumber x, FanoutNumber y, FanoutWide *room)
{
  if (!both_short (x, y))
    return by_rationals (fanout_rational_multiply, x, y, room);
  return from_wide ((FanoutInt128) x.mantissa * y.mantissa, (guint) x.scale + y.scale, room);
}

static gboolean
is_zero (FanoutNumber x)
{
  return fanout_number_is_double (x) ? x.real == 0 : x.mantissa == 0;
}

gboolean
fanout_number_divide (FanoutNumber x, FanoutNumber y, FanoutNumber *result, FanoutWide *room)
{
  if (is_zero (y))
    return FALSE;
  *result = by_rationals (fanout_rational_divide, x, y, room);
  return TRUE;
}

/* floor (x / y) for finite x, y. */
static FanoutRational *
floor_quotient (FanoutNumber x, FanoutNumber y)
{
  g_autoptr (FanoutRational) a = fanout_rational_new_number (x);
  g_autoptr (FanoutRational) b = fanout_rational_new_number (y);
  g_autoptr (FanoutRational) quotient = fanout_rational_divide (a, b);

  return fanout_rational_floor (quotient);
}

/* Both mantissas at one scale, when the larger scale leaves them 127 bits. */
static void
align (FanoutNumber x, FanoutNumber y, FanoutInt128 *a, FanoutInt128 *b, guint *scale)
{
  *scale = MAX (x.scale, y.scale);
  *a = x.mantissa * (FanoutInt128) fanout_wide_power_of_ten (*scale - x.scale);
  *b = y.mantissa * (FanoutInt128) fanout_wide_power_of_ten (*scale - y.scale);
}

static FanoutInt128
floor_wide (FanoutInt128 a, FanoutInt128 b)
{
  const FanoutInt128 quotient = a / b;

  return quotient - (a % b != 0 && (a < 0) != (b < 0));
}

gboolean
fanout_number_floor_divide (FanoutNumber x, FanoutNumber y, FanoutNumber *result, FanoutWide *room)
{
  FanoutInt128 a;
  FanoutInt128 b;
  guint scale;

  if (is_zero (y))
    return FALSE;
  if (both_short (x, y))
    {
      align (x, y, &a, &b, &scale);
      *result = from_wide (floor_wide (a, b), 0, room);
    }
  else if (fanout_number_is_finite (x) && fanout_number_is_finite (y))
    {
      g_autoptr (FanoutRational) quotient = floor_quotient (x, y);

      *result = from_rational (quotient, room);
    }
  else
    *result
        = fanout_number_double (floor (fanout_number_to_double (x) / fanout_number_to_double (y)));
  return TRUE;
}

gboolean
fanout_number_modulo (FanoutNumber x, FanoutNumber y, FanoutNumber *result, FanoutWide *room)
{
  FanoutInt128 a;
  FanoutInt128 b;
  guint scale;

  if (is_zero (y))
    return FALSE;
  if (both_short (x, y))
    {
      align (x, y, &a, &b, &scale);
      a %= b;
      if (a != 0 && (a < 0) != (b < 0))
        a += b;
      *result = from_wide (a, scale, room);
    }
  else if (fanout_number_is_finite (x) && fanout_number_is_finite (y))
    {
      g_autoptr (FanoutRational) quotient = floor_quotient (x, y);
      g_autoptr (FanoutRational) a_exact = fanout_rational_new_number (x);
      g_autoptr (FanoutRational) b_exact = fanout_rational_new_number (y);
      g_autoptr (FanoutRational) whole = fanout_rational_multiply (b_exact, quotient);
      g_autoptr (FanoutRational) rest = fanout_rational_subtract (a_exact, whole);

      *result = from_rational (rest, room);
    }
  else if (fanout_number_is_finite (x) && !fanout_number_is_nan (y)
           && (fanout_number_sign (x) == 0 || (fanout_number_sign (x) < 0) == (y.real < 0)))
    *result = copy_number (x, room);
  else
    *result = fanout_number_double (NAN);
  return TRUE;
}

FanoutNumber
fanout_number_abs (FanoutNumber x, FanoutWide *room)
{
  if (fanout_number_is_double (x))
    return fanout_number_double (fabs (x.real));
  if (fanout_number_is_wide (x))
    return x.wide->mantissa < 0 ? fanout_number_negate (x, room) : copy_number (x, room);
  return fanout_number_decimal (ABS (x.mantissa), x.scale);
}

/* A double that was made integral: a decimal where there is room. */
static FanoutNumber
integral (double real, FanoutWide *room)
{
  const FanoutNumber number = fanout_number_double (real);

  return room != NULL ? fanout_number_canonical_wide (number, room)
                      : fanout_number_canonical (number);
}

FanoutNumber
fanout_number_floor (FanoutNumber x, FanoutWide *room)
{
  if (fanout_number_is_double (x))
    return integral (floor (x.real), room);
  if (fanout_number_is_wide (x))
    return from_wide (
        floor_wide (x.wide->mantissa, (FanoutInt128) fanout_wide_power_of_ten (x.wide->scale)), 0,
        room);
  return fanout_number_decimal (
      (gint64) floor_wide (x.mantissa, (FanoutInt128) fanout_powers_of_ten[x.scale]), 0);
}

FanoutNumber
fanout_number_ceil (FanoutNumber x, FanoutWide *room)
{
  FanoutWide own;
  FanoutWide below;

  return fanout_number_negate (fanout_number_floor (fanout_number_negate (x, &own), &below), room);
}

FanoutNumber
fanout_number_trunc (FanoutNumber x, FanoutWide *room)
{
  if (fanout_number_is_double (x))
    return integral (trunc (x.real), room);
  if (fanout_number_is_wide (x))
    return from_wide (x.wide->mantissa / (FanoutInt128) fanout_wide_power_of_ten (x.wide->scale), 0,
                      room);
  return fanout_number_decimal (x.mantissa / (gint64) fanout_powers_of_ten[x.scale], 0);
}

/* A half away from zero of a rational times 10^digits, divided by that again. */
static FanoutNumber
round_rational (FanoutNumber x, gint digits, FanoutWide *room)
{
  FanoutWide own;
  g_autoptr (FanoutRational) ten = fanout_rational_new (10, 1);
  g_autoptr (FanoutRational) unit = fanout_rational_power (ten, digits);
  g_autoptr (FanoutRational) half = fanout_rational_new (1, 2);
  g_autoptr (FanoutRational) value = fanout_rational_new_number (fanout_number_abs (x, &own));
  g_autoptr (FanoutRational) shifted = fanout_rational_multiply (value, unit);
  g_autoptr (FanoutRational) above = fanout_rational_add (shifted, half);
  g_autoptr (FanoutRational) whole = fanout_rational_floor (above);
  g_autoptr (FanoutRational) rounded = fanout_rational_divide (whole, unit);
  const FanoutNumber result = from_rational (rounded, room);

  return fanout_number_sign (x) < 0 ? fanout_number_negate (result, room) : result;
}

FanoutNumber
fanout_number_round (FanoutNumber x, gint digits, FanoutWide *room)
{
  if (!fanout_number_is_finite (x))
    return x;
  if (fanout_number_is_wide (x) && digits >= x.wide->scale)
    return copy_number (x, room);
  /* Beyond what any number has. */
  digits = CLAMP (digits, -400, 1200);
  if (x.scale <= FANOUT_SCALE_MAX)
    {
      gint64 unit;
      gint64 rest;
      gint64 whole;

      if (digits >= x.scale)
        return x;
      if (x.scale - digits <= 18)
        {
          unit = (gint64) fanout_powers_of_ten[x.scale - digits];
          rest = x.mantissa % unit;
          whole = x.mantissa / unit;
          if (ABS (rest) >= unit - ABS (rest))
            whole += x.mantissa < 0 ? -1 : 1;
          if (digits >= 0)
            return fanout_number_decimal (whole, (guint8) digits);
          return from_wide (whole * (FanoutInt128) fanout_wide_power_of_ten ((guint) -digits), 0,
                            room);
        }
    }
  return round_rational (x, digits, room);
}

FanoutNumber
fanout_number_sqrt (FanoutNumber x)
{
  g_autoptr (FanoutRational) value = fanout_rational_new_number (x);

  return fanout_number_double (fanout_rational_sqrt (value));
}

int
fanout_number_sign (FanoutNumber x)
{
  if (fanout_number_is_double (x))
    return (x.real > 0) - (x.real < 0);
  if (fanout_number_is_wide (x))
    return x.wide->mantissa < 0 ? -1 : 1;
  return (x.mantissa > 0) - (x.mantissa < 0);
}
