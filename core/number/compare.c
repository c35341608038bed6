#include "core/number/text.h"
#include "core/number/powers.h"
#include "core/number/wide.h"
#include <math.h>
#include <string.h>

/* |real| = *m * 2^*e with an odd *m; @real is finite and not 0. */
static void
split (double real, guint64 *m, int *e)
{
  int zeros;

  *m = fanout_double_take_apart (real, e);
  zeros = __builtin_ctzll (*m);
  *m >>= zeros;
  *e += zeros;
}

static int
compare_to_double (FanoutNumber decimal, double real)
{
  const double nearest = fanout_decimal_to_double (decimal.mantissa, decimal.scale);
  guint64 n;
  FanoutUint128 left;
  FanoutUint128 right;
  guint64 m;
  int e;
  int order;

  /* Rounding keeps the order, so only equality is in doubt. */
  if (isnan (real) || nearest < real)
    return -1;
  if (nearest > real)
    return 1;
  if (decimal.mantissa == 0)
    return 0;

  /* n / 10^scale against m * 2^e, which are within half a unit of each other: less than 2^116. */
  n = decimal.mantissa < 0 ? -(guint64) decimal.mantissa : (guint64) decimal.mantissa;
  split (real, &m, &e);
  left = n;
  right = (FanoutUint128) m * fanout_powers_of_ten[decimal.scale];
  if (e < 0)
    left <<= -e;
  else
    right <<= e;
  order = (left > right) - (left < right);
  return decimal.mantissa < 0 ? -order : order;
}

/* One of them is wide. */
static int
compare_wide (FanoutNumber a, FanoutNumber b)
{
  FanoutDecimal x;
  FanoutDecimal y;

  if (fanout_number_is_wide (a) && fanout_number_is_wide (b) && a.wide->scale == b.wide->scale)
    return (a.wide->mantissa > b.wide->mantissa) - (a.wide->mantissa < b.wide->mantissa);
  if (!fanout_decimal_set_number (&x, a))
    return -compare_wide (b, a);
  return fanout_decimal_set_number (&y, b) ? fanout_decimal_compare (&x, &y)
                                           : fanout_decimal_compare_double (&x, b.real);
}

int
fanout_number_compare_scaled (FanoutNumber a, FanoutNumber b)
{
  if (fanout_number_is_wide (a) || fanout_number_is_wide (b))
    return compare_wide (a, b);
  if (fanout_number_is_double (a) && fanout_number_is_double (b))
    {
      if (isnan (a.real) || isnan (b.real))
        return isnan (a.real) - isnan (b.real);
      return (a.real > b.real) - (a.real < b.real);
    }
  if (fanout_number_is_double (a))
    return -compare_to_double (b, a.real);
  if (fanout_number_is_double (b))
    return compare_to_double (a, b.real);
  {
    FanoutInt128 left = a.mantissa;
    FanoutInt128 right = b.mantissa;

    if (a.scale < b.scale)
      left *= fanout_powers_of_ten[b.scale - a.scale];
    else
      right *= fanout_powers_of_ten[a.scale - b.scale];
    return (left > right) - (left < right);
  }
}

FanoutNumber
fanout_number_canonical (FanoutNumber number)
{
  guint64 m;
  int e;

  if (fanout_number_is_wide (number))
    return number;
  if (!fanout_number_is_double (number))
    {
      while (number.scale > 0 && number.mantissa % 10 == 0)
        {
          number.mantissa /= 10;
          number.scale--;
        }
      return number;
    }
  if (number.real == 0)
    return fanout_number_decimal (0, 0);
  if (isnan (number.real))
    return fanout_number_double (NAN);
  if (isinf (number.real))
    return number;

  split (number.real, &m, &e);
  if (e < -FANOUT_SCALE_MAX || e > 62)
    return number;
  if (e < 0)
    {
      if (m > G_MAXINT64 / fanout_powers_of_five[-e])
        return number;
      m *= fanout_powers_of_five[-e];
    }
  else
    {
      if (m > (guint64) G_MAXINT64 >> e)
        return number;
      m <<= e;
      e = 0;
    }
  return fanout_number_decimal (number.real < 0 ? -(gint64) m : (gint64) m, (guint8) -e);
}

FanoutNumber
fanout_number_canonical_wide (FanoutNumber number, FanoutWide *room)
{
  FanoutUint128 wide;
  guint64 m;
  int e;

  number = fanout_number_canonical (number);
  if (!fanout_number_is_double (number) || !isfinite (number.real))
    return number;
  split (number.real, &m, &e);
  /* m has no factor of 2, so that m 5^-e has no zeros at its end. */
  if (e < -FANOUT_WIDE_DIGITS || e > 126)
    return number;
  wide = m;
  for (; e > 0 && wide < fanout_wide_limit (); e--)
    wide *= 2;
  for (guint scale = (guint) MAX (-e, 0); scale > 0 && wide < fanout_wide_limit (); scale--)
    wide = wide < fanout_wide_limit () / 5 ? wide * 5 : fanout_wide_limit ();
  if (wide < fanout_wide_limit ())
    fanout_number_set_decimal (&number,
                               number.real < 0 ? -(FanoutInt128) wide : (FanoutInt128) wide,
                               (guint) MAX (-e, 0), room);
  return number;
}

/* The finaliser of MurmurHash3 (A. Appleby, public domain), over both members. */
static guint64
mix (guint64 mantissa, guint8 scale)
{
  guint64 hash = mantissa + (guint64) (scale + 1) * 0x9e3779b97f4a7c15u;

  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53u;
  return hash ^ hash >> 33;
}

guint64
fanout_number_hash (FanoutNumber number)
{
  number = fanout_number_canonical (number);
  if (fanout_number_is_wide (number))
    {
      const FanoutUint128 m = (FanoutUint128) number.wide->mantissa;
      const FanoutNumber real = fanout_number_narrow (number);

      /* What a double may be as well has the hash of that. */
      if (compare_wide (number, real) != 0)
        return mix ((guint64) m ^ mix ((guint64) (m >> 64), FANOUT_SCALE_WIDE), number.wide->scale);
      number = real;
    }
  return mix ((guint64) number.mantissa, number.scale);
}
