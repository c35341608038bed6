#pragma once

/** What the tests of numbers share. */

#include <fanout/number.h>
#include <string.h>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

/** How often to try something random: less often under Valgrind, which is fifty times slower. */
static inline guint
rounds (guint n)
{
  return RUNNING_ON_VALGRIND ? n / 50 + 1 : n;
}

/** The next of a fixed sequence (splitmix64, S. Vigna, public domain). */
static inline guint64
next_random (guint64 *state)
{
  guint64 z = *state += 0x9e3779b97f4a7c15u;

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static inline guint64
bits_of (double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static inline double
double_of (guint64 bits)
{
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}
