#include "core/decode/scan.h"

#if defined(__AVX2__) && defined(__BMI__) && defined(__PCLMUL__) && defined(__POPCNT__)

#include <immintrin.h>

typedef struct
{
  __m256i low, high;
} Block;

/* A byte of them is 0 where that was seen. */
typedef struct
{
  __m256i nul, returned, quote;
} Seen;

static inline Block
load (const char *data)
{
  const __m256i *p = (const __m256i *) (const void *) data;

  return (Block){ _mm256_loadu_si256 (p), _mm256_loadu_si256 (p + 1) };
}

static inline guint64
equal (Block block, char c)
{
  const __m256i all = _mm256_set1_epi8 (c);
  const int low = _mm256_movemask_epi8 (_mm256_cmpeq_epi8 (block.low, all));
  const int high = _mm256_movemask_epi8 (_mm256_cmpeq_epi8 (block.high, all));

  return (guint64) (guint32) high << 32 | (guint32) low;
}

static inline Seen
see_nothing (void)
{
  const __m256i ones = _mm256_set1_epi8 (-1);

  return (Seen){ ones, ones, ones };
}

static inline __m256i
least (__m256i seen, Block block, char c)
{
  const __m256i all = _mm256_set1_epi8 (c);

  return _mm256_min_epu8 (seen, _mm256_min_epu8 (_mm256_xor_si256 (block.low, all),
                                                 _mm256_xor_si256 (block.high, all)));
}

static inline Seen
see (Seen bytes, Block block, char quote)
{
  return (Seen){ least (bytes.nul, block, '\0'), least (bytes.returned, block, '\r'),
                 least (bytes.quote, block, quote) };
}

static inline gboolean
has_zero (__m256i bytes)
{
  return _mm256_movemask_epi8 (_mm256_cmpeq_epi8 (bytes, _mm256_setzero_si256 ())) != 0;
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

/* Twelve at a time, needed or not: a loop as long as the bits would be guessed wrong each time. */
static inline void
emit (guint32 *starts, guint64 bits, guint32 base)
{
  const guint32 *end = starts + count (bits);

  do
    {
      for (guint i = 0; i < 12; i++)
        {
          starts[i] = base + (guint32) _tzcnt_u64 (bits);
          bits = _blsr_u64 (bits);
        }
      starts += 12;
    }
  while (G_UNLIKELY (starts < end));
}

#define EXTRACT_IS_FAST FALSE

static inline guint64
extract (guint64 bits, guint64 where)
{
  guint64 result = 0;

  for (guint64 to = 1; where != 0; where &= where - 1, to *= 2)
    result |= (bits & where & (0 - where)) != 0 ? to : 0;
  return result;
}

#include "core/decode/scan-fields.h"
#define emit_dense emit

#include "core/decode/scan-kernel.h"

static inline guint64
both (__m256i low, __m256i high)
{
  return (guint64) (guint32) _mm256_movemask_epi8 (high) << 32
         | (guint32) _mm256_movemask_epi8 (low);
}

/* Brackets differ from braces by a bit; the other low nibbles are not those of these bytes. */
static inline __m256i
is_mark (__m256i bytes)
{
  const __m256i marks = _mm256_broadcastsi128_si256 (
      _mm_setr_epi8 (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
  const __m256i folded = _mm256_or_si256 (bytes, _mm256_set1_epi8 (0x20));

  return _mm256_or_si256 (_mm256_cmpeq_epi8 (_mm256_shuffle_epi8 (marks, bytes), folded),
                          _mm256_cmpeq_epi8 (bytes, _mm256_set1_epi8 ('\n')));
}

static inline __m256i
is_blank (__m256i bytes)
{
  const __m256i blanks = _mm256_broadcastsi128_si256 (
      _mm_setr_epi8 (' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', 0, 0, 0, '\r', 0, 0));

  return _mm256_cmpeq_epi8 (_mm256_shuffle_epi8 (blanks, bytes), bytes);
}

static inline __m256i
is_control (__m256i bytes)
{
  return _mm256_cmpeq_epi8 (_mm256_min_epu8 (bytes, _mm256_set1_epi8 (0x1f)), bytes);
}

static inline Classes
classify (Block block)
{
  return (Classes){
    .marks = both (is_mark (block.low), is_mark (block.high)),
    .blanks = both (is_blank (block.low), is_blank (block.high)),
    .controls = both (is_control (block.low), is_control (block.high)),
    .high = (guint64) (guint32) _mm256_movemask_epi8 (_mm256_or_si256 (block.low, block.high)),
  };
}

typedef struct
{
  __m256i least, all;
} Sum;

static inline Sum
sum_nothing (void)
{
  return (Sum){ _mm256_set1_epi8 (-1), _mm256_setzero_si256 () };
}

/* A line feed counts as the largest byte. */
static inline __m256i
without_lines (__m256i bytes)
{
  return _mm256_or_si256 (bytes, _mm256_cmpeq_epi8 (bytes, _mm256_set1_epi8 ('\n')));
}

static inline Sum
add_up (Sum sum, Block block)
{
  const __m256i least = _mm256_min_epu8 (without_lines (block.low), without_lines (block.high));

  return (Sum){ _mm256_min_epu8 (sum.least, least),
                _mm256_or_si256 (sum.all, _mm256_or_si256 (block.low, block.high)) };
}

static inline gboolean
has_control (Sum sum)
{
  return _mm256_movemask_epi8 (is_control (sum.least)) != 0;
}

static inline gboolean
has_high (Sum sum)
{
  return _mm256_movemask_epi8 (sum.all) != 0;
}

#include "core/decode/scan-rows.h"
#include "core/decode/scan-tokens.h"
#include "core/decode/scan-utf8.h"

static const FanoutScanner scanner = {
  .name = "avx2",
  .scan = scan_ends,
  .index = index_fields,
  .tokens = index_tokens,
  .same = same_rows,
  .scalars = scalar_scalars,
  .is_utf8 = is_utf8,
  .texts = scalar_texts,
  .numbers = scalar_numbers,
};
const FanoutScanner *const fanout_scanner_avx2 = &scanner;

#else

const FanoutScanner *const fanout_scanner_avx2 = NULL;

#endif
