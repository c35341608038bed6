#pragma once

/** Operations on times. */

#include "core/expression/private.h"

/** A time zone and a format: the payload of what reads and writes times. */
typedef struct
{
  char *format;    /* NULL: none */
  GTimeZone *zone; /* NULL: UTC */
} FanoutClock;

/** NULL with `problem` when there is no such zone or the format is none; texts may be NULL. */
FanoutClock *fanout_clock_new (const char *format, gboolean scan, const char *zone, char **problem);
void fanout_clock_free (gpointer clock);

/** The width of buckets. */
typedef struct
{
  FanoutNumber width; /* above 0 */
  FanoutWide room;    /* of the width where it is wide */
  char unit;          /* of the calendar, see FanoutTree; 0: none */
  GTimeZone *zone;    /* of the calendar; NULL: UTC */
} FanoutBuckets;

void fanout_buckets_free (gpointer buckets);

/** Payload of time_text, as_time: none; bucket: FanoutBuckets; the others: FanoutClock. */
extern const FanoutOperation fanout_operation_time_text, fanout_operation_as_time,
    fanout_operation_time, fanout_operation_format, fanout_operation_bucket, fanout_operation_year,
    fanout_operation_month, fanout_operation_day, fanout_operation_weekday, fanout_operation_hour,
    fanout_operation_minute, fanout_operation_second, fanout_operation_yearday;
