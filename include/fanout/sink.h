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
  guint n_columns;          /* keys and results */
  const char *const *names; /* of all columns, no two alike */
  guint n_keys;             /* the first of the columns are group keys */
  gboolean grouped;         /* FALSE: there is exactly one row */
  gboolean header;          /* [output] header */
  gboolean terminal;        /* the output is one */
} FanoutLayout;

/** Some rows of it, row-major. */
typedef struct
{
  gsize n_rows;
  const FanoutValue *values; /* values[row * n_columns + column]; a key is TEXT or NULL */
} FanoutRows;

/**
 * A sink: UTF-8 out of rows. It is called from one thread, and may be in use for several results
 * at a time, so it has no mutable statics. Text is appended to `text`, which the core writes out
 * and empties between calls as it sees fit; a sink never fails.
 */
typedef struct
{
  guint32 size;        /* sizeof (FanoutSink) */
  const char *name;    /* `format =` in the INI file */
  const char *summary; /* one line, lower case, no full stop */
  const char *details; /* a paragraph */
  /** Before the first row. Returns a state that the others get and `end` frees (may be NULL); the
   * layout stays until then. */
  gpointer (*begin) (const FanoutLayout *layout, GString *text);
  /** Sees all rows once before the first `rows`. Absent: the rows come once. */
  void (*measure) (gpointer state, const FanoutRows *rows);
  /** The next rows of the table, in order. */
  void (*rows) (gpointer state, const FanoutRows *rows, GString *text);
  /** After the last row, also of a result that could not be read to its end: free the state. */
  void (*end) (gpointer state, GString *text);
} FanoutSink;

G_END_DECLS
