#pragma once

/**
 * Results: null, decimal, double, text or list, one for each result column of a group.
 */

#include <fanout/batch.h>

G_BEGIN_DECLS

/** What a result is. */
typedef enum
{
  FANOUT_VALUE_NULL = 0,
  FANOUT_VALUE_DECIMAL,
  FANOUT_VALUE_DOUBLE,
  FANOUT_VALUE_TEXT,
  FANOUT_VALUE_LIST, /* `text` holds it as a JSON array */
} FanoutValueKind;

/** One cell of the result table. Texts live as long as the rows they came with; they need not be
 * valid UTF-8, since the stream need not be. */
typedef struct
{
  FanoutValueKind kind;
  union
  {
    FanoutDecimal decimal;
    double real;
    FanoutText text; /* TEXT and LIST */
  };
} FanoutValue;

/**
 * Where `finish` writes: a block of rows x result columns of one aggregate, all null at first. Rows
 * and columns count from 0; what is beyond them is ignored.
 */
typedef struct FanoutOut FanoutOut;

/** Set a cell; an earlier value is replaced. */
FANOUT_API void fanout_out_decimal (FanoutOut *out, gsize row, guint column,
                                    const FanoutDecimal *value);
FANOUT_API void fanout_out_number (FanoutOut *out, gsize row, guint column, FanoutNumber value);
FANOUT_API void fanout_out_count (FanoutOut *out, gsize row, guint column, guint64 value);
FANOUT_API void fanout_out_double (FanoutOut *out, gsize row, guint column, double value);
/** The bytes are copied. */
FANOUT_API void fanout_out_text (FanoutOut *out, gsize row, guint column, const char *data,
                                 gsize length);
FANOUT_API void fanout_out_null (FanoutOut *out, gsize row, guint column);

/** Start a list; items and nested lists follow until fanout_list_end(), which sets the cell. One
 * list at a time. */
FANOUT_API void fanout_list_begin (FanoutOut *out, gsize row, guint column);
FANOUT_API void fanout_list_open (FanoutOut *out);  /* a list as the next item */
FANOUT_API void fanout_list_close (FanoutOut *out); /* its end */
FANOUT_API void fanout_list_number (FanoutOut *out, FanoutNumber value);
FANOUT_API void fanout_list_decimal (FanoutOut *out, const FanoutDecimal *value);
FANOUT_API void fanout_list_count (FanoutOut *out, guint64 value);
FANOUT_API void fanout_list_double (FanoutOut *out, double value);
FANOUT_API void fanout_list_text (FanoutOut *out, const char *data, gsize length);
FANOUT_API void fanout_list_null (FanoutOut *out);
FANOUT_API void fanout_list_end (FanoutOut *out);

/** Say that a value of this result column is approximate. `bound` is static text such as
 * "relative error at most 1 %". */
FANOUT_API void fanout_out_approximate (FanoutOut *out, guint column, const char *bound);
/** The same where each value has an `error` of its own, a part of 1: it takes the place of the "%"
 * in `bound`, and the greatest of the column is told. */
FANOUT_API void fanout_out_approximate_by (FanoutOut *out, guint column, double error,
                                           const char *bound);

/* What a sink needs of a value. */

/** Write a DECIMAL or DOUBLE to `text`, which has room for #FANOUT_DECIMAL_TEXT_MAX bytes, and
 * answer its length without a NUL; 0 for other kinds. */
FANOUT_API gsize fanout_value_format (const FanoutValue *value, char *text);
/** Append `data` as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
FANOUT_API void fanout_json_append (GString *json, const char *data, gsize length);
/** Append a value as the text of a cell: null appends nothing, a list its JSON text. */
FANOUT_API void fanout_value_append (GString *text, const FanoutValue *value);
/** Append a value as JSON: numbers bare (nan and inf as strings), null as null. */
FANOUT_API void fanout_value_append_json (GString *json, const FanoutValue *value);
/** Order of two values, negative, 0 or positive: numbers exactly, nan above all numbers, then texts
 * bytewise, then lists item by item, null last. */
FANOUT_API gint fanout_value_compare (const FanoutValue *a, const FanoutValue *b);

G_END_DECLS
