#include "core/scan.h"

#if defined(__AVX512BW__) && defined(__AVX512VBMI2__) && defined(__BMI__) && defined(__PCLMUL__) \
    && defined(__POPCNT__)

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
  const __m128i product = _mm_clmulepi64_si128 (_mm_set_epi64x (0, (gint64) bits),
                                                _mm_set1_epi8 (-1), 0);

  return (guint64) _mm_cvtsi128_si64 (product);
}

static inline guint
count (guint64 bits)
{
  return (guint) _mm_popcnt_u64 (bits);
}

/* The bytes 0 .. 63 whose bits are set, moved together and widened, 16 at a time. */
static inline void
emit (guint32 *positions, guint64 bits, guint32 base)
{
  const __m512i numbers
      = _mm512_set_epi64 (0x3f3e3d3c3b3a3938, 0x3736353433323130, 0x2f2e2d2c2b2a2928,
                          0x2726252423222120, 0x1f1e1d1c1b1a1918, 0x1716151413121110,
                          0x0f0e0d0c0b0a0908, 0x0706050403020100);
  const __m512i bases = _mm512_set1_epi32 ((int) base);
  const guint n = count (bits);
  __m512i found = _mm512_maskz_compress_epi8 (bits, numbers);

  for (guint i = 0;;)
    {
      const __m512i wide = _mm512_cvtepu8_epi32 (_mm512_castsi512_si128 (found));

      _mm512_storeu_si512 (positions + i, _mm512_add_epi32 (wide, bases));
      i += 16;
      if (G_LIKELY (i >= n))
        break;
      found = _mm512_alignr_epi64 (found, found, 2);
    }
}

#include "core/scan-kernel.h"

static const FanoutScanner scanner = {
  .name = "avx512",
  .scan = scan_ends,
  .index = index_fields,
};
const FanoutScanner *const fanout_scanner_avx512 = &scanner;

#else

const FanoutScanner *const fanout_scanner_avx512 = NULL;

#endif
