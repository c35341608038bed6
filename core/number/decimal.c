#include "core/number/limbs.h"
#include "core/number/text.h"
#include "core/number/powers.h"
#include "core/number/wide.h"
#include <math.h>
#include <string.h>

/* A wide decimal times 10^72, the sum of two of them, and a sign. */
#define WORK_LIMBS (FANOUT_DECIMAL_LIMBS + 5)

void
fanout_decimal_set (FanoutDecimal *decimal, gint64 mantissa, guint8 scale)
{
  const guint64 limb = (guint64) mantissa;

  limbs_extend (decimal->limbs, FANOUT_DECIMAL_LIMBS, &limb, 1);
  decimal->scale = scale;
}

void
fanout_decimal_set_unsigned (FanoutDecimal *decimal, guint64 value)
{
  memset (decimal->limbs, 0, sizeof decimal->limbs);
  decimal->limbs[0] = value;
  decimal->scale = 0;
}

gboolean
fanout_decimal_set_number (FanoutDecimal *decimal, FanoutNumber number)
{
  if (fanout_number_is_double (number))
    return FALSE;
  if (fanout_number_is_wide (number))
    {
      const FanoutUint128 m = (FanoutUint128) number.wide->mantissa;
      const guint64 limbs[2] = { (guint64) m, (guint64) (m >> 64) };

      limbs_extend (decimal->limbs, FANOUT_DECIMAL_LIMBS, limbs, 2);
      decimal->scale = number.wide->scale;
    }
  else
    fanout_decimal_set (decimal, number.mantissa, number.scale);
  return TRUE;
}

gboolean
fanout_decimal_get_wide (const FanoutDecimal *decimal, FanoutNumber *number, FanoutWide *room)
{
  FanoutDecimal copy = *decimal;

  fanout_decimal_normalise (&copy);
  return copy.scale <= FANOUT_WIDE_DIGITS && limbs_fit (copy.limbs, FANOUT_DECIMAL_LIMBS, 2)
         && fanout_number_set_decimal (
             number, (FanoutInt128) ((FanoutUint128) copy.limbs[1] << 64 | copy.limbs[0]),
             copy.scale, room);
}

gboolean
fanout_decimal_get_number (const FanoutDecimal *decimal, FanoutNumber *number)
{
  FanoutDecimal copy = *decimal;

  fanout_decimal_normalise (&copy);
  if (copy.scale > FANOUT_SCALE_MAX || !limbs_fit (copy.limbs, FANOUT_DECIMAL_LIMBS, 1)
      || (gint64) copy.limbs[0] == G_MININT64)
    return FALSE;
  *number = fanout_number_decimal ((gint64) copy.limbs[0], copy.scale);
  return TRUE;
}

/* Divide by ten as often as it leaves no rest and @scale allows. */
static void
drop_zeros (guint64 *limbs, guint n, guint8 *scale)
{
  const gboolean negative = limbs_negative (limbs, n);
  guint64 quotient[WORK_LIMBS];
  guint used = n;

  if (limbs_zero (limbs, n))
    *scale = 0;
  if (*scale == 0)
    return;
  if (negative)
    limbs_negate (limbs, n);
  /* 10 divides only what 2 divides, which is cheaper to see. */
  while (*scale > 0 && (limbs[0] & 1) == 0)
    {
      while (used > 1 && limbs[used - 1] == 0)
        used--;
      if (used == 1)
        {
          if (limbs[0] % 10 != 0)
            break;
          limbs[0] /= 10;
        }
      else
        {
          memcpy (quotient, limbs, used * sizeof *limbs);
          if (limbs_divide (quotient, used, 10) != 0)
            break;
          memcpy (limbs, quotient, used * sizeof *limbs);
        }
      (*scale)--;
    }
  if (negative)
    limbs_negate (limbs, n);
}

void
fanout_decimal_normalise (FanoutDecimal *decimal)
{
  drop_zeros (decimal->limbs, FANOUT_DECIMAL_LIMBS, &decimal->scale);
}

/* The integer that @decimal is at the larger scale @scale. */
static void
align (guint64 *to, const FanoutDecimal *decimal, guint8 scale)
{
  const gboolean negative = limbs_negative (decimal->limbs, FANOUT_DECIMAL_LIMBS);

  limbs_extend (to, WORK_LIMBS, decimal->limbs, FANOUT_DECIMAL_LIMBS);
  if (negative)
    limbs_negate (to, WORK_LIMBS);
  for (guint left = (guint) (scale - decimal->scale); left > 0;)
    {
      const guint step = MIN (left, 19);

      limbs_multiply (to, WORK_LIMBS, fanout_powers_of_ten[step], 0);
      left -= step;
    }
  if (negative)
    limbs_negate (to, WORK_LIMBS);
}

int
fanout_decimal_compare (const FanoutDecimal *a, const FanoutDecimal *b)
{
  const guint8 scale = MAX (a->scale, b->scale);
  guint64 left[WORK_LIMBS];
  guint64 right[WORK_LIMBS];

  align (left, a, scale);
  align (right, b, scale);
  left[WORK_LIMBS - 1] ^= (guint64) 1 << 63;
  right[WORK_LIMBS - 1] ^= (guint64) 1 << 63;
  return limbs_compare (left, right, WORK_LIMBS);
}

static gboolean
add (FanoutDecimal *result, const FanoutDecimal *a, const FanoutDecimal *b, gboolean subtract)
{
  guint8 scale = MAX (a->scale, b->scale);
  guint64 left[WORK_LIMBS];
  guint64 right[WORK_LIMBS];

  align (left, a, scale);
  align (right, b, scale);
  if (subtract)
    limbs_negate (right, WORK_LIMBS);
  limbs_add (left, right, WORK_LIMBS);
  drop_zeros (left, WORK_LIMBS, &scale);
  if (!limbs_fit (left, WORK_LIMBS, FANOUT_DECIMAL_LIMBS))
    return FALSE;
  memcpy (result->limbs, left, sizeof result->limbs);
  result->scale = scale;
  return TRUE;
}

gboolean
fanout_decimal_add (FanoutDecimal *result, const FanoutDecimal *a, const FanoutDecimal *b)
{
  return add (result, a, b, FALSE);
}

gboolean
fanout_decimal_subtract (FanoutDecimal *result, const FanoutDecimal *a, const FanoutDecimal *b)
{
  return add (result, a, b, TRUE);
}

double
fanout_decimal_get_double (const FanoutDecimal *decimal)
{
  char text[FANOUT_DECIMAL_TEXT_MAX];
  FanoutNumber number = fanout_number_decimal (0, 0);

  if (decimal->scale <= FANOUT_SCALE_MAX && limbs_fit (decimal->limbs, FANOUT_DECIMAL_LIMBS, 1))
    return fanout_decimal_to_double ((gint64) decimal->limbs[0], decimal->scale);
  fanout_number_parse (text, fanout_decimal_format (decimal, text), &number, NULL);
  return fanout_number_to_double (number);
}

int
fanout_decimal_compare_double (const FanoutDecimal *a, double b)
{
  const double nearest = fanout_decimal_get_double (a);
  char text[FANOUT_DECIMAL_TEXT_MAX];
  FanoutDigitRun run;
  gsize length;
  const char *point;
  int order;

  /* Rounding keeps the order, so only equality is in doubt. */
  if (isnan (b) || nearest < b)
    return -1;
  if (nearest > b)
    return 1;
  if (b == 0)
    return limbs_zero (a->limbs, FANOUT_DECIMAL_LIMBS)
               ? 0
               : (limbs_negative (a->limbs, FANOUT_DECIMAL_LIMBS) ? -1 : 1);

  length = fanout_decimal_format (a, text);
  point = memchr (text, '.', length);
  run.last = text + length - 1;
  run.exponent = point != NULL ? point - run.last : 0;
  run.first = text + strspn (text, "-0.");
  run.n_digits = (gsize) (run.last - run.first) + 1 - (point != NULL && point > run.first);
  order = fanout_digit_run_compare (&run, fabs (b));
  return b < 0 ? -order : order;
}
