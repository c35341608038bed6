#include "core/expression/time-text.h"
#include "core/expression/calendar.h"

#include "core/exact/arithmetic.h"
#include "core/number/powers.h"
#include "core/number/text.h"

#include <string.h>

typedef struct
{
  const char *p;
  const char *end;
} Cursor;

static gboolean
take (Cursor *at, char c)
{
  if (at->p == at->end || *at->p != c)
    return FALSE;
  at->p++;
  return TRUE;
}

/* From `least` to `most` digits. */
static gboolean
take_digits (Cursor *at, guint least, guint most, guint *value)
{
  guint n = 0;
  guint result = 0;

  while (n < most && at->p < at->end && g_ascii_isdigit (*at->p))
    {
      result = result * 10 + (guint) (*at->p++ - '0');
      n++;
    }
  if (n < least)
    return FALSE;
  *value = result;
  return TRUE;
}

/* Digits behind a point, as a number below 1; in `room` where it is wide. */
static gboolean
take_fraction (Cursor *at, FanoutNumber *fraction, FanoutWide *room)
{
  char text[64] = "0.";
  gsize n = 2;

  for (; at->p < at->end && g_ascii_isdigit (*at->p); at->p++)
    if (n < sizeof text - 1)
      text[n++] = *at->p;
  return n > 2 && fanout_number_parse_wide (text, n, fraction, room, NULL);
}

/* The name of a month, `length` letters of it at least. */
static gboolean
take_month (Cursor *at, gboolean whole, guint *month)
{
  for (guint i = 0; i < G_N_ELEMENTS (fanout_month_names); i++)
    {
      const gsize length = whole ? strlen (fanout_month_names[i]) : 3;

      if ((gsize) (at->end - at->p) >= length
          && g_ascii_strncasecmp (at->p, fanout_month_names[i], length) == 0)
        {
          at->p += length;
          *month = i + 1;
          return TRUE;
        }
    }
  return FALSE;
}

/* Z, +02:00, -0700, +02. */
static gboolean
take_offset (Cursor *at, gint *offset)
{
  guint hours;
  guint minutes = 0;
  guint seconds = 0;
  gint sign;

  if (take (at, 'Z') || take (at, 'z'))
    {
      *offset = 0;
      return TRUE;
    }
  if (take (at, '+'))
    sign = 1;
  else if (take (at, '-'))
    sign = -1;
  else
    return FALSE;
  if (!take_digits (at, 2, 2, &hours))
    return FALSE;
  if (take (at, ':'))
    {
      if (!take_digits (at, 2, 2, &minutes))
        return FALSE;
    }
  else if (at->p < at->end && g_ascii_isdigit (*at->p) && !take_digits (at, 2, 2, &minutes))
    return FALSE;
  if (hours > 23 || minutes > 59)
    return FALSE;
  *offset = sign * (gint) (hours * 3600 + minutes * 60 + seconds);
  return TRUE;
}

/* Digits of a fraction that fit in one number with the seconds of any year. */
#define DIGITS_PLAIN 7

/* What was read of a time. */
typedef struct
{
  guint year, month, day;
  guint hour, minute, second;
  FanoutNumber fraction;
  FanoutWide room; /* of the fraction */
  gboolean has_offset;
  gint offset;
} Parts;

static guint
days_of_month (guint year, guint month)
{
  static const guint8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

  return (guint) days[month - 1]
         + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static gboolean
compose (const Parts *parts, GTimeZone *zone, FanoutNumber *time, FanoutWide *room)
{
  gint64 seconds;

  /* A leap second is the first one of the next minute. */
  if (parts->year < 1 || parts->year > 9999 || parts->month < 1 || parts->month > 12
      || parts->day < 1 || parts->day > days_of_month (parts->year, parts->month)
      || parts->hour > 23 || parts->minute > 59 || parts->second > 60)
    return FALSE;
  seconds = fanout_days_from_civil ((gint) parts->year, parts->month, parts->day)
                * FANOUT_SECONDS_IN_DAY
            + parts->hour * 3600 + parts->minute * 60 + parts->second;
  if (parts->has_offset)
    seconds -= parts->offset;
  else if (zone != NULL)
    seconds = fanout_seconds_in_zone (seconds, zone);
  *time = fanout_number_decimal (seconds, 0);
  if (parts->fraction.mantissa != 0 && parts->fraction.scale <= DIGITS_PLAIN)
    *time = fanout_number_decimal (seconds * (gint64) fanout_powers_of_ten[parts->fraction.scale]
                                       + parts->fraction.mantissa,
                                   parts->fraction.scale);
  else if (parts->fraction.mantissa != 0)
    *time = fanout_number_add (*time, parts->fraction, room);
  return TRUE;
}

/* Seconds with what is behind their point. */
static gboolean
take_seconds (Cursor *at, Parts *parts)
{
  if (!take_digits (at, 2, 2, &parts->second))
    return FALSE;
  if (at->p < at->end && (*at->p == '.' || *at->p == ','))
    {
      at->p++;
      return take_fraction (at, &parts->fraction, &parts->room);
    }
  return TRUE;
}

/* Behind a point; FALSE where it has more digits than that, or none. */
static gboolean
take_short_fraction (Cursor *at, FanoutNumber *fraction)
{
  const gsize n_most = MIN ((gsize) (at->end - at->p), DIGITS_PLAIN + 1);
  gint64 value = 0;
  gsize n = 0;

  for (; n < n_most && g_ascii_isdigit (at->p[n]); n++)
    value = value * 10 + (at->p[n] - '0');
  if (n == 0 || n > DIGITS_PLAIN)
    return FALSE;
  at->p += n;
  for (; value % 10 == 0 && n > 0; n--)
    value /= 10;
  *fraction = fanout_number_decimal (value, (guint8) n);
  return TRUE;
}

/* The bytes that are to be digits, as their values, and whether they are and the others what they
 * have to be. */
static inline gboolean
are_digits (guint64 *word, guint64 digits, guint64 others)
{
  const guint64 values = *word ^ 0x3030303030303030u;
  const guint64 high = 0x8080808080808080u;

  *word = values & digits;
  return (values & ~digits) == others && (((*word + 0x7676767676767676u) | *word) & high) == 0;
}

/* Each byte and the one behind it as a number of two digits. */
static inline guint64
in_pairs (guint64 digits)
{
  return digits * 10 + (digits >> 8);
}

static inline guint
byte_of (guint64 word, guint at)
{
  return (guint) (word >> 8 * at) & 0xff;
}

/* What most have: 2025-07-01 07:59:43, T for the blank, a short fraction, and Z; eight bytes at a
 * time. FALSE, with nothing taken, where it is written in another way, or none. */
static gboolean
take_plain (Cursor *at, Parts *parts)
{
  const gsize length = strlen ("2025-07-01 07:59:43");
  Cursor rest = { at->p + length, at->end };
  guint64 date, time, seconds;

  if ((gsize) (at->end - at->p) < length)
    return FALSE;
  date = fanout_load_word (at->p);
  time = fanout_load_word (at->p + 8);
  seconds = fanout_load_word (at->p + length - 8);
  if (at->p[10] == 'T')
    time ^= (guint64) ('T' ^ ' ') << 16;
  /* In the order of memory: 2025-07-, 01 07:59 and the end of 07:59:43. */
  if (!are_digits (&date, 0x00ffff00ffffffffu, 0x1d00001d00000000u)
      || !are_digits (&time, 0xffff00ffff00ffffu, 0x00000a0000100000u))
    return FALSE;
  seconds ^= 0x30303a0000000000u;
  if ((seconds >> 40 & 0xff) != 0 || byte_of (seconds, 6) > 9 || byte_of (seconds, 7) > 9)
    return FALSE;
  if (rest.p < rest.end && (*rest.p == '.' || *rest.p == ','))
    {
      rest.p++;
      if (!take_short_fraction (&rest, &parts->fraction))
        return FALSE;
    }
  if (rest.p < rest.end && !((*rest.p | 0x20) == 'z' && rest.p + 1 == rest.end))
    return FALSE;
  parts->has_offset = rest.p < rest.end;
  date = in_pairs (date);
  time = in_pairs (time);
  parts->year = byte_of (date, 0) * 100 + byte_of (date, 2);
  parts->month = byte_of (date, 5);
  parts->day = byte_of (time, 0);
  parts->hour = byte_of (time, 3);
  parts->minute = byte_of (time, 6);
  parts->second = byte_of (seconds, 6) * 10 + byte_of (seconds, 7);
  at->p = at->end;
  return TRUE;
}

static gboolean
take_iso (Cursor *at, Parts *parts)
{
  gboolean compact;

  if (!take_digits (at, 4, 4, &parts->year))
    return FALSE;
  compact = !take (at, '-');
  if (!take_digits (at, 2, 2, &parts->month) || (!compact && !take (at, '-'))
      || !take_digits (at, 2, 2, &parts->day))
    return FALSE;
  if (at->p == at->end)
    return !compact;
  if (!take (at, 'T') && !take (at, 't') && (compact || !take (at, ' ')))
    return FALSE;
  if (!take_digits (at, 2, 2, &parts->hour))
    return FALSE;
  compact = !take (at, ':');
  if (!take_digits (at, 2, 2, &parts->minute))
    return FALSE;
  if (compact ? at->p < at->end && g_ascii_isdigit (*at->p) : take (at, ':'))
    if (!take_seconds (at, parts))
      return FALSE;
  if (at->p == at->end)
    return TRUE;
  take (at, ' ');
  parts->has_offset = TRUE;
  return take_offset (at, &parts->offset) && at->p == at->end;
}

static gboolean
take_log (Cursor *at, Parts *parts)
{
  const gboolean brackets = take (at, '[');

  if (!take_digits (at, 1, 2, &parts->day) || !take (at, '/')
      || !take_month (at, FALSE, &parts->month) || !take (at, '/')
      || !take_digits (at, 4, 4, &parts->year) || !take (at, ':')
      || !take_digits (at, 2, 2, &parts->hour) || !take (at, ':')
      || !take_digits (at, 2, 2, &parts->minute) || !take (at, ':') || !take_seconds (at, parts))
    return FALSE;
  if (take (at, ' '))
    {
      parts->has_offset = TRUE;
      if (!take_offset (at, &parts->offset))
        return FALSE;
    }
  return (!brackets || take (at, ']')) && at->p == at->end;
}

gboolean
fanout_time_read (const char *text, gsize length, GTimeZone *zone, FanoutNumber *time,
                  FanoutWide *room)
{
  Cursor start = { text, text + length };
  Cursor at;
  Parts parts = { 0 };
  FanoutNumber number;

  while (start.p < start.end && (*start.p == ' ' || *start.p == '\t'))
    start.p++;
  while (start.end > start.p && (start.end[-1] == ' ' || start.end[-1] == '\t'))
    start.end--;
  at = start;
  if (take_plain (&at, &parts))
    return compose (&parts, zone, time, room);
  parts.fraction = fanout_number_decimal (0, 0);
  if (take_iso (&at, &parts))
    return compose (&parts, zone, time, room);
  memset (&parts, 0, sizeof parts);
  at = start;
  if (take_log (&at, &parts))
    return compose (&parts, zone, time, room);
  if (!fanout_number_parse_wide (text, length, &number, room, NULL)
      || !fanout_number_is_finite (number))
    return FALSE;
  *time = number;
  return TRUE;
}

gboolean
fanout_time_check_format (const char *format, gboolean scan, char **problem)
{
  gboolean has_day = FALSE;

  for (const char *p = format; *p != '\0'; p++)
    {
      if (*p != '%')
        continue;
      p++;
      if (*p == '\0' || strchr ("YmdHMSfzbBjsyIpFTe%", *p) == NULL)
        {
          *problem = *p == '\0' ? g_strdup ("a % at the end of the format")
                                : g_strdup_printf ("no %%%c in a format: there are %%Y %%m %%d %%H "
                                                   "%%M %%S %%f %%z %%b %%B %%j %%s %%y %%I %%p "
                                                   "%%F %%T %%e %%%%",
                                                   *p);
          return FALSE;
        }
      has_day = has_day || strchr ("YyFs", *p) != NULL;
    }
  if (scan && !has_day)
    {
      *problem = g_strdup ("a format that does not say which year: %Y, %y, %F or %s is missing");
      return FALSE;
    }
  return TRUE;
}

typedef struct
{
  Parts parts;
  guint day_of_year; /* 0: not given */
  gint half;         /* 0 for AM, 1 for PM, -1: not given */
  gboolean given;    /* by %s */
  FanoutNumber seconds;
  FanoutWide *room; /* of the seconds */
} Scan;

static gboolean
scan_directive (Cursor *at, char directive, Scan *scan)
{
  Parts *parts = &scan->parts;

  switch (directive)
    {
    case 'Y':
      return take_digits (at, 4, 4, &parts->year);
    case 'y':
      if (!take_digits (at, 2, 2, &parts->year))
        return FALSE;
      parts->year += parts->year < 69 ? 2000 : 1900;
      return TRUE;
    case 'm':
      return take_digits (at, 1, 2, &parts->month);
    case 'd':
    case 'e':
      while (take (at, ' '))
        continue;
      return take_digits (at, 1, 2, &parts->day);
    case 'H':
    case 'I':
      return take_digits (at, 1, 2, &parts->hour)
             && (directive == 'H' || (parts->hour >= 1 && parts->hour <= 12));
    case 'M':
      return take_digits (at, 1, 2, &parts->minute);
    case 'S':
      return take_digits (at, 1, 2, &parts->second);
    case 'f':
      return take_fraction (at, &parts->fraction, &parts->room);
    case 'z':
      parts->has_offset = TRUE;
      return take_offset (at, &parts->offset);
    case 'b':
    case 'B':
      return (directive == 'B' && take_month (at, TRUE, &parts->month))
             || take_month (at, FALSE, &parts->month);
    case 'j':
      return take_digits (at, 1, 3, &scan->day_of_year) && scan->day_of_year > 0;
    case 'p':
      if (at->end - at->p < 2 || (at->p[1] | 0x20) != 'm')
        return FALSE;
      scan->half = (at->p[0] | 0x20) == 'p' ? 1 : (at->p[0] | 0x20) == 'a' ? 0 : -2;
      at->p += 2;
      return scan->half >= 0;
    case 's':
      {
        const char *start = at->p;

        take (at, '-');
        while (at->p < at->end && (g_ascii_isdigit (*at->p) || *at->p == '.'))
          at->p++;
        scan->given = TRUE;
        return fanout_number_parse_wide (start, (gsize) (at->p - start), &scan->seconds, scan->room,
                                         NULL);
      }
    case 'F':
      return take_digits (at, 4, 4, &parts->year) && take (at, '-')
             && take_digits (at, 1, 2, &parts->month) && take (at, '-')
             && take_digits (at, 1, 2, &parts->day);
    case 'T':
      return take_digits (at, 1, 2, &parts->hour) && take (at, ':')
             && take_digits (at, 1, 2, &parts->minute) && take (at, ':')
             && take_digits (at, 1, 2, &parts->second);
    case '%':
    default:
      return take (at, '%');
    }
}

gboolean
fanout_time_scan (const char *text, gsize length, const char *format, GTimeZone *zone,
                  FanoutNumber *time, FanoutWide *room)
{
  Cursor at = { text, text + length };
  Scan scan = { .parts = { .month = 1, .day = 1 }, .half = -1, .room = room };

  for (const char *p = format; *p != '\0'; p++)
    if (*p == '%')
      {
        if (!scan_directive (&at, *++p, &scan))
          return FALSE;
      }
    else if (*p == ' ')
      while (take (&at, ' '))
        continue;
    else if (!take (&at, *p))
      return FALSE;
  if (at.p != at.end)
    return FALSE;
  if (scan.given)
    {
      *time = scan.seconds;
      return TRUE;
    }
  if (scan.half >= 0)
    {
      if (scan.parts.hour < 1 || scan.parts.hour > 12)
        return FALSE;
      scan.parts.hour = scan.parts.hour % 12 + 12 * (guint) scan.half;
    }
  if (scan.day_of_year > 0)
    {
      FanoutCivil civil;

      if (scan.parts.year < 1 || scan.parts.year > 9999)
        return FALSE;
      fanout_civil_from_days (
          fanout_days_from_civil ((gint) scan.parts.year, 1, 1) + scan.day_of_year - 1, &civil);
      if (civil.year != (gint) scan.parts.year)
        return FALSE;
      scan.parts.month = civil.month;
      scan.parts.day = civil.day;
    }
  return compose (&scan.parts, zone, time, room);
}
