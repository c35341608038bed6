/* One JSON object a line. */

#include "delimited.h"

typedef struct
{
  DelimitedOptions all;
} Options;

static const FanoutOption options[] = {
  DELIMITED_COMMENT,
  DELIMITED_SKIP_LINES,
  { .key = NULL },
};

static gboolean
column (gconstpointer data G_GNUC_UNUSED, const char *name, GError **error)
{
  return fanout_json_column (name, error);
}

static gboolean
decode_lines (gconstpointer data G_GNUC_UNUSED, FanoutBlock *block, FanoutChunk *chunk,
              GError **error)
{
  return fanout_json_decode (block, chunk, error);
}

static gboolean
decode (gconstpointer data, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  return delimited_decode_others (data, decode_lines, block, chunk, error);
}

static const FanoutSource jsonl = {
  .size = sizeof (FanoutSource),
  .name = "jsonl",
  .summary = "JSON lines: one object a line",
  .details
  = "A column is a path: commit.author, tags[0], or \"a.b\" for a name with a dot. What is "
    "missing, "
    "null and \"\" are null. A number is taken from its own text, true and false are those texts, "
    "an array or object is its own text. Every line is checked whole, whatever columns are wanted: "
    "one that is no object, or not right, is a bad row, and the message says at which character. "
    "Where a name is repeated in an object the last one counts; a blank line is no row. Arrays and "
    "objects may be 1,024 deep.",
  FANOUT_OPTIONS (Options, options),
  .prepare = delimited_prepare_others,
  .lead = delimited_lead,
  .column = column,
  .decode = decode,
  .flags = FANOUT_SPARSE | FANOUT_PATHS,
};

FANOUT_SOURCES (&jsonl);
