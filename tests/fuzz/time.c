/* Times: what is read of a text is written and read again; clocks of zones are those of GLib. A
 * byte of the input names the zone; then come a format and a text, each to the end of its line. */

#include "tests/fuzz/fuzz.h"
#include "core/expression/calendar.h"
#include "core/expression/time-text.h"

#include <math.h>
#include <string.h>

static gboolean
same (FanoutNumber a, FanoutNumber b)
{
  const double x = fanout_number_to_double (a);

  /* A double that is nearly a whole second is written as that. */
  return fanout_number_compare (a, b) == 0
         || (fanout_number_is_double (a)
             && fabs (x - fanout_number_to_double (b)) <= 1e-15 * MAX (1, fabs (x)));
}

static void
check_clock (gint64 seconds, GTimeZone *zone)
{
  FanoutCivil civil, again;
  const gboolean in_range = fanout_civil_in_zone (seconds, zone, &civil);
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (seconds);
  g_autoptr (GDateTime) there = utc != NULL && zone != NULL
                                    ? g_date_time_to_timezone (utc, zone)
                                    : (utc != NULL ? g_date_time_ref (utc) : NULL);
  gint64 local, first;

  fuzz_check (!in_range || there != NULL, "%" G_GINT64_FORMAT " is a time", seconds);
  if (!in_range)
    return;
  fuzz_check (civil.year == g_date_time_get_year (there)
                  && (gint) civil.month == g_date_time_get_month (there)
                  && (gint) civil.day == g_date_time_get_day_of_month (there)
                  && (gint) civil.hour == g_date_time_get_hour (there)
                  && (gint) civil.minute == g_date_time_get_minute (there)
                  && (gint) civil.second == g_date_time_get_second (there)
                  && civil.offset == g_date_time_get_utc_offset (there) / G_TIME_SPAN_SECOND,
              "%" G_GINT64_FORMAT " is another time in GLib", seconds);
  local = fanout_days_from_civil (civil.year, civil.month, civil.day) * 86400 + civil.hour * 3600
          + civil.minute * 60 + civil.second;
  fuzz_check (local == seconds + civil.offset, "%" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " there",
              seconds, local);
  fuzz_check ((gint) fanout_weekday (fanout_days_from_civil (civil.year, civil.month, civil.day))
                      == g_date_time_get_day_of_week (there)
                  && (gint) fanout_day_of_year (&civil) == g_date_time_get_day_of_year (there),
              "%" G_GINT64_FORMAT ": another day", seconds);
  if (zone == NULL)
    return;
  /* The first moment with that clock. */
  first = fanout_seconds_in_zone (local, zone);
  fuzz_check (first <= seconds && fanout_civil_in_zone (first, zone, &again)
                  && first + again.offset == local,
              "%" G_GINT64_FORMAT ": its clock is that of %" G_GINT64_FORMAT, seconds, first);
}

/* As text, in two ways, and back. */
static void
check_time (FanoutNumber time, GTimeZone *zone)
{
  g_autoptr (GString) text = g_string_new (NULL);
  FanoutNumber again = { .scale = 0 };
  FanoutNumber rest;
  FanoutWide rooms[2];
  gint64 seconds;

  fanout_time_append (text, time);
  fuzz_check (fanout_time_read (text->str, text->len, zone, &again, &rooms[0]), "'%s' is no time",
              text->str);
  fuzz_check (same (time, again), "'%s' is another time", text->str);
  if (fanout_time_split (time, &seconds, &rest, &rooms[1]))
    check_clock (seconds, zone);
}

/* What a format reads and writes, it reads again to the same. */
static void
check_format (const char *format, const char *text, gsize length, GTimeZone *zone)
{
  g_autoptr (GString) written = g_string_new (NULL);
  g_autofree char *problem = NULL;
  FanoutNumber time = { .scale = 77 };
  FanoutNumber again;
  FanoutWide rooms[2];
  const gboolean fine = fanout_time_check_format (format, TRUE, &problem);

  fuzz_check (fine == (problem == NULL), "'%s': %s", format, fine ? problem : "no problem");
  if (!fine)
    return;
  if (!fanout_time_scan (text, length, format, zone, &time, &rooms[0]))
    {
      fuzz_check (time.scale == 77, "'%s': an out parameter was touched", format);
      return;
    }
  fanout_time_print (written, time, format, zone);
  /* Zones of old have seconds, for which %z has no place; " 1" of %e takes another digit where one
   * comes next. */
  if (strstr (format, "%e%") == NULL
      && fanout_number_compare (time, fanout_number_decimal (0, 0)) >= 0
      && fanout_time_scan (written->str, written->len, format, zone, &again, &rooms[1]))
    {
      g_autoptr (GString) twice = g_string_new (NULL);

      fanout_time_print (twice, again, format, zone);
      fuzz_check_same (written->str, twice->str, format);
    }
  check_time (time, zone);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const zones[]
      = { "UTC",    "Europe/Berlin",  "America/New_York",    "+05:30",
          "-12:00", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia" };
  FuzzInput in = { data, size };
  const guint8 zone_byte = fuzz_byte (&in);
  g_autofree char *problem = NULL;
  GTimeZone *zone = NULL;
  g_autofree char *format = fuzz_line (&in);
  g_autofree char *exact = fuzz_copy (in.data, in.length);
  FanoutNumber time = { .scale = 77 };
  FanoutWide room;

  if (size > 500)
    return 0;
  if (zone_byte % 16 > 0)
    zone = fanout_zone_new (zones[zone_byte % G_N_ELEMENTS (zones)], &problem);
  if (fanout_time_read (exact, in.length, zone, &time, &room))
    check_time (time, zone);
  else
    fuzz_check (time.scale == 77, "an out parameter was touched");
  check_format (format, exact, in.length, zone);
  g_clear_pointer (&zone, g_time_zone_unref);
  return 0;
}
