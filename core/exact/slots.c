#include "core/exact/slots.h"
#include "core/number/limbs.h"
#include "core/number/powers.h"
#include <string.h>

/*
 * A slot of w limbs stays within 2^(64 w - 2) whenever something else than a plain addition happens
 * to it. The widths are such that 2^63 additions then keep it below 2^(64 w - 1).
 */

gboolean
fanout_number_rescale (FanoutNumber *number, guint scale)
{
  gint64 mantissa;

  if (number->scale > scale
      || __builtin_mul_overflow (number->mantissa,
                                 (gint64) fanout_powers_of_ten[scale - number->scale], &mantissa))
    return FALSE;
  number->mantissa = mantissa;
  number->scale = (guint8) scale;
  return TRUE;
}

static FanoutExact *
exact_of (FanoutSlots *slots, FanoutMemory *memory)
{
  if (slots->exact == NULL)
    slots->exact = (FanoutExact *) fanout_allocate (memory, slots->n_slots * sizeof *slots->exact);
  return slots->exact;
}

static guint
slot_scale (const FanoutSlots *slots, guint i)
{
  guint scale = 0;

  if (slots->x_scale1 > 0)
    scale += slots->kinds[i].x_power * (slots->x_scale1 - 1u);
  if (slots->y_scale1 > 0)
    scale += slots->kinds[i].y_power * (slots->y_scale1 - 1u);
  return scale;
}

static gboolean
holds_nothing (const FanoutSlots *slots)
{
  return slots->x_scale1 == 0;
}

/* Move what is in the slots to the exact sums. */
static void
spill (FanoutSlots *slots, FanoutMemory *memory)
{
  FanoutExact *exact = exact_of (slots, memory);

  for (guint i = 0; i < slots->n_slots; i++)
    {
      guint64 *limbs = slots->limbs[i];
      const guint width = slots->kinds[i].width;
      const gboolean negative = limbs_negative (limbs, width);

      if (negative)
        limbs_negate (limbs, width);
      exact[i].flags |= EXACT_VALUE;
      fanout_exact_add_limbs (&exact[i], negative, limbs, width, 0, slot_scale (slots, i), memory);
      memset (limbs, 0, width * sizeof *limbs);
    }
}

static gboolean
within_bounds (const FanoutSlots *slots)
{
  for (guint i = 0; i < slots->n_slots; i++)
    {
      const guint64 top = slots->limbs[i][slots->kinds[i].width - 1];

      /* The two upper bits alike: |value| <= 2^(64 w - 2). */
      if (top >> 62 != 0 && top >> 62 != 3)
        return FALSE;
    }
  return TRUE;
}

/* Multiply a slot by 10^@exponent; FALSE, with the slot as it was, when it does not stay in bounds.
 */
static gboolean
multiply_slot (guint64 *limbs, guint width, guint exponent)
{
  guint64 product[EXACT_LIMBS_MAX];
  const gboolean negative = limbs_negative (limbs, width);

  memcpy (product, limbs, width * sizeof *limbs);
  if (negative)
    limbs_negate (product, width);
  while (exponent > 0)
    {
      const guint step = MIN (exponent, 19);

      if (limbs_multiply (product, width, fanout_powers_of_ten[step], 0) != 0)
        return FALSE;
      exponent -= step;
    }
  if (product[width - 1] >> 62 != 0)
    return FALSE;
  if (negative)
    limbs_negate (product, width);
  memcpy (limbs, product, width * sizeof *limbs);
  return TRUE;
}

/* Raise the scales of what is in the slots; when it does not fit there any more it is spilt. */
static void
raise_scales (FanoutSlots *slots, guint8 x_scale1, guint8 y_scale1, FanoutMemory *memory)
{
  FanoutSlots scaled = *slots;

  if (!holds_nothing (slots))
    for (guint i = 0; i < slots->n_slots; i++)
      {
        const guint by = slots->kinds[i].x_power * ((guint) x_scale1 - slots->x_scale1)
                         + slots->kinds[i].y_power * ((guint) y_scale1 - slots->y_scale1);

        if (!multiply_slot (scaled.limbs[i], scaled.kinds[i].width, by))
          {
            spill (slots, memory);
            scaled = *slots;
            break;
          }
      }
  *slots = scaled;
  slots->x_scale1 = x_scale1;
  slots->y_scale1 = y_scale1;
}

/* Unsigned a^power * b^b_power in EXACT_LIMBS_MAX limbs. */
static void
multiply_powers (guint64 *limbs, guint64 a, guint a_power, guint64 b, guint b_power)
{
  memset (limbs, 0, EXACT_LIMBS_MAX * sizeof *limbs);
  limbs[0] = 1;
  for (; a_power > 0; a_power--)
    limbs_multiply (limbs, EXACT_LIMBS_MAX, a, 0);
  for (; b_power > 0; b_power--)
    limbs_multiply (limbs, EXACT_LIMBS_MAX, b, 0);
}

static guint64
magnitude (gint64 value)
{
  return value < 0 ? -(guint64) value : (guint64) value;
}

static void
add_to_slots (FanoutSlots *slots, gint64 x, gint64 y)
{
  for (guint i = 0; i < slots->n_slots; i++)
    {
      const FanoutSlotKind *kind = &slots->kinds[i];
      guint64 product[EXACT_LIMBS_MAX];

      multiply_powers (product, magnitude (x), kind->x_power, magnitude (y), kind->y_power);
      if ((x < 0 && (kind->x_power & 1) != 0) != (y < 0 && (kind->y_power & 1) != 0))
        limbs_negate (product, EXACT_LIMBS_MAX);
      limbs_add (slots->limbs[i], product, kind->width);
    }
}

static void
add_to_exact (FanoutSlots *slots, FanoutNumber x, FanoutNumber y, FanoutMemory *memory)
{
  FanoutExact *exact = exact_of (slots, memory);

  for (guint i = 0; i < slots->n_slots; i++)
    {
      FanoutNumber factors[FANOUT_FACTORS_MAX];
      guint n = 0;

      for (guint k = 0; k < slots->kinds[i].x_power; k++)
        factors[n++] = x;
      for (guint k = 0; k < slots->kinds[i].y_power; k++)
        factors[n++] = y;
      fanout_exact_add_product (&exact[i], factors, n, memory);
    }
}

void
fanout_slots_add (FanoutSlots *slots, FanoutNumber x, FanoutNumber y, FanoutMemory *memory)
{
  slots->n++;
  if (x.scale > FANOUT_SCALE_MAX || y.scale > FANOUT_SCALE_MAX)
    {
      add_to_exact (slots, x, y, memory);
      return;
    }
  if (x.scale + 1 > slots->x_scale1 || y.scale + 1 > slots->y_scale1)
    raise_scales (slots, MAX ((guint8) (x.scale + 1), slots->x_scale1),
                  MAX ((guint8) (y.scale + 1), slots->y_scale1), memory);
  {
    FanoutNumber scaled_x = x;
    FanoutNumber scaled_y = y;

    if (fanout_number_rescale (&scaled_x, slots->x_scale1 - 1u)
        && fanout_number_rescale (&scaled_y, slots->y_scale1 - 1u))
      add_to_slots (slots, scaled_x.mantissa, scaled_y.mantissa);
    else
      add_to_exact (slots, x, y, memory);
  }
}

void
fanout_slots_combine (FanoutSlots *into, const FanoutSlots *from, FanoutMemory *memory)
{
  into->n += from->n;
  if (from->exact != NULL)
    {
      FanoutExact *exact = exact_of (into, memory);

      for (guint i = 0; i < into->n_slots; i++)
        fanout_exact_combine (&exact[i], &from->exact[i], memory);
    }
  if (!holds_nothing (from))
    {
      FanoutSlots other = *from;
      const guint8 x_scale1 = MAX (into->x_scale1, from->x_scale1);
      const guint8 y_scale1 = MAX (into->y_scale1, from->y_scale1);

      /* What spills from the copy of the other is to go to this one. */
      if (!within_bounds (into))
        spill (into, memory);
      raise_scales (into, x_scale1, y_scale1, memory);
      other.exact = into->exact;
      if (!within_bounds (&other))
        spill (&other, memory);
      raise_scales (&other, x_scale1, y_scale1, memory);
      into->exact = other.exact;
      for (guint i = 0; i < into->n_slots; i++)
        limbs_add (into->limbs[i], other.limbs[i], into->kinds[i].width);
      if (!within_bounds (into))
        spill (into, memory);
    }
}

void
fanout_slots_clear (FanoutSlots *slots, FanoutMemory *memory)
{
  if (slots->exact == NULL)
    return;
  for (guint i = 0; i < slots->n_slots; i++)
    fanout_exact_clear (&slots->exact[i], memory);
  fanout_release (memory, slots->exact, slots->n_slots * sizeof *slots->exact);
  slots->exact = NULL;
}

void
fanout_slots_encode (const FanoutSlots *slots, FanoutWriter *out)
{
  fanout_write_u8 (out, 1);
  fanout_write_u64 (out, slots->n);
  fanout_write_u8 (out, slots->x_scale1);
  fanout_write_u8 (out, slots->y_scale1);
  if (!holds_nothing (slots))
    for (guint i = 0; i < slots->n_slots; i++)
      for (guint k = 0; k < slots->kinds[i].width; k++)
        fanout_write_u64 (out, slots->limbs[i][k]);
  fanout_write_u8 (out, slots->exact != NULL);
  if (slots->exact != NULL)
    for (guint i = 0; i < slots->n_slots; i++)
      fanout_exact_encode (&slots->exact[i], out);
}

static gboolean
decode (FanoutSlots *slots, FanoutReader *in, FanoutMemory *memory)
{
  guint8 version;
  guint8 has_exact;

  if (!fanout_read_u8 (in, &version) || version != 1 || !fanout_read_u64 (in, &slots->n)
      || !fanout_read_u8 (in, &slots->x_scale1) || !fanout_read_u8 (in, &slots->y_scale1)
      || slots->x_scale1 > FANOUT_SCALE_MAX + 1 || slots->y_scale1 > FANOUT_SCALE_MAX + 1
      || (slots->x_scale1 == 0) != (slots->y_scale1 == 0))
    return FALSE;
  if (!holds_nothing (slots))
    for (guint i = 0; i < slots->n_slots; i++)
      for (guint k = 0; k < slots->kinds[i].width; k++)
        if (!fanout_read_u64 (in, &slots->limbs[i][k]))
          return FALSE;
  if (!fanout_read_u8 (in, &has_exact) || has_exact > 1)
    return FALSE;
  if (has_exact)
    {
      FanoutExact *exact = exact_of (slots, memory);

      for (guint i = 0; i < slots->n_slots; i++)
        if (!fanout_exact_decode (&exact[i], in, memory))
          return FALSE;
    }
  if (!within_bounds (slots))
    spill (slots, memory);
  return TRUE;
}

gboolean
fanout_slots_decode (FanoutSlots *slots, FanoutReader *in, FanoutMemory *memory)
{
  const FanoutSlotKind *kinds = slots->kinds;
  const guint n_slots = slots->n_slots;

  if (decode (slots, in, memory))
    return TRUE;
  fanout_slots_clear (slots, memory);
  memset (slots, 0, sizeof *slots);
  slots->kinds = kinds;
  slots->n_slots = n_slots;
  return FALSE;
}

/* The part of a slot that is not in the exact sums; up to five limbs at a scale of up to 72. */
static void
slot_decimal (const FanoutSlots *slots, guint slot, FanoutDecimal *decimal)
{
  limbs_extend (decimal->limbs, FANOUT_DECIMAL_LIMBS, slots->limbs[slot], slots->kinds[slot].width);
  decimal->scale = (guint8) slot_scale (slots, slot);
}

FanoutRational *
fanout_slots_rational (const FanoutSlots *slots, guint slot)
{
  FanoutRational *sum;
  FanoutDecimal decimal;

  slot_decimal (slots, slot, &decimal);
  sum = fanout_rational_new_decimal (&decimal);
  if (slots->exact != NULL)
    {
      g_autoptr (FanoutRational) part = sum;
      g_autoptr (FanoutRational) rest = fanout_exact_rational (&slots->exact[slot]);

      sum = fanout_rational_add (part, rest);
    }
  return sum;
}

FanoutSumKind
fanout_slots_result (const FanoutSlots *slots, guint slot, FanoutDecimal *decimal, double *real)
{
  const FanoutExact *exact = slots->exact != NULL ? &slots->exact[slot] : NULL;

  if (slots->n == 0)
    return FANOUT_SUM_NONE;
  if (exact == NULL)
    {
      slot_decimal (slots, slot, decimal);
      fanout_decimal_normalise (decimal);
      return FANOUT_SUM_DECIMAL;
    }
  if ((exact->flags & EXACT_SPECIAL) != 0)
    *real = fanout_exact_special (exact);
  else
    {
      g_autoptr (FanoutRational) sum = fanout_slots_rational (slots, slot);

      if ((exact->flags & EXACT_DOUBLE) == 0 && fanout_rational_to_decimal (sum, decimal))
        return FANOUT_SUM_DECIMAL;
      *real = fanout_rational_to_double (sum);
    }
  return FANOUT_SUM_DOUBLE;
}
