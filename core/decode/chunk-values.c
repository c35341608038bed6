#include "core/decode/chunk.h"
#include "core/number/fast.h"
#include "core/number/powers.h"
#include "core/number/writing.h"

static FanoutText
trim (const char *text, gsize length)
{
  for (; length > 0 && fanout_is_blank (*text); length--)
    text++;
  while (length > 0 && fanout_is_blank (text[length - 1]))
    length--;
  return (FanoutText){ text, length };
}

gboolean
fanout_chunk_is_null (const FanoutChunk *chunk, const char *text, gsize length)
{
  const FanoutText found = chunk->null_values != NULL ? trim (text, length) : (FanoutText){ 0 };

  for (const char *const *p = chunk->null_values; p != NULL && *p != NULL; p++)
    {
      const char *start = *p;
      FanoutText null;

      while (fanout_is_blank (*start))
        start++;
      /* Most texts are told apart by their first byte. */
      if (found.length > 0 && *start != found.data[0])
        continue;
      null = trim (start, strlen (start));
      if (null.length == found.length && memcmp (null.data, found.data, null.length) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
fanout_text_is_blank (const char *text, gsize length)
{
  return trim (text, length).length == 0;
}

static void
make_mixed (FanoutChunkColumn *column, gsize n_rows)
{
  memset (column->scales, column->scale, n_rows);
  column->mixed = TRUE;
}

/* Give the column `digits` more after the point; FALSE when a value has no room for them. */
static gboolean
widen (FanoutChunkColumn *column, gsize n_rows, guint digits)
{
  const gint64 factor = (gint64) fanout_powers_of_ten[digits];
  const gint64 most = G_MAXINT64 / factor;
  gint64 *mantissa = column->mantissa;
  gboolean fits = TRUE;

  for (gsize i = 0; i < n_rows; i++)
    fits = fits & (mantissa[i] <= most) & (mantissa[i] >= -most);
  if (!fits)
    return FALSE;
  for (gsize i = 0; i < n_rows; i++)
    mantissa[i] *= factor;
  column->scale = (guint8) (column->scale + digits);
  return TRUE;
}

/* The same as long as the rows. */
static FanoutNumber
keep_wide (FanoutChunk *chunk, const FanoutWide *wide)
{
  const gsize align = G_ALIGNOF (FanoutWide);
  gsize at = (gsize) fanout_chunk_text (chunk, sizeof *wide + align - 1);
  FanoutWide *kept = (FanoutWide *) ((at + align - 1) & ~(align - 1));

  *kept = *wide;
  return fanout_number_wide (kept);
}

void
fanout_chunk_put_number (FanoutChunk *chunk, FanoutChunkColumn *column, gsize row,
                         FanoutNumber number)
{
  if (G_UNLIKELY (fanout_number_is_wide (number)))
    number = column->wide ? keep_wide (chunk, number.wide) : fanout_number_narrow (number);
  if (G_LIKELY (number.scale <= FANOUT_SCALE_MAX))
    column->most_digits = MAX (column->most_digits, number.scale);
  else if (!column->mixed)
    make_mixed (column, row);
  if (!column->mixed && number.scale > column->scale
      && !widen (column, row, number.scale - (guint) column->scale))
    make_mixed (column, row);
  if (!column->mixed && number.scale < column->scale)
    {
      const gint64 factor = (gint64) fanout_powers_of_ten[column->scale - number.scale];
      const gint64 most = G_MAXINT64 / factor;

      if (number.mantissa <= most && number.mantissa >= -most)
        number = fanout_number_decimal (number.mantissa * factor, column->scale);
      else
        make_mixed (column, row);
    }
  column->mantissa[row] = number.mantissa; /* a double by its bits, a wide one by its address */
  if (column->mixed)
    column->scales[row] = number.scale;
}

#define WRITTEN_MAX 32

/* The fast way for what is no longer than numbers are as a rule. */
static gboolean
parse_written (const FanoutWriting *writing, const char *text, gsize length, FanoutNumber *number,
               FanoutWide *room, gboolean *rounded)
{
  char own[FANOUT_PADDING + WRITTEN_MAX] = { 0 };

  if (length > WRITTEN_MAX)
    return fanout_number_parse_written_wide (text, length, writing, number, room, rounded);
  length = fanout_writing_rewrite (writing, text, length, own + FANOUT_PADDING);
  return length > 0 && parse_number (own + FANOUT_PADDING, length, number, room, rounded);
}

gboolean
fanout_chunk_parse (FanoutChunk *chunk, FanoutChunkColumn *column, gsize row, const char *text,
                    gsize length, gboolean *rounded)
{
  FanoutNumber number;
  FanoutWide own;
  FanoutWide *room = column->wide ? &own : NULL;

  if (!(fanout_writing_is_plain (&chunk->writing)
            ? parse_number (text, length, &number, room, rounded)
            : parse_written (&chunk->writing, text, length, &number, room, rounded)))
    return FALSE;
  fanout_chunk_put_number (chunk, column, row, number);
  return TRUE;
}

gboolean
fanout_chunk_put (FanoutChunk *chunk, const FanoutBlock *block, guint column, const char *text,
                  gsize length, GError **error)
{
  FanoutChunkColumn *to = &chunk->columns[column];
  const gsize row = chunk->n_rows;
  gboolean is_null = length == 0 || fanout_chunk_is_null (chunk, text, length);
  gboolean bad = FALSE;

  if (to->takes == FANOUT_TAKES_TEXT)
    {
      to->text[row].data = text;
      to->text[row].length = length;
    }
  else if (to->takes == FANOUT_TAKES_NUMBER && !is_null)
    {
      gboolean rounded = FALSE;

      is_null = !fanout_chunk_parse (chunk, to, row, text, length, &rounded);
      bad = is_null && !fanout_text_is_blank (text, length);
      if (bad
          && !fanout_chunk_bad_value (chunk, block, block->record, block->line, to, text, length,
                                      error))
        return FALSE;
      if (rounded)
        fanout_chunk_rounded (chunk, block, block->record, block->line, to, text, length);
    }
  if (to->takes == FANOUT_TAKES_NUMBER && is_null)
    {
      to->mantissa[row] = 0;
      to->scales[row] = 0;
    }
  to->null[row] = fanout_chunk_mark (chunk, is_null, bad);
  to->any_null |= is_null;
  return TRUE;
}

void
fanout_chunk_end_rows (FanoutChunk *chunk, guint64 record, gsize n)
{
  if (n == 0)
    return;
  if (chunk->n_rows == 0)
    {
      chunk->first_row = record;
      chunk->consecutive = TRUE;
    }
  else if (chunk->consecutive && record != chunk->first_row + chunk->n_rows)
    {
      for (gsize i = 0; i < chunk->n_rows; i++)
        chunk->rows[i] = chunk->first_row + i;
      chunk->consecutive = FALSE;
    }
  if (!chunk->consecutive)
    for (gsize i = 0; i < n; i++)
      chunk->rows[chunk->n_rows + i] = record + i;
  chunk->n_rows += n;
}

void
fanout_chunk_end_picked (FanoutChunk *chunk, guint64 record, const guint32 *kept, gsize n)
{
  if (n == 0)
    return;
  if (kept[0] == 0 && kept[n - 1] == n - 1)
    {
      fanout_chunk_end_rows (chunk, record, n);
      return;
    }
  if (chunk->n_rows == 0)
    chunk->first_row = record + kept[0];
  for (gsize i = 0; i < chunk->n_rows && chunk->consecutive; i++)
    chunk->rows[i] = chunk->first_row + i;
  chunk->consecutive = FALSE;
  for (gsize i = 0; i < n; i++)
    chunk->rows[chunk->n_rows + i] = record + kept[i];
  chunk->n_rows += n;
}

void
fanout_chunk_end_row (FanoutChunk *chunk, guint64 record)
{
  fanout_chunk_end_rows (chunk, record, 1);
}

void
fanout_chunk_pick (FanoutChunkColumn *column, gsize first, const guint32 *kept, gsize n)
{
  gint64 *mantissa = column->mantissa != NULL ? column->mantissa + first : NULL;
  FanoutText *text = column->text != NULL ? column->text + first : NULL;
  guint8 *null = column->null + first;

  for (gsize i = 0; i < n && mantissa != NULL; i++)
    mantissa[i] = mantissa[kept[i]];
  for (gsize i = 0; i < n && column->mixed; i++)
    column->scales[first + i] = column->scales[first + kept[i]];
  for (gsize i = 0; i < n && text != NULL; i++)
    text[i] = text[kept[i]];
  for (gsize i = 0; i < n && column->any_null; i++)
    null[i] = null[kept[i]];
}

void
fanout_chunk_keep (FanoutChunk *chunk, const guint32 *kept, gsize n)
{
  if (n == chunk->n_rows)
    return;
  for (guint c = 0; c < chunk->n_columns; c++)
    fanout_chunk_pick (&chunk->columns[c], 0, kept, n);
  if (chunk->consecutive)
    for (gsize i = 0; i < n; i++)
      chunk->rows[i] = chunk->first_row + kept[i];
  else
    for (gsize i = 0; i < n; i++)
      chunk->rows[i] = chunk->rows[kept[i]];
  chunk->first_row = n > 0 ? chunk->rows[0] : 0;
  chunk->consecutive = FALSE;
  chunk->n_rows = n;
}
