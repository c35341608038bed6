/* The limit for questions E and F: the numbers from 0 to N - 1 one by one to a sum of 128 bits and
   a maximum, by a loop that the compiler may not fold.

   bench-floor-loop N  */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  __extension__ __int128 sum = 0;
  int64_t max = INT64_MIN, n;
  char digits[40], *at = digits + sizeof digits;

  if (argc != 2 || sscanf (argv[1], "%" SCNd64, &n) != 1 || n < 1)
    {
      fputs ("usage: bench-floor-loop N\n", stderr);
      return 2;
    }
  for (int64_t i = 0; i < n; i++)
    {
      int64_t value = i;

      __asm__ volatile("" : "+r"(value));
      sum += value;
      if (value > max)
        max = value;
    }

  *--at = '\0';
  do
    *--at = (char) ('0' + (int) (sum % 10));
  while ((sum /= 10) != 0);
  printf ("sum,max\n%s,%" PRId64 "\n", at, max);
  return 0;
}
