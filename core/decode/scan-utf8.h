#pragma once

/**
 * Whether text is UTF-8, 32 bytes at a time: three look-ups by halves of two neighbouring bytes
 * leave a bit where they do not go together (Keiser and Lemire 2021, "Validating UTF-8 in less than
 * one instruction per byte").
 */

#include <immintrin.h>
#include <string.h>

/* What may be wrong with two bytes; CARRY: what the low half of the first one does not decide. */
enum
{
  TOO_SHORT = 1 << 0,
  TOO_LONG = 1 << 1,
  OVERLONG_3 = 1 << 2,
  TOO_LARGE = 1 << 3,
  SURROGATE = 1 << 4,
  OVERLONG_2 = 1 << 5,
  TOO_LARGE_1000 = 1 << 6,
  OVERLONG_4 = 1 << 6,
  TWO_CONTINUED = 1 << 7,
  CARRY = TOO_SHORT | TOO_LONG | TWO_CONTINUED,
  LARGE = CARRY | TOO_LARGE | TOO_LARGE_1000,
  CONTINUED = TOO_LONG | OVERLONG_2 | TWO_CONTINUED,
};

static const guint8 first_high[16] = {
  TOO_LONG,
  TOO_LONG,
  TOO_LONG,
  TOO_LONG,
  TOO_LONG,
  TOO_LONG,
  TOO_LONG,
  TOO_LONG,
  TWO_CONTINUED,
  TWO_CONTINUED,
  TWO_CONTINUED,
  TWO_CONTINUED,
  TOO_SHORT | OVERLONG_2,
  TOO_SHORT,
  TOO_SHORT | OVERLONG_3 | SURROGATE,
  TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
};
static const guint8 first_low[16] = {
  CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4,
  CARRY | OVERLONG_2,
  CARRY,
  CARRY,
  CARRY | TOO_LARGE,
  LARGE,
  LARGE,
  LARGE,
  LARGE,
  LARGE,
  LARGE,
  LARGE,
  LARGE,
  LARGE | SURROGATE,
  LARGE,
  LARGE,
};
static const guint8 second_high[16] = {
  TOO_SHORT,
  TOO_SHORT,
  TOO_SHORT,
  TOO_SHORT,
  TOO_SHORT,
  TOO_SHORT,
  TOO_SHORT,
  TOO_SHORT,
  CONTINUED | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
  CONTINUED | OVERLONG_3 | TOO_LARGE,
  CONTINUED | SURROGATE | TOO_LARGE,
  CONTINUED | SURROGATE | TOO_LARGE,
  TOO_SHORT,
  TOO_SHORT,
  TOO_SHORT,
  TOO_SHORT,
};

static inline __m256i
look_up (const guint8 *table, __m256i nibbles)
{
  const __m128i row = _mm_loadu_si128 ((const __m128i *) (const void *) table);

  return _mm256_shuffle_epi8 (_mm256_broadcastsi128_si256 (row), nibbles);
}

static inline __m256i
high_nibbles (__m256i bytes)
{
  return _mm256_and_si256 (_mm256_srli_epi16 (bytes, 4), _mm256_set1_epi8 (0x0f));
}

/* Not 0 where something is wrong. */
static inline __m256i
find_wrong (__m256i bytes, __m256i before)
{
  const __m256i joint = _mm256_permute2x128_si256 (before, bytes, 0x21);
  const __m256i one = _mm256_alignr_epi8 (bytes, joint, 15);
  const __m256i two = _mm256_alignr_epi8 (bytes, joint, 14);
  const __m256i three = _mm256_alignr_epi8 (bytes, joint, 13);
  const __m256i pairs = _mm256_and_si256 (
      _mm256_and_si256 (look_up (first_high, high_nibbles (one)),
                        look_up (first_low, _mm256_and_si256 (one, _mm256_set1_epi8 (0x0f)))),
      look_up (second_high, high_nibbles (bytes)));
  /* The third byte of three and of four, and the fourth of four. */
  const __m256i later = _mm256_or_si256 (_mm256_subs_epu8 (two, _mm256_set1_epi8 (0xe0 - 0x80)),
                                         _mm256_subs_epu8 (three, _mm256_set1_epi8 (0xf0 - 0x80)));

  return _mm256_xor_si256 (_mm256_and_si256 (later, _mm256_set1_epi8 ((char) 0x80)), pairs);
}

/* A text that ends with a byte of ASCII. */
static gboolean
is_utf8 (const char *text, gsize length)
{
  __m256i wrong = _mm256_setzero_si256 ();
  __m256i before = _mm256_setzero_si256 ();

  for (; length > 0;)
    {
      const gsize n = MIN (length, sizeof before);
      __m256i bytes = _mm256_setzero_si256 ();

      if (n == sizeof before)
        bytes = _mm256_loadu_si256 ((const __m256i *) (const void *) text);
      else
        memcpy (&bytes, text, n);
      if (_mm256_movemask_epi8 (_mm256_or_si256 (bytes, before)) != 0)
        wrong = _mm256_or_si256 (wrong, find_wrong (bytes, before));
      before = bytes;
      text += n;
      length -= n;
    }
  return _mm256_testz_si256 (wrong, wrong);
}
