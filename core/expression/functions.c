#include "core/expression/functions.h"

#include "core/exact/arithmetic.h"
#include "core/expression/calendar.h"
#include "core/expression/comparisons.h"
#include "core/expression/conversions.h"
#include "core/expression/logic.h"
#include "core/expression/numbers.h"
#include "core/expression/patterns.h"
#include "core/expression/texts.h"
#include "core/expression/times.h"

#include <string.h>

static gboolean
is_number (FanoutVectorKind kind)
{
  return kind == FANOUT_KIND_NUMBER || kind == FANOUT_KIND_TIME;
}

/* The text of a literal argument; NULL: it is not given. */
static const char *
literal (const FanoutTree *call, guint i)
{
  return i < call->n_children ? call->children[i]->text : NULL;
}

static gboolean
fail (GError **error, char *problem)
{
  g_autofree char *text = problem;

  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, text);
  return FALSE;
}

static gboolean
prepare_num (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made, guint *wrong,
             GError **error)
{
  const char *decimal = literal (call, 1);
  const char *thousands = literal (call, 2);

  if (kinds[0] == FANOUT_KIND_CONDITION)
    {
      made->operation = &fanout_operation_truth_number;
      return TRUE;
    }
  if (is_number (kinds[0]))
    {
      made->operation = NULL;
      return TRUE;
    }
  made->operation = &fanout_operation_text_number;
  if (decimal != NULL)
    {
      FanoutWriting *writing = g_new0 (FanoutWriting, 1);
      const char *reason;

      if (!fanout_writing_set (writing, decimal, thousands, &reason))
        {
          g_free (writing);
          *wrong = thousands != NULL ? 2 : 1;
          return fail (error, g_strdup (reason));
        }
      made->payload = writing;
      made->free_payload = g_free;
      made->key = g_strdup_printf ("%s%s", decimal, thousands != NULL ? thousands : "");
    }
  return TRUE;
}

static gboolean
prepare_text (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made, guint *wrong,
              GError **error)
{
  (void) call;
  (void) kinds;
  (void) wrong;
  (void) error;
  made->operation = NULL;
  return TRUE;
}

static gboolean
prepare_is_number (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made,
                   guint *wrong, GError **error)
{
  (void) call;
  (void) wrong;
  (void) error;
  made->operation = kinds[0] == FANOUT_KIND_TEXT ? &fanout_operation_is_number_text
                                                 : &fanout_operation_is_number_number;
  return TRUE;
}

static gboolean
prepare_hash (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made, guint *wrong,
              GError **error)
{
  (void) call;
  (void) wrong;
  (void) error;
  made->operation
      = is_number (kinds[0]) ? &fanout_operation_hash_number : &fanout_operation_hash_text;
  return TRUE;
}

static gboolean
prepare_search (const FanoutTree *call, FanoutCall *made, const char *group,
                const char *replacement, guint *wrong, GError **error)
{
  const FanoutTree *pattern = call->children[1];
  char *problem = NULL;

  made->payload = fanout_search_new (pattern->text, pattern->length, group, replacement, &problem);
  if (made->payload == NULL)
    {
      *wrong = strstr (problem, "no regular expression") != NULL ? 1 : 2;
      return fail (error, problem);
    }
  made->free_payload = fanout_search_free;
  made->key = g_strdup_printf ("%" G_GSIZE_FORMAT ":%s:%s", pattern->length, pattern->text,
                               group != NULL         ? group
                               : replacement != NULL ? replacement
                                                     : "");
  return TRUE;
}

static gboolean
prepare_match (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made,
               guint *wrong, GError **error)
{
  g_autofree char *number = NULL;
  const FanoutTree *group = call->n_children > 2 ? call->children[2] : NULL;

  (void) kinds;
  if (group != NULL && group->kind == FANOUT_TREE_NUMBER && group->number.scale == 0)
    number = g_strdup_printf ("%" G_GINT64_FORMAT, group->number.mantissa);
  else if (group != NULL && group->kind != FANOUT_TREE_TEXT && !group->quoted)
    {
      *wrong = 2;
      return fail (error, g_strdup ("the number or the 'name' of a group is wanted here"));
    }
  return prepare_search (call, made,
                         group == NULL    ? NULL
                         : number != NULL ? number
                                          : group->text,
                         NULL, wrong, error);
}

static gboolean
prepare_sub (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made, guint *wrong,
             GError **error)
{
  (void) kinds;
  return prepare_search (call, made, NULL, literal (call, 2), wrong, error);
}

static gboolean
prepare_clock (FanoutCall *made, const char *format, gboolean scan, const char *zone,
               guint zone_argument, guint *wrong, GError **error)
{
  char *problem = NULL;

  made->payload = fanout_clock_new (format, scan, zone, &problem);
  if (made->payload == NULL)
    {
      *wrong = g_str_has_prefix (problem, "no time zone") ? zone_argument : zone_argument - 1;
      return fail (error, problem);
    }
  made->free_payload = fanout_clock_free;
  made->key = g_strdup_printf ("%s\n%s", format != NULL ? format : "", zone != NULL ? zone : "");
  return TRUE;
}

static gboolean
prepare_time (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made, guint *wrong,
              GError **error)
{
  const char *format = literal (call, 1);

  if (is_number (kinds[0]) || kinds[0] == FANOUT_KIND_CONDITION)
    {
      if (format != NULL || kinds[0] == FANOUT_KIND_CONDITION)
        return fail (error, g_strdup ("a text is read as a time; a number is one of seconds"));
      made->operation = kinds[0] == FANOUT_KIND_TIME ? NULL : &fanout_operation_as_time;
      return TRUE;
    }
  /* time(x, '', 'Europe/Berlin'): any of the known forms, in that zone. */
  return prepare_clock (made, format != NULL && *format != '\0' ? format : NULL, TRUE,
                        literal (call, 2), 2, wrong, error);
}

static gboolean
prepare_format (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made,
                guint *wrong, GError **error)
{
  (void) kinds;
  return prepare_clock (made, literal (call, 1), FALSE, literal (call, 2), 2, wrong, error);
}

static gboolean
prepare_part (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made, guint *wrong,
              GError **error)
{
  (void) kinds;
  return prepare_clock (made, NULL, FALSE, literal (call, 1), 1, wrong, error);
}

static gboolean
prepare_bucket (const FanoutTree *call, const FanoutVectorKind *kinds, FanoutCall *made,
                guint *wrong, GError **error)
{
  const FanoutTree *width = call->children[1];
  const char *zone = literal (call, 2);
  char text[FANOUT_NUMBER_TEXT_MAX];
  FanoutBuckets *buckets;

  (void) kinds;
  *wrong = 1;
  if (fanout_number_sign (width->number) <= 0 || !fanout_number_is_finite (width->number))
    return fail (error, g_strdup ("the width of buckets is above 0"));
  buckets = g_new0 (FanoutBuckets, 1);
  buckets->width = width->number;
  if (fanout_number_is_wide (width->number))
    {
      /* The tree is gone when rows come. */
      buckets->room = *width->number.wide;
      buckets->width = fanout_number_wide (&buckets->room);
    }
  if (width->kind == FANOUT_TREE_CALENDAR)
    {
      buckets->unit = width->unit;
      buckets->width = fanout_number_canonical_wide (width->number, &buckets->room);
      if (buckets->width.scale != 0 || buckets->width.mantissa > 10000)
        {
          fanout_buckets_free (buckets);
          return fail (error, g_strdup ("whole days, weeks, months, quarters or years, up to "
                                        "10000 of them"));
        }
    }
  if (zone != NULL)
    {
      char *problem = NULL;

      buckets->zone = fanout_zone_new (zone, &problem);
      if (buckets->zone == NULL)
        {
          *wrong = 2;
          fanout_buckets_free (buckets);
          return fail (error, problem);
        }
    }
  made->payload = buckets;
  made->free_payload = fanout_buckets_free;
  fanout_number_format (buckets->width, text);
  made->key = g_strdup_printf ("%d:%s:%d:%s", buckets->unit, text, buckets->width.scale,
                               zone != NULL ? zone : "");
  return TRUE;
}

#define NUMBER    FANOUT_KIND_NUMBER
#define TIME      FANOUT_KIND_TIME
#define TEXT      FANOUT_KIND_TEXT
#define CONDITION FANOUT_KIND_CONDITION
#define ALIKE     FANOUT_KIND_FREE

const FanoutFunction fanout_functions[] = {
  { "abs", "n", NUMBER, &fanout_operation_abs, NULL, "abs(x)", "the value without its sign",
    "abs(-2.5)", "2.5" },
  { "bucket", "nd|l", ALIKE, &fanout_operation_bucket, prepare_bucket, "bucket(x, width[, zone])",
    "where the piece of that width begins that x lies in; 1d, 1w, 1mo, 1q and 1y begin at the "
    "zone's midnight",
    "bucket(12.7, 5)", "10" },
  { "ceil", "n", NUMBER, &fanout_operation_ceil, NULL, "ceil(x)",
    "the next whole number that is not below", "ceil(2.1)", "3" },
  { "coalesce", "aa*", ALIKE, &fanout_operation_coalesce, NULL, "coalesce(x, y, ...)",
    "the first that is not null", "coalesce(null, 5)", "5" },
  { "concat", "w*", TEXT, &fanout_operation_concat, NULL, "concat(x, ...)",
    "all as texts, one behind the other; a null adds nothing", "concat('a', 1, null)", "a1" },
  { "contains", "tt", CONDITION, &fanout_operation_contains, NULL, "contains(x, part)",
    "whether the text has that part", "contains('banana', 'nan')", "true" },
  { "day", "n|l", NUMBER, &fanout_operation_day, prepare_part, "day(t[, zone])", "day of the month",
    "day(time('2024-05-17'))", "17" },
  { "ends", "tt", CONDITION, &fanout_operation_ends, NULL, "ends(x, part)",
    "whether the text ends with that part", "ends('a.gz', '.gz')", "true" },
  { "file", "", TEXT, &fanout_operation_file, NULL, "file()", "the name of the row's input", NULL,
    NULL },
  { "floor", "n", NUMBER, &fanout_operation_floor, NULL, "floor(x)",
    "the next whole number that is not above", "floor(-2.1)", "-3" },
  { "format", "nl|l", TEXT, &fanout_operation_format, prepare_format, "format(t, format[, zone])",
    "a time as text: %Y %m %d %H %M %S %f %z %b %B %j %s %y %I %p %F %T %e %%",
    "format(0, '%Y-%m')", "1970-01" },
  { "greatest", "aa*", ALIKE, &fanout_operation_greatest, NULL, "greatest(x, y, ...)",
    "the greatest; null where one is null", "greatest(2, 10)", "10" },
  { "hash", "v", NUMBER, &fanout_operation_hash_text, prepare_hash, "hash(x)",
    "a number below 2^63 that is the same everywhere; of numbers, by their value", NULL, NULL },
  { "hour", "n|l", NUMBER, &fanout_operation_hour, prepare_part, "hour(t[, zone])",
    "hour of the day", "hour(3600)", "1" },
  { "if", "caa", ALIKE, &fanout_operation_if, NULL, "if(condition, x, y)",
    "x where the condition holds, else y", "if(1 < 2, 'a', 'b')", "a" },
  { "is_number", "r", CONDITION, NULL, prepare_is_number, "is_number(x)",
    "whether it is a number; never complains", "is_number('1e3')", "true" },
  { "least", "aa*", ALIKE, &fanout_operation_least, NULL, "least(x, y, ...)",
    "the least; null where one is null", "least(2, 10)", "2" },
  { "length", "t", NUMBER, &fanout_operation_length, NULL, "length(x)", "how many characters",
    "length('Bär')", "3" },
  { "ln", "n", NUMBER, &fanout_operation_ln, NULL, "ln(x)", "natural logarithm", "ln(1)", "0" },
  { "log10", "n", NUMBER, &fanout_operation_log10, NULL, "log10(x)", "logarithm to base 10",
    "log10(1000)", "3" },
  { "log2", "n", NUMBER, &fanout_operation_log2, NULL, "log2(x)", "logarithm to base 2", "log2(8)",
    "3" },
  { "lower", "t", TEXT, &fanout_operation_lower, NULL, "lower(x)", "A to Z as a to z",
    "lower('ABC')", "abc" },
  { "match", "tl|g", TEXT, &fanout_operation_match, prepare_match, "match(x, 'regex'[, group])",
    "what a regular expression finds: the group of that number or name; without one the first "
    "group, or all where there is none",
    "match('id=42', '[0-9]+')", "42" },
  { "minute", "n|l", NUMBER, &fanout_operation_minute, prepare_part, "minute(t[, zone])",
    "minute of the hour", "minute(90)", "1" },
  { "month", "n|l", NUMBER, &fanout_operation_month, prepare_part, "month(t[, zone])",
    "month of the year", "month(time('2024-05-17'))", "5" },
  { "nullif", "aa", ALIKE, &fanout_operation_nullif, NULL, "nullif(x, y)",
    "null where both are equal, else x", "nullif('NA', 'x')", "NA" },
  { "num", "r|ll", NUMBER, NULL, prepare_num, "num(x[, decimal[, thousands]])",
    "the number that a text is, null where it is none", "num('1.234,5', ',', '.')", "1234.5" },
  { "replace", "ttt", TEXT, &fanout_operation_replace, NULL, "replace(x, part, by)",
    "the text with every such part replaced", "replace('a-b-c', '-', '/')", "a/b/c" },
  { "round", "n|n", NUMBER, &fanout_operation_round, NULL, "round(x[, digits])",
    "to so many digits behind the point, halves away from zero", "round(2.345, 2)", "2.35" },
  { "row", "", NUMBER, &fanout_operation_row, NULL, "row()",
    "the number of the row, from 1; empty lines, comments and rows that are skipped have one too",
    NULL, NULL },
  { "second", "n|l", NUMBER, &fanout_operation_second, prepare_part, "second(t[, zone])",
    "second of the minute", "second(61.5)", "1" },
  { "sign", "n", NUMBER, &fanout_operation_sign, NULL, "sign(x)", "-1, 0 or 1", "sign(-3)", "-1" },
  { "size", "t", NUMBER, &fanout_operation_size, NULL, "size(x)", "how many bytes", "size('Bär')",
    "4" },
  { "split", "ttn", TEXT, &fanout_operation_split, NULL, "split(x, separator, n)",
    "the n-th of the parts between separators; below 0 from the last", "split('a/b/c', '/', 2)",
    "b" },
  { "sqrt", "n", NUMBER, &fanout_operation_sqrt, NULL, "sqrt(x)", "square root", "sqrt(2.25)",
    "1.5" },
  { "starts", "tt", CONDITION, &fanout_operation_starts, NULL, "starts(x, part)",
    "whether the text starts with that part", "starts('/api/v1', '/api')", "true" },
  { "sub", "tll", TEXT, &fanout_operation_sub, prepare_sub, "sub(x, 'regex', 'by')",
    "the text with everything replaced that a regular expression finds; \\1 stands for its first "
    "group",
    "sub('$12', '[$]', '')", "12" },
  { "substr", "tn|n", TEXT, &fanout_operation_substr, NULL, "substr(x, start[, n])",
    "n characters, the first from 1; below 0 from the end", "substr('abcdef', 2, 3)", "bcd" },
  { "text", "w", TEXT, NULL, prepare_text, "text(x)",
    "as text: a number as it prints, a time as RFC 3339", "text(1.50)", "1.5" },
  { "time", "r|ll", TIME, &fanout_operation_time, prepare_time, "time(x[, format[, zone]])",
    "the time that a text says: RFC 3339, ISO 8601, a web server's, seconds since 1970, or by a "
    "format",
    "time('2024-05-17 08:30')", "2024-05-17T08:30:00Z" },
  { "total", "s", NUMBER, NULL, NULL, "total(x)",
    "in [result] and having: the sum of x over all groups of the table, before having and limit",
    NULL, NULL },
  { "trim", "t", TEXT, &fanout_operation_trim, NULL, "trim(x)",
    "without blanks and tabs at its ends", "trim('  a ')", "a" },
  { "trunc", "n", NUMBER, &fanout_operation_trunc, NULL, "trunc(x)",
    "without what is behind the point", "trunc(-2.7)", "-2" },
  { "upper", "t", TEXT, &fanout_operation_upper, NULL, "upper(x)", "a to z as A to Z",
    "upper('abc')", "ABC" },
  { "weekday", "n|l", NUMBER, &fanout_operation_weekday, prepare_part, "weekday(t[, zone])",
    "day of the week, 1 for Monday", "weekday(time('2024-05-17'))", "5" },
  { "year", "n|l", NUMBER, &fanout_operation_year, prepare_part, "year(t[, zone])", "the year",
    "year(time('2024-05-17'))", "2024" },
  { "yearday", "n|l", NUMBER, &fanout_operation_yearday, prepare_part, "yearday(t[, zone])",
    "day of the year", "yearday(time('2024-02-01'))", "32" },
  { NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL },
};

const FanoutFunction *
fanout_function_find (const char *name)
{
  for (const FanoutFunction *function = fanout_functions; function->name != NULL; function++)
    if (g_ascii_strcasecmp (function->name, name) == 0)
      return function;
  return NULL;
}

gboolean
fanout_function_is_of_input (const FanoutFunction *function)
{
  return function != NULL
         && (function->operation == &fanout_operation_row
             || function->operation == &fanout_operation_file);
}
