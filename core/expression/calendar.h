#pragma once

/** Times as people write them, and seconds since 1970 UTC: the proleptic Gregorian calendar, zones
 * from the system's database. */

#include <fanout/number.h>

/** Seconds of the first moment of year 1 and of the last of year 9999. */
#define FANOUT_TIME_MIN (-G_GINT64_CONSTANT (62135596800))
#define FANOUT_TIME_MAX G_GINT64_CONSTANT (253402300799)

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

/** 1 for Monday .. 7. */
guint fanout_weekday (gint64 days);
/** From 1. */
guint fanout_day_of_year (const FanoutCivil *civil);

/** Seconds since 1970 UTC as what a clock in `zone` shows; FALSE outside the years 1 to 9999. */
gboolean fanout_civil_in_zone (gint64 seconds, GTimeZone *zone, FanoutCivil *civil);

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

/**
 * Read a time: RFC 3339 and ISO 8601 (a blank for T, no seconds, no zone: `zone`), a web server's
 * 10/Oct/2000:13:55:36 -0700, with or without brackets, or a plain number of seconds; in `room`
 * where that is wide. FALSE when it is none.
 */
gboolean fanout_time_read (const char *text, gsize length, GTimeZone *zone, FanoutNumber *time,
                           FanoutWide *room);

/** The same by a format, see fanout_time_check_format(). */
gboolean fanout_time_scan (const char *text, gsize length, const char *format, GTimeZone *zone,
                           FanoutNumber *time, FanoutWide *room);

/** Whether a format is one: %Y %m %d %H %M %S %f %z %b %B %j %s %y %I %p %F %T %e %%, and text.
 * Else FALSE with `problem` (owned by the caller). To `scan`: it has to say which day it is. */
gboolean fanout_time_check_format (const char *format, gboolean scan, char **problem);

/** Append a time by a format. */
void fanout_time_print (GString *out, FanoutNumber time, const char *format, GTimeZone *zone);

/** Append it as RFC 3339 in UTC; what is outside the years 1 to 9999 as a number. */
void fanout_time_append (GString *out, FanoutNumber time);
