#pragma once

/**
 * The hot path of decoding: plain numbers, without a branch on sign, length or point.
 *
 * Up to 32 bytes before the field's end are loaded, whatever is there; the decoder's blocks have
 * padding for that.
 */

#include "core/number/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* From offset n on: 32 - n bytes of zeros, then n bytes of ones. */
static const guint8 fanout_last_bytes[65] = {
  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

/* A bit for each byte of @word that is @byte: none, or right up to the first of them. */
static inline guint
find_byte (guint64 word, guint8 byte)
{
  const guint64 ones = 0x0101010101010101u;

  word ^= byte * ones;
  word = (word - ones) & ~word & 0x80 * ones;
  return (guint) ((word >> 7) * 0x0102040810204080u >> 56);
}

/** parse_short() with 64-bit words alone. */
static inline gboolean
parse_short_portable (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  const char *end = text + length;
  const guint64 negative = text[0] == '-';
  const gsize n = length - negative;
  const guint64 ones = 0x0101010101010101u;
  const guint8 *last;
  guint64 low, high, below_low, below_high, value;
  guint32 after;

  if (G_UNLIKELY (n - 1 >= 16))
    return FALSE;
  /* What stands before the field counts as zeros. */
  last = fanout_last_bytes + 16 + n;
  low = (fanout_load_word (end - 16) ^ 0x30 * ones) & fanout_load_word (last);
  high = (fanout_load_word (end - 8) ^ 0x30 * ones) & fanout_load_word (last + 8);

  /* The digits after the first point, or 16; a second point is no digit and fails below. */
  after = find_byte (low, '.' ^ '0') | find_byte (high, '.' ^ '0') << 8;
  after = (15u - (guint32) __builtin_ctz (after | 0x80000000u)) & 31;
  if (G_UNLIKELY ((after | (n - 1)) == 0))
    return FALSE;

  /* Close the gap: what is before the point moves up by one. */
  last = fanout_last_bytes + 16 + after;
  below_low = low & ~fanout_load_word (last + 1);
  below_high = high & ~fanout_load_word (last + 9);
  low = (low & fanout_load_word (last)) | below_low << 8;
  high = (high & fanout_load_word (last + 8)) | below_high << 8 | below_low >> 56;
  if (G_UNLIKELY ((((low + 0x76 * ones) | low | (high + 0x76 * ones) | high) & 0x80 * ones) != 0))
    return FALSE;

  value = fanout_eight_digits (low) * 100000000u + fanout_eight_digits (high);
  *mantissa = (gint64) ((value ^ (0 - negative)) + negative);
  *scale = (guint8) (after & 15);
  return TRUE;
}

/* The same as parse_long(). */
static inline gboolean
parse_long_portable (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  const guint64 negative = text[0] == '-';
  const gsize n = length - negative;
  gsize point = length; /* behind all */
  guint64 value = 0;

  if (n - 17 >= 16)
    return FALSE;
  for (gsize i = negative; i < length; i++)
    {
      const guint digit = (guint) (guchar) text[i] - '0';

      if (digit > 9 && (text[i] != '.' || point < length))
        return FALSE;
      if (digit > 9)
        point = i + 1;
      else if (value > ((guint64) G_MAXINT64 - digit) / 10)
        return FALSE;
      else
        value = 10 * value + digit;
    }
  if (length - point > FANOUT_SCALE_MAX)
    return FALSE;
  *mantissa = (gint64) ((value ^ (0 - negative)) + negative);
  *scale = (guint8) (length - point);
  return TRUE;
}

#ifdef __SSE2__

static inline __m128i
load_vector (const void *from)
{
  return _mm_loadu_si128 ((const __m128i *) from);
}

static inline gboolean
all_digits (__m128i digits)
{
  const __m128i above = _mm_subs_epu8 (digits, _mm_set1_epi8 (9));

  return _mm_movemask_epi8 (_mm_cmpeq_epi8 (above, _mm_setzero_si128 ())) == 0xffff;
}

/* Sixteen digits, the first one in the lowest byte. */
static inline guint64
sixteen_digits_value (__m128i digits)
{
  guint64 halves;

  /* Fours of digits, from those at even and odd places, then eights. */
  digits
      = _mm_add_epi32 (_mm_madd_epi16 (_mm_and_si128 (digits, _mm_set1_epi16 (0xff)),
                                       _mm_set1_epi32 (10 << 16 | 1000)),
                       _mm_madd_epi16 (_mm_srli_epi16 (digits, 8), _mm_set1_epi32 (1 << 16 | 100)));
  digits = _mm_packs_epi32 (digits, digits);
  digits = _mm_madd_epi16 (digits, _mm_set1_epi32 (1 << 16 | 10000));
  halves = (guint64) _mm_cvtsi128_si64 (digits);
  return (halves & 0xffffffffu) * 100000000u + (halves >> 32);
}

/**
 * Read a field of the form [-]digits[.digits], also .5 and 5., of at most 16 characters after the
 * sign. Trailing zeros stay: 1.50 is 150 with scale 2. FALSE for all others, which may still be
 * numbers: see parse_number().
 */
static inline gboolean
parse_short (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  const guint64 negative = text[0] == '-';
  const gsize n = length - negative;
  const guint8 *last;
  __m128i digits, above, below;
  guint32 after;
  guint64 value;

  if (G_UNLIKELY (n - 1 >= 16))
    return FALSE;
  /* What stands before the field counts as zeros. */
  digits = _mm_xor_si128 (load_vector (text + length - 16), _mm_set1_epi8 ('0'));
  digits = _mm_and_si128 (digits, load_vector (fanout_last_bytes + 16 + n));

  /* The digits after the first point, or 16; a second point is no digit and fails below. */
  after = (guint32) _mm_movemask_epi8 (_mm_cmpeq_epi8 (digits, _mm_set1_epi8 ('.' ^ '0')));
  after = (15u - (guint32) __builtin_ctz (after | 0x80000000u)) & 31;
  if (G_UNLIKELY ((after | (n - 1)) == 0))
    return FALSE;

  /* Close the gap: what is before the point moves up by one. */
  last = fanout_last_bytes + 16 + after;
  above = _mm_and_si128 (load_vector (last), digits);
  below = _mm_andnot_si128 (load_vector (last + 1), digits);
  digits = _mm_or_si128 (above, _mm_slli_si128 (below, 1));
  if (G_UNLIKELY (!all_digits (digits)))
    return FALSE;

  value = sixteen_digits_value (digits);
  *mantissa = (gint64) ((value ^ (0 - negative)) + negative);
  *scale = (guint8) (after & 15);
  return TRUE;
}

/** The same for 17 to 32 characters after the sign; FALSE for some decimals with many zeros. */
static inline gboolean
parse_long (const char *text, gsize length, gint64 *mantissa, guint8 *scale)
{
  const guint64 negative = text[0] == '-';
  const gsize n = length - negative;
  const guint8 *last;
  __m128i low, high, below_low, below_high;
  guint64 point;
  guint64 after;
  guint64 value;
  guint64 upper;

  if (n - 17 >= 16)
    return FALSE;
  last = fanout_last_bytes + n;
  low = _mm_xor_si128 (load_vector (text + length - 32), _mm_set1_epi8 ('0'));
  high = _mm_xor_si128 (load_vector (text + length - 16), _mm_set1_epi8 ('0'));
  low = _mm_and_si128 (low, load_vector (last));

  point = (guint64) _mm_movemask_epi8 (_mm_cmpeq_epi8 (low, _mm_set1_epi8 ('.' ^ '0')));
  point |= (guint64) _mm_movemask_epi8 (_mm_cmpeq_epi8 (high, _mm_set1_epi8 ('.' ^ '0'))) << 16;
  after = (31u - (guint64) __builtin_ctzll (point | (guint64) 1 << 63)) & 63;

  last = fanout_last_bytes + after;
  below_low = _mm_andnot_si128 (load_vector (last + 1), low);
  below_high = _mm_andnot_si128 (load_vector (last + 17), high);
  low = _mm_or_si128 (_mm_and_si128 (load_vector (last), low), _mm_slli_si128 (below_low, 1));
  high = _mm_or_si128 (
      _mm_and_si128 (load_vector (last + 16), high),
      _mm_or_si128 (_mm_slli_si128 (below_high, 1), _mm_srli_si128 (below_low, 15)));
  after &= 31;
  upper = sixteen_digits_value (low);
  if (G_UNLIKELY (!all_digits (low) || !all_digits (high) || upper > 922
                  || after > FANOUT_SCALE_MAX))
    return FALSE;
  value = upper * 10000000000000000u + sixteen_digits_value (high);
  if (G_UNLIKELY (value > G_MAXINT64))
    return FALSE;
  *mantissa = (gint64) ((value ^ (0 - negative)) + negative);
  *scale = (guint8) after;
  return TRUE;
}

#else

#define parse_short parse_short_portable

#define parse_long parse_long_portable

#endif

/**
 * fanout_number_parse_wide() for a field that is not empty, the fast way where that is possible.
 * Trailing zeros after the point may stay.
 */
static inline gboolean
parse_number (const char *text, gsize length, FanoutNumber *number, FanoutWide *room,
              gboolean *rounded)
{
  if (G_LIKELY (parse_short (text, length, &number->mantissa, &number->scale))
      || parse_long (text, length, &number->mantissa, &number->scale))
    {
      *rounded = FALSE;
      return TRUE;
    }
  return fanout_number_parse_wide (text, length, number, room, rounded);
}
