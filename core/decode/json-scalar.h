#pragma once

/** Whether something is a number, true, false or null. */

#include "core/decode/json.h"
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#ifdef __SSE2__

/* Numbers of up to 16 characters without an exponent. */
static inline gboolean
is_short_number (const char *text, gsize length)
{
  const guint negative = text[0] == '-';
  const __m128i bytes = _mm_loadu_si128 ((const __m128i *) (const void *) (text + negative));
  const __m128i digits = _mm_sub_epi8 (bytes, _mm_set1_epi8 ('0'));
  const guint is_digit = (guint) _mm_movemask_epi8 (
      _mm_cmpeq_epi8 (_mm_min_epu8 (digits, _mm_set1_epi8 (9)), digits));
  const gsize n = length - negative;
  guint others, point;

  if (G_UNLIKELY (n - 1 >= 16))
    return FALSE;
  others = ~is_digit & ((1u << n) - 1);
  if (others == 0)
    return text[negative] != '0' || n == 1;
  /* One point, neither first nor last. */
  point = (guint) __builtin_ctz (others);
  return (others & (others - 1)) == 0 && text[negative + point] == '.' && point > 0 && point + 1 < n
         && (text[negative] != '0' || point == 1);
}

#else

static inline gboolean
is_short_number (const char *text, gsize length)
{
  (void) text;
  (void) length;
  return FALSE;
}

#endif

static inline gboolean
is_word (const char *text, gsize length)
{
  if (length == 4)
    return memcmp (text, "true", 4) == 0 || memcmp (text, "null", 4) == 0;
  return length == 5 && memcmp (text, "false", 5) == 0;
}

/** A text that is not empty, with FANOUT_PADDING readable bytes behind. */
static inline gboolean
fanout_json_is_scalar (const char *text, gsize length)
{
  if (text[0] <= '9')
    return is_short_number (text, length) || fanout_json_is_number (text, length);
  return is_word (text, length);
}
