#pragma once

/** Inside of <fanout/number.h>: the integers of 128 bits that wide decimals are made of. */

#include "core/number/powers.h"

/** 10^@n for @n up to 38. */
static inline FanoutUint128
fanout_wide_power_of_ten (guint n)
{
  if (n > FANOUT_WIDE_DIGITS)
    __builtin_unreachable ();
  return n < 20 ? (FanoutUint128) fanout_powers_of_ten[n]
                : (FanoutUint128) fanout_powers_of_ten[n - 19] * fanout_powers_of_ten[19];
}

/** All mantissas of wide decimals are below. */
static inline FanoutUint128
fanout_wide_limit (void)
{
  return fanout_wide_power_of_ten (FANOUT_WIDE_DIGITS);
}

static inline FanoutUint128
fanout_wide_magnitude (FanoutInt128 value)
{
  return value < 0 ? -(FanoutUint128) value : (FanoutUint128) value;
}

/** Write the digits of @value to the bytes before @end; returns where they begin. */
char *fanout_wide_digits_before (char *end, FanoutUint128 value);
