#pragma once

/**
 * The last step of a formula over exact sums: to a cell of the result, rounded once.
 */

#include <fanout/exact.h>
#include <fanout/steps.h>

/* What a state of exact sums takes besides itself. */
#define FORMULA_MEMORY "the digits that doubles span, where there are any"

static inline FanoutRational *
formula_count (guint64 n)
{
  FanoutDecimal decimal;

  fanout_decimal_set_unsigned (&decimal, n);
  return fanout_rational_new_decimal (&decimal);
}

/* value * above / below */
static inline FanoutRational *
formula_scale (const FanoutRational *value, guint64 above, guint64 below)
{
  g_autoptr (FanoutRational) by = formula_count (above);
  g_autoptr (FanoutRational) through = formula_count (below);
  g_autoptr (FanoutRational) product = fanout_rational_multiply (value, by);

  return fanout_rational_divide (product, through);
}

/* Nothing can be divided by 0; by nan and infinities it can, as in IEEE arithmetic. */
static inline gboolean
formula_divides (const FanoutRational *value)
{
  return fanout_rational_sign (value) != 0 || !fanout_rational_is_finite (value);
}

/* What fanout_T_result() answered and set: a decimal of decimals, else rounded once. */
static inline void
formula_write_exact (FanoutOut *out, gsize row, FanoutSumKind kind, const FanoutDecimal *decimal,
                     const double *real)
{
  if (kind == FANOUT_SUM_DECIMAL)
    fanout_out_decimal (out, row, 0, decimal);
  else if (kind == FANOUT_SUM_DOUBLE)
    fanout_out_double (out, row, 0, *real);
}

/* The sum itself, for FANOUT_FINISH. */
static inline void
formula_sum (FanoutAggregate *self, const FanoutSum *sum, FanoutOut *out, gsize row)
{
  FanoutDecimal decimal;
  double real;
  const FanoutSumKind kind = fanout_sum_result (sum, &decimal, &real);

  (void) self;
  formula_write_exact (out, row, kind, &decimal, &real);
}

/* a - b: a decimal of decimals, else rounded once. */
static inline void
formula_write_difference (FanoutOut *out, gsize row, FanoutNumber a, FanoutNumber b)
{
  FanoutDecimal x;
  FanoutDecimal y;

  if (fanout_decimal_set_number (&x, a) && fanout_decimal_set_number (&y, b)
      && fanout_decimal_subtract (&x, &x, &y))
    {
      fanout_decimal_normalise (&x);
      fanout_out_decimal (out, row, 0, &x);
    }
  else
    {
      g_autoptr (FanoutRational) from = fanout_rational_new_number (b);
      g_autoptr (FanoutRational) to = fanout_rational_new_number (a);
      g_autoptr (FanoutRational) difference = fanout_rational_subtract (to, from);

      fanout_out_double (out, row, 0, fanout_rational_to_double (difference));
    }
}

/* a / b; null where b is 0. */
static inline void
formula_write_quotient (FanoutOut *out, gsize row, guint column, const FanoutRational *a,
                        const FanoutRational *b)
{
  g_autoptr (FanoutRational) quotient = NULL;

  if (!formula_divides (b))
    return;
  quotient = fanout_rational_divide (a, b);
  fanout_out_double (out, row, column, fanout_rational_to_double (quotient));
}

/* The same of column 0 where both are of decimals alone (@of_decimals): a quotient that ends within
 * 38 digits is a decimal. */
static inline void
formula_write_ending (FanoutOut *out, gsize row, const FanoutRational *a, const FanoutRational *b,
                      gboolean of_decimals)
{
  g_autoptr (FanoutRational) quotient = NULL;
  FanoutNumber number;
  FanoutWide room;

  if (!formula_divides (b))
    return;
  quotient = fanout_rational_divide (a, b);
  if (of_decimals && fanout_rational_to_number (quotient, &number, &room))
    fanout_out_number (out, row, 0, number);
  else
    fanout_out_double (out, row, 0, fanout_rational_to_double (quotient));
}

/* sqrt (a / b) with the sign of @signed_, 0 without one; null where b is 0. */
static inline void
formula_write_signed_root (FanoutOut *out, gsize row, guint column, const FanoutRational *signed_,
                           const FanoutRational *a, const FanoutRational *b)
{
  g_autoptr (FanoutRational) square = NULL;
  double root;

  if (!formula_divides (b))
    return;
  square = fanout_rational_divide (a, b);
  root = fanout_rational_sqrt (square);
  fanout_out_double (out, row, column,
                     root > 0 && fanout_rational_sign (signed_) < 0 ? -root : root);
}

static inline void
formula_write_root (FanoutOut *out, gsize row, guint column, const FanoutRational *a,
                    const FanoutRational *b)
{
  formula_write_signed_root (out, row, column, b, a, b);
}
