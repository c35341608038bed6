/* Numbers and texts as bytes, for the generators: each function puts one at OUT and gives back
   where it ends.  */

#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include "random.h"

#include <string.h>

static inline char *
put_text (char *out, const char *text)
{
  const size_t n = strlen (text);

  memcpy (out, text, n);
  return out + n;
}

static inline char *
put_number (char *out, uint64_t n)
{
  char digits[20];
  int i = 0;

  do
    digits[i++] = (char) ('0' + n % 10);
  while ((n /= 10) != 0);
  while (i > 0)
    *out++ = digits[--i];
  return out;
}

static inline char *
put_signed (char *out, int64_t n)
{
  if (n >= 0)
    return put_number (out, (uint64_t) n);
  *out++ = '-';
  return put_number (out, 0 - (uint64_t) n);
}

/* With leading zeros.  */
static inline char *
put_padded (char *out, uint64_t n, int width)
{
  for (int i = width - 1; i >= 0; i--)
    {
      out[i] = (char) ('0' + n % 10);
      n /= 10;
    }
  return out + width;
}

/* 2013-07-15; the days are counted from 1970.  The calendar of 400 years is Howard Hinnant's.  */
static inline char *
put_date (char *out, uint32_t days)
{
  const uint32_t z = days + 719468, era = z / 146097, doe = z % 146097;
  const uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  const uint32_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;

  out = put_padded (out, era * 400 + yoe + (month <= 2), 4);
  *out++ = '-';
  out = put_padded (out, month, 2);
  *out++ = '-';
  return put_padded (out, day, 2);
}

/* 20:38:47  */
static inline char *
put_clock (char *out, uint32_t second)
{
  out = put_padded (out, second / 3600 % 24, 2);
  *out++ = ':';
  out = put_padded (out, second / 60 % 60, 2);
  *out++ = ':';
  return put_padded (out, second % 60, 2);
}

/* Small numbers are more frequent than large ones, as by Zipf's law: as many of 1 as of 2 and 3
   together, as of 4 to 7 ...; from 0, below 2^BITS - 1.  */
static inline uint32_t
random_zipf (Random *random, uint32_t bits)
{
  const uint32_t first = 1u << random_below (random, bits);

  return first - 1 + random_below (random, first);
}

/* The N-th of many sequences that have nothing to do with each other.  */
static inline Random
random_of (uint64_t kind, uint64_t n)
{
  Random random = { kind * 0xd1342543de82ef95u + n * 0xaf251af3b0f025b5u };

  random_next (&random);
  return random;
}

#endif
