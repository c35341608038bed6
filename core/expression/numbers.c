#include "core/expression/numbers.h"

#include "core/exact/arithmetic.h"
#include "core/number/powers.h"

#include <fanout/kept.h>
#include <fanout/logarithm.h>
#include <math.h>
#include <string.h>

/*
 * Columns are plain most of the time: mantissas of one scale. Then an operation is a loop over
 * integers that notes whether anything was too large, with the result plain as well. Only when it
 * was, or an operand is mixed, each value is computed by itself.
 */

static gboolean
is_plain (const FanoutVector *vector)
{
  return vector->form == FANOUT_FORM_PLAIN;
}

static gint64
power (guint n)
{
  return (gint64) fanout_powers_of_ten[n];
}

/* out = a * a_by +- b * b_by; whether nothing was too large. */
static inline __attribute__ ((always_inline)) gboolean
add_loop (gint64 *out, gsize n, const gint64 *a, gsize a_step, gint64 a_by, const gint64 *b,
          gsize b_step, gint64 b_by, gboolean subtract)
{
  gboolean over = FALSE;

  for (gsize i = 0; i < n; i++)
    {
      gint64 x = a[i * a_step];
      gint64 y = b[i * b_step];

      if (a_by != 1)
        over |= __builtin_mul_overflow (x, a_by, &x);
      if (b_by != 1)
        over |= __builtin_mul_overflow (y, b_by, &y);
      over |= subtract ? __builtin_sub_overflow (x, y, &x) : __builtin_add_overflow (x, y, &x);
      over |= x == G_MININT64;
      out[i] = x;
    }
  return !over;
}

static gboolean
add_plain (gint64 *out, gsize n, const FanoutVector *a, const FanoutVector *b, gboolean subtract,
           guint8 *scale)
{
  const guint8 to = MAX (a->scale, b->scale);
  const gint64 a_by = power (to - a->scale);
  const gint64 b_by = power (to - b->scale);
  const gint64 *x = a->mantissa;
  const gint64 *y = b->mantissa;

  *scale = to;
  /* The usual cases without multiplications, and with steps that the compiler knows. */
  if (a_by == 1 && b_by == 1 && !a->constant && !b->constant)
    return subtract ? add_loop (out, n, x, 1, 1, y, 1, 1, TRUE)
                    : add_loop (out, n, x, 1, 1, y, 1, 1, FALSE);
  if (a_by == 1 && b->constant && !a->constant)
    {
      gint64 other;

      if (__builtin_mul_overflow (y[0], b_by, &other))
        return FALSE;
      return subtract ? add_loop (out, n, x, 1, 1, &other, 0, 1, TRUE)
                      : add_loop (out, n, x, 1, 1, &other, 0, 1, FALSE);
    }
  return add_loop (out, n, x, a->constant ? 0 : 1, a_by, y, b->constant ? 0 : 1, b_by, subtract);
}

static inline __attribute__ ((always_inline)) gboolean
multiply_loop (gint64 *out, gsize n, const gint64 *a, gsize a_step, const gint64 *b, gsize b_step)
{
  gboolean over = FALSE;

  for (gsize i = 0; i < n; i++)
    {
      over |= __builtin_mul_overflow (a[i * a_step], b[i * b_step], &out[i]);
      over |= out[i] == G_MININT64;
    }
  return !over;
}

static gboolean
multiply_plain (gint64 *out, gsize n, const FanoutVector *a, const FanoutVector *b, guint8 *scale)
{
  if (a->scale + b->scale > FANOUT_SCALE_MAX)
    return FALSE;
  *scale = (guint8) (a->scale + b->scale);
  if (!a->constant && !b->constant)
    return multiply_loop (out, n, a->mantissa, 1, b->mantissa, 1);
  if (b->constant && !a->constant)
    return multiply_loop (out, n, a->mantissa, 1, b->mantissa, 0);
  return multiply_loop (out, n, a->mantissa, a->constant ? 0 : 1, b->mantissa, b->constant ? 0 : 1);
}

/* Division by a constant of twos and fives is multiplication: 1 / 8 is 125 / 10^3. */
static gboolean
divide_plain (gint64 *out, gsize n, const FanoutVector *a, const FanoutVector *b, guint8 *scale)
{
  gint64 by;
  gint64 factor = 1;
  guint digits = 0;
  gint places;

  if (!b->constant || b->mantissa[0] == 0)
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
  if (places > FANOUT_SCALE_MAX)
    return FALSE;
  *scale = (guint8) places;
  return multiply_loop (out, n, a->mantissa, a->constant ? 0 : 1, &factor, 0);
}

typedef FanoutNumber (*Binary) (FanoutNumber x, FanoutNumber y);

/* Each row by itself; `marks` are those of the result, or NULL. */
static void
each (FanoutEvaluator *evaluator, FanoutVector *result, const guint8 *marks, Binary binary,
      const FanoutVector *a, const FanoutVector *b)
{
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);
  guint8 *scales = fanout_vector_make_scales (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (marks == NULL || marks[i] == FANOUT_MARK_VALUE)
      fanout_vector_put (numbers, scales, i,
                         binary (fanout_vector_number (a, i), fanout_vector_number (b, i)));
}

static void
run_add_or_subtract (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                     FanoutVector *result, gboolean subtract)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

  if (is_plain (a) && is_plain (b)
      && add_plain (numbers, evaluator->view.n_rows, a, b, subtract, &result->scale))
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

  if (is_plain (a) && is_plain (b)
      && multiply_plain (numbers, evaluator->view.n_rows, a, b, &result->scale))
    return;
  each (evaluator, result, marks, fanout_number_multiply, a, b);
}

typedef gboolean (*Division) (FanoutNumber x, FanoutNumber y, FanoutNumber *result);

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

      if (marks != NULL && marks[i] != FANOUT_MARK_VALUE)
        continue;
      if (!division (fanout_vector_number (a, i), fanout_vector_number (b, i), &number))
        {
          if (marks == NULL)
            marks = fanout_vector_make_marks (evaluator, result);
          marks[i] = FANOUT_MARK_NULL;
        }
      fanout_vector_put (numbers, scales, i, number);
    }
}

static void
run_divide (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);

  if (is_plain (a) && is_plain (b) && b->marks == NULL)
    {
      gint64 *numbers = fanout_vector_make_numbers (evaluator, result);

      if (divide_plain (numbers, evaluator->view.n_rows, a, b, &result->scale))
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

#define OPERATION(what)                                                                            \
  const FanoutOperation fanout_operation_##what = { .name = #what, .run = run_##what }

OPERATION (add);
OPERATION (subtract);
OPERATION (multiply);
OPERATION (divide);
OPERATION (floor_divide);
OPERATION (modulo);

typedef FanoutNumber (*Unary) (FanoutNumber x);

static void
run_unary (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
           Unary unary)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);
  guint8 *scales = fanout_vector_make_scales (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (marks == NULL || marks[i] == FANOUT_MARK_VALUE)
      fanout_vector_put (numbers, scales, i, unary (fanout_vector_number (a, i)));
}

/* -x and |x| of mantissas stay within 63 bits. */
static void
run_signed (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
            gboolean absolute)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  gint64 *numbers;

  if (!is_plain (a))
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

OPERATION (negate);
OPERATION (abs);

static FanoutNumber
sign (FanoutNumber x)
{
  return fanout_number_is_nan (x) ? x : fanout_number_decimal (fanout_number_sign (x), 0);
}

/* log2 (x) times `numerator` / `denominator`. */
static FanoutNumber
logarithm (FanoutNumber x, const FanoutRational *by)
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
        && fanout_decimal_get_number (&decimal, &number))
      return number;
    return fanout_number_double (fanout_rational_to_double (scaled));
  }
}

static FanoutNumber
log2_of (FanoutNumber x)
{
  return logarithm (x, NULL);
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
ln_of (FanoutNumber x)
{
  g_autoptr (FanoutRational) ln2 = constant (693147180559945309, 417232121458176568);

  if (!fanout_number_is_double (x) && fanout_number_compare (x, fanout_number_decimal (1, 0)) == 0)
    return fanout_number_decimal (0, 0);
  return logarithm (x, ln2);
}

static FanoutNumber
log10_of (FanoutNumber x)
{
  g_autoptr (FanoutRational) log10_2 = constant (301029995663981195, 213738894724493027);

  /* Powers of ten have whole logarithms. */
  if (!fanout_number_is_double (x) && x.mantissa > 0)
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
  return logarithm (x, log10_2);
}

#define UNARY(what, function)                                                                      \
  static void run_##what (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,        \
                          FanoutVector *result)                                                    \
  {                                                                                                \
    run_unary (evaluator, instruction, result, function);                                          \
  }                                                                                                \
  OPERATION (what)

UNARY (floor, fanout_number_floor);
UNARY (ceil, fanout_number_ceil);
UNARY (trunc, fanout_number_trunc);
UNARY (sign, sign);
UNARY (sqrt, fanout_number_sqrt);
UNARY (ln, ln_of);
UNARY (log2, log2_of);
UNARY (log10, log10_of);

static FanoutNumber
round_to (FanoutNumber x, FanoutNumber digits)
{
  const FanoutNumber whole = fanout_number_trunc (digits);

  if (fanout_number_is_double (whole))
    return fanout_number_is_nan (whole) ? whole
           : whole.real > 0             ? x
                                        : fanout_number_round (x, -400);
  return fanout_number_round (x, (gint) CLAMP (whole.mantissa, -400, 1200));
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

OPERATION (round);

/* Comparisons. */

typedef enum
{
  EQUAL,
  LESS,
  LESS_EQUAL,
} Comparison;

/* What a comparison of mantissas with a constant of another scale is. */
typedef struct
{
  Comparison comparison;
  gint64 with;
  gint answer; /* the same for all; -1: not */
} Threshold;

/* x / 10^x_scale against c: as whole numbers of 10^-x_scale, whatever digits c has. */
static Threshold
find_threshold (Comparison comparison, guint8 x_scale, gint64 c, guint8 c_scale, gboolean swapped)
{
  Threshold threshold = { comparison, 0, -1 };
  FanoutInt128 wide = c;
  gboolean exact = TRUE;

  if (c_scale <= x_scale)
    wide *= power (x_scale - c_scale);
  else
    {
      const gint64 by = power (c_scale - x_scale);

      exact = c % by == 0;
      wide = c / by - (c % by != 0 && c < 0);
    }
  if (comparison == EQUAL && (!exact || wide > G_MAXINT64 || wide < -G_MAXINT64))
    threshold.answer = 0;
  else if (wide > G_MAXINT64)
    threshold.answer = !swapped;
  else if (wide < -G_MAXINT64)
    threshold.answer = swapped;
  else
    threshold.with = (gint64) wide;
  /* Below c is up to the floor of c; above c is above it. */
  if (!exact && comparison != EQUAL)
    threshold.comparison = swapped ? LESS : LESS_EQUAL;
  return threshold;
}

#define COMPARE_LOOP(expression)                                                                   \
  for (gsize i = 0; i < n; i++)                                                                    \
  out[i] = (guint8) (expression)

static void
compare_with (guint8 *out, gsize n, const gint64 *x, const Threshold *threshold, gboolean swapped)
{
  const gint64 c = threshold->with;

  if (threshold->answer >= 0)
    memset (out, threshold->answer, n);
  else if (threshold->comparison == EQUAL)
    COMPARE_LOOP (x[i] == c);
  else if (threshold->comparison == LESS && !swapped)
    COMPARE_LOOP (x[i] < c);
  else if (threshold->comparison == LESS)
    COMPARE_LOOP (c < x[i]);
  else if (!swapped)
    COMPARE_LOOP (x[i] <= c);
  else
    COMPARE_LOOP (c <= x[i]);
}

static void
compare_columns (guint8 *out, gsize n, const gint64 *a, const gint64 *b, Comparison comparison)
{
  if (comparison == EQUAL)
    COMPARE_LOOP (a[i] == b[i]);
  else if (comparison == LESS)
    COMPARE_LOOP (a[i] < b[i]);
  else
    COMPARE_LOOP (a[i] <= b[i]);
}

static gboolean
holds (FanoutNumber x, FanoutNumber y, Comparison comparison)
{
  const int order = fanout_number_compare (x, y);

  if (comparison == EQUAL)
    return order == 0;
  if (fanout_number_is_nan (x) || fanout_number_is_nan (y))
    return FALSE;
  return comparison == LESS ? order < 0 : order <= 0;
}

/* Nulls: equal to each other and to nothing else, in no order with anything. What is left of the
 * marks are the bad ones. */
static void
settle_nulls (FanoutEvaluator *evaluator, const FanoutVector *a, const FanoutVector *b,
              FanoutVector *result, guint8 *truths, gboolean equality)
{
  guint8 *marks = NULL;

  if (a->marks == NULL && b->marks == NULL)
    return;
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const guint8 x = fanout_vector_mark (a, i);
      const guint8 y = fanout_vector_mark (b, i);

      if (x == FANOUT_MARK_VALUE && y == FANOUT_MARK_VALUE)
        continue;
      truths[i] = equality && x == FANOUT_MARK_NULL && y == FANOUT_MARK_NULL;
      if (x != FANOUT_MARK_BAD && y != FANOUT_MARK_BAD)
        continue;
      truths[i] = 0;
      if (marks == NULL)
        marks = fanout_vector_make_marks (evaluator, result);
      marks[i] = FANOUT_MARK_BAD;
    }
}

static void
run_comparison (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                FanoutVector *result, Comparison comparison)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  const gsize n = evaluator->view.n_rows;
  guint8 *truths = fanout_vector_make_truths (evaluator, result);

  if (is_plain (a) && is_plain (b) && b->constant && !a->constant)
    {
      const Threshold threshold
          = find_threshold (comparison, a->scale, b->mantissa[0], b->scale, FALSE);

      compare_with (truths, n, a->mantissa, &threshold, FALSE);
    }
  else if (is_plain (a) && is_plain (b) && a->constant && !b->constant)
    {
      const Threshold threshold
          = find_threshold (comparison, b->scale, a->mantissa[0], a->scale, TRUE);

      compare_with (truths, n, b->mantissa, &threshold, TRUE);
    }
  else if (is_plain (a) && is_plain (b) && a->scale == b->scale && !a->constant && !b->constant)
    compare_columns (truths, n, a->mantissa, b->mantissa, comparison);
  else
    for (gsize i = 0; i < n; i++)
      if (fanout_vector_mark (a, i) == FANOUT_MARK_VALUE
          && fanout_vector_mark (b, i) == FANOUT_MARK_VALUE)
        truths[i]
            = (guint8) holds (fanout_vector_number (a, i), fanout_vector_number (b, i), comparison);
  settle_nulls (evaluator, a, b, result, truths, comparison == EQUAL);
}

#define COMPARISON(what, kind)                                                                     \
  static void run_##what (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,        \
                          FanoutVector *result)                                                    \
  {                                                                                                \
    run_comparison (evaluator, instruction, result, kind);                                         \
  }                                                                                                \
  OPERATION (what)

COMPARISON (equal, EQUAL);
COMPARISON (less, LESS);
COMPARISON (less_equal, LESS_EQUAL);

/* least and greatest: the first of equal ones; nan where there is one. */

static gboolean
comes_before (const FanoutVector *a, const FanoutVector *b, gsize row, gboolean greatest)
{
  int order;

  if (a->form == FANOUT_FORM_TEXT)
    order = fanout_text_compare (fanout_vector_text (a, row), fanout_vector_text (b, row));
  else
    {
      const FanoutNumber x = fanout_vector_number (a, row);
      const FanoutNumber y = fanout_vector_number (b, row);

      if (fanout_number_is_nan (x) || fanout_number_is_nan (y))
        return fanout_number_is_nan (x) && !fanout_number_is_nan (y);
      order = fanout_number_compare (x, y);
    }
  return greatest ? order > 0 : order < 0;
}

static void
run_extreme (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
             gboolean greatest)
{
  const guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  const gboolean text = instruction->kind == FANOUT_KIND_TEXT;
  FanoutText *texts = text ? fanout_vector_make_texts (evaluator, result) : NULL;
  gint64 *numbers = text ? NULL : fanout_vector_make_numbers (evaluator, result);
  guint8 *scales = text ? NULL : fanout_vector_make_scales (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const FanoutVector *best = fanout_operand (evaluator, instruction, 0);

      if (marks != NULL && marks[i] != FANOUT_MARK_VALUE)
        continue;
      for (guint j = 1; j < instruction->n_arguments; j++)
        {
          const FanoutVector *other = fanout_operand (evaluator, instruction, j);

          if (comes_before (other, best, i, greatest))
            best = other;
        }
      if (text)
        texts[i] = fanout_vector_text (best, i);
      else
        fanout_vector_put (numbers, scales, i, fanout_vector_number (best, i));
    }
}

static void
run_least (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  run_extreme (evaluator, instruction, result, FALSE);
}

static void
run_greatest (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
              FanoutVector *result)
{
  run_extreme (evaluator, instruction, result, TRUE);
}

OPERATION (least);
OPERATION (greatest);
