#pragma once

/** Digits and integers on their way to doubles, and back. */

#include <fanout/number.h>

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
