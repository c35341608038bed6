#pragma once

/**
 * HyperLogLog (Flajolet et al. 2007): about how many different hashes there were.
 *
 * With 2^14 registers the standard error is 1.04 / 2^7. A register counts zeros after the first 14
 * bits of a hash, so it stays below 52.
 */

#include <glib.h>
#include <math.h>

#define HYPERLOGLOG_BITS  14
#define HYPERLOGLOG_N     (1u << HYPERLOGLOG_BITS)
#define HYPERLOGLOG_MAX   (64 - HYPERLOGLOG_BITS + 1)
#define HYPERLOGLOG_BOUND "standard error 0.81 %"

static inline void
hyperloglog_add (guint8 *registers, guint64 hash)
{
  guint8 *place = &registers[hash >> (64 - HYPERLOGLOG_BITS)];
  const guint64 rest = hash << HYPERLOGLOG_BITS | HYPERLOGLOG_N >> 1;
  const guint8 zeros1 = (guint8) (__builtin_clzll (rest) + 1);

  if (zeros1 > *place)
    *place = zeros1;
}

/*
 * O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6,
 * without the correction for full registers, which 2^50 different values have not got yet: what
 * says so is no stream, and gets the greatest number.
 */
static inline guint64
hyperloglog_estimate (const guint8 *registers)
{
  guint32 counts[HYPERLOGLOG_MAX + 1] = { 0 };
  double z = 0;
  double x;
  double y = 1;
  double old;

  for (guint i = 0; i < HYPERLOGLOG_N; i++)
    counts[registers[i]]++;
  if (counts[0] == HYPERLOGLOG_N)
    return 0;
  for (guint k = HYPERLOGLOG_MAX; k >= 1; k--)
    z = (z + counts[k]) / 2;
  x = (double) counts[0] / HYPERLOGLOG_N;
  z += x * HYPERLOGLOG_N;
  do
    {
      x *= x;
      old = z;
      z += x * y * HYPERLOGLOG_N;
      y += y;
    }
  while (z > old);
  x = round ((double) HYPERLOGLOG_N * HYPERLOGLOG_N / (2 * G_LN2) / z);
  return x < 0x1p64 ? (guint64) x : G_MAXUINT64;
}
