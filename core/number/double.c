#include "core/number/limbs.h"
#include "core/number/powers.h"
#include "core/number/text.h"
#include <string.h>

/* Enough for any double's neighbourhood: 801 digits against 5^1125 * 2^54, either about 2700 bits.
 */
#define BIG_LIMBS  64
#define DIGITS_MAX 800

/* What is above the first `n` limbs is not set. */
typedef struct
{
  guint n;
  guint64 limbs[BIG_LIMBS];
} Big;

static inline double
double_of_bits (guint64 bits)
{
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static void
big_multiply_add (Big *big, guint64 by, guint64 add)
{
  const guint64 more = limbs_multiply (big->limbs, big->n, by, add);

  if (more != 0)
    big->limbs[big->n++] = more;
}

static void
big_multiply_power_of_five (Big *big, guint64 exponent)
{
  for (; exponent > 27; exponent -= 27)
    big_multiply_add (big, fanout_powers_of_five[27], 0);
  big_multiply_add (big, fanout_powers_of_five[exponent], 0);
}

static void
big_shift_left (Big *big, guint64 bits)
{
  const guint limbs = (guint) (bits / 64);
  const guint shift = (guint) (bits % 64);

  if (shift > 0)
    big_multiply_add (big, (guint64) 1 << shift, 0);
  if (limbs > 0)
    {
      memmove (big->limbs + limbs, big->limbs, big->n * sizeof *big->limbs);
      memset (big->limbs, 0, limbs * sizeof *big->limbs);
      big->n += limbs;
    }
}

static int
big_compare (const Big *a, const Big *b)
{
  return a->n != b->n ? (a->n > b->n) - (a->n < b->n) : limbs_compare (a->limbs, b->limbs, a->n);
}

/* The order of the run's value and m * 2^e, which are close to each other. */
static int
compare_run (const FanoutDigitRun *run, guint64 m, gint e)
{
  Big left, right;
  gint64 exponent = run->exponent;
  const char *p = run->first;
  gsize n_digits = MIN (run->n_digits, DIGITS_MAX);

  left.n = 0;
  for (gsize i = 0; i < n_digits;)
    {
      guint64 part = 0;
      guint64 scale = 1;

      for (; scale < 10000000000000000000u && i < n_digits; p++)
        if (*p != '.')
          {
            part = part * 10 + (guint64) (*p - '0');
            scale *= 10;
            i++;
          }
      big_multiply_add (&left, scale, part);
    }
  if (n_digits < run->n_digits)
    {
      /* No halfway point has that many digits, so it only matters that there are more. */
      big_multiply_add (&left, 10, 1);
      exponent += (gint64) (run->n_digits - n_digits) - 1;
    }

  right.n = 1;
  right.limbs[0] = m;
  if (exponent >= 0)
    big_multiply_power_of_five (&left, (guint64) exponent);
  else
    big_multiply_power_of_five (&right, (guint64) -exponent);
  if (exponent >= e)
    big_shift_left (&left, (guint64) (exponent - e));
  else
    big_shift_left (&right, (guint64) (e - exponent));
  return big_compare (&left, &right);
}

/*
 * w * 10^q as a double: TRUE with the bits of the nearest one, or FALSE with those of the one below
 * when 128 bits of the power cannot tell. The power is truncated, so the true product lies between
 * the computed one and that plus w in its last place: only where the bits after the double's read
 * just below one half can it fall on the other side. (Lemire 2021 does the same with another
 * bound.)
 */
static gboolean
approximate (guint64 w, gint64 q, guint64 *bits)
{
  const gboolean exact = q >= 0 && q <= 55;
  const int zeros = __builtin_clzll (w);
  FanoutUint128 product;
  FanoutPower power;
  guint64 high;
  guint64 middle;
  guint64 low;
  guint64 below_half;
  guint64 tail;
  guint64 mantissa;
  gboolean up;
  int exponent;
  int dropped;

  if (q < -345)
    {
      *bits = 0;
      return TRUE;
    }
  if (q > 310)
    {
      *bits = (guint64) 0x7ff << 52;
      return TRUE;
    }

  power = fanout_power_of_five ((int) q);
  w <<= zeros;
  product = (FanoutUint128) w * power.low;
  low = (guint64) product;
  product = (FanoutUint128) w * power.high + (guint64) (product >> 64);
  high = (guint64) (product >> 64);
  middle = (guint64) product;
  exponent = fanout_floor_log2_of_ten ((int) q) + 64 - zeros;
  if (high >> 63 == 0)
    {
      high = high << 1 | middle >> 63;
      middle = middle << 1 | low >> 63;
      low <<= 1;
      exponent--;
    }
  if (exponent > 1023)
    {
      *bits = (guint64) 0x7ff << 52;
      return TRUE;
    }

  /* Of 64 bits a normal number keeps 53, a subnormal fewer or none. */
  dropped = exponent >= -1022 ? 11 : 11 + -1022 - exponent;
  if (dropped > 65)
    {
      *bits = 0;
      return TRUE;
    }
  below_half = ~(guint64) 0 >> (65 - dropped);
  mantissa = dropped < 64 ? high >> dropped : 0;
  tail = dropped < 64 ? high & (((guint64) 1 << dropped) - 1) : high;
  *bits = mantissa;
  if (exponent >= -1022)
    *bits += (guint64) (exponent + 1022) << 52;

  if (!exact && tail == below_half && middle >= ~(guint64) 1)
    return FALSE;
  up = tail > below_half;
  if (exact && tail == below_half + 1 && middle == 0 && low == 0)
    up = mantissa & 1;
  *bits += (guint64) up;
  return TRUE;
}

double
fanout_digit_run_to_double (const FanoutDigitRun *run)
{
  const gboolean more = run->n_digits > 19;
  const gint64 exponent = more ? run->exponent + (gint64) run->n_digits - 19 : run->exponent;
  guint64 lower;
  guint64 upper;
  guint64 m;
  gint e;
  gboolean sure;
  int order;

  sure = approximate (run->leading, exponent, &lower);
  upper = lower;
  if (more)
    sure = approximate (run->leading + 1, exponent, &upper) && sure;
  if (sure && lower == upper)
    return double_of_bits (lower);

  lower = MIN (lower, upper);
  m = fanout_double_take_apart (double_of_bits (lower), &e);
  order = compare_run (run, 2 * m + 1, e - 1);
  if (order > 0 || (order == 0 && (m & 1) != 0))
    lower++;
  return double_of_bits (lower);
}

int
fanout_digit_run_compare (const FanoutDigitRun *run, double real)
{
  gint e;
  const guint64 m = fanout_double_take_apart (real, &e);

  return compare_run (run, m, e);
}

double
fanout_compose_double (gboolean negative, FanoutUint128 m, gboolean more, gint exponent)
{
  const guint64 sign = negative ? (guint64) 1 << 63 : 0;
  guint64 high = (guint64) (m >> 64);
  guint64 low = (guint64) m;
  guint64 bits;
  int zeros;
  int dropped;
  gint top;

  if (m == 0)
    return double_of_bits (sign);
  zeros = high != 0 ? __builtin_clzll (high) : 64 + __builtin_clzll (low);
  m <<= zeros;
  high = (guint64) (m >> 64);
  low = (guint64) m;
  more = more || low != 0;
  top = exponent + 127 - zeros;
  if (top > 1023)
    return double_of_bits (sign | (guint64) 0x7ff << 52);

  dropped = top >= -1022 ? 11 : 11 + -1022 - top;
  if (dropped > 64)
    return double_of_bits (sign);
  bits = dropped < 64 ? high >> dropped : 0;
  high <<= 64 - dropped;
  /* What was dropped, from the top: a half is its first bit alone. */
  if (high >> 63 != 0 && (high << 1 != 0 || more || (bits & 1) != 0))
    bits++;
  if (top >= -1022)
    bits += (guint64) (top + 1022) << 52;
  return double_of_bits (sign | bits);
}

double
fanout_divide_to_double (gboolean negative, FanoutUint128 m, guint64 by, gint exponent)
{
  const int by_zeros = __builtin_clzll (by);
  guint64 high = (guint64) (m >> 64);
  int zeros;

  if (m == 0)
    return 0;
  zeros = high != 0 ? __builtin_clzll (high) : 64 + __builtin_clzll ((guint64) m);
  /* The dividend in 127 bits, the divisor in 64: the quotient has 63 or 64. */
  if (zeros > 0)
    m <<= zeros - 1;
  else
    return fanout_compose_double (negative, m / by, m % by != 0, exponent);
  by <<= by_zeros;
  return fanout_compose_double (negative, m / by, m % by != 0, exponent + by_zeros - zeros + 1);
}

double
fanout_decimal_to_double (gint64 mantissa, guint8 scale)
{
  /* Exact in a double up to 10^22. */
  static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                   1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18 };
  const gint64 limit = (gint64) 1 << 53;
  guint64 m;

  if (scale == 0)
    return (double) mantissa;
  if (G_LIKELY (mantissa >= -limit && mantissa <= limit))
    return (double) mantissa / powers[scale];
  m = mantissa < 0 ? -(guint64) mantissa : (guint64) mantissa;
  return fanout_divide_to_double (mantissa < 0, m, fanout_powers_of_ten[scale], 0);
}
