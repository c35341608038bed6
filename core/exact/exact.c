#include "core/exact/exact.h"

#include "core/exact/digits.h"
#include "core/exact/rational.h"
#include "core/number/limbs.h"
#include "core/number/powers.h"

#include <math.h>
#include <string.h>

void
fanout_exact_add_limbs (FanoutExact *state, gboolean negative, const guint64 *limbs, guint n,
                        gint exponent, guint scale, FanoutMemory *memory)
{
  /* Every 5^27, which has 63 bits, takes another limb. */
  guint64 wide[EXACT_PRODUCT_MAX + EXACT_SCALE_MAX / 27 + 1] = { 0 };

  if (limbs_zero (limbs, n))
    return;
  if (scale > state->scale)
    {
      fanout_digits_multiply (&state->decimal, scale - state->scale, memory);
      state->scale = (guint8) scale;
    }
  memcpy (wide, limbs, n * sizeof *limbs);
  for (guint left = state->scale - scale; left > 0;)
    {
      const guint step = MIN (left, 27);

      limbs_multiply (wide, ++n, fanout_powers_of_five[step], 0);
      left -= step;
    }
  fanout_digits_add_limbs (&state->decimal, negative, wide, n, exponent - (gint) scale, memory);
}

void
fanout_exact_combine (FanoutExact *into, const FanoutExact *from, FanoutMemory *memory)
{
  into->flags |= from->flags;
  fanout_digits_combine (&into->binary, &from->binary, memory);
  if (from->scale >= into->scale)
    {
      fanout_digits_multiply (&into->decimal, from->scale - into->scale, memory);
      into->scale = from->scale;
      fanout_digits_combine (&into->decimal, &from->decimal, memory);
    }
  else
    {
      FanoutDigits scaled = { 0 };

      fanout_digits_combine (&scaled, &from->decimal, NULL);
      fanout_digits_multiply (&scaled, into->scale - from->scale, NULL);
      fanout_digits_combine (&into->decimal, &scaled, memory);
      fanout_digits_clear (&scaled, NULL);
    }
}

void
fanout_exact_clear (FanoutExact *state, FanoutMemory *memory)
{
  fanout_digits_clear (&state->binary, memory);
  fanout_digits_clear (&state->decimal, memory);
  memset (state, 0, sizeof *state);
}

void
fanout_exact_encode (const FanoutExact *state, FanoutWriter *out)
{
  fanout_write_u8 (out, 1);
  fanout_write_u8 (out, state->flags);
  fanout_write_u8 (out, state->scale);
  fanout_digits_encode (&state->binary, out);
  fanout_digits_encode (&state->decimal, out);
}

gboolean
fanout_exact_decode (FanoutExact *state, FanoutReader *in, FanoutMemory *memory)
{
  guint8 version;
  guint8 flags;
  guint8 scale;

  if (!fanout_read_u8 (in, &version) || version != 1 || !fanout_read_u8 (in, &flags)
      || (flags & ~EXACT_ALL) != 0 || !fanout_read_u8 (in, &scale) || scale > EXACT_SCALE_MAX)
    return FALSE;
  state->flags = flags;
  state->scale = scale;
  if (fanout_digits_decode (&state->binary, in, memory)
      && fanout_digits_decode (&state->decimal, in, memory))
    return TRUE;
  fanout_exact_clear (state, memory);
  return FALSE;
}

double
fanout_exact_special (const FanoutExact *state)
{
  const guint special = state->flags & EXACT_SPECIAL;

  if (special == EXACT_INF)
    return INFINITY;
  if (special == EXACT_NEGATIVE_INF)
    return -INFINITY;
  return NAN;
}

static FanoutRational *
from_digits (const FanoutDigits *digits, guint scale)
{
  g_autofree guint32 *magnitude = g_new (guint32, FANOUT_MAGNITUDE_MAX (digits));
  gboolean negative;
  gint first;
  const gsize n = fanout_digits_magnitude (digits, magnitude, &first, &negative);

  return fanout_rational_new_words (negative, magnitude, n, 32 * first, scale);
}

FanoutRational *
fanout_exact_rational (const FanoutExact *state)
{
  if ((state->flags & EXACT_SPECIAL) != 0)
    return fanout_rational_new_double (fanout_exact_special (state));
  {
    g_autoptr (FanoutRational) binary = from_digits (&state->binary, 0);
    g_autoptr (FanoutRational) decimal = from_digits (&state->decimal, state->scale);

    return fanout_rational_add (binary, decimal);
  }
}

FanoutSumKind
fanout_exact_result (const FanoutExact *state, FanoutDecimal *decimal, double *real)
{
  g_autoptr (FanoutRational) sum = NULL;

  if ((state->flags & EXACT_VALUE) == 0)
    return FANOUT_SUM_NONE;
  if ((state->flags & EXACT_SPECIAL) != 0)
    {
      *real = fanout_exact_special (state);
      return FANOUT_SUM_DOUBLE;
    }
  sum = fanout_exact_rational (state);
  if ((state->flags & EXACT_DOUBLE) == 0 && fanout_rational_to_decimal (sum, decimal))
    return FANOUT_SUM_DECIMAL;
  *real = fanout_rational_to_double (sum);
  return FANOUT_SUM_DOUBLE;
}
