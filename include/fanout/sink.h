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
  guint n_columns;
  const char *const *names;
  guint n_keys;          /* the first of the columns are group keys */
  gboolean grouped;
  gboolean header;       /* [output] header */
  gboolean terminal;     /* the output is one */
} FanoutLayout;

/** Some rows of it, row-major. */
typedef struct
{
  gsize n_rows;
  const FanoutValue *values; /* values[row * n_columns + column]; a key is TEXT or NULL */
} FanoutRows;

/**
 * A sink. `begin` answers a state of its own that the others get and `end` frees; the layout stays
 * until then. Text is appended to `text`, which the core writes out and empties as it sees fit.
 */
typedef struct
{
  guint32 size; /* sizeof (FanoutSink) */
  const char *name;    /* `format =` in the INI file */
  const char *summary; /* one line, lower case, no full stop */
  const char *details;
  gpointer (*begin) (const FanoutLayout *layout, GString *text);
  /** Sees all rows once before the first `rows`. Absent: the rows come once. */
  void (*measure) (gpointer state, const FanoutRows *rows);
  void (*rows) (gpointer state, const FanoutRows *rows, GString *text);
  void (*end) (gpointer state, GString *text);
} FanoutSink;

G_END_DECLS
