#pragma once

/**
 * The hot path of decoding: short plain numbers, without a branch on sign, length or point.
 *
 * Up to 16 bytes before the field's end and 16 after its start are loaded, whatever is there; the
 * decoder's blocks have padding for that.
 */

#include <fanout/number.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Loaded at offset n: 16 - n bytes of zeros, then n bytes of ones. */
static const guint8 fanout_last_bytes[33] = {
  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

/**
 * Read a field of the form [-]digits[.digits], also .5 and 5., of at most 16 characters after the sign.
 * Trailing zeros stay: 1.50 is 150 with scale 2. FALSE for all others, which may still be numbers: see
 * parse_number().
 */
static inline gboolean
parse_short_portable (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  const char *end = text + length;
  const gsize negative = text[0] == '-';
  const gsize n = length - negative;
  const guint64 ones = 0x0101010101010101u;
  guint64 high, low, keep_high, keep_low, dots_high, dots_low, above_high, above_low, below_high,
      below_low, bad, value;
  guint64 index;
  guint64 after;

  if (G_UNLIKELY (n - 1 >= 16))
    return FALSE;
  memcpy (&low, end - 16, 8); /* the characters before the last eight */
  memcpy (&high, end - 8, 8);
  memcpy (&keep_low, fanout_last_bytes + n, 8);
  memcpy (&keep_high, fanout_last_bytes + n + 8, 8);
  low = GUINT64_FROM_LE (low);
  high = GUINT64_FROM_LE (high);
  keep_low = GUINT64_FROM_LE (keep_low);
  keep_high = GUINT64_FROM_LE (keep_high);
  /* What stands before the field counts as zeros. */
  low = (low ^ 0x30 * ones) & keep_low;
  high = (high ^ 0x30 * ones) & keep_high;

  /* A point is '.' ^ '0' = 0x1e by now. The lowest byte found is the first point; a second one is no
   * digit and fails below. */
  dots_low = low ^ 0x1e * ones;
  dots_low = (dots_low - ones) & ~dots_low & 0x80 * ones;
  dots_high = high ^ 0x1e * ones;
  dots_high = (dots_high - ones) & ~dots_high & 0x80 * ones;
  index = dots_low != 0 ? (guint64) __builtin_ctzll (dots_low) / 8
                        : 8 + (guint64) __builtin_ctzll (dots_high | (guint64) 1 << 63) / 8;
  after = (dots_low | dots_high) != 0 ? 15 - index : 16;
  if (G_UNLIKELY ((after | (n - 1)) == 0))
    return FALSE;

  /* Close the gap: what is before the point moves up by one. */
  memcpy (&above_low, fanout_last_bytes + after, 8);
  memcpy (&above_high, fanout_last_bytes + after + 8, 8);
  memcpy (&below_low, fanout_last_bytes + after + 1, 8);
  memcpy (&below_high, fanout_last_bytes + after + 9, 8);
  below_low = ~GUINT64_FROM_LE (below_low) & low;
  below_high = ~GUINT64_FROM_LE (below_high) & high;
  high = (high & GUINT64_FROM_LE (above_high)) | below_high << 8 | below_low >> 56;
  low = (low & GUINT64_FROM_LE (above_low)) | below_low << 8;

  bad = ((low + 0x76 * ones) | low | (high + 0x76 * ones) | high) & 0x80 * ones;
  if (G_UNLIKELY (bad != 0))
    return FALSE;

  low = low * 2561 >> 8 & 0x00ff00ff00ff00ffu;
  high = high * 2561 >> 8 & 0x00ff00ff00ff00ffu;
  low = low * 6553601 >> 16 & 0x0000ffff0000ffffu;
  high = high * 6553601 >> 16 & 0x0000ffff0000ffffu;
  low = low * 42949672960001u >> 32;
  high = high * 42949672960001u >> 32;
  value = low * 100000000u + high;
  *mantissa = (gint64) ((value ^ (0 - negative)) + negative);
  *scale = (guint8) (after & 15);
  return TRUE;
}

#ifdef __SSE2__
static inline gboolean
parse_short (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  const char *end = text + length;
  const gsize negative = text[0] == '-';
  const gsize n = length - negative;
  const __m128i zero = _mm_setzero_si128 ();
  __m128i digits, above, below, bad;
  guint32 dots;
  guint32 after;
  guint64 halves;
  guint64 value;

  if (G_UNLIKELY (n - 1 >= 16))
    return FALSE;
  digits = _mm_loadu_si128 ((const __m128i *) (const void *) (end - 16));
  digits = _mm_xor_si128 (digits, _mm_set1_epi8 ('0'));
  /* What stands before the field counts as zeros. */
  digits = _mm_and_si128 (
      digits, _mm_loadu_si128 ((const __m128i *) (const void *) (fanout_last_bytes + n)));

  /* The digits after the first point, 16 without one; a second point is no digit and fails below. */
  dots = (guint32) _mm_movemask_epi8 (_mm_cmpeq_epi8 (digits, _mm_set1_epi8 ('.' ^ '0')));
  after = (15u - (guint32) __builtin_ctz (dots | 0x80000000u)) & 31;
  if (G_UNLIKELY ((after | (n - 1)) == 0))
    return FALSE;

  /* Close the gap: what is before the point moves up by one. */
  above = _mm_loadu_si128 ((const __m128i *) (const void *) (fanout_last_bytes + after));
  below = _mm_loadu_si128 ((const __m128i *) (const void *) (fanout_last_bytes + after + 1));
  above = _mm_and_si128 (above, digits);
  below = _mm_andnot_si128 (below, digits);
  digits = _mm_or_si128 (above, _mm_slli_si128 (below, 1));

  bad = _mm_subs_epu8 (digits, _mm_set1_epi8 (9));
  if (G_UNLIKELY (_mm_movemask_epi8 (_mm_cmpeq_epi8 (bad, zero)) != 0xffff))
    return FALSE;

  /* Fours of digits, from those at even and odd places, then eights. */
  digits = _mm_add_epi32 (
      _mm_madd_epi16 (_mm_and_si128 (digits, _mm_set1_epi16 (0xff)), _mm_set1_epi32 (10 << 16 | 1000)),
      _mm_madd_epi16 (_mm_srli_epi16 (digits, 8), _mm_set1_epi32 (1 << 16 | 100)));
  digits = _mm_packs_epi32 (digits, digits);
  digits = _mm_madd_epi16 (digits, _mm_set1_epi32 (1 << 16 | 10000));
  halves = (guint64) _mm_cvtsi128_si64 (digits);
  value = (halves & 0xffffffffu) * 100000000u + (halves >> 32);
  *mantissa = (gint64) ((value ^ (0 - negative)) + negative);
  *scale = (guint8) (after & 15);
  return TRUE;
}
#else
#define parse_short parse_short_portable
#endif

/**
 * fanout_number_parse() for a field that is not empty, the fast way where that is possible. Trailing
 * zeros after the point may stay.
 */
static inline gboolean
parse_number (const char *text, gsize length, FanoutNumber *number, gboolean *rounded)
{
  if (G_LIKELY (parse_short (text, length, &number->mantissa, &number->scale)))
    {
      *rounded = FALSE;
      return TRUE;
    }
  return fanout_number_parse (text, length, number, rounded);
}
