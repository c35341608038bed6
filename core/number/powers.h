#pragma once

/** Powers of ten and five, small ones exact and large ones to 128 bits. */

#include <fanout/number.h>

extern const guint64 fanout_powers_of_ten[20];
extern const guint64 fanout_powers_of_five[28];
extern const guint64 fanout_big_powers_of_five[26][3];

typedef struct
{
  guint64 high;
  guint64 low;
} FanoutPower;

/**
 * 5^@q for -351 <= @q <= 350, as the integer of 128 bits (the top one set) that comes from
 * truncating 5^@q * 2^k. Exact for 0 <= @q <= 55.
 */
static inline FanoutPower
fanout_power_of_five (int q)
{
  const guint index = (guint) (q + 351) / 27;
  const guint64 *base = fanout_big_powers_of_five[index];
  const guint64 by = fanout_powers_of_five[(guint) (q + 351) % 27];
  const FanoutUint128 low = (FanoutUint128) base[2] * by;
  const FanoutUint128 middle = (FanoutUint128) base[1] * by + (guint64) (low >> 64);
  const FanoutUint128 high = (FanoutUint128) base[0] * by + (guint64) (middle >> 64);
  /* 256 bits in four words; the top one is below 2^61, so there is always something to shift in. */
  const guint64 words[3] = { (guint64) (high >> 64), (guint64) high, (guint64) middle };
  FanoutPower power;

  if (words[0] == 0)
    {
      /* by = 1: the product is the base. */
      power.high = words[1];
      power.low = words[2];
    }
  else
    {
      const int shift = __builtin_clzll (words[0]);

      power.high = words[0] << shift | words[1] >> 1 >> (63 - shift);
      power.low = words[1] << shift | words[2] >> 1 >> (63 - shift);
    }
  return power;
}

/** floor (log2 (10^@q)) for |@q| <= 1200. */
static inline int
fanout_floor_log2_of_ten (int q)
{
  return (q * 1741647) >> 19;
}

/** floor (log10 (2^@e)) for |@e| <= 1100. */
static inline int
fanout_floor_log10_of_two (int e)
{
  return (e * 1262611) >> 22;
}

/** floor (log10 (3/4 2^@e)) for |@e| <= 1100. */
static inline int
fanout_floor_log10_of_three_quarters (int e)
{
  return (e * 1262611 - 524031) >> 22;
}
