#include "core/expression/time-text.h"
#include "core/expression/calendar.h"

#include "core/exact/arithmetic.h"

static void
append_offset (GString *out, gint offset)
{
  const gint minutes = ABS (offset) / 60;

  g_string_append_printf (out, "%c%02d%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* The first six digits behind the point. */
static void
append_microseconds (GString *out, FanoutNumber rest)
{
  FanoutWide room;
  const FanoutNumber micro = fanout_number_floor (
      fanout_number_multiply (rest, fanout_number_decimal (1000000, 0), &room), NULL);

  g_string_append_printf (out, "%06d", (int) micro.mantissa);
}

gboolean
fanout_time_print (GString *out, FanoutNumber time, const char *format, GTimeZone *zone)
{
  gint64 seconds;
  FanoutNumber rest;
  FanoutWide room;
  FanoutCivil civil;
  char text[FANOUT_NUMBER_TEXT_MAX];

  if (!fanout_time_split (time, &seconds, &rest, &room)
      || !fanout_civil_in_zone (seconds, zone, &civil))
    return FALSE;
  for (const char *p = format; *p != '\0'; p++)
    {
      if (*p != '%')
        {
          g_string_append_c (out, *p);
          continue;
        }
      switch (*++p)
        {
        case 'Y':
          g_string_append_printf (out, "%04d", civil.year);
          break;
        case 'y':
          g_string_append_printf (out, "%02d", civil.year % 100);
          break;
        case 'm':
          g_string_append_printf (out, "%02u", civil.month);
          break;
        case 'd':
          g_string_append_printf (out, "%02u", civil.day);
          break;
        case 'e':
          g_string_append_printf (out, "%2u", civil.day);
          break;
        case 'H':
          g_string_append_printf (out, "%02u", civil.hour);
          break;
        case 'I':
          g_string_append_printf (out, "%02u", (civil.hour + 11) % 12 + 1);
          break;
        case 'M':
          g_string_append_printf (out, "%02u", civil.minute);
          break;
        case 'S':
          g_string_append_printf (out, "%02u", civil.second);
          break;
        case 'f':
          append_microseconds (out, rest);
          break;
        case 'z':
          append_offset (out, civil.offset);
          break;
        case 'b':
          g_string_append_len (out, fanout_month_names[civil.month - 1], 3);
          break;
        case 'B':
          g_string_append (out, fanout_month_names[civil.month - 1]);
          break;
        case 'j':
          g_string_append_printf (out, "%03u", fanout_day_of_year (&civil));
          break;
        case 'p':
          g_string_append (out, civil.hour < 12 ? "AM" : "PM");
          break;
        case 's':
          fanout_number_format (fanout_number_decimal (seconds, 0), text);
          g_string_append (out, text);
          break;
        case 'F':
          g_string_append_printf (out, "%04d-%02u-%02u", civil.year, civil.month, civil.day);
          break;
        case 'T':
          g_string_append_printf (out, "%02u:%02u:%02u", civil.hour, civil.minute, civil.second);
          break;
        case '%':
        default:
          g_string_append_c (out, '%');
          break;
        }
    }
  return TRUE;
}

/* Digits behind the point: 0.25 without its 0, and 2.5e-10 in full. */
static void
append_fraction (GString *out, FanoutNumber rest)
{
  char text[FANOUT_NUMBER_TEXT_MAX];
  fanout_number_format (rest, text);
  g_auto (GStrv) parts = g_strsplit (text, "e-", 2);
  if (parts[1] == NULL)
    {
      g_string_append (out, text + 1);
      return;
    }
  g_string_append_c (out, '.');
  for (gint64 i = g_ascii_strtoll (parts[1], NULL, 10); i > 1; i--)
    g_string_append_c (out, '0');
  for (const char *p = parts[0]; *p != '\0'; p++)
    if (*p != '.')
      g_string_append_c (out, *p);
}

void
fanout_time_append (GString *out, FanoutNumber time)
{
  gint64 seconds;
  FanoutNumber rest;
  FanoutWide room;
  FanoutCivil civil;
  char text[FANOUT_NUMBER_TEXT_MAX];

  if (!fanout_time_split (time, &seconds, &rest, &room)
      || !fanout_civil_in_zone (seconds, NULL, &civil))
    {
      g_string_append_len (out, text, (gssize) fanout_number_format (time, text));
      return;
    }
  g_string_append_printf (out, "%04d-%02u-%02uT%02u:%02u:%02u", civil.year, civil.month, civil.day,
                          civil.hour, civil.minute, civil.second);
  if (fanout_number_sign (rest) > 0)
    append_fraction (out, rest);
  g_string_append_c (out, 'Z');
}
