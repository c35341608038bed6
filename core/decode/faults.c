#include "core/base/error.h"
#include "core/decode/chunk.h"
#include "core/decode/number-hint.h"

/* Keep the first place in the stream, whatever the order in which they are found. */
static void
note_first (char **first, guint64 *first_record, guint64 record, char *place)
{
  if (*first != NULL && *first_record <= record)
    g_free (place);
  else
    {
      g_free (*first);
      *first = place;
      *first_record = record;
    }
}

/* "FILE:LINE: column NAME: VALUE" */
static char *
place_of (const FanoutBlock *block, guint64 line, const char *column, const char *text,
          gsize length)
{
  g_autofree char *shown = fanout_quote (text, (gssize) length);
  g_autofree char *name = fanout_quote (column, -1);

  return g_strdup_printf ("%s:%" G_GUINT64_FORMAT ": column %s: %s", block->name, line, name,
                          shown);
}

static void
count_rounded (FanoutChunk *chunk, const FanoutBlock *block, guint64 line,
               const FanoutFinding *finding)
{
  const FanoutChunkColumn *column = &chunk->columns[finding->column];

  if (!fanout_chunk_counts_rounded (chunk, block, column, &finding->text))
    return;
  chunk->numbers_rounded++;
  if (chunk->first_rounded == NULL || chunk->first_rounded_record > finding->record)
    note_first (&chunk->first_rounded, &chunk->first_rounded_record, finding->record,
                place_of (block, line, column->name, finding->text.data, finding->text.length));
}

void
fanout_chunk_count_rounded (FanoutChunk *chunk, const FanoutBlock *block, guint64 record,
                            guint64 line, const char *name, FanoutNumber number)
{
  char text[FANOUT_NUMBER_TEXT_MAX];

  chunk->numbers_rounded++;
  if (chunk->first_rounded == NULL || chunk->first_rounded_record > record)
    note_first (&chunk->first_rounded, &chunk->first_rounded_record, record,
                place_of (block, line, name, text, fanout_number_format (number, text)));
}

gboolean
fanout_chunk_is_first_null (const FanoutChunk *chunk, guint64 record)
{
  return chunk->first_nulled == NULL || chunk->first_nulled_record > record;
}

void
fanout_chunk_null_value (FanoutChunk *chunk, guint64 record, char *text)
{
  chunk->values_nulled++;
  if (text != NULL)
    note_first (&chunk->first_nulled, &chunk->first_nulled_record, record, text);
}

static void
count_nulled (FanoutChunk *chunk, const FanoutBlock *block, guint64 line,
              const FanoutFinding *finding)
{
  const FanoutChunkColumn *column = &chunk->columns[finding->column];
  g_autofree char *place = NULL;

  if (!fanout_chunk_counts (chunk, block, column))
    return;
  if (fanout_chunk_is_first_null (chunk, finding->record))
    place = place_of (block, line, column->name, finding->text.data, finding->text.length);
  fanout_chunk_null_value (chunk, finding->record,
                           place != NULL ? g_strconcat (place, " is not a number", NULL) : NULL);
}

static gboolean
refuse_value (const FanoutChunk *chunk, const FanoutBlock *block, guint64 line,
              const FanoutFinding *finding, GError **error)
{
  const FanoutChunkColumn *column = &chunk->columns[finding->column];
  const FanoutText text = finding->text;
  g_autofree char *hint
      = fanout_number_hint (&chunk->writing, column->name, text.data, text.length);
  g_autofree char *place = place_of (block, line, column->name, text.data, text.length);

  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
               "%s is not a number%s%s%s; null-values or on-bad-value = null take it for no value",
               place, column->hint != NULL ? "; " : "", column->hint != NULL ? column->hint : "",
               hint != NULL ? hint : "");
  return FALSE;
}

gboolean
fanout_chunk_judge (FanoutChunk *chunk, const FanoutBlock *block, guint64 line,
                    const FanoutFinding *finding, GError **error)
{
  if (finding->rounded)
    count_rounded (chunk, block, line, finding);
  else if (chunk->on_bad_value != FANOUT_BAD_PASS)
    return refuse_value (chunk, block, line, finding, error);
  else
    count_nulled (chunk, block, line, finding);
  return TRUE;
}

static gboolean
find (FanoutChunk *chunk, const FanoutBlock *block, guint64 line, const FanoutFinding *finding,
      GError **error)
{
  GArray *findings = fanout_chunk_findings (chunk);

  if (findings == NULL)
    return fanout_chunk_judge (chunk, block, line, finding, error);
  g_array_append_vals (findings, finding, 1);
  return TRUE;
}

void
fanout_chunk_rounded (FanoutChunk *chunk, const FanoutBlock *block, guint64 record, guint64 line,
                      const FanoutChunkColumn *column, const char *text, gsize length)
{
  const FanoutFinding finding
      = { record, (guint) (column - chunk->columns), TRUE, { text, length } };

  find (chunk, block, line, &finding, NULL);
}

gboolean
fanout_chunk_bad_value (FanoutChunk *chunk, const FanoutBlock *block, guint64 record, guint64 line,
                        const FanoutChunkColumn *column, const char *text, gsize length,
                        GError **error)
{
  const FanoutFinding finding
      = { record, (guint) (column - chunk->columns), FALSE, { text, length } };

  return find (chunk, block, line, &finding, error);
}

static guint64
last_line (const FanoutBlock *block, gsize length)
{
  FanoutScan scan = { .quoted = FALSE };

  if (length == G_MAXSIZE)
    return 0;
  fanout_scan_lines (block->data + block->offset, length, &scan);
  return block->line + scan.lines;
}

static gboolean
bad_row (FanoutChunk *chunk, const FanoutBlock *block, gsize length, GError **error,
         const char *format, va_list arguments)
{
  g_autofree char *reason = NULL;
  g_autofree char *message = NULL;

  if (chunk->on_bad_row == FANOUT_BAD_PASS)
    {
      chunk->rows_skipped++;
      if (chunk->first_skipped != NULL && chunk->first_skipped_record <= block->record)
        return TRUE;
    }
  reason = g_strdup_vprintf (format, arguments);
  message = g_strdup_printf ("%s:%" G_GUINT64_FORMAT ": %s", block->name, block->line, reason);
  if (chunk->on_bad_row != FANOUT_BAD_PASS)
    {
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_DATA, message);
      return FALSE;
    }
  note_first (&chunk->first_skipped, &chunk->first_skipped_record, block->record,
              g_steal_pointer (&message));
  chunk->first_skipped_line = block->line;
  chunk->first_skipped_last = last_line (block, length);
  return TRUE;
}

gboolean
fanout_chunk_bad_row (FanoutChunk *chunk, const FanoutBlock *block, GError **error,
                      const char *format, ...)
{
  va_list arguments;
  gboolean skipped;

  va_start (arguments, format);
  skipped = bad_row (chunk, block, 0, error, format, arguments);
  va_end (arguments);
  return skipped;
}

gboolean
fanout_chunk_bad_lines (FanoutChunk *chunk, const FanoutBlock *block, gsize length, GError **error,
                        const char *format, ...)
{
  va_list arguments;
  gboolean skipped;

  va_start (arguments, format);
  skipped = bad_row (chunk, block, length, error, format, arguments);
  va_end (arguments);
  return skipped;
}
