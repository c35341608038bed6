#pragma once

/**
 * Event time cut into slices, and the windows that are made of them.
 *
 * Slices are as wide as the greatest common divisor of the windows' size and of how often one
 * begins, so that each window is a whole number of them. Slice 0 begins in 1970: at its first
 * moment, or, from a day on, at the zone's midnight (of the first Monday, where all is whole weeks;
 * of the first of January where it is months). Window j has the slices j * every .. j * every +
 * size - 1.
 */

#include <fanout/number.h>

/** Nanoseconds since 1970 UTC: 1700 to 2239. */
typedef gint64 FanoutInstant;

#define FANOUT_INSTANT_NONE G_MININT64                              /* before all times */
#define FANOUT_INSTANT_END  G_MAXINT64                              /* behind all of them */
#define FANOUT_INSTANT_MAX  G_GINT64_CONSTANT (8500000000000000000) /* widths beyond it fit */
#define FANOUT_NS_IN_SECOND G_GINT64_CONSTANT (1000000000)

typedef enum
{
  FANOUT_AXIS_SPANS = 0, /* of nanoseconds */
  FANOUT_AXIS_DAYS,      /* of the zone */
  FANOUT_AXIS_MONTHS,
} FanoutAxisUnit;

/** A width as it is written: `n` nanoseconds, days or months. */
typedef struct
{
  FanoutAxisUnit unit;
  gint64 n;
  gboolean weeks; /* of days: they begin on Mondays */
} FanoutAxisWidth;

typedef struct
{
  FanoutAxisUnit unit;
  GTimeZone *zone; /* NULL: UTC */
  gint64 step;     /* units in a slice */
  gint64 origin;   /* unit with which slice 0 begins */
  gint64 size;     /* slices in a window */
  gint64 every;    /* slices from one window's start to the next one's */
  gint64 gap; /* above 0: sessions, which end so many nanoseconds behind their last row, in place
                 of all that */
} FanoutAxis;

/** The most windows that have a slice. */
static inline gint64
fanout_axis_n_windows (const FanoutAxis *axis)
{
  return (axis->size + axis->every - 1) / axis->every;
}

/** A width: "5m", "1d", "2w", "1mo"; FALSE with `error`, the reason alone. */
FANOUT_API gboolean fanout_axis_width (const char *text, FanoutAxisWidth *width, GError **error);

/** Windows of `size`, one so often; `zone` is taken over. FALSE with `error` where they do not go
 * together. */
FANOUT_API gboolean fanout_axis_init (FanoutAxis *axis, const FanoutAxisWidth *size,
                                      const FanoutAxisWidth *every, GTimeZone *zone,
                                      GError **error);
FANOUT_API void fanout_axis_clear (FanoutAxis *axis);

/** A number of seconds; parts of a nanosecond are cut off. FALSE for what is no time of those
 * years. */
FANOUT_API gboolean fanout_instant_from_seconds (FanoutNumber seconds, FanoutInstant *instant);
/** Append it as RFC 3339 in UTC. */
FANOUT_API void fanout_instant_append (GString *text, FanoutInstant instant);

/** The slice that a time is in. */
FANOUT_API gint64 fanout_axis_slice (const FanoutAxis *axis, FanoutInstant instant);
/** When a slice begins: the first moment that is not of the one before. */
FANOUT_API FanoutInstant fanout_axis_start (const FanoutAxis *axis, gint64 slice);

static inline gint64
fanout_floor_divide (gint64 a, gint64 b)
{
  return a / b - (a % b < 0 ? 1 : 0);
}

/** The first and the last window that has a slice. */
static inline gint64
fanout_axis_first_window (const FanoutAxis *axis, gint64 slice)
{
  return fanout_floor_divide (slice - axis->size, axis->every) + 1;
}

static inline gint64
fanout_axis_last_window (const FanoutAxis *axis, gint64 slice)
{
  return fanout_floor_divide (slice, axis->every);
}

/** The first slice of a window, and the first one behind it. */
static inline gint64
fanout_axis_window_start (const FanoutAxis *axis, gint64 window)
{
  return window * axis->every;
}

static inline gint64
fanout_axis_window_end (const FanoutAxis *axis, gint64 window)
{
  return window * axis->every + axis->size;
}
