/* Rows of fields told apart by tabs, without quotes and escapes. */

#include "delimited.h"

static const FanoutOption options[] = {
  DELIMITED_OPTIONS,
  { .key = NULL },
};

static gboolean
prepare (gpointer options_, GError **error)
{
  return delimited_prepare (options_, '\t', NULL, FANOUT_QUOTE_NONE, error);
}

static const FanoutSource tsv = {
  .size = sizeof (FanoutSource),
  .name = "tsv",
  .summary = "rows of fields told apart by tabs",
  .details
  = "There are no quotes and no escapes: every byte between two tabs belongs to the field. "
    "A row with too few or too many fields and a NUL byte are bad rows. An empty field is "
    "null. An empty line is no row, or a null where there is one column.",
  FANOUT_OPTIONS (DelimitedOptions, options),
  .prepare = prepare,
  .scan = NULL, /* at each line feed */
  DELIMITED_SOURCE,
};

FANOUT_SOURCES (&tsv);
