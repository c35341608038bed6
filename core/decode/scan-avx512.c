#include "core/decode/scan.h"

#if defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VBMI2__)                     \
    && defined(__BMI2__) && defined(__PCLMUL__) && defined(__POPCNT__)

#include <immintrin.h>

typedef __m512i Block;

/* A byte of them is 0 where that was seen. */
typedef struct
{
  __m512i nul, returned, quote;
} Seen;

static inline Block
load (const char *data)
{
  return _mm512_loadu_si512 (data);
}

static inline guint64
equal (Block block, char c)
{
  return _mm512_cmpeq_epi8_mask (block, _mm512_set1_epi8 (c));
}

static inline Seen
see_nothing (void)
{
  const __m512i ones = _mm512_set1_epi8 (-1);

  return (Seen){ ones, ones, ones };
}

static inline Seen
see (Seen bytes, Block block, char quote)
{
  return (Seen){
    _mm512_min_epu8 (bytes.nul, block),
    _mm512_min_epu8 (bytes.returned, _mm512_xor_si512 (block, _mm512_set1_epi8 ('\r'))),
    _mm512_min_epu8 (bytes.quote, _mm512_xor_si512 (block, _mm512_set1_epi8 (quote))),
  };
}

static inline gboolean
has_zero (__m512i bytes)
{
  return _mm512_testn_epi8_mask (bytes, bytes) != 0;
}

static inline guint
seen (Seen bytes)
{
  return (has_zero (bytes.nul) ? (guint) FANOUT_FOUND_NUL : 0)
         | (has_zero (bytes.returned) ? (guint) FANOUT_FOUND_RETURN : 0)
         | (has_zero (bytes.quote) ? (guint) FANOUT_FOUND_QUOTE : 0);
}

static inline guint64
prefix_xor (guint64 bits)
{
  const __m128i product
      = _mm_clmulepi64_si128 (_mm_set_epi64x (0, (gint64) bits), _mm_set1_epi8 (-1), 0);

  return (guint64) _mm_cvtsi128_si64 (product);
}

static inline guint
count (guint64 bits)
{
  return (guint) _mm_popcnt_u64 (bits);
}

#define EXTRACT_IS_FAST TRUE

static inline guint64
extract (guint64 bits, guint64 where)
{
  return _pext_u64 (bits, where);
}

/* The bytes 0 .. 63 whose bits are set, moved together. */
static inline __m512i
places_of (guint64 bits)
{
  const __m512i numbers = _mm512_set_epi64 (
      0x3f3e3d3c3b3a3938, 0x3736353433323130, 0x2f2e2d2c2b2a2928, 0x2726252423222120,
      0x1f1e1d1c1b1a1918, 0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);

  return _mm512_maskz_compress_epi8 (bits, numbers);
}

/* Widened, 16 at a time. */
static inline void
emit (guint32 *starts, guint64 bits, guint32 base)
{
  const __m512i bases = _mm512_set1_epi32 ((int) base);
  const guint n = count (bits);
  __m512i found = places_of (bits);

  for (guint i = 0;;)
    {
      const __m512i wide = _mm512_cvtepu8_epi32 (_mm512_castsi512_si128 (found));

      _mm512_storeu_si512 (starts + i, _mm512_add_epi32 (wide, bases));
      i += 16;
      if (G_LIKELY (i >= n))
        break;
      found = _mm512_alignr_epi64 (found, found, 2);
    }
}

/* Up to 24 without a branch that could not be guessed. */
static inline void
emit_dense (guint32 *starts, guint64 bits, guint32 base)
{
  const __m512i bases = _mm512_set1_epi32 ((int) base);
  const __m512i found = places_of (bits);
  const __m512i first = _mm512_cvtepu8_epi32 (_mm512_castsi512_si128 (found));
  const __m256i second = _mm256_cvtepu8_epi32 (_mm512_extracti32x4_epi32 (found, 1));

  _mm512_storeu_si512 (starts, _mm512_add_epi32 (first, bases));
  _mm256_storeu_si256 ((void *) (starts + 16),
                       _mm256_add_epi32 (second, _mm512_castsi512_si256 (bases)));
  if (G_UNLIKELY (count (bits) > 24))
    emit (starts, bits, base);
}

#include "core/decode/scan-fields.h"
#include "core/decode/scan-kernel.h"

static inline Classes
classify (Block block)
{
  /* Brackets differ from braces by a bit; the other low nibbles are not those of these bytes. */
  const __m512i marks = _mm512_broadcast_i32x4 (
      _mm_setr_epi8 (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
  const __m512i blanks = _mm512_broadcast_i32x4 (
      _mm_setr_epi8 (' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', 0, 0, 0, '\r', 0, 0));
  const __m512i folded = _mm512_or_si512 (block, _mm512_set1_epi8 (0x20));

  return (Classes){
    .marks
    = _mm512_cmpeq_epi8_mask (_mm512_shuffle_epi8 (marks, block), folded) | equal (block, '\n'),
    .blanks = _mm512_cmpeq_epi8_mask (_mm512_shuffle_epi8 (blanks, block), block),
    .controls = _mm512_cmplt_epu8_mask (block, _mm512_set1_epi8 (0x20)),
    .high = _mm512_movepi8_mask (block),
  };
}

typedef struct
{
  __m512i least, all;
} Sum;

static inline Sum
sum_nothing (void)
{
  return (Sum){ _mm512_set1_epi8 (-1), _mm512_setzero_si512 () };
}

static inline Sum
add_up (Sum sum, Block block)
{
  const __m512i ones = _mm512_set1_epi8 (-1);
  const __m512i others
      = _mm512_mask_mov_epi8 (block, _mm512_cmpeq_epi8_mask (block, _mm512_set1_epi8 ('\n')), ones);

  return (Sum){ _mm512_min_epu8 (sum.least, others), _mm512_or_si512 (sum.all, block) };
}

static inline gboolean
has_control (Sum sum)
{
  return _mm512_cmplt_epu8_mask (sum.least, _mm512_set1_epi8 (0x20)) != 0;
}

static inline gboolean
has_high (Sum sum)
{
  return _mm512_movepi8_mask (sum.all) != 0;
}

#include "core/decode/scan-tokens.h"
#include "core/decode/scan-utf8.h"

/* Eight bytes from each of two places. */
INLINE __m128i
two_words (const char *first, const char *second)
{
  const __m128i low = _mm_loadl_epi64 ((const void *) first);

  return _mm_castpd_si128 (_mm_loadh_pd (_mm_castsi128_pd (low), (const void *) second));
}

/* Faster than a gather. */
INLINE __m512i
join_words (__m128i a, __m128i b, __m128i c, __m128i d)
{
  const __m256i low = _mm256_inserti128_si256 (_mm256_castsi128_si256 (a), b, 1);
  const __m256i high = _mm256_inserti128_si256 (_mm256_castsi128_si256 (c), d, 1);

  return _mm512_inserti64x4 (_mm512_castsi256_si512 (low), high, 1);
}

/* The start of each of eight fields in the lower half of a lane, `next` in the upper one. */
INLINE __m512i
load_fields (const FanoutFields *fields, gsize first, gboolean pairs)
{
  const gsize step = fields->step * sizeof *fields->at;
  const char *at = (const char *) (fields->at + first * fields->step);

  if (pairs)
    return _mm512_loadu_si512 (at);
  return join_words (two_words (at, at + step), two_words (at + 2 * step, at + 3 * step),
                     two_words (at + 4 * step, at + 5 * step),
                     two_words (at + 6 * step, at + 7 * step));
}

static inline __m512i
starts_of (__m512i fields)
{
  return _mm512_and_si512 (fields, _mm512_set1_epi64 (0xffffffff));
}

static inline __m512i
lengths_of (__m512i fields)
{
  const __m512i spans = _mm512_sub_epi64 (_mm512_srli_epi64 (fields, 32), starts_of (fields));

  return _mm512_sub_epi64 (spans, _mm512_set1_epi64 (1));
}

#include "core/decode/scan-rows.h"
#include "core/decode/scan-scalars.h"

INLINE gboolean
eight_texts (FanoutFields fields, gsize n, gboolean pairs, FanoutText *texts)
{
  const __m512i base = _mm512_set1_epi64 ((gint64) (gintptr) fields.data);
  const __m512i first = _mm512_set_epi64 (11, 3, 10, 2, 9, 1, 8, 0);
  const __m512i second = _mm512_set_epi64 (15, 7, 14, 6, 13, 5, 12, 4);
  __mmask8 empty = 0;
  gsize i;

  for (i = 0; i + 8 <= n; i += 8)
    {
      const __m512i eight = load_fields (&fields, i, pairs);
      const __m512i starts = _mm512_add_epi64 (starts_of (eight), base);
      const __m512i lengths = lengths_of (eight);

      empty |= _mm512_testn_epi64_mask (lengths, lengths);
      _mm512_storeu_si512 (texts + i, _mm512_permutex2var_epi64 (starts, first, lengths));
      _mm512_storeu_si512 (texts + i + 4, _mm512_permutex2var_epi64 (starts, second, lengths));
    }
  return scalar_texts (fanout_fields_from (&fields, i), n - i, texts + i) || empty != 0;
}

static gboolean
wide_texts (FanoutFields fields, gsize n, FanoutText *texts)
{
  return fields.step == 2 ? eight_texts (fields, n, TRUE, texts)
                          : eight_texts (fields, n, FALSE, texts);
}

/* The last eight bytes of eight fields, or those `before`; digits as their values. */
INLINE __m512i
load_words (const FanoutFields *fields, gsize first, gboolean pairs, gsize before)
{
  const char *end = fields->data - 9 - before;
  const gsize step = pairs ? 2 : fields->step;
  const guint32 *next = fields->at + first * step + 1;

  return _mm512_xor_si512 (join_words (two_words (end + next[0], end + next[step]),
                                       two_words (end + next[2 * step], end + next[3 * step]),
                                       two_words (end + next[4 * step], end + next[5 * step]),
                                       two_words (end + next[6 * step], end + next[7 * step])),
                           _mm512_set1_epi8 ('0'));
}

/* What differs from the digits by that. */
#define POINT ('.' ^ '0')
#define MINUS ('-' ^ '0')

/* Eight digits in each lane, the first in the lowest byte, as numbers. */
static inline __m512i
eight_digits_each (__m512i digits)
{
  const __m512i pairs = _mm512_maddubs_epi16 (digits, _mm512_set1_epi16 (0x010a));
  const __m512i fours = _mm512_madd_epi16 (pairs, _mm512_set1_epi32 (0x00010064));

  return _mm512_add_epi64 (_mm512_mul_epu32 (fours, _mm512_set1_epi64 (10000)),
                           _mm512_srli_epi64 (fours, 32));
}

/* The characters of eight fields: the last eight of each, and in `low` the eight before. What
 * stands before a field counts as zeros, and so does a minus. */
typedef struct
{
  __m512i lengths;
  __m512i high, low;
  __mmask8 negative;
  __m512i left; /* characters, without the minus */
} Eight;

static inline __mmask8
begins_with_minus (__m512i words)
{
  return _mm512_cmpeq_epi64_mask (_mm512_and_si512 (words, _mm512_set1_epi64 (0xff)),
                                  _mm512_set1_epi64 (MINUS));
}

static inline __m512i
without_minus (__m512i words, __mmask8 negative)
{
  return _mm512_mask_xor_epi64 (words, negative, words, _mm512_set1_epi64 (MINUS));
}

/* 8 * (`most` - length), at least 0 */
static inline __m512i
bits_before (__m512i lengths, gint64 most)
{
  const __m512i bytes = _mm512_sub_epi64 (_mm512_set1_epi64 (most), lengths);

  return _mm512_slli_epi64 (_mm512_max_epi64 (bytes, _mm512_setzero_si512 ()), 3);
}

INLINE Eight
load_eight (const FanoutFields *fields, gsize first, __m512i lengths, gboolean pairs, gboolean wide)
{
  const __m512i shift = bits_before (lengths, 8);
  Eight eight = { .lengths = lengths, .low = _mm512_setzero_si512 () };
  __m512i high = _mm512_srlv_epi64 (load_words (fields, first, pairs, 0), shift);

  eight.negative = begins_with_minus (high);
  if (wide)
    {
      const __m512i low_shift = bits_before (lengths, 16);
      const __m512i low = _mm512_srlv_epi64 (load_words (fields, first, pairs, 8), low_shift);
      const __mmask8 both = _mm512_cmpgt_epu64_mask (lengths, _mm512_set1_epi64 (8));
      const __mmask8 in_low = begins_with_minus (low) & both;

      eight.negative &= (__mmask8) ~both;
      eight.low = _mm512_sllv_epi64 (without_minus (low, in_low), low_shift);
      high = without_minus (high, eight.negative);
      eight.negative |= in_low;
    }
  else
    high = without_minus (high, eight.negative);
  eight.high = _mm512_sllv_epi64 (high, shift);
  eight.left = _mm512_mask_sub_epi64 (lengths, eight.negative, lengths, _mm512_set1_epi64 (1));
  return eight;
}

/* All bytes are digits: the numbers. */
INLINE gboolean
convert (__m512i high, __m512i low, gboolean wide, __m512i *values)
{
  const __m512i nine = _mm512_set1_epi8 (9);
  __mmask64 bad = _mm512_cmpgt_epu8_mask (high, nine);

  if (wide)
    bad |= _mm512_cmpgt_epu8_mask (low, nine);
  if (G_UNLIKELY (bad != 0))
    return FALSE;
  *values = eight_digits_each (high);
  if (wide)
    *values = _mm512_add_epi64 (
        *values, _mm512_mul_epu32 (eight_digits_each (low), _mm512_set1_epi64 (100000000)));
  return TRUE;
}

INLINE void
store_eight (const Eight *eight, __m512i values, gint64 *mantissas)
{
  _mm512_storeu_si512 (
      mantissas, _mm512_mask_sub_epi64 (values, eight->negative, _mm512_setzero_si512 (), values));
}

/* All eight have `scale` digits after the point, as most columns have. */
INLINE gboolean
eight_alike (const Eight *eight, gboolean wide, guint8 scale, gint64 *mantissas,
             FanoutScaled *scaled)
{
  const guint64 byte = (guint64) 0xff << 8 * (7 - scale);
  const __m512i below = _mm512_set1_epi64 (scale > 0 ? (gint64) ((byte & (0 - byte)) - 1) : 0);
  const __m512i above = _mm512_set1_epi64 (scale > 0 ? (gint64) ~(byte | (byte - 1)) : -1);
  const __mmask64 wanted = scale > 0 ? (guint64) 0x8080808080808080u >> scale : 0;
  const __mmask64 points = _mm512_cmpeq_epi8_mask (eight->high, _mm512_set1_epi8 (POINT));
  const __mmask8 none = _mm512_cmple_epu64_mask (eight->left, _mm512_set1_epi64 (scale > 0));
  __m512i high = eight->high;
  __m512i low = eight->low;
  __m512i values;

  if (points != wanted || none != 0)
    return FALSE;
  /* What is before the point moves up by one. */
  high = _mm512_or_si512 (_mm512_slli_epi64 (_mm512_and_si512 (high, below), 8),
                          _mm512_and_si512 (high, above));
  if (wide && scale > 0)
    {
      high = _mm512_or_si512 (high, _mm512_srli_epi64 (low, 56));
      low = _mm512_slli_epi64 (low, 8);
    }
  if (!convert (high, low, wide, &values))
    return FALSE;
  store_eight (eight, values, mantissas);
  scaled->most_digits = scale > scaled->most_digits ? scale : scaled->most_digits;
  return TRUE;
}

/* `values` times 10^`by`, which is at most 7; FALSE where that is too large. */
INLINE gboolean
multiply (__m512i *values, __m512i by, gboolean wide)
{
  const __m512i powers = _mm512_set_epi64 (10000000, 1000000, 100000, 10000, 1000, 100, 10, 1);
  const __m512i power = _mm512_permutexvar_epi64 (by, powers);

  if (wide)
    {
      const __m512i limits = _mm512_set_epi64 (
          G_MAXINT64 / 10000000, G_MAXINT64 / 1000000, G_MAXINT64 / 100000, G_MAXINT64 / 10000,
          G_MAXINT64 / 1000, G_MAXINT64 / 100, G_MAXINT64 / 10, G_MAXINT64);

      if (_mm512_cmpgt_epu64_mask (*values, _mm512_permutexvar_epi64 (by, limits)) != 0)
        return FALSE;
      *values = _mm512_add_epi64 (
          _mm512_mul_epu32 (*values, power),
          _mm512_slli_epi64 (_mm512_mul_epu32 (_mm512_srli_epi64 (*values, 32), power), 32));
    }
  else
    *values = _mm512_mul_epu32 (*values, power);
  return TRUE;
}

/* Points anywhere, and empty fields. */
INLINE gboolean
eight_different (const Eight *eight, gboolean wide, guint8 scale, gint64 *mantissas, guint8 *nulls,
                 FanoutScaled *scaled)
{
  const __m512i one = _mm512_set1_epi64 (1);
  const __mmask8 full = _mm512_test_epi64_mask (eight->lengths, eight->lengths);
  const __m512i points
      = _mm512_movm_epi8 (_mm512_cmpeq_epi8_mask (eight->high, _mm512_set1_epi8 (POINT)));
  const __mmask8 pointed = _mm512_test_epi64_mask (points, points);
  /* The lowest bit of the first point. */
  const __m512i point
      = _mm512_and_si512 (points, _mm512_sub_epi64 (_mm512_setzero_si512 (), points));
  const __m512i below = _mm512_sub_epi64 (point, one);
  const __m512i byte = _mm512_sub_epi64 (_mm512_slli_epi64 (point, 8), point);
  /* Without a point there is nothing above it. */
  const __m512i above = _mm512_andnot_si512 (_mm512_or_si512 (below, byte), _mm512_set1_epi64 (-1));
  const __m512i after
      = _mm512_sad_epu8 (_mm512_and_si512 (above, _mm512_set1_epi8 (1)), _mm512_setzero_si512 ());
  const __m512i by = _mm512_maskz_sub_epi64 (full, _mm512_set1_epi64 (scale), after);
  const __m512i left = _mm512_mask_sub_epi64 (eight->left, pointed, eight->left, one);
  __m512i high = _mm512_and_si512 (eight->high, below);
  __m512i low = eight->low;
  __m512i values;

  if ((_mm512_mask_testn_epi64_mask (full, left, left)
       | _mm512_cmpgt_epu64_mask (by, _mm512_set1_epi64 (7)))
      != 0)
    return FALSE;
  high = _mm512_or_si512 (_mm512_mask_slli_epi64 (high, pointed, high, 8),
                          _mm512_and_si512 (eight->high, above));
  if (wide)
    {
      high = _mm512_mask_or_epi64 (high, pointed, high, _mm512_srli_epi64 (low, 56));
      low = _mm512_mask_slli_epi64 (low, pointed, low, 8);
    }
  if (!convert (high, low, wide, &values) || !multiply (&values, by, wide))
    return FALSE;
  store_eight (eight, values, mantissas);
  if (full != 0xff)
    {
      scaled->any_null = TRUE;
      _mm_storel_epi64 ((void *) nulls, _mm_maskz_set1_epi8 ((__mmask8) ~full, 1));
    }
  scaled->most_digits = MAX (scaled->most_digits, (guint8) _mm512_reduce_max_epu64 (after));
  return TRUE;
}

INLINE gboolean
convert_eight (const Eight *eight, gboolean wide, guint8 scale, gint64 *mantissas, guint8 *nulls,
               FanoutScaled *scaled)
{
  return (G_LIKELY (scale <= 7) && eight_alike (eight, wide, scale, mantissas, scaled))
         || eight_different (eight, wide, scale, mantissas, nulls, scaled);
}

/* The last sixteen bytes of four fields, every other one. */
INLINE __m512i
load_sixteens (const char *end, const guint32 *next, gsize step)
{
  __m512i four = _mm512_castsi128_si512 (_mm_loadu_si128 ((const void *) (end + next[0])));

  four = _mm512_inserti32x4 (four, _mm_loadu_si128 ((const void *) (end + next[2 * step])), 1);
  four = _mm512_inserti32x4 (four, _mm_loadu_si128 ((const void *) (end + next[4 * step])), 2);
  return _mm512_inserti32x4 (four, _mm_loadu_si128 ((const void *) (end + next[6 * step])), 3);
}

/* Whole numbers of 9 to 16 digits, as many in each, as times and identifiers are; answers how many
 * are done. */
static gsize
long_integers (FanoutFields fields, gsize n, gint64 *mantissas)
{
  const guint32 length = fanout_field_length (fanout_fields_get (&fields, 0));
  const __m512i wanted = _mm512_set1_epi64 (length);
  const __m512i nine = _mm512_set1_epi8 (9);
  const __m512i zero = _mm512_set1_epi8 ('0');
  const char *end = fields.data - 17;
  __mmask64 inside;
  gsize i = 0;

  if (length <= 8 || length > 16)
    return 0;
  inside = (0xffffull << (16 - length) & 0xffff) * 0x0001000100010001ull;
  for (; i + 8 <= n; i += 8)
    {
      const guint32 *next = fields.at + i * fields.step + 1;
      const __m512i lengths = lengths_of (load_fields (&fields, i, FALSE));
      const __m512i even
          = _mm512_maskz_sub_epi8 (inside, load_sixteens (end, next, fields.step), zero);
      const __m512i odd = _mm512_maskz_sub_epi8 (
          inside, load_sixteens (end, next + fields.step, fields.step), zero);
      const __m512i tens = _mm512_set1_epi16 (0x010a);
      const __m512i hundreds = _mm512_set1_epi32 (0x00010064);
      const __m512i fours
          = _mm512_packus_epi32 (_mm512_madd_epi16 (_mm512_maddubs_epi16 (even, tens), hundreds),
                                 _mm512_madd_epi16 (_mm512_maddubs_epi16 (odd, tens), hundreds));
      const __m512i eights = _mm512_madd_epi16 (fours, _mm512_set1_epi32 (0x00012710));

      if (_mm512_cmpneq_epi64_mask (lengths, wanted) != 0
          || (_mm512_cmpgt_epu8_mask (even, nine) | _mm512_cmpgt_epu8_mask (odd, nine)) != 0)
        break;
      _mm512_storeu_si512 (
          mantissas + i, _mm512_add_epi64 (_mm512_mul_epu32 (eights, _mm512_set1_epi64 (100000000)),
                                           _mm512_srli_epi64 (eights, 32)));
    }
  return i;
}

/* Longer fields, and what is no plain number: at least the first eight of them; answers how many
 * are done. */
static __attribute__ ((noinline)) gsize
eight_longer (FanoutFields fields, gsize n, __m512i lengths, gint64 *mantissas, guint8 *nulls,
              FanoutScaled *scaled)
{
  const gsize whole = scaled->scale == 0 ? long_integers (fields, n, mantissas) : 0;

  if (whole > 0)
    return whole;
  if (_mm512_cmpgt_epu64_mask (lengths, _mm512_set1_epi64 (16)) == 0)
    {
      const Eight eight = load_eight (&fields, 0, lengths, FALSE, TRUE);

      if (convert_eight (&eight, TRUE, scaled->scale, mantissas, nulls, scaled))
        return 8;
    }
  return scalar_numbers (fields, 8, mantissas, nulls, scaled);
}

INLINE gsize
eight_numbers (FanoutFields fields, gsize n, gboolean pairs, gint64 *mantissas, guint8 *nulls,
               FanoutScaled *scaled)
{
  const guint8 scale = scaled->scale;
  gsize i;

  for (i = 0; i + 8 <= n; i += 8)
    {
      const __m512i lengths = lengths_of (load_fields (&fields, i, pairs));
      gboolean done = _mm512_cmpgt_epu64_mask (lengths, _mm512_set1_epi64 (8)) == 0;

      if (G_LIKELY (done))
        {
          const Eight eight = load_eight (&fields, i, lengths, pairs, FALSE);

          done = convert_eight (&eight, FALSE, scale, mantissas + i, nulls + i, scaled);
        }
      if (G_UNLIKELY (!done))
        {
          const gsize m = eight_longer (fanout_fields_from (&fields, i), n - i, lengths,
                                        mantissas + i, nulls + i, scaled);

          if (m < 8)
            return i + m;
          i += m - 8;
        }
    }
  return i
         + scalar_numbers (fanout_fields_from (&fields, i), n - i, mantissas + i, nulls + i,
                           scaled);
}

static gsize
wide_numbers (FanoutFields fields, gsize n, gint64 *mantissas, guint8 *nulls, FanoutScaled *scaled)
{
  return fields.step == 2 ? eight_numbers (fields, n, TRUE, mantissas, nulls, scaled)
                          : eight_numbers (fields, n, FALSE, mantissas, nulls, scaled);
}

static const FanoutScanner scanner = {
  .name = "avx512",
  .scan = scan_ends,
  .index = index_fields,
  .tokens = index_tokens,
  .same = same_rows,
  .scalars = wide_scalars,
  .is_utf8 = is_utf8,
  .texts = wide_texts,
  .numbers = wide_numbers,
};
const FanoutScanner *const fanout_scanner_avx512 = &scanner;

#else

const FanoutScanner *const fanout_scanner_avx512 = NULL;

#endif
