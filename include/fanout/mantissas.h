#pragma once

/**
 * Many mantissas of one scale at once: what an operator does in place of a loop of its own where a
 * column is plain, without nulls and not grouped (see FANOUT_UPDATE_NUMBERS).
 */

#include <fanout/number.h>

G_BEGIN_DECLS

/** The sum of @n < 2^32 mantissas. Halves of 32 bits are summed by themselves: no carries between
 * additions, so that several fit into one instruction. */
static inline FanoutInt128
fanout_mantissas_sum (const gint64 *mantissas, gsize n)
{
  const guint64 sign = (guint64) 1 << 63;
  guint64 low = 0;
  guint64 high = 0;

  for (gsize i = 0; i < n; i++)
    {
      const guint64 shifted = (guint64) mantissas[i] ^ sign; /* by 2^63 upwards: not negative */

      low += shifted & G_MAXUINT32;
      high += shifted >> 32;
    }
  return ((FanoutInt128) high << 32) + low - ((FanoutInt128) n << 63);
}

/* Four at a time, since each comparison waits for the one before it. The empty statement keeps the
 * compiler from comparing 64 bits with instructions for 32, which takes four times as long. */
#define FANOUT_MANTISSAS_EXTREME_(mantissas, n, comes_first)                                       \
  gint64 a = mantissas[0], b = a, c = a, d = a;                                                    \
  gsize i = 0;                                                                                     \
  for (; i + 4 <= n; i += 4)                                                                       \
    {                                                                                              \
      a = comes_first (mantissas[i], a);                                                           \
      b = comes_first (mantissas[i + 1], b);                                                       \
      c = comes_first (mantissas[i + 2], c);                                                       \
      d = comes_first (mantissas[i + 3], d);                                                       \
      __asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));                                            \
    }                                                                                              \
  for (; i < n; i++)                                                                               \
    a = comes_first (mantissas[i], a);                                                             \
  a = comes_first (a, b);                                                                          \
  c = comes_first (c, d);                                                                          \
  return comes_first (a, c)

/** The smallest of @n > 0 mantissas. */
static inline gint64
fanout_mantissas_min (const gint64 *mantissas, gsize n)
{
  FANOUT_MANTISSAS_EXTREME_ (mantissas, n, MIN);
}

/** The largest of @n > 0 mantissas. */
static inline gint64
fanout_mantissas_max (const gint64 *mantissas, gsize n)
{
  FANOUT_MANTISSAS_EXTREME_ (mantissas, n, MAX);
}

G_END_DECLS
