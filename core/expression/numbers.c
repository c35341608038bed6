#include "core/expression/numbers.h"

#include "core/exact/arithmetic.h"
#include "core/number/powers.h"

#include <fanout/logarithm.h>
#include <math.h>

/*
 * Columns are plain most of the time: mantissas of one scale. Then an operation is a loop over
 * integers, with a plain result: how large the operands are, in bits, says whether anything can be
 * too large, and hardly ever it can. Where it can, or an operand is mixed, each value is computed
 * by itself.
 */

#define BITS_MAX 62

static gint64
power (guint n)
{
  return (gint64) fanout_powers_of_ten[n];
}

/* No magnitude among them is above 2^bits. */
static guint
measure_bits (const gint64 *values, gsize n)
{
  guint64 all = 0;

  for (gsize i = 0; i < n; i++)
    all |= (guint64) (values[i] ^ (values[i] >> 63));
  return all == 0 ? 1 : 64 - (guint) __builtin_clzll (all);
}

static guint
bits_of (const FanoutVector *vector, gsize n)
{
  if (vector->constant)
    return measure_bits (vector->mantissa, 1);
  /* Who computed the vector may not know; it is found out once, whoever asks. */
  if (vector->bits == 0)
    ((FanoutVector *) vector)->bits = (guint8) measure_bits (vector->mantissa, n);
  return vector->bits;
}

/* out = a * a_by +- b * b_by */
static inline __attribute__ ((always_inline)) void
add_loop (gint64 *restrict out, gsize n, const gint64 *a, gsize a_step, gint64 a_by,
          const gint64 *b, gsize b_step, gint64 b_by, gboolean subtract)
{
  for (gsize i = 0; i < n; i++)
    {
      const gint64 x = a[i * a_step] * a_by;
      const gint64 y = b[i * b_step] * b_by;

      out[i] = subtract ? x - y : x + y;
    }
}

/* FALSE: a value may be too large. */
static gboolean
add_plain (FanoutVector *result, gint64 *out, gsize n, const FanoutVector *a, const FanoutVector *b,
           gboolean subtract)
{
  const guint8 scale = MAX (a->scale, b->scale);
  const gint64 a_by = power (scale - a->scale);
  const gint64 b_by = power (scale - b->scale);
  const gint64 *x = a->mantissa;
  const gint64 *y = b->mantissa;
  const guint bits = 1
                     + MAX (bits_of (a, n) + (a_by == 1 ? 0 : measure_bits (&a_by, 1)),
                            bits_of (b, n) + (b_by == 1 ? 0 : measure_bits (&b_by, 1)));

  if (bits > BITS_MAX)
    return FALSE;
  result->scale = scale;
  result->bits = (guint8) bits;
  /* The usual cases without multiplications, and with steps that the compiler knows. */
  if (a_by == 1 && b_by == 1 && !a->constant && !b->constant)
    add_loop (out, n, x, 1, 1, y, 1, 1, subtract);
  else if (a_by == 1 && b->constant && !a->constant)
    {
      const gint64 other = y[0] * b_by;

      add_loop (out, n, x, 1, 1, &other, 0, 1, subtract);
    }
  else
    add_loop (out, n, x, a->constant ? 0 : 1, a_by, y, b->constant ? 0 : 1, b_by, subtract);
  return TRUE;
}

static inline __attribute__ ((always_inline)) void
multiply_loop (gint64 *restrict out, gsize n, const gint64 *a, gsize a_step, const gint64 *b,
               gsize b_step)
{
  for (gsize i = 0; i < n; i++)
    out[i] = a[i * a_step] * b[i * b_step];
}

static void
multiply_by (gint64 *restrict out, gsize n, const gint64 *a, gint64 factor)
{
  for (gsize i = 0; i < n; i++)
    out[i] = a[i] * factor;
}

static gboolean
multiply_plain (FanoutVector *result, gint64 *out, gsize n, const FanoutVector *a,
                const FanoutVector *b)
{
  const guint bits = bits_of (a, n) + bits_of (b, n);

  if (a->scale + b->scale > FANOUT_SCALE_MAX || bits > BITS_MAX)
    return FALSE;
  result->scale = (guint8) (a->scale + b->scale);
  result->bits = (guint8) bits;
  if (b->constant && !a->constant)
    multiply_by (out, n, a->mantissa, b->mantissa[0]);
  else if (a->constant && !b->constant)
    multiply_by (out, n, b->mantissa, a->mantissa[0]);
  else if (!a->constant)
    multiply_loop (out, n, a->mantissa, 1, b->mantissa, 1);
  else
    multiply_loop (out, n, a->mantissa, 0, b->mantissa, 0);
  return TRUE;
}

/* Division by a constant of twos and fives is multiplication: 1 / 8 is 125 / 10^3. */
static gboolean
divide_plain (FanoutVector *result, gint64 *out, gsize n, const FanoutVector *a,
              const FanoutVector *b)
{
  gint64 by;
  gint64 factor = 1;
  guint digits = 0;
  gint places;
  guint bits;

  if (!b->constant || a->constant || b->mantissa[0] == 0)
    return FALSE;
  by = b->mantissa[0];
  for (; by % 10 == 0; by /= 10)
    digits++;
  for (; by % 5 == 0 && factor < G_MAXINT32; by /= 5, digits++)
    factor *= 2;
  for (; by % 2 == 0 && factor < G_MAXINT32; by /= 2, digits++)
    factor *= 5;
  if (by != 1 && by != -1)
    return FALSE;
  factor *= by;
  /* a / 10^a_scale / (b / 10^b_scale) = a * factor / 10^(digits + a_scale - b_scale) */
  places = (gint) digits + a->scale - b->scale;
  for (; places < 0; places++)
    if (__builtin_mul_overflow (factor, 10, &factor))
      return FALSE;
  bits = bits_of (a, n) + measure_bits (&factor, 1);
  if (places > FANOUT_SCALE_MAX || bits > BITS_MAX)
    return FALSE;
  result->scale = (guint8) places;
  result->bits = (guint8) bits;
  multiply_by (out, n, a->mantissa, factor);
  return TRUE;
}

typedef FanoutNumber (*Binary) (FanoutNumber x, FanoutNumber y, FanoutWide *room);

/* Each row by itself; `marks` are those of the result, or NULL. */
static void
each (FanoutEvaluator *evaluator, FanoutVector *result, const guint8 *marks, Binary binary,
      const FanoutVector *a, const FanoutVector *b)
{
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);
  guint8 *scales = fanout_vector_make_scales (evaluator, result);
  FanoutWide room;

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (marks == NULL || marks[i] == FANOUT_MARK_VALUE)
      fanout_vector_put (evaluator, numbers, scales, i,
                         binary (fanout_vector_number (a, i), fanout_vector_number (b, i), &room));
}

static void
run_add_or_subtract (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                     FanoutVector *result, gboolean subtract)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

  if (fanout_vector_is_plain (a) && fanout_vector_is_plain (b)
      && add_plain (result, numbers, evaluator->view.n_rows, a, b, subtract))
    return;
  each (evaluator, result, marks, subtract ? fanout_number_subtract : fanout_number_add, a, b);
}

static void
run_add (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_add_or_subtract (evaluator, instruction, result, FALSE);
}

static void
run_subtract (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result)
{
  run_add_or_subtract (evaluator, instruction, result, TRUE);
}

static void
run_multiply (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

  if (fanout_vector_is_plain (a) && fanout_vector_is_plain (b)
      && multiply_plain (result, numbers, evaluator->view.n_rows, a, b))
    return;
  each (evaluator, result, marks, fanout_number_multiply, a, b);
}

typedef gboolean (*Division) (FanoutNumber x, FanoutNumber y, FanoutNumber *result,
                              FanoutWide *room);

/* Null where the divisor is 0. */
static void
run_division (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result, Division division)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);
  guint8 *scales = fanout_vector_make_scales (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      FanoutNumber number = fanout_number_decimal (0, 0);
      FanoutWide room;

      if (marks != NULL && marks[i] != FANOUT_MARK_VALUE)
        continue;
      if (!division (fanout_vector_number (a, i), fanout_vector_number (b, i), &number, &room))
        {
          if (marks == NULL)
            marks = fanout_vector_make_marks (evaluator, result);
          marks[i] = FANOUT_MARK_NULL;
        }
      fanout_vector_put (evaluator, numbers, scales, i, number);
    }
}

static void
run_divide (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);

  if (fanout_vector_is_plain (a) && fanout_vector_is_plain (b) && b->marks == NULL)
    {
      gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

      if (divide_plain (result, numbers, evaluator->view.n_rows, a, b))
        {
          fanout_vector_merge_marks (evaluator, instruction, result);
          return;
        }
    }
  run_division (evaluator, instruction, result, fanout_number_divide);
}

static void
run_floor_divide (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                  FanoutVector *result)
{
  run_division (evaluator, instruction, result, fanout_number_floor_divide);
}

static void
run_modulo (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_division (evaluator, instruction, result, fanout_number_modulo);
}

FANOUT_OPERATION_RUN (add);
FANOUT_OPERATION_RUN (subtract);
FANOUT_OPERATION_RUN (multiply);
FANOUT_OPERATION_RUN (divide);
FANOUT_OPERATION_RUN (floor_divide);
FANOUT_OPERATION_RUN (modulo);

typedef FanoutNumber (*Unary) (FanoutNumber x, FanoutWide *room);

static void
run_unary (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
           Unary unary)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);
  guint8 *scales = fanout_vector_make_scales (evaluator, result);
  FanoutWide room;

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (marks == NULL || marks[i] == FANOUT_MARK_VALUE)
      fanout_vector_put (evaluator, numbers, scales, i, unary (fanout_vector_number (a, i), &room));
}

/* -x and |x| of mantissas stay within 63 bits. */
static void
run_signed (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
            gboolean absolute)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  gint64 *numbers;

  if (!fanout_vector_is_plain (a))
    {
      run_unary (evaluator, instruction, result,
                 absolute ? fanout_number_abs : fanout_number_negate);
      return;
    }
  fanout_vector_merge_marks (evaluator, instruction, result);
  numbers = fanout_vector_make_numbers (evaluator, result);
  result->scale = a->scale;
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const guint64 x = (guint64) a->mantissa[fanout_vector_at (a, i)];

      numbers[i] = (gint64) (absolute && (gint64) x >= 0 ? x : -x);
    }
}

static void
run_negate (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_signed (evaluator, instruction, result, FALSE);
}

static void
run_abs (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_signed (evaluator, instruction, result, TRUE);
}

FANOUT_OPERATION_RUN (negate);
FANOUT_OPERATION_RUN (abs);

static FanoutNumber
sign (FanoutNumber x, FanoutWide *room)
{
  (void) room;
  return fanout_number_is_nan (x) ? x : fanout_number_decimal (fanout_number_sign (x), 0);
}

/* log2 (x) times `numerator` / `denominator`. */
static FanoutNumber
logarithm (FanoutNumber x, const FanoutRational *by, FanoutWide *room)
{
  FanoutLogarithm log2;

  if (fanout_number_is_nan (x) || fanout_number_sign (x) < 0)
    return fanout_number_double (NAN);
  if (fanout_number_sign (x) == 0)
    return fanout_number_double (-INFINITY);
  if (!fanout_log2 (x, &log2))
    return fanout_number_double (INFINITY);
  {
    FanoutLogSum sum = { { 0 }, 0, 0 };
    g_autoptr (FanoutRational) value = NULL;
    g_autoptr (FanoutRational) scaled = NULL;
    FanoutDecimal decimal;
    FanoutNumber number;

    fanout_log_sum_add (&sum, x, 1);
    value = fanout_log_sum_rational (&sum);
    scaled = by != NULL ? fanout_rational_multiply (value, by) : g_steal_pointer (&value);
    if (by == NULL && fanout_rational_to_decimal (scaled, &decimal)
        && fanout_decimal_get_wide (&decimal, &number, room))
      return number;
    return fanout_number_double (fanout_rational_to_double (scaled));
  }
}

static FanoutNumber
log2_of (FanoutNumber x, FanoutWide *room)
{
  return logarithm (x, NULL, room);
}

/* The constants to 36 digits: beyond what a logarithm of 2^-100 has. */
static FanoutRational *
constant (gint64 high, gint64 low)
{
  g_autoptr (FanoutRational) unit = fanout_rational_new (1, (gint64) fanout_powers_of_ten[18]);
  g_autoptr (FanoutRational) first = fanout_rational_new (high, (gint64) fanout_powers_of_ten[18]);
  g_autoptr (FanoutRational) second = fanout_rational_new (low, (gint64) fanout_powers_of_ten[18]);
  g_autoptr (FanoutRational) below = fanout_rational_multiply (second, unit);

  return fanout_rational_add (first, below);
}

static FanoutNumber
ln_of (FanoutNumber x, FanoutWide *room)
{
  g_autoptr (FanoutRational) ln2 = constant (693147180559945309, 417232121458176568);

  if (!fanout_number_is_double (x) && fanout_number_compare (x, fanout_number_decimal (1, 0)) == 0)
    return fanout_number_decimal (0, 0);
  return logarithm (x, ln2, room);
}

static gboolean
is_power_of_ten (FanoutInt128 m, guint *exponent)
{
  guint n = 0;

  for (; m > 0 && m % 10 == 0; m /= 10)
    n++;
  *exponent = n;
  return m == 1;
}

static FanoutNumber
log10_of (FanoutNumber x, FanoutWide *room)
{
  g_autoptr (FanoutRational) log10_2 = constant (301029995663981195, 213738894724493027);
  guint digits;

  /* Powers of ten have whole logarithms. */
  if (fanout_number_is_wide (x) && is_power_of_ten (x.wide->mantissa, &digits))
    return fanout_number_decimal ((gint64) digits - x.wide->scale, 0);
  if (x.scale <= FANOUT_SCALE_MAX && x.mantissa > 0)
    for (guint i = 0; i < 19; i++)
      {
        gint64 m = x.mantissa;
        guint8 scale = x.scale;

        while (scale > 0 && m % 10 == 0)
          {
            m /= 10;
            scale--;
          }
        if (m == power (i))
          return fanout_number_decimal ((gint64) i - scale, 0);
      }
  return logarithm (x, log10_2, room);
}

static FanoutNumber
sqrt_of (FanoutNumber x, FanoutWide *room)
{
  (void) room;
  return fanout_number_sqrt (x);
}

#define UNARY(what, function)                                                                      \
  static void run_##what (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,        \
                          FanoutVector *result)                                                    \
  {                                                                                                \
    run_unary (evaluator, instruction, result, function);                                          \
  }                                                                                                \
  FANOUT_OPERATION_RUN (what)

UNARY (floor, fanout_number_floor);
UNARY (ceil, fanout_number_ceil);
UNARY (trunc, fanout_number_trunc);
UNARY (sign, sign);
UNARY (sqrt, sqrt_of);
UNARY (ln, ln_of);
UNARY (log2, log2_of);
UNARY (log10, log10_of);

static FanoutNumber
round_to (FanoutNumber x, FanoutNumber digits, FanoutWide *room)
{
  const FanoutNumber whole = fanout_number_trunc (digits, NULL);

  if (fanout_number_is_double (whole))
    return fanout_number_is_nan (whole) ? whole
           : whole.real > 0             ? x
                                        : fanout_number_round (x, -400, room);
  return fanout_number_round (x, (gint) CLAMP (whole.mantissa, -400, 1200), room);
}

static void
run_round (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  static const gint64 nothing = 0;
  const FanoutVector zero = {
    .kind = FANOUT_KIND_NUMBER, .form = FANOUT_FORM_PLAIN, .constant = TRUE, .mantissa = &nothing
  };
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);

  each (evaluator, result, marks, round_to, fanout_operand (evaluator, instruction, 0),
        instruction->n_arguments > 1 ? fanout_operand (evaluator, instruction, 1) : &zero);
}

FANOUT_OPERATION_RUN (round);
