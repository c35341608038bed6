/* @name@: lines of the form key=value, to start from. */

#include <fanout/fanout.h>
#include <string.h>

typedef struct
{
  gint separator;
} Options;

static char **
names (gconstpointer options)
{
  static const char *const columns[] = { "key", "value", NULL };

  (void) options;
  return g_strdupv ((char **) columns);
}

static gboolean
header (gconstpointer options, const char *data, gsize length, gboolean complete, char ***columns,
        guint *n_fields, gsize *header_length, GError **error)
{
  (void) data;
  (void) length;
  (void) complete;
  (void) error;
  *columns = names (options);
  *n_fields = 2;
  *header_length = 0;
  return TRUE;
}

/* One line into the chunk; TRUE also where it was bad and is skipped. */
static gboolean
decode_line (const Options *options, const char *line, gsize length, FanoutBlock *block,
             FanoutChunk *chunk, GError **error)
{
  const char *separator = memchr (line, options->separator, length);

  if (length > chunk->max_row)
    return fanout_chunk_bad_row (chunk, block, error, "the row is too long");
  if (separator == NULL)
    return fanout_chunk_bad_row (chunk, block, error, "no '%c' in this row", options->separator);
  for (guint c = 0; c < chunk->n_columns; c++)
    {
      const char *text = block->fields[c] == 0 ? line : separator + 1;
      const char *end = block->fields[c] == 0 ? separator : line + length;

      if (!fanout_chunk_put (chunk, block, c, text, (gsize) (end - text), error))
        return FALSE;
    }
  fanout_chunk_end_row (chunk, block->record);
  return TRUE;
}

static gboolean
decode (gconstpointer options, FanoutBlock *block, FanoutChunk *chunk, GError **error)
{
  while (block->offset < block->length && chunk->n_rows < chunk->capacity)
    {
      const char *line = block->data + block->offset;
      const gsize left = block->length - block->offset;
      const char *end = memchr (line, '\n', left);
      const gsize length = end != NULL ? (gsize) (end - line) : left;

      if (!decode_line (options, line, length, block, chunk, error))
        return FALSE;
      block->offset += end != NULL ? length + 1 : length;
      block->line++;
      block->record++;
    }
  return TRUE;
}

static const FanoutOption options[] = {
  { .key = "separator",
    .type = FANOUT_OPTION_CHARACTER,
    .offset = G_STRUCT_OFFSET (Options, separator),
    .value = "=",
    .help = "what stands between key and value" },
  FANOUT_OPTIONS_END,
};

static const FanoutSource @id@_source = {
  .size = sizeof @id@_source,
  .name = "@name@",
  .summary = "lines of the form key=value",
  .details = "The columns are key and value. A line without a separator is a bad row.",
  FANOUT_OPTIONS (Options, options),
  .header = header,
  .scan = NULL, /* a row ends at each line feed */
  .names = names,
  .decode = decode,
};

FANOUT_SOURCES (&@id@_source);
