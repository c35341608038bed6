#pragma once

/**
 * The sums of FanoutSum, FanoutMoments, FanoutMoments4 and FanoutPairs seen as one thing: a few
 * integers ("slots") at one scale for each variable, and what did not fit in them.
 */

#include "core/exact/exact.h"

#define SLOTS_MAX 5

/** One slot: the sum of x^x_power y^y_power. */
typedef struct
{
  guint8 width; /* limbs, at most EXACT_LIMBS_MAX */
  guint8 x_power;
  guint8 y_power;
} FanoutSlotKind;

typedef struct
{
  const FanoutSlotKind *kinds;
  guint n_slots;
  guint64 n; /* values in all */
  /* The slots are multiples of 10^-(x_power (x_scale1 - 1) + y_power (y_scale1 - 1)); both scales
   * are 0 while the slots hold nothing. */
  guint8 x_scale1;
  guint8 y_scale1;
  guint64 limbs[SLOTS_MAX][EXACT_LIMBS_MAX]; /* two's complement */
  FanoutExact *exact;                        /* [n_slots] or NULL */
} FanoutSlots;

/** Add one value; @y is ignored where no slot has it. Both are decimals of 63 bits for the slots to
 * be used. */
void fanout_slots_add (FanoutSlots *slots, FanoutNumber x, FanoutNumber y, FanoutMemory *memory);
void fanout_slots_combine (FanoutSlots *into, const FanoutSlots *from, FanoutMemory *memory);
void fanout_slots_clear (FanoutSlots *slots, FanoutMemory *memory);
void fanout_slots_encode (const FanoutSlots *slots, FanoutWriter *out);
/** @slots has its kinds and is zeroes otherwise; it stays so when the bytes are damaged. */
gboolean fanout_slots_decode (FanoutSlots *slots, FanoutReader *in, FanoutMemory *memory);

FanoutRational *fanout_slots_rational (const FanoutSlots *slots, guint slot);
FanoutSumKind fanout_slots_result (const FanoutSlots *slots, guint slot, FanoutDecimal *decimal,
                                   double *real);

/** Bring the decimal @number to @scale, if that is not below its own and the mantissa has room. */
gboolean fanout_number_rescale (FanoutNumber *number, guint scale);
