#pragma once

/**
 * The number that is furthest in some direction: what min, max, range, absmin, absmax, argmin and
 * argmax keep.
 */

#include <fanout/kept.h>
#include <fanout/value.h>
#include <math.h>

/* No scale + 1: where scale1 is one, the mantissas of decimals can be compared. Less 1 they are
 * FANOUT_SCALE_DOUBLE and FANOUT_SCALE_WIDE in a byte. */
#define EXTREME_DOUBLE 512
#define EXTREME_WIDE   511

#define EXTREME_MEMORY "24 bytes where it has more digits than 63 bits hold"

/* scale1 is 0 where there is none, EXTREME_DOUBLE for a double, EXTREME_WIDE for a wide decimal,
 * which it owns. */
typedef struct
{
  union
  {
    gint64 mantissa;
    double real;
    FanoutWide *wide;
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

/* Out of the way of all others. `x` may be what is kept. */
static __attribute__ ((noinline)) void
extreme_keep_wide (Extreme *extreme, FanoutNumber x, FanoutMemory *memory)
{
  FanoutWide *old = extreme->scale1 == EXTREME_WIDE ? extreme->wide : NULL;

  if (fanout_number_is_wide (x))
    {
      FanoutWide *own = old != NULL ? old : fanout_allocate (memory, sizeof *own);

      *own = *x.wide;
      extreme->wide = own;
      extreme->scale1 = EXTREME_WIDE;
      return;
    }
  fanout_release (memory, old, sizeof *old);
  extreme->mantissa = x.mantissa;
  extreme->scale1 = (guint16) (fanout_number_is_double (x) ? EXTREME_DOUBLE : x.scale + 1);
}

static inline void
extreme_keep (Extreme *extreme, FanoutNumber x, FanoutMemory *memory)
{
  if (G_UNLIKELY (fanout_number_is_wide (x) || extreme->scale1 == EXTREME_WIDE))
    {
      extreme_keep_wide (extreme, x, memory);
      return;
    }
  extreme->mantissa = x.mantissa;
  extreme->scale1 = (guint16) (fanout_number_is_double (x) ? EXTREME_DOUBLE : x.scale + 1);
}

static inline void
extreme_clear (Extreme *extreme, FanoutMemory *memory)
{
  if (extreme->scale1 == EXTREME_WIDE)
    fanout_release (memory, extreme->wide, sizeof *extreme->wide);
  memset (extreme, 0, sizeof *extreme);
}

/* In the form that a result has. */
static inline void
extreme_out (const Extreme *extreme, FanoutOut *out, gsize row)
{
  FanoutWide room;

  fanout_out_number (out, row, 0, fanout_number_canonical_wide (extreme_number (extreme), &room));
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
  FanoutWide room;

  fanout_write_u8 (bytes, extreme_is_set (extreme) ? 1 : 0);
  if (extreme_is_set (extreme))
    fanout_number_write (fanout_number_canonical_wide (extreme_number (extreme), &room), bytes);
}

static inline gboolean
extreme_read (Extreme *extreme, FanoutReader *in, FanoutMemory *memory)
{
  FanoutNumber x;
  FanoutWide room;
  guint8 is_set;

  if (!fanout_read_u8 (in, &is_set) || is_set > 1)
    return FALSE;
  if (is_set == 0)
    return TRUE;
  if (!fanout_number_read_wide (&x, &room, in))
    return FALSE;
  extreme_keep (extreme, x, memory);
  return TRUE;
}
