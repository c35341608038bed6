#include "core/expression/times.h"

#include "core/base/error.h"
#include "core/exact/arithmetic.h"
#include "core/expression/calendar.h"
#include "core/expression/time-text.h"
#include "core/expression/numbers.h"
#include "core/expression/texts.h"

#include <fanout/rational.h>

#define DAY 86400

FanoutClock *
fanout_clock_new (const char *format, gboolean scan, const char *zone, char **problem)
{
  FanoutClock *clock;
  GTimeZone *found = NULL;

  if (format != NULL && !fanout_time_check_format (format, scan, problem))
    return NULL;
  if (zone != NULL)
    {
      found = fanout_zone_new (zone, problem);
      if (found == NULL)
        return NULL;
    }
  clock = g_new0 (FanoutClock, 1);
  clock->format = g_strdup (format);
  clock->zone = found;
  return clock;
}

void
fanout_clock_free (gpointer data)
{
  FanoutClock *clock = data;

  g_clear_pointer (&clock->zone, g_time_zone_unref);
  g_free (clock->format);
  g_free (clock);
}

void
fanout_buckets_free (gpointer data)
{
  FanoutBuckets *buckets = data;

  g_clear_pointer (&buckets->zone, g_time_zone_unref);
  g_free (buckets);
}

static void
run_time_text (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,
               FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (marks[i] == FANOUT_MARK_VALUE)
      {
        g_string_truncate (out, 0);
        fanout_time_append (out, fanout_vector_number (a, i));
        fanout_vector_put_text (evaluator, texts, marks, i, out->str, out->len);
      }
}

FANOUT_OPERATION_RUN (time_text);

/* A number of seconds is a time: the same values under another name. */
static void
run_as_time (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  gint64 *numbers;

  fanout_vector_merge_marks (evaluator, instruction, result);
  if (!a->constant)
    {
      result->form = a->form;
      result->scale = a->scale;
      result->scales = a->scales;
      result->mantissa = a->mantissa;
      return;
    }
  numbers = fanout_vector_make_numbers (evaluator, result);
  numbers[0] = a->mantissa[0];
  if (a->form == FANOUT_FORM_MIXED)
    fanout_vector_make_scales (evaluator, result)[0] = a->scales[0];
  result->scale = a->scale;
}

FANOUT_OPERATION_RUN (as_time);

static void
run_time (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutClock *clock = instruction->payload;
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);
  guint8 *scales = fanout_vector_make_scales (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (marks[i] == FANOUT_MARK_VALUE)
      {
        const FanoutText text = fanout_vector_text (a, i);
        FanoutNumber time = fanout_number_decimal (0, 0);
        FanoutWide room;

        if (clock->format != NULL
                ? !fanout_time_scan (text.data, text.length, clock->format, clock->zone, &time,
                                     &room)
                : !fanout_time_read (text.data, text.length, clock->zone, &time, &room))
          marks[i] = FANOUT_MARK_BAD;
        fanout_vector_put (evaluator, numbers, scales, i, time);
      }
}

static char *
explain_time (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, gsize row)
{
  const FanoutClock *clock = instruction->payload;
  const FanoutText text = fanout_vector_text (fanout_operand (evaluator, instruction, 0), row);
  g_autofree char *quoted = fanout_quote (text.data, (gssize) text.length);

  return clock->format != NULL
             ? g_strdup_printf ("%s is no time as in '%s'", quoted, clock->format)
             : g_strdup_printf (
                 "%s is no time that is known without a format: time(x, '%%d.%%m.%%Y')"
                 " reads others",
                 quoted);
}

const FanoutOperation fanout_operation_time
    = { .name = "time", .run = run_time, .problem = explain_time };

static char *
explain_range (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, gsize row)
{
  const FanoutNumber time = fanout_vector_number (fanout_operand (evaluator, instruction, 0), row);
  const double seconds = fanout_number_to_double (time);
  char text[FANOUT_NUMBER_TEXT_MAX];
  const char *parts = "";

  /* What clocks of milliseconds to nanoseconds said from 2001 to 2286. */
  if (seconds >= 1e12 && seconds < 1e13)
    parts = ", in seconds; of milliseconds: time(x / 1000)";
  else if (seconds >= 1e15 && seconds < 1e16)
    parts = ", in seconds; of microseconds: time(x / 1000000)";
  else if (seconds >= 1e18 && seconds < 1e19)
    parts = ", in seconds; of nanoseconds: time(x / 1000000000)";
  fanout_number_format (time, text);
  return g_strdup_printf ("%s is no time of the years 1 to 9999%s", text, parts);
}

static void
run_format (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutClock *clock = instruction->payload;
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  FanoutText *texts = fanout_vector_make_texts (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (marks[i] == FANOUT_MARK_VALUE)
      {
        g_string_truncate (out, 0);
        if (fanout_time_print (out, fanout_vector_number (a, i), clock->format, clock->zone))
          fanout_vector_put_text (evaluator, texts, marks, i, out->str, out->len);
        else
          marks[i] = FANOUT_MARK_BAD;
      }
}

const FanoutOperation fanout_operation_format
    = { .name = "format", .run = run_format, .problem = explain_range };

/* Parts of a time. */

typedef gint64 (*Part) (const FanoutCivil *civil);

static void
run_part (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result,
          Part part)
{
  const FanoutClock *clock = instruction->payload;
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  gint64 *numbers = fanout_vector_make_numbers (evaluator, result);
  guint8 *marks = fanout_vector_own_marks (evaluator, instruction, result);

  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      gint64 seconds;
      FanoutNumber rest;
      FanoutWide room;
      FanoutCivil civil;

      numbers[i] = 0;
      if (marks[i] != FANOUT_MARK_VALUE)
        continue;
      if (fanout_time_split (fanout_vector_number (a, i), &seconds, &rest, &room)
          && fanout_civil_in_zone (seconds, clock->zone, &civil))
        numbers[i] = part (&civil);
      else
        marks[i] = FANOUT_MARK_BAD;
    }
}

#define PART(what, expression)                                                                     \
  static gint64 part_##what (const FanoutCivil *civil)                                             \
  {                                                                                                \
    return (gint64) (expression);                                                                  \
  }                                                                                                \
  static void run_##what (FanoutEvaluator *evaluator, const FanoutInstruction *instruction,        \
                          FanoutVector *result)                                                    \
  {                                                                                                \
    run_part (evaluator, instruction, result, part_##what);                                        \
  }                                                                                                \
  const FanoutOperation fanout_operation_##what                                                    \
      = { .name = #what, .run = run_##what, .problem = explain_range }

PART (year, civil->year);
PART (month, civil->month);
PART (day, civil->day);
PART (hour, civil->hour);
PART (minute, civil->minute);
PART (second, civil->second);
PART (yearday, fanout_day_of_year (civil));
PART (weekday, fanout_weekday (fanout_days_from_civil (civil->year, civil->month, civil->day)));

/* Buckets. */

static gint64
floor_to (gint64 value, gint64 step)
{
  const gint64 rest = value % step;

  return value - rest - (rest < 0 ? step : 0);
}

/* The local day with which the bucket of a local time begins. */
static gint64
first_day (const FanoutBuckets *buckets, const FanoutCivil *civil)
{
  const gint64 days = fanout_days_from_civil (civil->year, civil->month, civil->day);
  const gint64 n = buckets->width.mantissa;
  gint64 months = (gint64) civil->year * 12 + civil->month - 1;

  switch (buckets->unit)
    {
    case 'd':
      return floor_to (days, n);
    case 'w':
      /* 1970-01-05 was a Monday. */
      return floor_to (days - 4, 7 * n) + 4;
    case 'm':
    case 'q':
    case 'y':
    default:
      {
        const gint64 step = n * (buckets->unit == 'm' ? 1 : buckets->unit == 'q' ? 3 : 12);

        months = floor_to (months - 1970 * 12, step) + 1970 * 12;
        if (months < 12)
          months = 12;
        return fanout_days_from_civil ((gint) (months / 12), (guint) (months % 12) + 1, 1);
      }
    }
}

static gboolean
calendar_bucket (const FanoutBuckets *buckets, FanoutNumber time, FanoutNumber *start,
                 FanoutWide *room)
{
  gint64 seconds;
  FanoutNumber rest;
  FanoutCivil civil;

  if (!fanout_time_split (time, &seconds, &rest, room)
      || !fanout_date_in_zone (seconds, buckets->zone, &civil))
    return FALSE;
  *start = fanout_number_decimal (
      fanout_seconds_in_zone (first_day (buckets, &civil) * DAY, buckets->zone), 0);
  return TRUE;
}

static gboolean
flat_bucket (const FanoutBuckets *buckets, FanoutNumber x, FanoutNumber *start, FanoutWide *room)
{
  g_autoptr (FanoutRational) value = NULL;
  g_autoptr (FanoutRational) width = NULL;
  g_autoptr (FanoutRational) quotient = NULL;
  g_autoptr (FanoutRational) whole = NULL;
  g_autoptr (FanoutRational) product = NULL;
  FanoutWide own;
  FanoutNumber n = fanout_number_decimal (0, 0);

  if (!fanout_number_is_finite (x))
    {
      *start = x;
      return TRUE;
    }
  fanout_number_floor_divide (x, buckets->width, &n, &own);
  if (!fanout_number_is_double (n))
    {
      *start = fanout_number_multiply (n, buckets->width, room);
      return TRUE;
    }
  /* More widths than 38 digits count: what is rounded is the product alone. */
  value = fanout_rational_new_number (x);
  width = fanout_rational_new_number (buckets->width);
  quotient = fanout_rational_divide (value, width);
  whole = fanout_rational_floor (quotient);
  product = fanout_rational_multiply (whole, width);
  if (!fanout_rational_to_number (product, start, room))
    *start = fanout_number_double (fanout_rational_to_double (product));
  return TRUE;
}

/* Plain mantissas and a width of no larger scale: whole numbers. */
static gboolean
bucket_plain (FanoutEvaluator *evaluator, const FanoutBuckets *buckets, const FanoutVector *a,
              FanoutVector *result)
{
  FanoutNumber scaled;
  gint64 *numbers;
  gint64 step;

  if (a->form != FANOUT_FORM_PLAIN || a->constant || buckets->unit != 0
      || fanout_number_is_double (buckets->width) || buckets->width.scale > a->scale)
    return FALSE;
  scaled = buckets->width;
  step = scaled.mantissa;
  for (guint8 scale = scaled.scale; scale < a->scale; scale++)
    if (__builtin_mul_overflow (step, 10, &step))
      return FALSE;
  numbers = fanout_vector_make_numbers (evaluator, result);
  result->scale = a->scale;
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    {
      const gint64 x = a->mantissa[i];
      const gint64 rest = x % step;

      if (x < G_MININT64 / 2)
        return FALSE;
      numbers[i] = x - rest - (rest < 0 ? step : 0);
      if (numbers[i] > x)
        return FALSE;
    }
  return TRUE;
}

static void
run_bucket (FanoutEvaluator *evaluator, const FanoutInstruction *instruction, FanoutVector *result)
{
  const FanoutBuckets *buckets = instruction->payload;
  const FanoutVector *a = fanout_operand (evaluator, instruction, 0);
  guint8 *marks = fanout_vector_merge_marks (evaluator, instruction, result);
  gint64 *numbers;
  guint8 *scales;

  if (marks == NULL && bucket_plain (evaluator, buckets, a, result))
    return;
  numbers = fanout_vector_make_numbers (evaluator, result);
  scales = fanout_vector_make_scales (evaluator, result);
  if (marks == NULL)
    marks = fanout_vector_make_marks (evaluator, result);
  for (gsize i = 0; i < evaluator->view.n_rows; i++)
    if (marks[i] == FANOUT_MARK_VALUE)
      {
        const FanoutNumber x = fanout_vector_number (a, i);
        FanoutNumber start = fanout_number_decimal (0, 0);
        FanoutWide room;

        if (!(buckets->unit != 0 ? calendar_bucket : flat_bucket) (buckets, x, &start, &room))
          marks[i] = FANOUT_MARK_BAD;
        fanout_vector_put (evaluator, numbers, scales, i, start);
      }
}

const FanoutOperation fanout_operation_bucket
    = { .name = "bucket", .run = run_bucket, .problem = explain_range };
