#pragma once

/** Inside of <fanout/value.h>: the block of cells that `finish` writes to. */

#include <fanout/value.h>

struct FanoutOut
{
  FanoutValue *values; /* row-major, n_columns wide */
  gsize capacity;      /* rows there is room for */
  gsize n_rows;
  guint n_columns;
  guint first;              /* the column that an operator calls 0 */
  guint n_own;              /* and how many are its own */
  const char **approximate; /* for each column: the bound, or NULL */
  double *errors;           /* that stands in it */
  char **bounds;            /* or NULL: static text */
  GPtrArray *blocks;        /* of bytes that texts of these rows lie in */
  char *free;
  gsize n_free;
  GString *json;    /* the list that is being built */
  guint depth;      /* of open lists; 0: none */
  gboolean follows; /* the next item of the list comes after another */
  gsize list_row;
  guint list_column;
};

/** Room for `capacity` rows of `n_columns`. */
FANOUT_API void fanout_out_init (FanoutOut *out, gsize capacity, guint n_columns);
FANOUT_API void fanout_out_clear (FanoutOut *out);

/** Start with `n_rows` rows of nulls, at most the capacity; texts handed out before are gone. */
FANOUT_API void fanout_out_reset (FanoutOut *out, gsize n_rows);

/** What is written from now on goes to the `n` columns from `first`. */
void fanout_out_select (FanoutOut *out, guint first, guint n);

/** A copy of `data` that lives until the reset, with 16 bytes before and after it that may be read.
 */
FanoutText fanout_out_copy (FanoutOut *out, const char *data, gsize length);

static inline FanoutValue *
fanout_out_row (const FanoutOut *out, gsize row)
{
  return out->values + row * out->n_columns;
}
