#include "core/expression/calendar.h"

#include "core/exact/arithmetic.h"

const char *const fanout_month_names[12]
    = { "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December" };

gint64
fanout_days_from_civil (gint year, guint month, guint day)
{
  const gint y = year - (month <= 2);
  const gint era = (y >= 0 ? y : y - 399) / 400;
  const guint year_of_era = (guint) (y - era * 400);
  const guint day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const guint day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

  return (gint64) era * 146097 + (gint64) day_of_era - 719468;
}

void
fanout_civil_from_days (gint64 days, FanoutCivil *civil)
{
  const gint64 z = days + 719468;
  const gint64 era = (z >= 0 ? z : z - 146096) / 146097;
  const guint day_of_era = (guint) (z - era * 146097);
  const guint year_of_era
      = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const guint day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const guint shifted = (5 * day_of_year + 2) / 153;

  civil->day = day_of_year - (153 * shifted + 2) / 5 + 1;
  civil->month = shifted < 10 ? shifted + 3 : shifted - 9;
  civil->year = (gint) (era * 400) + (gint) year_of_era + (civil->month <= 2);
}

guint
fanout_weekday (gint64 days)
{
  /* 1970-01-01 was a Thursday. */
  const gint64 rest = (days + 3) % 7;

  return (guint) (rest < 0 ? rest + 7 : rest) + 1;
}

guint
fanout_day_of_year (const FanoutCivil *civil)
{
  return (guint) (fanout_days_from_civil (civil->year, civil->month, civil->day)
                  - fanout_days_from_civil (civil->year, 1, 1))
         + 1;
}

static gint
offset_at (GTimeZone *zone, gint64 seconds)
{
  gint interval;

  if (zone == NULL)
    return 0;
  interval = g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, seconds);
  return interval < 0 ? 0 : g_time_zone_get_offset (zone, interval);
}

GTimeZone *
fanout_zone_new (const char *name, char **problem)
{
  GTimeZone *zone = *name != '\0' ? g_time_zone_new_identifier (name) : NULL;

  if (zone == NULL)
    *problem = g_strdup_printf ("no time zone '%s': zones are called Europe/Berlin, "
                                "America/New_York, UTC or +02:00",
                                name);
  return zone;
}

gboolean
fanout_civil_in_zone (gint64 seconds, GTimeZone *zone, FanoutCivil *civil)
{
  const gint offset = offset_at (zone, seconds);
  const gint64 local = seconds + offset;
  gint64 days = local / FANOUT_SECONDS_IN_DAY;
  gint64 rest = local % FANOUT_SECONDS_IN_DAY;

  if (local < FANOUT_TIME_MIN || local > FANOUT_TIME_MAX)
    return FALSE;
  if (rest < 0)
    {
      rest += FANOUT_SECONDS_IN_DAY;
      days--;
    }
  fanout_civil_from_days (days, civil);
  civil->hour = (guint) (rest / 3600);
  civil->minute = (guint) (rest / 60 % 60);
  civil->second = (guint) (rest % 60);
  civil->offset = offset;
  return TRUE;
}

gint64
fanout_seconds_in_zone (gint64 local, GTimeZone *zone)
{
  /* No zone is changed twice within two days. */
  const gint before = offset_at (zone, local - FANOUT_SECONDS_IN_DAY);
  const gint after = offset_at (zone, local + FANOUT_SECONDS_IN_DAY);

  if (before == after || offset_at (zone, local - before) == before)
    return local - before;
  if (offset_at (zone, local - after) == after)
    return local - after;
  return local - before;
}

gboolean
fanout_date_in_zone (gint64 seconds, GTimeZone *zone, FanoutCivil *civil)
{
  if (!fanout_civil_in_zone (seconds, zone, civil))
    return FALSE;
  /* A clock that goes back behind midnight shows an evening: all other times need no look. */
  if (zone == NULL || civil->hour < 12)
    return TRUE;
  const gint64 next = fanout_days_from_civil (civil->year, civil->month, civil->day) + 1;
  if (fanout_seconds_in_zone (next * FANOUT_SECONDS_IN_DAY, zone) <= seconds)
    fanout_civil_from_days (next, civil);
  return TRUE;
}

gboolean
fanout_time_split (FanoutNumber time, gint64 *seconds, FanoutNumber *rest, FanoutWide *room)
{
  const FanoutNumber whole = fanout_number_floor (time, NULL);

  if (fanout_number_is_double (whole) || whole.scale != 0 || whole.mantissa < FANOUT_TIME_MIN
      || whole.mantissa > FANOUT_TIME_MAX)
    return FALSE;
  *seconds = whole.mantissa;
  *rest = fanout_number_subtract (time, whole, room);
  /* A double just below a second is that second, as far as doubles tell. */
  if (fanout_number_is_double (*rest) && fanout_number_to_double (*rest) >= 1)
    {
      ++*seconds;
      *rest = fanout_number_decimal (0, 0);
    }
  return TRUE;
}
