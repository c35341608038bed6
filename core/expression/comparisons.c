#include "core/expression/comparisons.h"

#include "core/base/processor.h"
#include "core/exact/arithmetic.h"
#include "core/expression/numbers.h"
#include "core/number/powers.h"

#include <fanout/kept.h>
#include <string.h>

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
    wide *= (gint64) fanout_powers_of_ten[x_scale - c_scale];
  else
    {
      const gint64 by = (gint64) fanout_powers_of_ten[c_scale - x_scale];

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

static inline __attribute__ ((always_inline)) void
compare_with_loop (guint8 *out, gsize n, const gint64 *x, gint64 c, Comparison comparison,
                   gboolean swapped)
{
  if (comparison == EQUAL)
    COMPARE_LOOP (x[i] == c);
  else if (comparison == LESS && !swapped)
    COMPARE_LOOP (x[i] < c);
  else if (comparison == LESS)
    COMPARE_LOOP (c < x[i]);
  else if (!swapped)
    COMPARE_LOOP (x[i] <= c);
  else
    COMPARE_LOOP (c <= x[i]);
}

static inline __attribute__ ((always_inline)) void
compare_columns_loop (guint8 *out, gsize n, const gint64 *a, const gint64 *b, Comparison comparison)
{
  if (comparison == EQUAL)
    COMPARE_LOOP (a[i] == b[i]);
  else if (comparison == LESS)
    COMPARE_LOOP (a[i] < b[i]);
  else
    COMPARE_LOOP (a[i] <= b[i]);
}

/* The compiler makes these of the same loops for processors that compare four at once. */
#ifdef __x86_64__
#define WIDE __attribute__ ((target ("avx2")))

WIDE static void
compare_with_wide (guint8 *out, gsize n, const gint64 *x, gint64 c, Comparison comparison,
                   gboolean swapped)
{
  compare_with_loop (out, n, x, c, comparison, swapped);
}

WIDE static void
compare_columns_wide (guint8 *out, gsize n, const gint64 *a, const gint64 *b, Comparison comparison)
{
  compare_columns_loop (out, n, a, b, comparison);
}

static gboolean
is_wide (void)
{
  return FANOUT_PROCESSOR_HAS (AVX2, "avx2");
}
#else
#define compare_with_wide    compare_with_loop
#define compare_columns_wide compare_columns_loop

static gboolean
is_wide (void)
{
  return FALSE;
}
#endif

static void
compare_with (guint8 *out, gsize n, const gint64 *x, const Threshold *threshold, gboolean swapped)
{
  if (threshold->answer >= 0)
    memset (out, threshold->answer, n);
  else if (is_wide ())
    compare_with_wide (out, n, x, threshold->with, threshold->comparison, swapped);
  else
    compare_with_loop (out, n, x, threshold->with, threshold->comparison, swapped);
}

static void
compare_columns (guint8 *out, gsize n, const gint64 *a, const gint64 *b, Comparison comparison)
{
  if (is_wide ())
    compare_columns_wide (out, n, a, b, comparison);
  else
    compare_columns_loop (out, n, a, b, comparison);
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

static inline gboolean
are_values (const FanoutVector *a, const FanoutVector *b, gsize row)
{
  return (fanout_vector_mark (a, row) | fanout_vector_mark (b, row)) == FANOUT_MARK_VALUE;
}

static void
run_comparison (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                FanoutVector *result, Comparison comparison)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  const gsize n = evaluator->view.n_rows;
  guint8 *truths = fanout_vector_make_truths (evaluator, result);

  if (fanout_vector_is_plain (a) && fanout_vector_is_plain (b) && b->constant && !a->constant)
    {
      const Threshold threshold
          = find_threshold (comparison, a->scale, b->mantissa[0], b->scale, FALSE);

      compare_with (truths, n, a->mantissa, &threshold, FALSE);
    }
  else if (fanout_vector_is_plain (a) && fanout_vector_is_plain (b) && a->constant && !b->constant)
    {
      const Threshold threshold
          = find_threshold (comparison, b->scale, a->mantissa[0], a->scale, TRUE);

      compare_with (truths, n, b->mantissa, &threshold, TRUE);
    }
  else if (fanout_vector_is_plain (a) && fanout_vector_is_plain (b) && a->scale == b->scale
           && !a->constant && !b->constant)
    compare_columns (truths, n, a->mantissa, b->mantissa, comparison);
  else
    for (gsize i = 0; i < n; i++)
      if (are_values (a, b, i))
        truths[i]
            = (guint8) holds (fanout_vector_number (a, i), fanout_vector_number (b, i), comparison);
  settle_nulls (evaluator, a, b, result, truths, comparison == EQUAL);
}

/* Bytewise. */
static void
run_text_comparison (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
                     FanoutVector *result, Comparison comparison)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  const FanoutVector *b = fanout_operand (evaluator, instruction, 1);
  const int below = comparison == LESS_EQUAL;
  guint8 *truths = fanout_vector_make_truths (evaluator, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (are_values (a, b, i))
      {
        const FanoutText s = fanout_vector_text (a, i);
        const FanoutText t = fanout_vector_text (b, i);

        truths[i] = comparison == EQUAL
                        ? s.length == t.length && memcmp (s.data, t.data, s.length) == 0
                        : fanout_text_compare (s, t) < below;
      }
  settle_nulls (evaluator, a, b, result, truths, comparison == EQUAL);
}

#define COMPARISON(run, what, kind)                                                                \
  static void run_##what (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,        \
                          FanoutVector *result)                                                    \
  {                                                                                                \
    run (evaluator, instruction, result, kind);                                                    \
  }                                                                                                \
  FANOUT_OPERATION_RUN (what)

COMPARISON (run_comparison, equal, EQUAL);
COMPARISON (run_comparison, less, LESS);
COMPARISON (run_comparison, less_equal, LESS_EQUAL);
COMPARISON (run_text_comparison, text_equal, EQUAL);
COMPARISON (run_text_comparison, text_less, LESS);
COMPARISON (run_text_comparison, text_less_equal, LESS_EQUAL);

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
        fanout_vector_put (evaluator, numbers, scales, i, fanout_vector_number (best, i));
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

FANOUT_OPERATION_RUN (least);
FANOUT_OPERATION_RUN (greatest);
