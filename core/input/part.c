#include "core/decode/chunk.h"
#include "core/input/private.h"
#include <string.h>

/* Bytes that are looked at to guess whether a line between them begins inside quotes. */
#define GUESS_BEFORE ((guint64) 256 * 1024)
#define GUESS_BEHIND ((guint64) 64 * 1024)
/* Bytes that are scanned at a time. */
#define SCAN_ROOM    ((guint64) 512 * 1024)
/* Bytes that are read at first to find the start of a line, or the end of a row. */
#define STEP         4096

static gboolean
find_size (const FanoutReaderInput *input, guint64 *size, GError **error)
{
  FanoutBytes *bytes;
  gboolean is_file;

  if (fanout_bytes_look (input->path, &is_file, size))
    {
      if (is_file && strcmp (input->path, "-") != 0)
        return TRUE;
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                   "%s: no file; a part is a piece of the bytes of files", input->name);
      return FALSE;
    }
  /* Which says why. */
  bytes = fanout_bytes_open (input->path, input->name, error);
  if (bytes == NULL)
    return FALSE;
  fanout_bytes_free (bytes);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "%s: its size cannot be read", input->name);
  return FALSE;
}

/* The first byte of piece `index`. */
static guint64
border (guint64 total, guint64 index, guint64 count)
{
  __extension__ typedef unsigned __int128 Wide;

  return (guint64) ((Wide) total * index / count);
}

static void
share_out (FanoutBlockReader *reader)
{
  FanoutReaderPart *part = reader->part;
  const FanoutPart *wanted = &part->wanted;
  guint64 total = 0;
  guint64 from, to, start = 0;

  for (guint i = 0; i < reader->n_inputs; i++)
    total += part->sizes[i];
  from = border (total, wanted->index, wanted->count);
  to = border (total, wanted->index + 1, wanted->count);
  for (guint i = 0; i < reader->n_inputs; i++)
    {
      FanoutReaderInput *input = &reader->inputs[i];
      const guint64 end = start + part->sizes[i];

      input->left_out = MAX (from, start) >= MIN (to, end);
      input->part_from = from > start ? from - start : 0;
      input->part_to = to < end ? to - start : G_MAXUINT64;
      start = end;
    }
  reader->total = to - from;
  part->ends.empty = from == to;
}

gboolean
fanout_reader_set_part (FanoutBlockReader *reader, const FanoutPart *part, GError **error)
{
  g_autofree guint64 *sizes = g_new0 (guint64, reader->n_inputs + 1);

  for (guint i = 0; i < reader->n_inputs; i++)
    if (!find_size (&reader->inputs[i], &sizes[i], error))
      return FALSE;
  reader->part = g_new0 (FanoutReaderPart, 1);
  reader->part->wanted = *part;
  reader->part->sizes = g_steal_pointer (&sizes);
  reader->part->ends.line = part->line > 0 ? part->line : FANOUT_LINE_OPEN;
  reader->state.record = part->record;
  atomic_init (&reader->part->over, FALSE);
  share_out (reader);
  return TRUE;
}

void
fanout_reader_part_free (FanoutReaderPart *part)
{
  if (part == NULL)
    return;
  g_free (part->sizes);
  g_free (part);
}

void
fanout_reader_part_ends (FanoutBlockReader *reader, FanoutPartEnds *ends)
{
  *ends = reader->part->ends;
  ends->rows = reader->state.record - reader->part->wanted.record;
}

const guint64 *
fanout_reader_sizes (FanoutBlockReader *reader, guint *n)
{
  *n = reader->n_inputs;
  return reader->part->sizes;
}

/* The start of the line with byte `offset`, not before `first`. */
static gboolean
find_line (FanoutBytes *bytes, guint64 first, guint64 offset, guint64 *start, GError **error)
{
  g_autofree char *data = NULL;

  for (gsize step = STEP; offset > first; step *= 2)
    {
      const gsize n = (gsize) MIN (step, offset - first);
      const char *feed;

      data = g_realloc (data, n);
      if (!bytes->type->read_at (bytes, data, n, offset - n, error))
        return FALSE;
      feed = memrchr (data, '\n', n);
      if (feed != NULL)
        {
          *start = offset - n + (gsize) (feed - data) + 1;
          return TRUE;
        }
      offset -= n;
      /* Lines that are longer than memory are read again, not kept. */
      step = MIN (step, (gsize) 8 * 1024 * 1024);
    }
  *start = first;
  return TRUE;
}

/* Whether it matters to the source how text begins. */
static gboolean
knows_quotes (const FanoutBlockReader *reader)
{
  FanoutScan scan = { .quoted = TRUE };

  fanout_reader_scan (reader, "\n", 1, &scan);
  return scan.quoted != FALSE;
}

/* How many more good rows than bad ones the text has, taken so. */
static gint64
count_good (const FanoutBlockReader *reader, const FanoutReaderInput *input, const char *data,
            gsize length, gint quoted)
{
  g_autoptr (FanoutChunk) chunk = fanout_chunk_new (0, NULL, 0);
  FanoutScan scan = { .quoted = FALSE };
  FanoutBlock block = {
    .size = sizeof block,
    .name = input->name,
    .line = 1,
    .n_fields = input->n_fields,
    .fields = input->fields,
  };
  gint64 good = 0;
  /* The first line is of a row that begins before. */
  const gsize first = fanout_reader_row_end (reader, data, length, quoted);

  fanout_reader_scan (reader, data + first, length - first, &scan);
  block.data = data + first;
  block.length = scan.tail;
  chunk->on_bad_row = FANOUT_BAD_PASS;
  chunk->on_bad_value = FANOUT_BAD_PASS;
  chunk->max_row = reader->max_row;
  while (block.offset < block.length)
    {
      fanout_chunk_reset (chunk);
      if (!reader->source->decode (reader->options, &block, chunk, NULL))
        return G_MININT64;
      good += (gint64) chunk->n_rows;
    }
  return good - (gint64) chunk->rows_skipped;
}

/* Text that begins inside quotes has few rows when it is taken not to, and bad ones. What begins
 * the input needs no guess. */
static gboolean
guess (const FanoutBlockReader *reader, const FanoutReaderInput *input, guint64 from,
       FanoutPartEnds *ends, GError **error)
{
  const guint64 first = input->offset;
  const gsize room = (gsize) MIN (GUESS_BEFORE, from - first);
  const gsize n = room + (gsize) MIN (GUESS_BEHIND, input->bytes->end - from);
  g_autofree char *memory = g_malloc0 (n + 2 * FANOUT_PADDING);
  char *data = memory + FANOUT_PADDING;
  FanoutScan scan = { .quoted = FALSE };
  gsize start = 0;

  if (!input->bytes->type->read_at (input->bytes, data, n, from - room, error))
    return FALSE;
  if (from - room > first)
    {
      const char *feed = memchr (data, '\n', room);

      start = feed != NULL ? (gsize) (feed - data) + 1 : room;
      if (count_good (reader, input, data + start, n - start, TRUE)
          > count_good (reader, input, data + start, n - start, FALSE))
        scan.quoted = TRUE;
    }
  ends->guessed = from - room > first;
  fanout_reader_scan (reader, data + start, room - start, &scan);
  ends->start = scan.quoted;
  return TRUE;
}

static gboolean
place_begin (FanoutBlockReader *reader, FanoutReaderInput *input, GError **error)
{
  FanoutReaderPart *part = reader->part;
  FanoutPartEnds *ends = &part->ends;
  guint64 start;

  if (input->part_from <= input->offset)
    return TRUE;
  if (!find_line (input->bytes, input->offset, input->part_from - 1, &start, error))
    return FALSE;
  ends->begun = input->inside = TRUE;
  ends->from = start;
  if (knows_quotes (reader) && part->wanted.quoted != FANOUT_PART_GUESS)
    ends->start = part->wanted.quoted;
  else if (knows_quotes (reader) && !guess (reader, input, start, ends, error))
    return FALSE;
  input->offset = start;
  return TRUE;
}

/* No row begins in the part where it ends in the header, or in the line where it begins. */
static gboolean
place_end (FanoutBlockReader *reader, FanoutReaderInput *input, guint64 first, GError **error)
{
  FanoutPartEnds *ends = &reader->part->ends;

  if (input->part_to > input->bytes->end)
    return TRUE;
  if (input->part_to <= first)
    {
      input->left_out = TRUE;
      return TRUE;
    }
  ends->cut = TRUE;
  input->stretch_step = STEP;
  return find_line (input->bytes, first, input->part_to - 1, &input->stretch, error);
}

FanoutRead
fanout_reader_place (FanoutBlockReader *reader, FanoutReaderInput *input, GError **error)
{
  const guint64 first = input->offset;

  if (input->sequential)
    {
      /* It is dealt whole. */
      input->left_out = input->part_from > 0;
      return FANOUT_READ_BLOCK;
    }
  return place_begin (reader, input, error) && place_end (reader, input, first, error)
             ? FANOUT_READ_BLOCK
             : FANOUT_READ_FAILED;
}

void
fanout_part_settle (const FanoutPartScan *scans, guint64 index, FanoutPart *part)
{
  gint state = FALSE;
  guint64 line = 0;

  for (guint64 i = 0; i < index; i++)
    {
      const FanoutPartScan *scan = &scans[i];

      if (scan->empty)
        continue;
      if (!scan->begun)
        {
          state = FALSE;
          line = scan->line;
        }
      if (!scan->through)
        state = scan->end[state != FALSE];
      line += scan->lines;
    }
  part->quoted = scans[index].begun ? state : FALSE;
  part->line = scans[index].begun ? line : 0;
}

/* The first of the inputs that has bytes in the part, or the last; NULL: none has. */
static FanoutReaderInput *
find_input (FanoutBlockReader *reader, gboolean last)
{
  FanoutReaderInput *found = NULL;

  for (guint i = 0; i < reader->n_inputs; i++)
    if (!reader->inputs[i].left_out && (last || found == NULL))
      found = &reader->inputs[i];
  return found;
}

static gboolean
scan_lines (FanoutBlockReader *reader, const FanoutReaderInput *input, FanoutPartScan *result,
            GError **error)
{
  const guint64 end = MIN (input->stretch, input->bytes->end);
  g_autofree char *memory = g_malloc0 (SCAN_ROOM + 2 * FANOUT_PADDING);
  char *data = memory + FANOUT_PADDING;
  FanoutScan scans[] = { { .quoted = FALSE }, { .quoted = TRUE } };

  for (guint64 at = input->offset; at < end;)
    {
      const gsize n = (gsize) MIN (SCAN_ROOM, end - at);

      if (!input->bytes->type->read_at (input->bytes, data, n, at, error))
        return FALSE;
      for (guint i = 0; i < (input->inside ? 2 : 1); i++)
        fanout_reader_scan (reader, data, n, &scans[i]);
      result->lines += scans[0].lines;
      at += n;
    }
  result->end[FALSE] = scans[FALSE].quoted;
  result->end[TRUE] = scans[TRUE].quoted;
  return TRUE;
}

gboolean
fanout_reader_scan_part (FanoutBlockReader *reader, FanoutPartScan *scan, GError **error)
{
  const FanoutPartEnds *ends = &reader->part->ends;
  FanoutReaderInput *first = find_input (reader, FALSE);
  FanoutReaderInput *last = find_input (reader, TRUE);
  FanoutRead status;
  gboolean done;

  *scan = (FanoutPartScan){ .empty = ends->empty };
  if (first == NULL)
    return TRUE;
  pthread_mutex_lock (&reader->claim);
  status = fanout_reader_advance (reader, first, FANOUT_STAGE_READY, TRUE, NULL, error);
  if (status == FANOUT_READ_BLOCK && last != first)
    status = fanout_reader_advance (reader, last, FANOUT_STAGE_READY, TRUE, NULL, error);
  done = status != FANOUT_READ_FAILED;
  if (status == FANOUT_READ_BLOCK)
    {
      scan->begun = ends->begun;
      scan->cut = ends->cut;
      scan->through = ends->begun && ends->cut && last->stretch == ends->from;
      scan->line = last->inside ? 0 : last->line;
      if (scan->cut)
        done = scan_lines (reader, last, scan, error);
    }
  pthread_mutex_unlock (&reader->claim);
  return done;
}
