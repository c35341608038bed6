#include "core/number/wide.h"
#include "core/number/text.h"
#include <string.h>

gboolean
fanout_number_set_decimal (FanoutNumber *number, FanoutInt128 mantissa, guint scale,
                           FanoutWide *room)
{
  const gboolean negative = mantissa < 0;
  FanoutUint128 m = fanout_wide_magnitude (mantissa);

  if (m == 0)
    scale = 0;
  while (scale > 0 && (m > G_MAXINT64 || scale > FANOUT_SCALE_MAX) && m % 10 == 0)
    {
      m /= 10;
      scale--;
    }
  if (m <= G_MAXINT64 && scale <= FANOUT_SCALE_MAX)
    {
      *number = fanout_number_decimal (negative ? -(gint64) m : (gint64) m, (guint8) scale);
      return TRUE;
    }
  if (room == NULL || m >= fanout_wide_limit () || scale > FANOUT_WIDE_DIGITS)
    return FALSE;
  *room = (FanoutWide){ negative ? -(FanoutInt128) m : (FanoutInt128) m, (guint8) scale };
  *number = fanout_number_wide (room);
  return TRUE;
}

char *
fanout_wide_digits_before (char *end, FanoutUint128 value)
{
  const guint64 chunk = fanout_powers_of_ten[19];
  char *begin;

  if (value < chunk)
    return fanout_digits_before (end, (guint64) value);
  begin = fanout_digits_before (end, (guint64) (value % chunk));
  memset (end - 19, '0', (gsize) (begin - (end - 19)));
  return fanout_wide_digits_before (end - 19, value / chunk);
}

double
fanout_wide_to_double (const FanoutWide *wide)
{
  const gboolean negative = wide->mantissa < 0;
  const FanoutUint128 m = fanout_wide_magnitude (wide->mantissa);
  char digits[FANOUT_WIDE_DIGITS + 2];
  char *const end = digits + sizeof digits;
  FanoutDigitRun run = { .last = end - 1, .exponent = -(gint64) wide->scale };
  double real;

  if (wide->scale <= 19)
    return fanout_divide_to_double (negative, m, fanout_powers_of_ten[wide->scale], 0);
  run.first = fanout_wide_digits_before (end, m);
  run.n_digits = (gsize) (end - run.first);
  run.leading
      = (guint64) (run.n_digits > 19 ? m / fanout_wide_power_of_ten ((guint) run.n_digits - 19)
                                     : m);
  real = fanout_digit_run_to_double (&run);
  return negative ? -real : real;
}
