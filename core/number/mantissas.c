#include <fanout/mantissas.h>

#include "core/base/processor.h"

/* Below it a call for wide registers is not worth its while. */
#define FEW 16

/* Halves of 32 bits are summed by themselves: no carries between additions, so that several fit
 * into one instruction. */
static inline __attribute__ ((always_inline)) FanoutInt128
sum_loop (const gint64 *mantissas, gsize n)
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
#define EXTREME_LOOP(mantissas, n, comes_first)                                                    \
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

static gint64
min_loop (const gint64 *mantissas, gsize n)
{
  EXTREME_LOOP (mantissas, n, MIN);
}

static gint64
max_loop (const gint64 *mantissas, gsize n)
{
  EXTREME_LOOP (mantissas, n, MAX);
}

static inline __attribute__ ((always_inline)) void
count_loop (gint64 *mantissas, gsize n, gint64 first, gint64 step)
{
  guint64 value = (guint64) first;
  for (gsize i = 0; i < n; i++, value += (guint64) step)
    mantissas[i] = (gint64) value;
}

#ifdef __x86_64__
#include <immintrin.h>

#define WIDE __attribute__ ((target ("avx512f")))

static gboolean
is_wide (void)
{
  return FANOUT_PROCESSOR_HAS (AVX512F, "avx512f");
}

WIDE static FanoutInt128
sum_wide (const gint64 *mantissas, gsize n)
{
  const __m512i sign = _mm512_set1_epi64 (G_MININT64), half = _mm512_set1_epi64 (G_MAXUINT32);
  __m512i low[2] = { 0 }, high[2] = { 0 };
  gsize i = 0;
  for (; i + 16 <= n; i += 16)
    for (guint k = 0; k < 2; k++)
      {
        const __m512i x = _mm512_xor_si512 (_mm512_loadu_si512 (mantissas + i + 8 * k), sign);
        low[k] = _mm512_add_epi64 (low[k], _mm512_and_si512 (x, half));
        high[k] = _mm512_add_epi64 (high[k], _mm512_srli_epi64 (x, 32));
      }
  const guint64 lows = (guint64) _mm512_reduce_add_epi64 (_mm512_add_epi64 (low[0], low[1]));
  const guint64 highs = (guint64) _mm512_reduce_add_epi64 (_mm512_add_epi64 (high[0], high[1]));
  return ((FanoutInt128) highs << 32) + lows - ((FanoutInt128) i << 63)
         + sum_loop (mantissas + i, n - i);
}

#define EXTREME_WIDE(mantissas, n, comes_first, function)                                          \
  __m512i a = _mm512_set1_epi64 (mantissas[0]), b = a;                                             \
  gsize i = 0;                                                                                     \
  gint64 best;                                                                                     \
  for (; i + 16 <= n; i += 16)                                                                     \
    {                                                                                              \
      a = _mm512_##function##_epi64 (a, _mm512_loadu_si512 (mantissas + i));                       \
      b = _mm512_##function##_epi64 (b, _mm512_loadu_si512 (mantissas + i + 8));                   \
    }                                                                                              \
  best = _mm512_reduce_##function##_epi64 (_mm512_##function##_epi64 (a, b));                      \
  for (; i < n; i++)                                                                               \
    best = comes_first (best, mantissas[i]);                                                       \
  return best

WIDE static gint64
min_wide (const gint64 *mantissas, gsize n)
{
  EXTREME_WIDE (mantissas, n, MIN, min);
}

WIDE static gint64
max_wide (const gint64 *mantissas, gsize n)
{
  EXTREME_WIDE (mantissas, n, MAX, max);
}

WIDE static void
count_wide (gint64 *mantissas, gsize n, gint64 first, gint64 step)
{
  const guint64 by = (guint64) step;
  __m512i values = _mm512_add_epi64 (
      _mm512_set1_epi64 (first),
      _mm512_setr_epi64 (0, step, (gint64) (2 * by), (gint64) (3 * by), (gint64) (4 * by),
                         (gint64) (5 * by), (gint64) (6 * by), (gint64) (7 * by)));
  const __m512i steps = _mm512_set1_epi64 ((gint64) (8 * by));
  gsize i = 0;
  for (; i + 8 <= n; i += 8, values = _mm512_add_epi64 (values, steps))
    _mm512_storeu_si512 (mantissas + i, values);
  count_loop (mantissas + i, n - i, (gint64) ((guint64) first + i * by), step);
}
#else
#define sum_wide   sum_loop
#define min_wide   min_loop
#define max_wide   max_loop
#define count_wide count_loop

static gboolean
is_wide (void)
{
  return FALSE;
}
#endif

FanoutInt128
fanout_mantissas_sum (const gint64 *mantissas, gsize n)
{
  return n >= FEW && is_wide () ? sum_wide (mantissas, n) : sum_loop (mantissas, n);
}

gint64
fanout_mantissas_min (const gint64 *mantissas, gsize n)
{
  return n >= FEW && is_wide () ? min_wide (mantissas, n) : min_loop (mantissas, n);
}

gint64
fanout_mantissas_max (const gint64 *mantissas, gsize n)
{
  return n >= FEW && is_wide () ? max_wide (mantissas, n) : max_loop (mantissas, n);
}

void
fanout_mantissas_count (gint64 *mantissas, gsize n, gint64 first, gint64 step)
{
  if (n >= FEW && is_wide ())
    count_wide (mantissas, n, first, step);
  else
    count_loop (mantissas, n, first, step);
}
