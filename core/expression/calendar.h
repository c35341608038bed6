#pragma once

/** Seconds since 1970 UTC and clocks: the proleptic Gregorian calendar, zones from the system's
 * database. */

#include <fanout/number.h>

/** Seconds of the first moment of year 1 and of the last of year 9999. */
#define FANOUT_TIME_MIN (-G_GINT64_CONSTANT (62135596800))
#define FANOUT_TIME_MAX G_GINT64_CONSTANT (253402300799)

#define FANOUT_SECONDS_IN_DAY 86400

/** From January, in English. */
extern const char *const fanout_month_names[12];

typedef struct
{
  gint year; /* 1 .. 9999 */
  guint month;
  guint day;
  guint hour;
  guint minute;
  guint second;
  gint offset; /* seconds east of UTC */
} FanoutCivil;

/** Days since 1970-01-01; H. Hinnant, "chrono-compatible low-level date algorithms" (2013). */
gint64 fanout_days_from_civil (gint year, guint month, guint day);
/** And back: the day alone. */
void fanout_civil_from_days (gint64 days, FanoutCivil *civil);

/** 1 for Monday .. 7. */
guint fanout_weekday (gint64 days);
/** From 1. */
guint fanout_day_of_year (const FanoutCivil *civil);

/** Seconds since 1970 UTC as what a clock in `zone` shows; FALSE outside the years 1 to 9999. */
gboolean fanout_civil_in_zone (gint64 seconds, GTimeZone *zone, FanoutCivil *civil);

/** The date whose midnight came last: that of the clock, but where it is set back from behind a
 * midnight to before it, as in Newfoundland, the later one goes on. FALSE: as above. */
gboolean fanout_date_in_zone (gint64 seconds, GTimeZone *zone, FanoutCivil *civil);

/** Seconds since 1970 UTC when a clock in `zone` shows `local` seconds since 1970: the first such
 * moment when it is set back; when it is set forward, as if it were not yet. */
gint64 fanout_seconds_in_zone (gint64 local, GTimeZone *zone);

/** The zone of that name ("Europe/Berlin", "+02:00", "UTC"); NULL with `problem` (owned by the
 * caller): there is none. */
GTimeZone *fanout_zone_new (const char *name, char **problem);

/** A number of seconds as whole ones and the rest of them, 0 <= rest < 1; FALSE for what lies
 * outside the years 1 to 9999, and for nan. A rest that is wide lies in `room`. */
gboolean fanout_time_split (FanoutNumber time, gint64 *seconds, FanoutNumber *rest,
                            FanoutWide *room);
