#pragma once

/** Times as people write them, from and to seconds since 1970 UTC. */

#include <fanout/number.h>

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

/** Append a time by a format. FALSE, and nothing is appended, outside the years 1 to 9999. */
gboolean fanout_time_print (GString *out, FanoutNumber time, const char *format, GTimeZone *zone);

/** Append it as RFC 3339 in UTC; what is outside the years 1 to 9999 as a number. */
void fanout_time_append (GString *out, FanoutNumber time);
