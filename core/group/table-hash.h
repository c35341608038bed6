#pragma once

/**
 * A seeded hash of bytes: words folded by 64 x 64 -> 128 bit multiplication with secrets, after
 * W. Yi, "wyhash" (2019), https://github.com/wangyi-fudan/wyhash, public domain.
 */

#include "core/base/prefetch.h"

#include <glib.h>
#include <string.h>

typedef struct
{
  guint64 words[4];
} FanoutHashSeed;

/** The numbers that `seed` starts: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom
 * number generators" (2014). */
static inline FanoutHashSeed
fanout_hash_seed (guint64 seed)
{
  FanoutHashSeed secrets;

  for (guint i = 0; i < G_N_ELEMENTS (secrets.words); i++)
    {
      guint64 x = seed += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

      x = (x ^ x >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
      x = (x ^ x >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
      secrets.words[i] = (x ^ x >> 31) | 1;
    }
  return secrets;
}

/* FanoutUint128 is aligned for structs, and so would pass through memory here. */
__extension__ typedef unsigned __int128 FanoutHashProduct;

static inline guint64
fanout_hash_fold (guint64 a, guint64 b)
{
#if defined(__x86_64__)
  /* Where registers are scarce GCC takes the product's halves through memory (seen with 12). */
  guint64 low, high;

  __asm__("mulq %3" : "=a"(low), "=d"(high) : "%0"(a), "r"(b) : "cc");
  return low ^ high;
#else
  const FanoutHashProduct product = (FanoutHashProduct) a * b;

  return (guint64) product ^ (guint64) (product >> 64);
#endif
}

static inline guint64
fanout_load_64 (gconstpointer bytes)
{
  guint64 word;

  memcpy (&word, bytes, sizeof word);
  return word;
}

/** The first `length` <= 16 bytes as two words, the rest zero; all 16 can be read. */
static inline void
fanout_load_16 (gconstpointer bytes, gsize length, guint64 words[2])
{
  static const guint8 ones[32]
      = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
  const guint8 *mask = ones + 16 - length;

  words[0] = fanout_load_64 (bytes) & fanout_load_64 (mask);
  words[1] = fanout_load_64 ((const guint8 *) bytes + 8) & fanout_load_64 (mask + 8);
}

/** Whether `length` bytes are the same; 16 bytes after them can be read. */
static inline gboolean
fanout_bytes_equal (gconstpointer a, gconstpointer b, gsize length)
{
  guint64 x[2], y[2];

  if (length > 32)
    return memcmp (a, b, length) == 0;
  if (length > 16)
    {
      const gsize last = length - 16;

      if (memcmp (a, b, 16) != 0)
        return FALSE;
      return memcmp ((const char *) a + last, (const char *) b + last, 16) == 0;
    }
  fanout_load_16 (a, length, x);
  fanout_load_16 (b, length, y);
  return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/** Of at most 16 bytes, loaded as words. */
static inline guint64
fanout_hash_16 (const FanoutHashSeed *seed, const guint64 words[2])
{
  return fanout_hash_fold (words[0] ^ seed->words[1], words[1] ^ seed->words[0]);
}

/** Of `length` bytes, after which 16 more can be read. */
static inline guint64
fanout_hash_record (const FanoutHashSeed *seed, const char *bytes, gsize length)
{
  guint64 hash = seed->words[0];
  guint64 words[2];
  gsize left = length;

  for (; left > 16; left -= 16, bytes += 16)
    hash = fanout_hash_fold (fanout_load_64 (bytes) ^ seed->words[1],
                             fanout_load_64 (bytes + 8) ^ hash);
  fanout_load_16 (bytes, left, words);
  hash = fanout_hash_fold (words[0] ^ seed->words[1], words[1] ^ hash);
  return fanout_hash_fold (hash ^ seed->words[2], length ^ seed->words[3]);
}
