/* The inner loop, three passes over a stretch of text: where the delimiters and row ends are; the
   numbers, several at once; the slot of each row.  The only branches that depend on the data are
   nearly never taken.

   Nothing is checked twice.  A row is plain when its key equals one that was checked when it was
   new, so that the name holds no NUL, quote or line feed and is followed by a delimiter, and when
   its number has the right characters in the right places and is followed by a line feed.  */

#include "stations.h"

#include <string.h>

#if defined KERNEL_AVX512 || defined KERNEL_AVX2
#include <immintrin.h>
#endif

enum
{
  ROWS = STRETCH / 2,
  LANES = 8,
};

/* A number with up to five digits, a point and one more digit is eight bytes that end with the
   line feed.  DOT, DIGITS and FEED turn what is expected into digits (the point and the line feed
   into 0), MOST is what may be left, and MINUS what a sign has become by then.  The weights of the
   digits come in two steps: of bytes in a pair, of pairs.  */
#define DIGITS_AND_FEED 0x0a30303030303030
#define DOT             0x00001e0000000000
#define MOST            0x0009000909090909
#define MINUS           0x1d
#define WEIGHTS         0x0001000a010a0a64
#define PAIR_WEIGHTS    0x00010001006403e8

#ifndef KERNEL_AVX512
static inline uint64_t
load (const char *at)
{
  uint64_t word;

  memcpy (&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64 (word);
#endif
  return word;
}
#endif

/* Delimiters and line feeds alike; a row that has not one of each shows later.  Looks at up to 63
   bytes more.  */
static inline size_t find_ends (const char *text, size_t length, int32_t *ends);

/* Of the rows whose names end at ends[0], ends[2], ..., and numbers at ends[1], ends[3], ...: the
   tenths, and COUNT_ONE.  Works on up to LANES rows more than there are.  Answers how many rows
   it has done; if not all, one of the next LANES is not plain.  */
static inline size_t read_numbers (const char *text, const int32_t *ends, size_t rows,
                                   int64_t *values);

/* The slot where the name and its delimiter belong, -SIZE bytes, or NULL if another one is
   there.  */
static inline Slot *look_up (const Table *table, const char *name, ptrdiff_t size);

/* KEY_SIZE bytes from KEY_SIZE - n on keep the first n bytes of a text.  */
static const unsigned char keep[2 * KEY_SIZE]
    = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

#if defined KERNEL_AVX512

#define KERNEL      kernel_avx512
#define KERNEL_NAME "avx512"

static inline size_t
find_ends (const char *text, size_t length, int32_t *ends)
{
  const __m512i delimiter = _mm512_set1_epi8 (';'), feed = _mm512_set1_epi8 ('\n');
  const __m512i offsets = _mm512_set_epi64 (
      0x3f3e3d3c3b3a3938, 0x3736353433323130, 0x2f2e2d2c2b2a2928, 0x2726252423222120,
      0x1f1e1d1c1b1a1918, 0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
  size_t n = 0;

  for (size_t i = 0; i < length; i += 64)
    {
      const __m512i bytes = _mm512_loadu_si512 (text + i);
      const __m512i base = _mm512_set1_epi32 ((int) i);
      const __mmask64 found
          = _mm512_cmpeq_epi8_mask (bytes, delimiter) | _mm512_cmpeq_epi8_mask (bytes, feed);
      const size_t more = (size_t) _mm_popcnt_u64 (found);
      __m512i at = _mm512_maskz_compress_epi8 (found, offsets);

      for (size_t j = 0;;)
        {
          __m512i wide = _mm512_cvtepu8_epi32 (_mm512_castsi512_si128 (at));

          _mm512_storeu_si512 (ends + n + j, _mm512_add_epi32 (wide, base));
          j += 16;
          if (__builtin_expect (j >= more, 1))
            break;
          at = _mm512_alignr_epi64 (at, at, 2);
        }
      n += more;
    }
  return n;
}

static inline size_t
read_numbers (const char *text, const int32_t *ends, size_t rows, int64_t *values)
{
  for (size_t i = 0; i < rows; i += LANES)
    {
      const __m512i pair = _mm512_loadu_si512 (ends + 2 * i);
      const __m512i end = _mm512_srli_epi64 (pair, 32);
      const __m512i length = _mm512_sub_epi32 (end, pair);
      const __m512i shift
          = _mm512_sub_epi64 (_mm512_set1_epi64 (64), _mm512_maskz_slli_epi32 (0x5555, length, 3));
      __m512i x = _mm512_i64gather_epi64 (end, text - 7, 1);
      __mmask8 negative;
      __mmask64 bad;

      /* Before the number: zeros.  */
      x = _mm512_srlv_epi64 (_mm512_xor_si512 (x, _mm512_set1_epi64 (DIGITS_AND_FEED)), shift);
      negative = _mm512_cmpeq_epi64_mask (_mm512_and_si512 (x, _mm512_set1_epi64 (0xff)),
                                          _mm512_set1_epi64 (MINUS));
      x = _mm512_mask_sub_epi64 (x, negative, x, _mm512_set1_epi64 (MINUS));
      x = _mm512_xor_si512 (_mm512_sllv_epi64 (x, shift), _mm512_set1_epi64 (DOT));
      bad = _mm512_cmpgt_epu8_mask (x, _mm512_set1_epi64 (MOST));
      if (__builtin_expect (bad != 0, 0))
        return i;

      x = _mm512_maddubs_epi16 (x, _mm512_set1_epi64 (WEIGHTS));
      x = _mm512_madd_epi16 (x, _mm512_set1_epi64 (PAIR_WEIGHTS));
      x = _mm512_add_epi64 (x, _mm512_srli_epi64 (x, 32));
      x = _mm512_and_si512 (x, _mm512_set1_epi64 (UINT32_MAX));
      x = _mm512_mask_sub_epi64 (x, negative, _mm512_setzero_si512 (), x);
      _mm512_storeu_si512 (values + i, _mm512_add_epi64 (x, _mm512_set1_epi64 (COUNT_ONE)));
    }
  return rows;
}

#elif defined KERNEL_AVX2

#define KERNEL      kernel_avx2
#define KERNEL_NAME "avx2"

static inline size_t
find_ends (const char *text, size_t length, int32_t *ends)
{
  const __m256i delimiter = _mm256_set1_epi8 (';'), feed = _mm256_set1_epi8 ('\n');
  size_t n = 0;

  for (size_t i = 0; i < length; i += 64)
    {
      uint64_t found = 0;
      size_t more;

      for (size_t half = 0; half < 64; half += 32)
        {
          const __m256i bytes = _mm256_loadu_si256 ((const __m256i *) (text + i + half));
          const __m256i hit = _mm256_or_si256 (_mm256_cmpeq_epi8 (bytes, delimiter),
                                               _mm256_cmpeq_epi8 (bytes, feed));

          found |= (uint64_t) (uint32_t) _mm256_movemask_epi8 (hit) << half;
        }
      more = (size_t) _mm_popcnt_u64 (found);

      /* Twelve without a look at how many there are: seldom more, and no branch to guess.  */
      for (size_t j = 0; j < 12 || __builtin_expect (j < more, 0); j++)
        {
          ends[n + j] = (int32_t) (i + _tzcnt_u64 (found));
          found = _blsr_u64 (found);
        }
      n += more;
    }
  return n;
}

static inline size_t
read_numbers (const char *text, const int32_t *ends, size_t rows, int64_t *values)
{
  for (size_t i = 0; i < rows; i += 4)
    {
      const __m256i pair = _mm256_loadu_si256 ((const __m256i *) (ends + 2 * i));
      const __m256i end = _mm256_srli_epi64 (pair, 32);
      const __m256i begin = _mm256_and_si256 (pair, _mm256_set1_epi64x (UINT32_MAX));
      const __m256i shift = _mm256_sub_epi64 (_mm256_set1_epi64x (64),
                                              _mm256_slli_epi64 (_mm256_sub_epi64 (end, begin), 3));
      __m256i x = _mm256_set_epi64x (
          (int64_t) load (text + ends[2 * i + 7] - 7), (int64_t) load (text + ends[2 * i + 5] - 7),
          (int64_t) load (text + ends[2 * i + 3] - 7), (int64_t) load (text + ends[2 * i + 1] - 7));
      __m256i negative, bad;

      x = _mm256_srlv_epi64 (_mm256_xor_si256 (x, _mm256_set1_epi64x (DIGITS_AND_FEED)), shift);
      negative = _mm256_cmpeq_epi64 (_mm256_and_si256 (x, _mm256_set1_epi64x (0xff)),
                                     _mm256_set1_epi64x (MINUS));
      x = _mm256_sub_epi64 (x, _mm256_and_si256 (negative, _mm256_set1_epi64x (MINUS)));
      x = _mm256_xor_si256 (_mm256_sllv_epi64 (x, shift), _mm256_set1_epi64x (DOT));
      bad = _mm256_subs_epu8 (x, _mm256_set1_epi64x (MOST));
      if (__builtin_expect (!_mm256_testz_si256 (bad, bad), 0))
        return i;

      x = _mm256_maddubs_epi16 (x, _mm256_set1_epi64x (WEIGHTS));
      x = _mm256_madd_epi16 (x, _mm256_set1_epi64x (PAIR_WEIGHTS));
      x = _mm256_add_epi64 (x, _mm256_srli_epi64 (x, 32));
      x = _mm256_and_si256 (x, _mm256_set1_epi64x (UINT32_MAX));
      x = _mm256_sub_epi64 (_mm256_xor_si256 (x, negative), negative);
      _mm256_storeu_si256 ((__m256i *) (values + i),
                           _mm256_add_epi64 (x, _mm256_set1_epi64x (COUNT_ONE)));
    }
  return rows;
}

#else

#define KERNEL      kernel_plain
#define KERNEL_NAME "plain"

/* The top bit of each byte that is 0.  */
static inline uint64_t
zero_bytes (uint64_t word)
{
  const uint64_t low = 0x7f7f7f7f7f7f7f7f;

  return ~(((word & low) + low) | word | low);
}

static inline size_t
find_ends (const char *text, size_t length, int32_t *ends)
{
  size_t n = 0;

  for (size_t i = 0; i < length; i += 8)
    {
      const uint64_t word = load (text + i);
      uint64_t found
          = zero_bytes (word ^ 0x3b3b3b3b3b3b3b3b) | zero_bytes (word ^ 0x0a0a0a0a0a0a0a0a);

      for (; found != 0; found &= found - 1)
        ends[n++] = (int32_t) i + __builtin_ctzll (found) / 8;
    }
  return n;
}

static inline size_t
read_numbers (const char *text, const int32_t *ends, size_t rows, int64_t *values)
{
  for (size_t i = 0; i < rows; i++)
    {
      const int32_t length = ends[2 * i + 1] - ends[2 * i];
      const int32_t shift = 64 - 8 * (length <= 8 ? length : 1);
      uint64_t x = (load (text + ends[2 * i + 1] - 7) ^ DIGITS_AND_FEED) >> shift;
      const int64_t negative = (x & 0xff) == MINUS ? -1 : 0;
      int64_t value;

      x = (x - (uint64_t) (negative & MINUS)) << shift ^ DOT;
      if (((x + (0x7f7f7f7f7f7f7f7f - MOST)) | x) & 0x8080808080808080)
        return i;
      /* The digit behind the point moves up, then there are three pairs.  */
      x = (x & 0xffffffffff) | (x >> 8 & 0xff0000000000);
      x = x * 10 + (x >> 8);
      value = (int64_t) ((x & 0xff) * 10000 + (x >> 16 & 0xff) * 100 + (x >> 32 & 0xff));
      values[i] = (value ^ negative) - negative + COUNT_ONE;
    }
  return rows;
}

#endif

#if defined KERNEL_AVX512 || defined KERNEL_AVX2

/* Three rounds of AES: every byte of the key reaches every bit of the place.  */
static inline uint32_t
place_of (const Table *table, __m256i key)
{
  const __m128i seed = _mm_set1_epi64x ((int64_t) table->seed);
  __m128i x;

  x = _mm_aesenc_si128 (_mm256_castsi256_si128 (key), _mm256_extracti128_si256 (key, 1));
  x = _mm_aesenc_si128 (x, seed);
  x = _mm_aesenc_si128 (x, seed);
  return (uint32_t) _mm_cvtsi128_si32 (x) & table->mask;
}

static uint32_t
place (const Table *table, const Key *key)
{
  return place_of (table, _mm256_load_si256 ((const __m256i *) key->bytes));
}

static inline Slot *
look_up (const Table *table, const char *name, ptrdiff_t size)
{
  const __m256i key
      = _mm256_and_si256 (_mm256_loadu_si256 ((const __m256i *) name),
                          _mm256_loadu_si256 ((const __m256i *) (keep + KEY_SIZE + size)));
  Slot *slot = (Slot *) ((char *) table->slots + place_of (table, key));
  const __m256i difference
      = _mm256_xor_si256 (key, _mm256_load_si256 ((const __m256i *) slot->key.bytes));

  return __builtin_expect (_mm256_testz_si256 (difference, difference), 1) ? slot : NULL;
}

#else

static inline uint32_t
place_of (const Table *table, const uint64_t *key)
{
  uint64_t x = (key[0] ^ table->seed) * 0x9e3779b97f4a7c15;

  x ^= key[1] * 0xbf58476d1ce4e5b9;
  x ^= (key[2] * 0x94d049bb133111eb) ^ (key[3] * 0xff51afd7ed558ccd);
  x = (x ^ x >> 32) * 0xc4ceb9fe1a85ec53;
  return (uint32_t) (x >> 32) & table->mask;
}

static uint32_t
place (const Table *table, const Key *key)
{
  uint64_t words[KEY_SIZE / 8];

  memcpy (words, key->bytes, sizeof words);
  return place_of (table, words);
}

static inline Slot *
look_up (const Table *table, const char *name, ptrdiff_t size)
{
  uint64_t key[KEY_SIZE / 8], mask[KEY_SIZE / 8];
  Slot *slot;

  memcpy (key, name, sizeof key);
  memcpy (mask, keep + KEY_SIZE + size, sizeof mask);
  for (int i = 0; i < KEY_SIZE / 8; i++)
    key[i] &= mask[i];
  slot = (Slot *) ((char *) table->slots + place_of (table, key));
  return __builtin_expect (memcmp (key, slot->key.bytes, sizeof key) == 0, 1) ? slot : NULL;
}

#endif

static const char *
fold (Table *table, const char *text, const char *end)
{
  /* With the end of the row before the first one in front.  */
  int32_t positions[1 + STRETCH + 64], *ends = positions + 1;
  int64_t values[ROWS + LANES];

  positions[0] = -1;
  while (text < end)
    {
      const size_t length = end - text < STRETCH ? (size_t) (end - text) : STRETCH;
      size_t n = find_ends (text, length, ends);
      size_t rows, plain;

      while (n > 0 && ends[n - 1] >= (int32_t) length)
        n--;
      rows = n / 2;
      if (rows == 0)
        return text;
      for (size_t i = 2 * rows; i < 2 * (rows + LANES); i++)
        ends[i] = ends[i - 2];
      plain = read_numbers (text, ends, rows, values);
      table->recent_rows += (uint32_t) plain;
      for (size_t i = 0; i < plain; i++)
        {
          const ptrdiff_t before = positions[2 * i], delimiter = ends[2 * i];
          Slot *slot = NULL;
          int32_t value;

          if (__builtin_expect (before - delimiter >= -KEY_SIZE, 1))
            slot = look_up (table, text + before + 1, before - delimiter);
          if (__builtin_expect (slot == NULL, 0))
            {
              slot = table_find (table, text + before + 1, text + delimiter);
              if (slot == NULL)
                return text + before + 1;
            }
          slot->recent += values[i];
          value = (int32_t) values[i];
          if (__builtin_expect (value < slot->min, 0))
            slot->min = value;
          if (__builtin_expect (value > slot->max, 0))
            slot->max = value;
        }
      text += positions[2 * plain] + 1;
      if (plain < rows)
        return text;
    }
  return end;
}

const Kernel KERNEL = { KERNEL_NAME, place, fold };
