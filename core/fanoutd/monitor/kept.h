#pragma once

/**
 * Copies of results, so that they can be looked at at leisure: of each table the last windows that
 * closed, or the newest state of all. What they take is bounded: the oldest windows go first, and
 * of a table with very many rows the largest by its first result that is a number are kept.
 */

#include "core/fanoutd/monitor/references.h"

#include <fanout/pipeline.h>

/** A table at one moment. It never changes. */
typedef struct
{
  References references;
  guint64 serial;   /* of all that were kept */
  gint64 taken;     /* microseconds since 1970 */
  char *start;      /* of the window, as in the results; NULL: there is none */
  char *end;        /* of it */
  guint64 n_groups; /* rows of the table */
  gsize n_rows;     /* of them, that are kept */
  guint n_columns;
  FanoutValue *values; /* row-major */
  char *texts;         /* of them */
  gsize size;          /* bytes of all this */
} KeptRows;

KeptRows *kept_rows_ref (KeptRows *rows);
void kept_rows_unref (KeptRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeptRows, kept_rows_unref)

/** Which rows are the `n` largest by their first result that is a number: 1 or 0 for each.
 * `n_keys`: columns before the results. Owned by the caller. */
guint8 *kept_rows_largest (const KeptRows *rows, guint n_keys, gsize n);

typedef struct Kept Kept;

/** `windows`: the first two columns of each table are those of a window. */
Kept *kept_new (gboolean windows);
void kept_free (Kept *kept);

/** Copy all tables of `result`, which is rewound before and after. One without rows replaces
 * nothing where there are windows. FALSE with `error` where it cannot be read. Any thread, one at a
 * time. */
gboolean kept_take (Kept *kept, FanoutResult *result, GError **error);

/** What was kept of table `table`, the newest first: an array of KeptRows. Any thread. */
GPtrArray *kept_get (Kept *kept, guint table);
/** Changes with everything that is kept. Any thread. */
guint64 kept_serial (Kept *kept);
