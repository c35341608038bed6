#pragma once

/**
 * The number that is furthest in some direction: what min, max, range, absmin, absmax, argmin and
 * argmax keep.
 */

#include <fanout/kept.h>
#include <math.h>

/* No scale + 1: where scale1 is one, the mantissas of decimals can be compared. Less 1 it is
 * FANOUT_SCALE_DOUBLE in a byte. */
#define EXTREME_DOUBLE 512

/* scale1 is 0 where there is none, EXTREME_DOUBLE for a double. */
typedef struct
{
  union
  {
    gint64 mantissa;
    double real;
  };
  guint16 scale1;
} Extreme;

static inline gboolean
extreme_is_set (const Extreme *extreme)
{
  return extreme->scale1 != 0;
}

static inline FanoutNumber
extreme_number (const Extreme *extreme)
{
  FanoutNumber x;

  x.mantissa = extreme->mantissa;
  x.scale = (guint8) (extreme->scale1 - 1);
  return x;
}

static inline void
extreme_keep (Extreme *extreme, FanoutNumber x)
{
  extreme->mantissa = x.mantissa;
  extreme->scale1 = (guint16) (fanout_number_is_double (x) ? EXTREME_DOUBLE : x.scale + 1);
}

static inline gboolean
extreme_is_nan (FanoutNumber x)
{
  return fanout_number_is_double (x) && isnan (x.real);
}

/* One form for equal numbers, so that the bytes do not tell the order. */
static inline void
extreme_write (const Extreme *extreme, FanoutWriter *bytes)
{
  fanout_write_u8 (bytes, extreme_is_set (extreme) ? 1 : 0);
  if (extreme_is_set (extreme))
    fanout_number_write (fanout_number_canonical (extreme_number (extreme)), bytes);
}

static inline gboolean
extreme_read (Extreme *extreme, FanoutReader *in)
{
  FanoutNumber x;
  guint8 is_set;

  if (!fanout_read_u8 (in, &is_set) || is_set > 1)
    return FALSE;
  if (is_set == 0)
    return TRUE;
  if (!fanout_number_read (&x, in))
    return FALSE;
  extreme_keep (extreme, x);
  return TRUE;
}
