#pragma once

/** Digits and integers on their way to doubles, and back. */

#include <fanout/number.h>
#include <string.h>

static inline guint64
fanout_load_word (const void *from)
{
  guint64 word;

  memcpy (&word, from, sizeof word);
  return GUINT64_FROM_LE (word);
}

/** Eight digits, 0 to 9, the first one in the lowest byte. */
static inline guint64
fanout_eight_digits (guint64 digits)
{
  digits = digits * 2561 >> 8 & 0x00ff00ff00ff00ffu;
  digits = digits * 6553601 >> 16 & 0x0000ffff0000ffffu;
  return digits * 42949672960001u >> 32;
}

/** The magnitude of a finite double is the answer, below 2^53, times 2^*@exponent. */
static inline guint64
fanout_double_take_apart (double real, gint *exponent)
{
  guint64 bits;
  guint64 m;

  memcpy (&bits, &real, sizeof bits);
  m = bits & (((guint64) 1 << 52) - 1);
  *exponent = (gint) (bits >> 52 & 0x7ff);
  if (*exponent > 0)
    m |= (guint64) 1 << 52;
  else
    *exponent = 1;
  *exponent -= 1075;
  return m;
}

/**
 * The value is D * 10^exponent, where D is what the digits from `first` to `last` say; a point
 * between them is passed over. With more than 19 digits, the first one is not 0.
 */
typedef struct
{
  const char *first;
  const char *last;
  gsize n_digits;
  gint64 exponent;
  guint64 leading; /* the first 19 digits, or all of them */
} FanoutDigitRun;

/** The nearest double, ties to even; infinite when it is too large. */
double fanout_digit_run_to_double (const FanoutDigitRun *run);

/** The order of the value and @real, which is positive, finite and the double nearest to it. */
int fanout_digit_run_compare (const FanoutDigitRun *run, double real);

/** +-(@m * 2^@exponent), and @more says that a little less than one unit of @m is missing; rounded.
 */
double fanout_compose_double (gboolean negative, FanoutUint128 m, gboolean more, gint exponent);

/** +-(@m / @by * 2^@exponent), rounded once. */
double fanout_divide_to_double (gboolean negative, FanoutUint128 m, guint64 by, gint exponent);

/** Write the digits of @value to the bytes before @end; returns where they begin. */
static inline char *
fanout_digits_before (char *end, guint64 value)
{
  static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
                              "34353637383940414243444546474849505152535455565758596061626364656667"
                              "6869707172737475767778798081828384858687888990919293949596979899";

  while (value >= 100)
    {
      const gsize pair = value % 100 * 2;

      value /= 100;
      *--end = pairs[pair + 1];
      *--end = pairs[pair];
    }
  if (value >= 10)
    {
      *--end = pairs[value * 2 + 1];
      *--end = pairs[value * 2];
    }
  else
    *--end = (char) ('0' + value);
  return end;
}
