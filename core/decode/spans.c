#include "core/decode/spans.h"

/* Of all rows together: they stay in the first-level cache. */
#define SPANS_MAX 8192

void
fanout_spans_room_init (FanoutSpansRoom *room, const FanoutChunk *chunk)
{
  room->rows_max = MAX (SPANS_MAX / MAX (chunk->n_columns, 1), 8);
  room->ends = g_new (guint32, room->rows_max);
  room->fields = g_new (guint, MAX (chunk->n_columns, 1));
  for (guint i = 0; i < chunk->n_columns; i++)
    room->fields[i] = i;
}

void
fanout_spans_room_clear (FanoutSpansRoom *room)
{
  g_free (room->ends);
  g_free (room->fields);
}

FanoutSpans
fanout_spans (const FanoutSpansRoom *room, const FanoutScanner *scanner, FanoutBlock *block,
              FanoutChunk *chunk)
{
  const gsize n = room->rows_max * MAX (chunk->n_columns, 1);
  const FanoutScratch *scratch = fanout_chunk_scratch (chunk, n + 1);

  return (FanoutSpans){
    .scanner = scanner,
    .block = block,
    .chunk = chunk,
    .fields = room->fields,
    .rows_max = room->rows_max,
    .starts = scratch->starts,
    .nexts = scratch->nexts,
    .ends = room->ends,
  };
}

void
fanout_spans_pass (FanoutBlock *block, gsize length)
{
  block->offset = MIN (block->offset + length, block->length);
  block->line++;
  block->record++;
}

/* FALSE with the error of a row's first bad value, which fails. */
static gboolean
fail_row (const FanoutSpans *spans, gsize row, GError **error)
{
  const guint n = spans->chunk->n_columns;

  for (guint i = 0; i < n; i++)
    {
      const FanoutField field = { spans->starts[row * n + i], spans->nexts[row * n + i] };
      FanoutText text = { spans->data + spans->origin + field.start, fanout_field_length (field) };

      if (spans->plain != NULL)
        text = spans->plain (spans->chunk, text);
      if (!fanout_chunk_put (spans->chunk, spans->block, i, text.data, text.length, error))
        return FALSE;
    }
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_DATA, "a bad value");
  return FALSE;
}

gboolean
fanout_spans_deliver (FanoutSpans *spans, GError **error)
{
  FanoutBlock *block = spans->block;
  FanoutBlock mapped = *block;
  const FanoutPiece piece = {
    .data = spans->data + spans->origin,
    .starts = spans->starts,
    .nexts = spans->nexts,
    .n_fields = spans->chunk->n_columns,
    .n_rows = spans->n_rows,
    .quote = FANOUT_QUOTE_NONE,
    .plain = spans->plain,
  };
  gsize n;

  if (spans->n_rows == 0)
    return TRUE;
  mapped.fields = spans->fields;
  n = fanout_piece_deliver (&piece, &mapped, spans->chunk, spans->scanner);
  block->record += n;
  block->line += n;
  if (n > 0)
    block->offset = MIN (block->offset + spans->ends[n - 1] - spans->origin, block->length);
  if (n < spans->n_rows)
    return fail_row (spans, n, error);
  spans->origin = spans->ends[n - 1];
  spans->n_rows = 0;
  return TRUE;
}
