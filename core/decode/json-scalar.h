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
  const gsize end = length - negative;
  const guint others = is_digit ^ 0x1ffff; /* and one behind them */
  const guint first = (guint) __builtin_ctz (others);
  guint second;

  /* Without a branch: whether the first one is a zero cannot be guessed. */
  if (G_UNLIKELY ((first == 0) | ((text[negative] == '0') & (first > 1))))
    return FALSE;
  if (first >= end || first == 16)
    return first == end;
  second = (guint) __builtin_ctz (others & (others - 1));
  return text[negative + first] == '.' && second == end && second > first + 1;
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

/* Which of them it is cannot be guessed, so there is no branch for each. */
static inline gboolean
is_word (const char *text, gsize length)
{
  static const struct
  {
    char word[8], mask[8];
    gsize length;
  } words[] = {
    { "false", "\xff\xff\xff\xff\xff", 5 },
    { "null", "\xff\xff\xff\xff", 4 },
    { "true", "\xff\xff\xff\xff", 4 },
    { "", "", 0 },
  };
  const guint which = (guint) text[0] / 8 % 4; /* different for f, n and t */
  guint64 found, word, mask;

  memcpy (&found, text, sizeof found);
  memcpy (&word, words[which].word, sizeof word);
  memcpy (&mask, words[which].mask, sizeof mask);
  return ((found & mask) ^ word) == 0 && length == words[which].length;
}

/** A text that is not empty, with FANOUT_PADDING readable bytes behind. */
static inline gboolean
fanout_json_is_scalar (const char *text, gsize length)
{
  if (text[0] <= '9')
    return is_short_number (text, length) || fanout_json_is_number (text, length);
  return is_word (text, length);
}
