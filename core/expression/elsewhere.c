#include "core/expression/functions.h"

#include <string.h>

/* In lower case, without what is no letter. */
static const struct
{
  const char *name;
  const char *ours;
} names[] = {
  { "bytelength", "size(x)" },
  { "cast", "num(x), or text(x)" },
  { "ceiling", "ceil(x)" },
  { "charlength", "length(x)" },
  { "concatws", "concat(x, ...)" },
  { "currenttimestamp", "a time of the data: there is no now" },
  { "date", "time(x), or bucket(time(x), 1d)" },
  { "datebin", "bucket(t, width)" },
  { "dateformat", "format(t, format)" },
  { "datepart", "year(t), month(t), day(t), hour(t) and the like" },
  { "datetime", "time(x)" },
  { "datetrunc", "bucket(t, width)" },
  { "dayofmonth", "day(t)" },
  { "dayofweek", "weekday(t)" },
  { "dayofyear", "yearday(t)" },
  { "dow", "weekday(t)" },
  { "doy", "yearday(t)" },
  { "endswith", "ends(x, part)" },
  { "extract", "match(x, 'regex'), or year(t), month(t), day(t)" },
  { "filename", "file()" },
  { "float", "num(x)" },
  { "floordate", "bucket(t, width)" },
  { "gsub", "sub(x, 'regex', 'by')" },
  { "hasprefix", "starts(x, part)" },
  { "hassuffix", "ends(x, part)" },
  { "ifelse", "if(condition, x, y)" },
  { "ifnull", "coalesce(x, y)" },
  { "iif", "if(condition, x, y)" },
  { "inputfilename", "file()" },
  { "instr", "contains(x, part)" },
  { "int", "trunc(x), or num(x)" },
  { "isnull", "x is null" },
  { "isnumeric", "is_number(x)" },
  { "isodow", "weekday(t)" },
  { "lcase", "lower(x)" },
  { "left", "substr(x, 1, n)" },
  { "len", "length(x)" },
  { "log", "ln(x), log2(x) or log10(x)" },
  { "ltrim", "trim(x)" },
  { "matches", "x ~ 'regex'" },
  { "max", "greatest(x, y, ...), or an aggregate" },
  { "mid", "substr(x, start, n)" },
  { "min", "least(x, y, ...), or an aggregate" },
  { "mod", "x % y" },
  { "now", "a time of the data: there is no now" },
  { "nr", "row()" },
  { "nvl", "coalesce(x, y)" },
  { "octetlength", "size(x)" },
  { "parsedate", "time(x, format)" },
  { "parsetime", "time(x, format)" },
  { "position", "contains(x, part)" },
  { "pow", "x * x" },
  { "power", "x * x" },
  { "regexpextract", "match(x, 'regex')" },
  { "regexplike", "x ~ 'regex'" },
  { "regexpmatches", "x ~ 'regex'" },
  { "regexpreplace", "sub(x, 'regex', 'by')" },
  { "regexpsubstr", "match(x, 'regex')" },
  { "right", "substr(x, -n)" },
  { "rlike", "x ~ 'regex'" },
  { "rownum", "row()" },
  { "rownumber", "row()" },
  { "rtrim", "trim(x)" },
  { "splitpart", "split(x, separator, n)" },
  { "startswith", "starts(x, part)" },
  { "str", "text(x)" },
  { "strftime", "format(t, format)" },
  { "string", "text(x)" },
  { "strip", "trim(x)" },
  { "strlen", "length(x)" },
  { "strpos", "contains(x, part)" },
  { "strptime", "time(x, format)" },
  { "strtodate", "time(x, format)" },
  { "substring", "substr(x, start, n)" },
  { "timebucket", "bucket(t, width)" },
  { "timestamp", "time(x)" },
  { "timestamptrunc", "bucket(t, width)" },
  { "tochar", "format(t, format), or text(x)" },
  { "todate", "time(x, format)" },
  { "today", "a time of the data: there is no now" },
  { "todatetime", "time(x, format)" },
  { "tolower", "lower(x)" },
  { "tonumber", "num(x)" },
  { "tostring", "text(x)" },
  { "totimestamp", "time(x, format)" },
  { "toupper", "upper(x)" },
  { "truncate", "trunc(x)" },
  { "ucase", "upper(x)" },
  { "unixtimestamp", "time(x)" },
  { "varchar", "text(x)" },
  { "widthbucket", "bucket(x, width)" },
};

const char *
fanout_function_elsewhere (const char *name)
{
  g_autofree char *letters = g_malloc0 (strlen (name) + 1);
  gsize n = 0;

  for (const char *p = name; *p != '\0'; p++)
    if (g_ascii_isalpha (*p))
      letters[n++] = g_ascii_tolower (*p);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i].name, letters) == 0)
      return names[i].ours;
  return NULL;
}
