#include "core/exact/rational.h"
#include "core/number/limbs.h"
#include "core/number/text.h"
#include "core/number/text.h"
#include <gmp.h>
#include <math.h>
#include <string.h>

typedef enum
{
  FINITE = 0,
  NOT_A_NUMBER,
  POSITIVE_INFINITY,
  NEGATIVE_INFINITY,
} Kind;

/* Not reduced: a formula has few steps, and a gcd costs more than it saves. The denominator is
 * positive. */
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

  value->kind = kind;
  mpz_init (value->numerator);
  mpz_init_set_ui (value->denominator, 1);
  return value;
}

void
fanout_rational_free (FanoutRational *value)
{
  if (value == NULL)
    return;
  mpz_clear (value->numerator);
  mpz_clear (value->denominator);
  g_free (value);
}

static void
set_limbs (mpz_t to, gboolean negative, const guint64 *limbs, gsize n)
{
  mpz_import (to, n, -1, sizeof *limbs, 0, 0, limbs);
  if (negative)
    mpz_neg (to, to);
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
    mpz_mul_2exp (value->numerator, value->numerator, (mp_bitcnt_t) exponent);
  else
    mpz_mul_2exp (value->denominator, value->denominator, (mp_bitcnt_t) -exponent);
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
      mpz_neg (value->numerator, value->numerator);
      mpz_neg (value->denominator, value->denominator);
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
  mpz_ui_pow_ui (value->denominator, 10, decimal->scale);
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

  mpz_import (value->numerator, n, -1, sizeof *words, 0, 0, words);
  if (negative)
    mpz_neg (value->numerator, value->numerator);
  mpz_ui_pow_ui (value->denominator, 5, fives);
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
  if (mpz_cmp (a->denominator, b->denominator) == 0)
    {
      (subtract ? mpz_sub : mpz_add) (value->numerator, a->numerator, b->numerator);
      mpz_set (value->denominator, a->denominator);
      return value;
    }
  mpz_init (other);
  mpz_mul (value->numerator, a->numerator, b->denominator);
  mpz_mul (other, b->numerator, a->denominator);
  (subtract ? mpz_sub : mpz_add) (value->numerator, value->numerator, other);
  mpz_mul (value->denominator, a->denominator, b->denominator);
  mpz_clear (other);
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
  mpz_mul (value->numerator, a->numerator, b->numerator);
  mpz_mul (value->denominator, a->denominator, b->denominator);
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
  mpz_mul (value->numerator, a->numerator, b->denominator);
  mpz_mul (value->denominator, a->denominator, b->numerator);
  if (mpz_sgn (value->denominator) < 0)
    {
      mpz_neg (value->numerator, value->numerator);
      mpz_neg (value->denominator, value->denominator);
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
      mpz_pow_ui (power->numerator, a->numerator, n);
      mpz_pow_ui (power->denominator, a->denominator, n);
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
  mpz_fdiv_q (value->numerator, a->numerator, a->denominator);
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
  mpz_init (left);
  mpz_init (right);
  mpz_mul (left, a->numerator, b->denominator);
  mpz_mul (right, b->numerator, a->denominator);
  order = mpz_cmp (left, right);
  mpz_clear (left);
  mpz_clear (right);
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

  *exponent = (gint) mpz_sizeinbase (value->numerator, 2)
              - (gint) mpz_sizeinbase (value->denominator, 2) - bits;
  if (even)
    *exponent &= ~1;
  mpz_init (rest);
  mpz_abs (result, value->numerator);
  if (*exponent <= 0)
    {
      mpz_mul_2exp (result, result, (mp_bitcnt_t) - *exponent);
      mpz_tdiv_qr (result, rest, result, value->denominator);
    }
  else
    {
      mpz_mul_2exp (rest, value->denominator, (mp_bitcnt_t) *exponent);
      mpz_tdiv_qr (result, rest, result, rest);
    }
  more = mpz_sgn (rest) != 0;
  mpz_clear (rest);
  return more;
}

static double
compose (gboolean negative, const mpz_t m, gboolean more, gint exponent)
{
  guint64 limbs[2] = { 0, 0 };

  mpz_export (limbs, NULL, -1, sizeof *limbs, 0, 0, m);
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
  mpz_init (m);
  more = quotient (m, value, 66, FALSE, &exponent);
  real = compose (mpz_sgn (value->numerator) < 0, m, more, exponent);
  mpz_clear (m);
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
  mpz_init (root);
  mpz_init (rest);
  more = quotient (rest, value, 130, TRUE, &exponent);
  mpz_sqrtrem (root, rest, rest);
  real = compose (FALSE, root, more || mpz_sgn (rest) != 0, exponent / 2);
  mpz_clear (root);
  mpz_clear (rest);
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
  mpz_init (m);
  mpz_init (denominator);
  mpz_init (by);
  mpz_gcd (by, value->numerator, value->denominator);
  mpz_divexact (m, value->numerator, by);
  mpz_divexact (denominator, value->denominator, by);
  twos = mpz_scan1 (denominator, 0);
  mpz_tdiv_q_2exp (denominator, denominator, twos);
  mpz_set_ui (by, 5);
  fives = mpz_remove (denominator, denominator, by);
  scale = MAX (twos, fives);
  if (mpz_cmp_ui (denominator, 1) == 0 && scale <= FANOUT_DECIMAL_SCALE_MAX)
    {
      mpz_mul_2exp (m, m, scale - twos);
      mpz_ui_pow_ui (by, 5, scale - fives);
      mpz_mul (m, m, by);
      fits = mpz_sizeinbase (m, 2) < 64 * FANOUT_DECIMAL_LIMBS;
    }
  if (fits)
    {
      memset (decimal->limbs, 0, sizeof decimal->limbs);
      mpz_export (decimal->limbs, NULL, -1, sizeof *decimal->limbs, 0, 0, m);
      if (mpz_sgn (m) < 0)
        limbs_negate (decimal->limbs, FANOUT_DECIMAL_LIMBS);
      decimal->scale = (guint8) scale;
    }
  mpz_clear (m);
  mpz_clear (denominator);
  mpz_clear (by);
  return fits;
}
