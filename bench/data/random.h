/* What the generators share: a seeded random sequence and a fast way out.  */

#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct
{
  uint64_t state;
} Random;

/* splitmix64 (Steele, Lea, Flood 2014)  */
static inline uint64_t
random_next (Random *random)
{
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static inline uint32_t
random_below (Random *random, uint32_t n)
{
  return (uint32_t) ((random_next (random) >> 32) * n >> 32);
}

static inline _Noreturn void
give_up (const char *why)
{
  fprintf (stderr, "%s\n", why);
  exit (2);
}

static inline uint64_t
count_argument (const char *text)
{
  uint64_t n;
  char more;

  if (sscanf (text, "%" SCNu64 "%c", &n, &more) != 1 || n == 0 || n > UINT32_MAX)
    give_up ("a count must be a whole number from 1 to 4294967295");
  return n;
}

static char output_buffer[1 << 18];
static char *output_at = output_buffer;

static inline void
output_flush (void)
{
  size_t n = (size_t) (output_at - output_buffer);

  if (fwrite (output_buffer, 1, n, stdout) != n || fflush (stdout) != 0)
    give_up ("cannot write");
  output_at = output_buffer;
}

/* Where the next `most` bytes may be put.  */
static inline char *
output_room (size_t most)
{
  if ((size_t) (output_buffer + sizeof output_buffer - output_at) < most)
    output_flush ();
  return output_at;
}

static inline void
output_end (char *end)
{
  output_at = end;
}

#endif
