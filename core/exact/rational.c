#include "core/exact/rational.h"
#include "core/exact/gmp.h"
#include "core/number/limbs.h"
#include "core/number/text.h"
#include <math.h>
#include <string.h>

typedef enum
{
  FINITE = 0,
  NOT_A_NUMBER,
  POSITIVE_INFINITY,
  NEGATIVE_INFINITY,
} Kind;

/* Each begins in new_kind (), so that GMP is there wherever there is one. Not reduced: a formula
 * has few steps, and a gcd costs more than it saves. The denominator is positive. */
struct FanoutRational
{
  Kind kind;
  mpz_t numerator;
  mpz_t denominator;
};

static FanoutRational *
new_kind (Kind kind)
{
  FanoutRational *value = g_new (FanoutRational, 1);

  fanout_gmp_load ();
  value->kind = kind;
  fanout_gmp.init (value->numerator);
  fanout_gmp.init_set_ui (value->denominator, 1);
  return value;
}

void
fanout_rational_free (FanoutRational *value)
{
  if (value == NULL)
    return;
  fanout_gmp.clear (value->numerator);
  fanout_gmp.clear (value->denominator);
  g_free (value);
}

static void
set_limbs (mpz_t to, gboolean negative, const guint64 *limbs, gsize n)
{
  fanout_gmp.import (to, n, -1, sizeof *limbs, 0, 0, limbs);
  if (negative)
    fanout_gmp.neg (to, to);
}

static void
set_signed (mpz_t to, gint64 value)
{
  const guint64 magnitude = value < 0 ? -(guint64) value : (guint64) value;

  set_limbs (to, value < 0, &magnitude, 1);
}

/* Times 2^exponent. */
static void
shift (FanoutRational *value, gint exponent)
{
  if (exponent >= 0)
    fanout_gmp.mul_2exp (value->numerator, value->numerator, (mp_bitcnt_t) exponent);
  else
    fanout_gmp.mul_2exp (value->denominator, value->denominator, (mp_bitcnt_t) -exponent);
}

FanoutRational *
fanout_rational_new (gint64 numerator, gint64 denominator)
{
  FanoutRational *value;

  if (denominator == 0)
    return new_kind (NOT_A_NUMBER);
  value = new_kind (FINITE);
  set_signed (value->numerator, numerator);
  set_signed (value->denominator, denominator);
  if (denominator < 0)
    {
      fanout_gmp.neg (value->numerator, value->numerator);
      fanout_gmp.neg (value->denominator, value->denominator);
    }
  return value;
}

FanoutRational *
fanout_rational_new_double (double real)
{
  FanoutRational *value;
  gint exponent;
  gint64 m;

  if (isnan (real))
    return new_kind (NOT_A_NUMBER);
  if (isinf (real))
    return new_kind (real < 0 ? NEGATIVE_INFINITY : POSITIVE_INFINITY);
  value = new_kind (FINITE);
  m = (gint64) fanout_double_take_apart (real, &exponent);
  set_signed (value->numerator, real < 0 ? -m : m);
  shift (value, exponent);
  return value;
}

FanoutRational *
fanout_rational_new_decimal (const FanoutDecimal *decimal)
{
  FanoutRational *value = new_kind (FINITE);
  const gboolean negative = limbs_negative (decimal->limbs, FANOUT_DECIMAL_LIMBS);
  guint64 limbs[FANOUT_DECIMAL_LIMBS];

  memcpy (limbs, decimal->limbs, sizeof limbs);
  if (negative)
    limbs_negate (limbs, FANOUT_DECIMAL_LIMBS);
  set_limbs (value->numerator, negative, limbs, FANOUT_DECIMAL_LIMBS);
  fanout_gmp.ui_pow_ui (value->denominator, 10, decimal->scale);
  return value;
}

FanoutRational *
fanout_rational_new_number (FanoutNumber number)
{
  FanoutDecimal decimal;

  if (!fanout_decimal_set_number (&decimal, number))
    return fanout_rational_new_double (number.real);
  return fanout_rational_new_decimal (&decimal);
}

FanoutRational *
fanout_rational_new_words (gboolean negative, const guint32 *words, gsize n, gint exponent,
                           guint fives)
{
  FanoutRational *value = new_kind (FINITE);

  fanout_gmp.import (value->numerator, n, -1, sizeof *words, 0, 0, words);
  if (negative)
    fanout_gmp.neg (value->numerator, value->numerator);
  fanout_gmp.ui_pow_ui (value->denominator, 5, fives);
  shift (value, exponent);
  return value;
}

/* As a double that stands for all values of its kind and sign in IEEE arithmetic. */
static double
stand_in (const FanoutRational *value)
{
  switch (value->kind)
    {
    case NOT_A_NUMBER:
      return NAN;
    case POSITIVE_INFINITY:
      return INFINITY;
    case NEGATIVE_INFINITY:
      return -INFINITY;
    case FINITE:
    default:
      return mpz_sgn (value->numerator);
    }
}

static gboolean
both_finite (const FanoutRational *a, const FanoutRational *b)
{
  return a->kind == FINITE && b->kind == FINITE;
}

/* a + b, or a - b. */
static FanoutRational *
sum (const FanoutRational *a, const FanoutRational *b, gboolean subtract)
{
  FanoutRational *value;
  mpz_t other;

  if (!both_finite (a, b))
    return fanout_rational_new_double (subtract ? stand_in (a) - stand_in (b)
                                                : stand_in (a) + stand_in (b));
  value = new_kind (FINITE);
  if (fanout_gmp.cmp (a->denominator, b->denominator) == 0)
    {
      (subtract ? fanout_gmp.sub : fanout_gmp.add) (value->numerator, a->numerator, b->numerator);
      fanout_gmp.set (value->denominator, a->denominator);
      return value;
    }
  fanout_gmp.init (other);
  fanout_gmp.mul (value->numerator, a->numerator, b->denominator);
  fanout_gmp.mul (other, b->numerator, a->denominator);
  (subtract ? fanout_gmp.sub : fanout_gmp.add) (value->numerator, value->numerator, other);
  fanout_gmp.mul (value->denominator, a->denominator, b->denominator);
  fanout_gmp.clear (other);
  return value;
}

FanoutRational *
fanout_rational_add (const FanoutRational *a, const FanoutRational *b)
{
  return sum (a, b, FALSE);
}

FanoutRational *
fanout_rational_subtract (const FanoutRational *a, const FanoutRational *b)
{
  return sum (a, b, TRUE);
}

FanoutRational *
fanout_rational_multiply (const FanoutRational *a, const FanoutRational *b)
{
  FanoutRational *value;

  if (!both_finite (a, b))
    return fanout_rational_new_double (stand_in (a) * stand_in (b));
  value = new_kind (FINITE);
  fanout_gmp.mul (value->numerator, a->numerator, b->numerator);
  fanout_gmp.mul (value->denominator, a->denominator, b->denominator);
  return value;
}

FanoutRational *
fanout_rational_divide (const FanoutRational *a, const FanoutRational *b)
{
  FanoutRational *value;

  if (b->kind == FINITE && mpz_sgn (b->numerator) == 0)
    return new_kind (NOT_A_NUMBER);
  if (!both_finite (a, b))
    return fanout_rational_new_double (stand_in (a) / stand_in (b));
  value = new_kind (FINITE);
  fanout_gmp.mul (value->numerator, a->numerator, b->denominator);
  fanout_gmp.mul (value->denominator, a->denominator, b->numerator);
  if (mpz_sgn (value->denominator) < 0)
    {
      fanout_gmp.neg (value->numerator, value->numerator);
      fanout_gmp.neg (value->denominator, value->denominator);
    }
  return value;
}

FanoutRational *
fanout_rational_scale (const FanoutRational *a, gint64 numerator, gint64 denominator)
{
  g_autoptr (FanoutRational) by = fanout_rational_new (numerator, denominator);

  return fanout_rational_multiply (a, by);
}

FanoutRational *
fanout_rational_power (const FanoutRational *a, gint exponent)
{
  const guint n = exponent < 0 ? -(guint) exponent : (guint) exponent;
  g_autoptr (FanoutRational) power = NULL;

  if (a->kind == FINITE)
    {
      power = new_kind (FINITE);
      fanout_gmp.pow_ui (power->numerator, a->numerator, n);
      fanout_gmp.pow_ui (power->denominator, a->denominator, n);
    }
  else
    power = fanout_rational_new_double (pow (stand_in (a), n));
  if (exponent < 0)
    {
      g_autoptr (FanoutRational) one = fanout_rational_new (1, 1);

      return fanout_rational_divide (one, power);
    }
  return g_steal_pointer (&power);
}

FanoutRational *
fanout_rational_cross (const FanoutRational *a, const FanoutRational *b, const FanoutRational *c,
                       const FanoutRational *d)
{
  g_autoptr (FanoutRational) ab = fanout_rational_multiply (a, b);
  g_autoptr (FanoutRational) cd = fanout_rational_multiply (c, d);

  return fanout_rational_subtract (ab, cd);
}

FanoutRational *
fanout_rational_floor (const FanoutRational *a)
{
  FanoutRational *value;

  if (a->kind != FINITE)
    return fanout_rational_new_double (stand_in (a));
  value = new_kind (FINITE);
  fanout_gmp.fdiv_q (value->numerator, a->numerator, a->denominator);
  return value;
}

int
fanout_rational_sign (const FanoutRational *value)
{
  const double sign = stand_in (value);

  return (sign > 0) - (sign < 0);
}

int
fanout_rational_compare (const FanoutRational *a, const FanoutRational *b)
{
  mpz_t left;
  mpz_t right;
  int order;

  if (a->kind == NOT_A_NUMBER || b->kind == NOT_A_NUMBER)
    return (a->kind == NOT_A_NUMBER) - (b->kind == NOT_A_NUMBER);
  if (!both_finite (a, b))
    {
      /* A finite value stands between the infinities. */
      const double x = a->kind == FINITE ? 0 : stand_in (a);
      const double y = b->kind == FINITE ? 0 : stand_in (b);

      return (x > y) - (x < y);
    }
  fanout_gmp.init (left);
  fanout_gmp.init (right);
  fanout_gmp.mul (left, a->numerator, b->denominator);
  fanout_gmp.mul (right, b->numerator, a->denominator);
  order = fanout_gmp.cmp (left, right);
  fanout_gmp.clear (left);
  fanout_gmp.clear (right);
  return (order > 0) - (order < 0);
}

gboolean
fanout_rational_is_finite (const FanoutRational *value)
{
  return value->kind == FINITE;
}

/* floor (|value| 2^-exponent), with about @bits bits; whether something was cut off. */
static gboolean
quotient (mpz_t result, const FanoutRational *value, gint bits, gboolean even, gint *exponent)
{
  mpz_t rest;
  gboolean more;

  *exponent = (gint) fanout_gmp.sizeinbase (value->numerator, 2)
              - (gint) fanout_gmp.sizeinbase (value->denominator, 2) - bits;
  if (even)
    *exponent &= ~1;
  fanout_gmp.init (rest);
  fanout_gmp.abs (result, value->numerator);
  if (*exponent <= 0)
    {
      fanout_gmp.mul_2exp (result, result, (mp_bitcnt_t) - *exponent);
      fanout_gmp.tdiv_qr (result, rest, result, value->denominator);
    }
  else
    {
      fanout_gmp.mul_2exp (rest, value->denominator, (mp_bitcnt_t) *exponent);
      fanout_gmp.tdiv_qr (result, rest, result, rest);
    }
  more = mpz_sgn (rest) != 0;
  fanout_gmp.clear (rest);
  return more;
}

static double
compose (gboolean negative, const mpz_t m, gboolean more, gint exponent)
{
  guint64 limbs[2] = { 0, 0 };

  fanout_gmp.export(limbs, NULL, -1, sizeof *limbs, 0, 0, m);
  return fanout_compose_double (negative, (FanoutUint128) limbs[1] << 64 | limbs[0], more,
                                exponent);
}

double
fanout_rational_to_double (const FanoutRational *value)
{
  mpz_t m;
  gboolean more;
  gint exponent;
  double real;

  if (value->kind != FINITE || mpz_sgn (value->numerator) == 0)
    return stand_in (value);
  fanout_gmp.init (m);
  more = quotient (m, value, 66, FALSE, &exponent);
  real = compose (mpz_sgn (value->numerator) < 0, m, more, exponent);
  fanout_gmp.clear (m);
  return real;
}

double
fanout_rational_sqrt (const FanoutRational *value)
{
  mpz_t root;
  mpz_t rest;
  gboolean more;
  gint exponent;
  double real;

  if (value->kind != FINITE || mpz_sgn (value->numerator) <= 0)
    return sqrt (stand_in (value));
  fanout_gmp.init (root);
  fanout_gmp.init (rest);
  more = quotient (rest, value, 130, TRUE, &exponent);
  fanout_gmp.sqrtrem (root, rest, rest);
  real = compose (FALSE, root, more || mpz_sgn (rest) != 0, exponent / 2);
  fanout_gmp.clear (root);
  fanout_gmp.clear (rest);
  return real;
}

gboolean
fanout_rational_to_decimal (const FanoutRational *value, FanoutDecimal *decimal)
{
  gboolean fits = FALSE;
  mpz_t m;
  mpz_t denominator;
  mpz_t by;
  mp_bitcnt_t twos;
  mp_bitcnt_t fives;
  mp_bitcnt_t scale;

  if (value->kind != FINITE)
    return FALSE;
  fanout_gmp.init (m);
  fanout_gmp.init (denominator);
  fanout_gmp.init (by);
  fanout_gmp.gcd (by, value->numerator, value->denominator);
  fanout_gmp.divexact (m, value->numerator, by);
  fanout_gmp.divexact (denominator, value->denominator, by);
  twos = fanout_gmp.scan1 (denominator, 0);
  fanout_gmp.tdiv_q_2exp (denominator, denominator, twos);
  fanout_gmp.set_ui (by, 5);
  fives = fanout_gmp.remove (denominator, denominator, by);
  scale = MAX (twos, fives);
  if (fanout_gmp.cmp_ui (denominator, 1) == 0 && scale <= FANOUT_DECIMAL_SCALE_MAX)
    {
      fanout_gmp.mul_2exp (m, m, scale - twos);
      fanout_gmp.ui_pow_ui (by, 5, scale - fives);
      fanout_gmp.mul (m, m, by);
      fits = fanout_gmp.sizeinbase (m, 2) < 64 * FANOUT_DECIMAL_LIMBS;
    }
  if (fits)
    {
      memset (decimal->limbs, 0, sizeof decimal->limbs);
      fanout_gmp.export(decimal->limbs, NULL, -1, sizeof *decimal->limbs, 0, 0, m);
      if (mpz_sgn (m) < 0)
        limbs_negate (decimal->limbs, FANOUT_DECIMAL_LIMBS);
      decimal->scale = (guint8) scale;
    }
  fanout_gmp.clear (m);
  fanout_gmp.clear (denominator);
  fanout_gmp.clear (by);
  return fits;
}

gboolean
fanout_rational_to_number (const FanoutRational *value, FanoutNumber *number, FanoutWide *room)
{
  FanoutDecimal decimal;

  return fanout_rational_to_decimal (value, &decimal)
         && fanout_decimal_get_wide (&decimal, number, room);
}
