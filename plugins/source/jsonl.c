/* One JSON object a line. */

#include <fanout/source.h>

static gboolean
column (gconstpointer options G_GNUC_UNUSED, const char *name, GError **error)
{
  return fanout_json_column (name, error);
}

static gboolean
decode (gconstpointer options G_GNUC_UNUSED, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  return fanout_json_decode (block, chunk, error);
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
  .column = column,
  .decode = decode,
  .flags = FANOUT_SPARSE | FANOUT_PATHS,
};

FANOUT_SOURCES (&jsonl);
