#pragma once

/**
 * How to write a sink: it gets the result table row by row and writes text.
 */

#include <fanout/option.h>
#include <fanout/value.h>

G_BEGIN_DECLS

/** What is known of the result table before its rows come. */
typedef struct
{
  guint32 size;             /* sizeof (FanoutLayout) */
  guint n_columns;          /* keys and results */
  const char *const *names; /* of all columns, no two alike */
  guint n_keys;             /* the first of the columns are group keys */
  gboolean grouped;         /* FALSE: there is exactly one row */
  gboolean header;          /* [output] header */
  gboolean terminal;        /* the output is one */
  const char *table;        /* its name; NULL: it is the only one of the result */
  guint table_index;        /* of the tables of this output, from 0 */
  guint n_tables;           /* of this output */
} FanoutLayout;

/** Some rows of it, row-major. */
typedef struct
{
  guint32 size;       /* sizeof (FanoutRows) */
  guint32 value_size; /* sizeof (FanoutValue): from one value to the next */
  gsize n_rows;
  guint n_columns;
  const FanoutValue *values; /* see fanout_rows_value(); a key is TEXT or NULL */
} FanoutRows;

/** The value in a row and a column, both from 0. */
static inline const FanoutValue *
fanout_rows_value (const FanoutRows *rows, gsize row, guint column)
{
  return (const FanoutValue *) (gconstpointer) ((const char *) rows->values
                                                + (row * rows->n_columns + column)
                                                      * rows->value_size);
}

typedef enum
{
  FANOUT_SINK_TABLES = 1 << 0, /* one output can hold several tables: `begin` .. `end` for each, and
                                  the layout says which it is */
} FanoutSinkFlags;

/**
 * A sink: UTF-8 out of rows. It is called from one thread, and may be in use for several results
 * at a time, so it has no mutable statics. Text is appended to `text`, which the core writes out
 * and empties between calls as it sees fit; a sink never fails.
 */
typedef struct FanoutSink
{
  guint32 size FANOUT_UNSET;        /* sizeof (FanoutSink) */
  const char *name FANOUT_UNSET;    /* `format =` in the INI file */
  const char *summary FANOUT_UNSET; /* one line, lower case, no full stop */
  const char *details FANOUT_UNSET; /* a paragraph */

  /* FANOUT_OPTIONS (Options, options) sets these three. */
  gsize options_size FANOUT_UNSET; /* sizeof the options struct; it is zeroed, then bound */
  gsize option_size FANOUT_UNSET;  /* sizeof (FanoutOption): from one option to the next */
  const FanoutOption *options FANOUT_UNSET; /* keys of [output] besides those that the core knows */
  /** Check options together and derive what the run needs. FALSE with `error`
   * (FANOUT_ERROR_CONFIG): the text alone, without a place. */
  gboolean (*prepare) (gpointer options, GError **error) FANOUT_UNSET;
  /** Free what `prepare` allocated. */
  void (*release) (gpointer options) FANOUT_UNSET;

  /** Before the first row. Returns a state that the others get and `end` frees (may be NULL);
   * options and layout stay until then. */
  gpointer (*begin) (gconstpointer options, const FanoutLayout *layout, GString *text) FANOUT_UNSET;
  /** Sees all rows once before the first `rows`. Absent: the rows come once. */
  void (*measure) (gpointer state, const FanoutRows *rows) FANOUT_UNSET;
  /** The next rows of the table, in order. */
  void (*rows) (gpointer state, const FanoutRows *rows, GString *text) FANOUT_UNSET;
  /** After the last row, also of a result that could not be read to its end: free the state. */
  void (*end) (gpointer state, GString *text) FANOUT_UNSET;
  guint flags FANOUT_UNSET; /* FanoutSinkFlags */
} FanoutSink;

G_END_DECLS
