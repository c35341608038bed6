#pragma once

/** Values of JSON that are no strings, by AVX-512, eight at a time. What includes this has included
 * scan-rows.h. */

#include "core/decode/scan.h"
#include <immintrin.h>

/* Whether texts are numbers without an exponent, each from the first byte of a lane on: `in` are
 * its bytes, `firsts` and `lasts` those that begin and end lanes. */
INLINE gboolean
are_numbers (__m512i texts, guint64 in, guint64 firsts, guint64 lasts)
{
  const __m512i values = _mm512_sub_epi8 (texts, _mm512_set1_epi8 ('0'));
  const guint64 digits = _mm512_mask_cmple_epu8_mask (in, values, _mm512_set1_epi8 (9));
  const guint64 minus = equal (texts, '-') & firsts;
  const guint64 first = (minus ^ firsts) | minus << 1;
  const guint64 last = in & ~(in >> 1 & ~lasts);
  const guint64 others = in & ~digits & ~minus;

  /* No other characters, a digit first and last, none behind a first zero, not two points. */
  return ((others & ~equal (texts, '.')) | ((first | last) & ~digits)
          | ((equal (texts, '0') & first) << 1 & digits)
          | (((others | lasts) - firsts) & others & ~lasts))
         == 0;
}

INLINE __m512i
lengths_of_eight (const FanoutFields *fields, gssize longer)
{
  return _mm512_add_epi64 (lengths_of (load_fields (fields, 0, FALSE)), _mm512_set1_epi64 (longer));
}

/* The first eight bytes of each. */
INLINE __m512i
load_beginnings (const FanoutFields *fields)
{
  const char *data = fields->data;
  const guint32 *at = fields->at;
  const gsize step = fields->step;

  return join_words (two_words (data + at[0], data + at[step]),
                     two_words (data + at[2 * step], data + at[3 * step]),
                     two_words (data + at[4 * step], data + at[5 * step]),
                     two_words (data + at[6 * step], data + at[7 * step]));
}

/* Half of eight texts of up to sixteen bytes. */
INLINE gboolean
four_numbers (FanoutFields fields, __m256i lengths)
{
  const char *data = fields.data;
  const guint32 *at = fields.at;
  const gsize step = fields.step;
  const __m512i places = _mm512_broadcast_i32x4 (
      _mm_setr_epi8 (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  const __m512i lanes = _mm512_permutexvar_epi64 (_mm512_set_epi64 (3, 3, 2, 2, 1, 1, 0, 0),
                                                  _mm512_castsi256_si512 (lengths));
  const __mmask64 in
      = _mm512_cmplt_epu8_mask (places, _mm512_shuffle_epi8 (lanes, _mm512_setzero_si512 ()));
  __m512i texts = _mm512_castsi128_si512 (_mm_loadu_si128 ((const void *) (data + *at)));

  texts = _mm512_inserti32x4 (texts, _mm_loadu_si128 ((const void *) (data + at[step])), 1);
  texts = _mm512_inserti32x4 (texts, _mm_loadu_si128 ((const void *) (data + at[2 * step])), 2);
  texts = _mm512_inserti32x4 (texts, _mm_loadu_si128 ((const void *) (data + at[3 * step])), 3);
  return are_numbers (texts, in, 0x0001000100010001, 0x8000800080008000);
}

INLINE gboolean
eight_numbers_right (FanoutFields fields, gssize longer)
{
  const __m512i lengths = lengths_of_eight (&fields, longer);
  const __m512i less = _mm512_sub_epi64 (lengths, _mm512_set1_epi64 (1));

  if (G_LIKELY (_mm512_cmpgt_epu64_mask (less, _mm512_set1_epi64 (7)) == 0))
    {
      const __m512i places = _mm512_set1_epi64 (0x0706050403020100);
      const __m512i each = _mm512_shuffle_epi8 (
          lengths, _mm512_broadcast_i32x4 (_mm_set_epi64x (0x0808080808080808, 0)));

      return are_numbers (load_beginnings (&fields), _mm512_cmplt_epu8_mask (places, each),
                          0x0101010101010101, 0x8080808080808080);
    }
  return _mm512_cmpgt_epu64_mask (less, _mm512_set1_epi64 (15)) == 0
         && four_numbers (fields, _mm512_castsi512_si256 (lengths))
         && four_numbers (fanout_fields_from (&fields, 4), _mm512_extracti64x4_epi64 (lengths, 1));
}

/* What is_word() says, of eight. */
INLINE gboolean
eight_words (FanoutFields fields, gssize longer)
{
  const __m512i lengths = lengths_of_eight (&fields, longer);
  const __m512i texts = load_beginnings (&fields);
  const __m512i fives = _mm512_and_si512 (texts, _mm512_set1_epi64 (0xffffffffff));
  const __m512i fours = _mm512_and_si512 (texts, _mm512_set1_epi64 (0xffffffff));
  const __mmask8 five = _mm512_cmpeq_epi64_mask (lengths, _mm512_set1_epi64 (5));
  const __mmask8 four = _mm512_cmpeq_epi64_mask (lengths, _mm512_set1_epi64 (4));
  /* In the order of memory. */
  const __m512i no = _mm512_set1_epi64 (0x65736c6166);
  const __m512i yes = _mm512_set1_epi64 (0x65757274);
  const __m512i null = _mm512_set1_epi64 (0x6c6c756e);

  return (guint8) (_mm512_mask_cmpeq_epi64_mask (five, fives, no)
                   | _mm512_mask_cmpeq_epi64_mask (four, fours, yes)
                   | _mm512_mask_cmpeq_epi64_mask (four, fours, null))
         == 0xff;
}

static gsize
wide_scalars (const FanoutFields *fields, gssize longer, gsize n)
{
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    {
      const FanoutFields eight = fanout_fields_from (fields, i);
      const gboolean right = eight.data[*eight.at] > '9' ? eight_words (eight, longer)
                                                         : eight_numbers_right (eight, longer);

      if (!right)
        {
          const gsize n_right = scalar_scalars (&eight, longer, 8);

          if (n_right < 8)
            return i + n_right;
        }
    }
  if (i > 0)
    {
      const FanoutFields rest = fanout_fields_from (fields, i);

      return i + scalar_scalars (&rest, longer, n - i);
    }
  return scalar_scalars (fields, longer, n);
}
