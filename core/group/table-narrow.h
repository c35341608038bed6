#pragma once

/**
 * A front whose keys are all of at most 12 bytes, in half the memory: a slot holds the key, its
 * length and the id, so that a cache line has four.
 *
 * Where it is not near, that counts for more than the comparisons do.
 */

#include "core/group/table-hash.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum
{
  FANOUT_NARROW_LONGEST = 12,
  FANOUT_NARROW_LINE = 4, /* slots */
};

/** In `rest`, from low bits to high ones: four bytes of the key, 28 bits of the id, 1 + the length
 * (0: free). */
typedef struct
{
  guint64 start; /* of the key */
  guint64 rest;
} FanoutNarrowSlot;

/** What of `rest` has to do with the key. */
#define FANOUT_NARROW_KEY (G_GUINT64_CONSTANT (15) << 60 | G_MAXUINT32)

/** The bits that `rest` has for a key; `words` are its 16 bytes with zeroes behind. */
static inline guint64
fanout_narrow_rest (const guint64 words[2], gsize length)
{
  return (G_BYTE_ORDER == G_LITTLE_ENDIAN ? words[1] : words[1] >> 32)
         | (guint64) (length + 1) << 60;
}

/** The second word of the key again, */
static inline guint64
fanout_narrow_word (guint64 rest)
{
  return G_BYTE_ORDER == G_LITTLE_ENDIAN ? rest & G_MAXUINT32 : rest << 32;
}

/** and the id. */
static inline guint32
fanout_narrow_id (guint64 rest)
{
  return (guint32) (rest >> 32) & ((1u << 28) - 1);
}

/** 1 + the id of a key among the slots of one line, which start at `line`; 0: it is not there.
 * Nothing branches. */
static inline guint32
fanout_narrow_look (const FanoutNarrowSlot *line, guint64 start, guint64 rest)
{
#if defined(__SSE2__)
  const __m128i key = _mm_set_epi64x ((gint64) rest, (gint64) start);
  const __m128i mask = _mm_set_epi64x ((gint64) FANOUT_NARROW_KEY, -1);
  const __m128i *slots = (const __m128i *) line;
  const __m128i a = _mm_cmpeq_epi32 (_mm_and_si128 (_mm_load_si128 (&slots[0]), mask), key);
  const __m128i b = _mm_cmpeq_epi32 (_mm_and_si128 (_mm_load_si128 (&slots[1]), mask), key);
  const __m128i c = _mm_cmpeq_epi32 (_mm_and_si128 (_mm_load_si128 (&slots[2]), mask), key);
  const __m128i d = _mm_cmpeq_epi32 (_mm_and_si128 (_mm_load_si128 (&slots[3]), mask), key);
  /* A bit for each four bytes; a slot has the key where all of its four are set. */
  guint equal = (guint) _mm_movemask_epi8 (
      _mm_packs_epi16 (_mm_packs_epi32 (a, b), _mm_packs_epi32 (c, d)));
  guint slot;

  equal &= equal >> 1;
  equal &= equal >> 2 & 0x1111;
  slot = (guint) __builtin_ctz (equal | 1u << 15) / 4;
  return (fanout_narrow_id (line[slot].rest) + 1) & -(guint32) (equal != 0);
#else
  guint32 id_1 = 0;

  for (guint i = 0; i < FANOUT_NARROW_LINE; i++)
    {
      const gboolean same
          = ((line[i].start ^ start) | ((line[i].rest & FANOUT_NARROW_KEY) ^ rest)) == 0;

      id_1 |= (fanout_narrow_id (line[i].rest) + 1) & -(guint32) same;
    }
  return id_1;
#endif
}

/** The same in the whole front of `n_slots`, from the line at slot `first` on. */
static inline guint32
fanout_narrow_find (const FanoutNarrowSlot *slots, gsize n_slots, gsize first, guint64 start,
                    guint64 rest)
{
  for (gsize i = first;; i = (i + FANOUT_NARROW_LINE) & (n_slots - 1))
    {
      const guint32 id_1 = fanout_narrow_look (&slots[i], start, rest);

      /* Lines are filled from their beginning. */
      if (id_1 != 0 || slots[i + FANOUT_NARROW_LINE - 1].rest == 0)
        return id_1;
    }
}

/** Put a slot that is not in it. */
static inline void
fanout_narrow_put (FanoutNarrowSlot *slots, gsize n_slots, gsize first,
                   const FanoutNarrowSlot *slot)
{
  gsize i = first;

  while (slots[i].rest != 0)
    i = (i + 1) & (n_slots - 1);
  slots[i] = *slot;
}
