#include "core/exact/digits.h"
#include "core/exact/exact.h"
#include "core/number/limbs.h"
#include "core/number/wide.h"
#include "core/number/text.h"

#include <math.h>
#include <string.h>

/* Whether a factor is finite; else it is noted. */
static inline gboolean
take_finite (FanoutExact *state, double real)
{
  state->flags |= EXACT_VALUE | EXACT_DOUBLE;
  if (G_LIKELY (isfinite (real)))
    return TRUE;
  state->flags |= isnan (real) ? EXACT_NAN : real < 0 ? EXACT_NEGATIVE_INF : EXACT_INF;
  return FALSE;
}

void
fanout_exact_add_double (FanoutExact *state, double real, FanoutMemory *memory)
{
  gint e;
  guint64 m;

  if (!take_finite (state, real))
    return;
  m = fanout_double_take_apart (real, &e);
  if (m != 0)
    fanout_digits_add_double (&state->binary, signbit (real) != 0, m, e, memory);
}

void
fanout_exact_add_square (FanoutExact *state, double real, FanoutMemory *memory)
{
  gint e;
  guint64 m;

  if (!take_finite (state, fabs (real)))
    return;
  m = fanout_double_take_apart (real, &e);
  if (m != 0)
    fanout_digits_add_wide (&state->binary, FALSE, (FanoutUint128) m * m, 2 * e, memory);
}

void
fanout_exact_add_product (FanoutExact *state, const FanoutNumber *factors, guint n_factors,
                          FanoutMemory *memory)
{
  guint64 limbs[EXACT_PRODUCT_MAX] = { 1 };
  guint n_limbs = FANOUT_FACTORS_MAX;
  gboolean negative = FALSE;
  gboolean zero = FALSE;
  gboolean infinite = FALSE;
  guint n_doubles = 0;
  gint exponent = 0;
  guint scale = 0;

  g_return_if_fail (n_factors >= 1 && n_factors <= FANOUT_FACTORS_MAX);
  state->flags |= EXACT_VALUE;
  for (guint i = 0; i < n_factors; i++)
    {
      guint64 m;

      if (fanout_number_is_double (factors[i]))
        {
          gint e;

          n_doubles++;
          state->flags |= EXACT_DOUBLE;
          if (isnan (factors[i].real))
            {
              state->flags |= EXACT_NAN;
              return;
            }
          negative ^= signbit (factors[i].real) != 0;
          if (isinf (factors[i].real))
            {
              infinite = TRUE;
              continue;
            }
          m = fanout_double_take_apart (factors[i].real, &e);
          exponent += e;
        }
      else if (fanout_number_is_wide (factors[i]))
        {
          const FanoutWide *wide = factors[i].wide;
          const FanoutUint128 magnitude = fanout_wide_magnitude (wide->mantissa);

          negative ^= wide->mantissa < 0;
          scale += wide->scale;
          n_limbs = EXACT_PRODUCT_MAX;
          limbs_multiply_wide (limbs, n_limbs, magnitude);
          continue;
        }
      else
        {
          negative ^= factors[i].mantissa < 0;
          m = factors[i].mantissa < 0 ? -(guint64) factors[i].mantissa
                                      : (guint64) factors[i].mantissa;
          scale += factors[i].scale;
        }
      zero = zero || m == 0;
      limbs_multiply (limbs, n_limbs, m, 0);
    }

  if (infinite)
    state->flags |= zero ? EXACT_NAN : negative ? EXACT_NEGATIVE_INF : EXACT_INF;
  else if (zero)
    return;
  else if (n_doubles == n_factors && n_factors <= 2)
    fanout_digits_add_wide (&state->binary, negative, (FanoutUint128) limbs[1] << 64 | limbs[0],
                            exponent, memory);
  else if (n_doubles == n_factors)
    fanout_digits_add_limbs (&state->binary, negative, limbs, FANOUT_FACTORS_MAX, exponent, memory);
  else
    fanout_exact_add_limbs (state, negative, limbs, n_limbs, exponent, scale, memory);
}
