#include "core/window/axis.h"

#include "core/exact/arithmetic.h"
#include "core/expression/calendar.h"
#include "core/expression/time-text.h"
#include "core/expression/tree.h"

#include <fanout/error.h>

#define DAY            86400
#define DAYS_TO_MONDAY 4 /* 1970-01-05 was one */
#define MONTHS_IN_YEAR 12
#define MOST_DAYS      G_GINT64_CONSTANT (7300)
#define MOST_MONTHS    G_GINT64_CONSTANT (240)
#define AT_MOST        "; a window has at most 20 years"
#define WIDTH_WORDS    "a width such as 500ms, 30s, 5m, 2h, 1d, 1w, 1mo, 1q or 1y"

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, text);
  return FALSE;
}

static gboolean
set_calendar (const FanoutTree *tree, FanoutAxisWidth *width, GError **error)
{
  const FanoutNumber n = fanout_number_canonical (tree->number);
  if (n.scale != 0 || n.mantissa < 1 || n.mantissa > MOST_DAYS)
    return fail (error, "whole days, weeks, months, quarters or years are wanted" AT_MOST);
  switch (tree->unit)
    {
    case 'd':
      *width = (FanoutAxisWidth){ FANOUT_AXIS_DAYS, n.mantissa, FALSE };
      break;
    case 'w':
      *width = (FanoutAxisWidth){ FANOUT_AXIS_DAYS, 7 * n.mantissa, TRUE };
      break;
    default:
      *width = (FanoutAxisWidth){ FANOUT_AXIS_MONTHS,
                                  n.mantissa
                                      * (tree->unit == 'm'   ? 1
                                         : tree->unit == 'q' ? 3
                                                             : MONTHS_IN_YEAR),
                                  FALSE };
    }
  return width->n <= (width->unit == FANOUT_AXIS_DAYS ? MOST_DAYS : MOST_MONTHS)
         || fail (error, "too long" AT_MOST);
}

gboolean
fanout_axis_width (const char *text, FanoutAxisWidth *width, GError **error)
{
  /* Only there spans of the calendar have a place. */
  g_autofree char *call = g_strdup_printf ("bucket(0, %s)", text);
  g_autoptr (FanoutExpression) expression = fanout_expression_parse (call, NULL);
  const FanoutTree *tree = expression != NULL && expression->root->n_children == 2
                               ? expression->root->children[1]
                               : NULL;
  FanoutInstant span;
  if (tree != NULL && tree->kind == FANOUT_TREE_CALENDAR)
    return set_calendar (tree, width, error);
  if (tree == NULL || tree->kind != FANOUT_TREE_NUMBER
      || !fanout_instant_from_seconds (tree->number, &span) || span <= 0)
    return fail (error, WIDTH_WORDS " is wanted");
  if (span % 1000000 != 0)
    return fail (error, "whole milliseconds are wanted");
  if (span > MOST_DAYS * DAY * FANOUT_NS_IN_SECOND)
    return fail (error, "too long" AT_MOST);
  *width = (FanoutAxisWidth){ FANOUT_AXIS_SPANS, span, FALSE };
  return TRUE;
}

static gint64
common_divisor (gint64 a, gint64 b)
{
  while (b != 0)
    {
      const gint64 rest = a % b;
      a = b;
      b = rest;
    }
  return a;
}

gboolean
fanout_axis_init (FanoutAxis *axis, const FanoutAxisWidth *size, const FanoutAxisWidth *every,
                  GTimeZone *zone, GError **error)
{
  g_autoptr (GTimeZone) owned = zone;
  if (size->unit != every->unit)
    return fail (error, "size and every are of one kind: both below a day, both whole days (or "
                        "weeks), or both months (or quarters, years)");
  if (every->n > size->n)
    return fail (error, "every is not above size: rows between two windows would be in none");
  const gint64 step = common_divisor (size->n, every->n);
  *axis = (FanoutAxis){ .unit = size->unit,
                        .zone = g_steal_pointer (&owned),
                        .step = step,
                        .origin = size->weeks && every->weeks ? DAYS_TO_MONDAY : 0,
                        .size = size->n / step,
                        .every = every->n / step };
  return TRUE;
}

void
fanout_axis_clear (FanoutAxis *axis)
{
  g_clear_pointer (&axis->zone, g_time_zone_unref);
}

/* Of many digits those behind the nanoseconds do not count: it is the nanosecond before. */
static gboolean
from_wide (const FanoutWide *seconds, FanoutInstant *instant)
{
  FanoutInt128 value = seconds->mantissa;
  for (guint scale = seconds->scale; scale > 9; scale--)
    value = value / 10 - (value % 10 < 0);
  for (guint scale = seconds->scale; scale < 9; scale++)
    if (__builtin_mul_overflow (value, 10, &value))
      return FALSE;
  if (value > FANOUT_INSTANT_MAX || value < -FANOUT_INSTANT_MAX)
    return FALSE;
  *instant = (FanoutInstant) value;
  return TRUE;
}

static gboolean
from_decimal (FanoutNumber seconds, FanoutInstant *instant)
{
  gint64 value = seconds.mantissa;
  for (guint scale = seconds.scale; scale > 9; scale--)
    value = fanout_floor_divide (value, 10);
  for (guint scale = seconds.scale; scale < 9; scale++)
    if (__builtin_mul_overflow (value, 10, &value))
      return FALSE;
  if (value > FANOUT_INSTANT_MAX || value < -FANOUT_INSTANT_MAX)
    return FALSE;
  *instant = value;
  return TRUE;
}

gboolean
fanout_instant_from_seconds (FanoutNumber seconds, FanoutInstant *instant)
{
  gint64 whole;
  FanoutNumber rest;
  FanoutWide room;
  FanoutInstant part;
  if (seconds.scale <= FANOUT_SCALE_MAX)
    return from_decimal (seconds, instant);
  if (fanout_number_is_wide (seconds))
    return from_wide (seconds.wide, instant);
  /* A double has fewer digits than nanoseconds need: those behind it are its own. */
  if (!fanout_time_split (seconds, &whole, &rest, &room)
      || ABS (whole) > FANOUT_INSTANT_MAX / FANOUT_NS_IN_SECOND)
    return FALSE;
  part = 0;
  if (fanout_number_is_double (rest))
    part = (FanoutInstant) (rest.real * 1e9);
  else if (!(fanout_number_is_wide (rest) ? from_wide (rest.wide, &part)
                                          : from_decimal (rest, &part)))
    return FALSE;
  *instant = whole * FANOUT_NS_IN_SECOND + part;
  return TRUE;
}

void
fanout_instant_append (GString *text, FanoutInstant instant)
{
  fanout_time_append (text, fanout_number_canonical (fanout_number_decimal (instant, 9)));
}

/* The day or month of the zone that a time is in. */
static gint64
unit_of (const FanoutAxis *axis, FanoutInstant instant)
{
  FanoutCivil civil;
  if (axis->unit == FANOUT_AXIS_SPANS)
    return instant;
  fanout_date_in_zone (fanout_floor_divide (instant, FANOUT_NS_IN_SECOND), axis->zone, &civil);
  return axis->unit == FANOUT_AXIS_DAYS
             ? fanout_days_from_civil (civil.year, civil.month, civil.day)
             : ((gint64) civil.year - 1970) * MONTHS_IN_YEAR + civil.month - 1;
}

static FanoutInstant
start_of_unit (const FanoutAxis *axis, gint64 unit)
{
  gint64 days = unit;
  if (axis->unit == FANOUT_AXIS_SPANS)
    return unit;
  if (axis->unit == FANOUT_AXIS_MONTHS)
    {
      const gint64 year = fanout_floor_divide (unit, MONTHS_IN_YEAR);
      days = fanout_days_from_civil ((gint) (1970 + year),
                                     (guint) (unit - year * MONTHS_IN_YEAR) + 1, 1);
    }
  return fanout_seconds_in_zone (days * DAY, axis->zone) * FANOUT_NS_IN_SECOND;
}

gint64
fanout_axis_slice (const FanoutAxis *axis, FanoutInstant instant)
{
  return fanout_floor_divide (unit_of (axis, instant) - axis->origin, axis->step);
}

FanoutInstant
fanout_axis_start (const FanoutAxis *axis, gint64 slice)
{
  return start_of_unit (axis, axis->origin + slice * axis->step);
}
