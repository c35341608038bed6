#pragma once

#include <fanout/abi.h>

/** For a first byte 128 + i of a mantissa: about its reciprocal, and the logarithm of that. */
typedef struct
{
  guint64 reciprocal; /* times 512 */
  guint64 high;
  guint64 low;
} FanoutLogarithmRow;

extern const FanoutLogarithmRow fanout_logarithm_table[128];
