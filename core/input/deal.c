#include "core/base/gio.h"
#include "core/base/park.h"
#include "core/input/live.h"
#include "core/input/piece.h"
#include <string.h>

/* Most rows cut by a border fit in front of the rest without a larger buffer. */
#define HEAD_ROOM 4096
#define ALIGNMENT 64

/* Bytes of a piece on their way to a block. */
typedef struct
{
  char *data;
  gsize length;
  gboolean last;
  FanoutScan scan;
} Cut;

/* Pieces are aligned for the functions that scan them. */
static void
allocate (FanoutLane *lane, gsize head_room)
{
  const gsize before = FANOUT_PADDING + head_room;
  gsize size = before + lane->reader->block_size + FANOUT_PADDING;

  size += -size % ALIGNMENT;
  lane->head_room = head_room;
  lane->size = lane->n_places * size + ALIGNMENT;
  lane->memory = g_malloc0 (lane->size);
  lane->data = lane->memory + before;
  lane->data += -(guintptr) lane->data % ALIGNMENT;
  lane->next = lane->n_places > 1 ? lane->data + size : lane->data;
}

static void
turn_over (FanoutLane *lane)
{
  char *data = lane->next;

  lane->next = lane->data;
  lane->data = data;
}

FanoutLane *
fanout_reader_lane (FanoutBlockReader *reader, gboolean blocking)
{
  FanoutLane *lane = g_new0 (FanoutLane, 1);

  lane->reader = reader;
  lane->first = reader->n_lanes++ == 0;
  lane->blocking = blocking;
  lane->n_places = 1;
  allocate (lane, HEAD_ROOM);
  return lane;
}

/* The system copies a fifth faster to where the cache does not hold what was decoded last. */
void
fanout_lane_set_alone (FanoutLane *lane)
{
  g_free (lane->memory);
  lane->n_places = 2;
  allocate (lane, HEAD_ROOM);
}

void
fanout_lane_set_blocking (FanoutLane *lane, gboolean blocking)
{
  lane->blocking = blocking;
}

gsize
fanout_lane_bytes (const FanoutLane *lane)
{
  return lane->size + (lane->first ? atomic_load (&lane->reader->ahead_memory) : 0);
}

FanoutBlockOrigin
fanout_lane_origin (const FanoutLane *lane)
{
  return lane->origin;
}

void
fanout_lane_free (FanoutLane *lane)
{
  if (lane == NULL)
    return;
  fanout_live_hold (lane, NULL);
  g_free (lane->memory);
  g_free (lane);
}

/* Turns: pieces are put together in the order of their tickets. */

typedef struct
{
  FanoutBlockReader *reader;
  guint64 ticket;
} Turn;

static gboolean
is_turn (gpointer data)
{
  const Turn *turn = data;

  return atomic_load_explicit (&turn->reader->ticket, memory_order_acquire) == turn->ticket;
}

/* Mostly the piece before is read to its end already, or nearly: who sleeps may be woken on the
 * processor of who wakes it, and both share it until the system looks again. */
static void
await_turn (FanoutBlockReader *reader, guint64 ticket)
{
  Turn turn = { reader, ticket };

  if (fanout_park_spin (is_turn, &turn, 1))
    return;
  pthread_mutex_lock (&reader->turn);
  while (!is_turn (&turn))
    pthread_cond_wait (&reader->turned, &reader->turn);
  pthread_mutex_unlock (&reader->turn);
}

/* The first row that was not dealt. A row that is too long was, whatever comes of its end. */
static guint64
next_record (const FanoutReaderState *state)
{
  return state->record + (state->too_long && !state->foreign ? 1 : 0);
}

static void
pass_turn (FanoutBlockReader *reader)
{
  atomic_store (&reader->record, next_record (&reader->state));
  pthread_mutex_lock (&reader->turn);
  atomic_fetch_add_explicit (&reader->ticket, 1, memory_order_release);
  pthread_cond_broadcast (&reader->turned);
  pthread_mutex_unlock (&reader->turn);
}

/* Cutting: what is done in turn. */

gsize
fanout_reader_row_end (const FanoutBlockReader *reader, const char *data, gsize length, gint quoted)
{
  gsize at = 0;
  gsize step = 64;

  while (at < length)
    {
      FanoutScan scan = { .quoted = quoted };
      const gsize n = MIN (step, length - at);

      fanout_reader_scan (reader, data + at, n, &scan);
      if (scan.rows > 0 && n == 1)
        return at + 1;
      if (scan.rows > 0)
        {
          step = 1;
          continue;
        }
      at += n;
      quoted = scan.quoted;
    }
  return at;
}

/* Drop what belongs to the row that was dealt as too long. */
static void
drop_long (FanoutBlockReader *reader, Cut *cut)
{
  FanoutReaderState *state = &reader->state;
  const gboolean ends = cut->scan.rows > 0;
  const gsize dropped
      = ends ? fanout_reader_row_end (reader, cut->data, cut->length, state->quoted) : cut->length;
  const guint64 lines = ends ? fanout_reader_count_lines (cut->data, dropped) : cut->scan.lines;

  cut->data += dropped;
  cut->length -= dropped;
  cut->scan.lines -= lines;
  state->last_line += lines;
  if (!ends && !cut->last)
    return;
  cut->scan.rows -= ends ? 1 : 0;
  cut->scan.tail -= ends ? dropped : 0;
  state->record = next_record (state);
  state->too_long = state->foreign = FALSE;
  state->line = state->last_line;
}

static gboolean
is_wanted (FanoutBlockReader *reader, guint64 record)
{
  return reader->live != NULL || record <= atomic_load (&reader->stop_record);
}

static void
set_block (const FanoutBlockReader *reader, const FanoutReaderInput *input, FanoutBlock *block)
{
  memset (block, 0, sizeof *block);
  block->size = sizeof *block;
  block->name = input->block_name != NULL ? input->block_name : input->name;
  block->line = reader->state.line;
  block->record = reader->state.record;
  block->n_fields = input->n_fields;
  block->fields = input->fields;
  block->first_line = input->inside ? 0 : input->line;
}

/* Put the begun row in front of its end. */
static void
join_tail (FanoutLane *lane, Cut *cut)
{
  const FanoutReaderState *state = &lane->reader->state;

  if (state->tail_length > lane->head_room)
    {
      char *old = lane->memory;

      allocate (lane, MAX (state->tail_length, 2 * lane->head_room));
      memcpy (lane->data, cut->data, cut->length);
      cut->data = lane->data;
      g_free (old);
    }
  if (state->tail_length > 0)
    memcpy (cut->data - state->tail_length, state->tail, state->tail_length);
}

static void
keep_tail (FanoutReaderState *state, const char *data, gsize length)
{
  const gsize needed = state->tail_length + length;

  if (needed > state->tail_room)
    {
      state->tail_room = MAX (needed, 2 * state->tail_room);
      state->tail = g_realloc (state->tail, state->tail_room);
    }
  if (length > 0)
    memcpy (state->tail + state->tail_length, data, length);
  state->tail_length = needed;
}

static void
fail (FanoutBlockReader *reader, GError *error)
{
  pthread_mutex_lock (&reader->turn);
  reader->failure = error;
  reader->failed_record = next_record (&reader->state);
  pthread_mutex_unlock (&reader->turn);
  atomic_store (&reader->failed, TRUE);
}

/* TRUE with a block where rows end in the piece, or the begun row becomes too long: what there
 * is of it is dealt behind the rows before it. A carriage return beyond max_row may still be of
 * a row end. */
static gboolean
cut_rows (FanoutLane *lane, const FanoutReaderInput *input, Cut *cut, FanoutBlock *block)
{
  FanoutReaderState *state = &lane->reader->state;
  const gsize rest = cut->length - cut->scan.tail;
  const gsize begun = rest + (cut->scan.rows > 0 ? 0 : state->tail_length);
  const gboolean ended = cut->last && begun > 0;
  const gboolean too_long = !ended && begun > 0 && begun - 1 > lane->reader->max_row;
  const gboolean any = cut->scan.rows > 0 || ended || too_long;
  const gsize whole = ended || too_long ? cut->length : cut->scan.tail;

  if (any)
    {
      join_tail (lane, cut);
      set_block (lane->reader, input, block);
      lane->origin.input = input->ordinal;
      lane->origin.last = cut->last && input->live == NULL;
      block->data = cut->data - state->tail_length;
      block->length = state->tail_length + whole;
      state->tail_length = 0;
    }
  state->last_line += cut->scan.lines;
  if (cut->scan.rows > 0)
    state->line = state->last_line - fanout_reader_count_lines (cut->data + cut->scan.tail, rest);
  state->record += cut->scan.rows + (ended ? 1 : 0);
  state->too_long |= too_long;
  keep_tail (state, cut->data + whole, cut->length - whole);
  if (any)
    memset (cut->data + whole, 0, FANOUT_PADDING);
  return any;
}

static gboolean
cut_piece (FanoutLane *lane, const FanoutPiece *piece, Cut *cut, FanoutBlock *block)
{
  FanoutBlockReader *reader = lane->reader;
  FanoutReaderState *state = &reader->state;
  gboolean dealt;

  if (state->too_long)
    drop_long (reader, cut);
  dealt = cut_rows (lane, piece->input, cut, block);
  state->quoted = piece->whole ? FALSE : cut->scan.quoted;
  if (piece->whole)
    state->line = state->last_line;
  if (piece->torn && state->tail_length > 0)
    fanout_reader_tell (
        reader, "%s:%" G_GUINT64_FORMAT ": the rest of this row is lost: the file was written anew",
        piece->input->name, state->line);
  if (!dealt || piece->skipped || !is_wanted (reader, block->record))
    return FALSE;
  lane->origin.serial = reader->serial++;
  return TRUE;
}

static void
resume (FanoutReaderState *state, const FanoutReaderInput *input)
{
  const FanoutReaderInput *before = input->resume.before;
  const guint64 line = before != NULL ? before->end_line : input->resume.line;

  if (line > 0)
    state->line = state->last_line = line;
  state->quoted = input->resume.quoted;
  state->too_long = input->resume.too_long;
}

static void
begin_input (FanoutBlockReader *reader, FanoutReaderState *state, const FanoutReaderInput *input)
{
  if (input->resume.joined)
    return;
  state->record = next_record (state);
  reader->first_record = state->record;
  state->line = state->last_line = input->line;
  state->quoted = state->too_long = state->foreign = FALSE;
  state->tail_length = 0;
  if (input->resume.offset > 0 && !fanout_reader_passes_over (input))
    resume (state, input);
  if (!input->inside)
    return;
  state->line = state->last_line = reader->part->ends.line;
  state->quoted = reader->part->ends.start;
  state->too_long = state->foreign = TRUE;
}

/* At the first byte of the line with the part's last one. */
static void
end_part (FanoutBlockReader *reader, const FanoutReaderInput *input)
{
  const FanoutReaderState *state = &reader->state;
  FanoutPartEnds *ends = &reader->part->ends;

  ends->told = TRUE;
  ends->through = input->inside && input->stretch == ends->from;
  ends->end = state->quoted;
  ends->line = state->last_line;
}

/* Of what is behind the part the end of its last row is wanted: FALSE where it has begun none. */
static gboolean
cut_stretch (FanoutBlockReader *reader, const FanoutPiece *piece, Cut *cut)
{
  if (piece->offset == piece->input->stretch)
    end_part (reader, piece->input);
  if (reader->state.foreign || cut->scan.rows > 0 || cut->last)
    atomic_store (&reader->part->over, TRUE);
  if (reader->state.foreign)
    return FALSE;
  if (cut->scan.rows == 0)
    return TRUE;
  cut->length = fanout_reader_row_end (reader, cut->data, cut->length, reader->state.quoted);
  cut->scan.quoted = reader->state.quoted;
  cut->last = FALSE;
  fanout_reader_scan (reader, cut->data, cut->length, &cut->scan);
  return TRUE;
}

/* Where rows end depends on what the pieces before end in. While that is not known we bet that they
 * end outside of quotes, and scan again if not. */
static gboolean
deal_bytes (FanoutLane *lane, const FanoutPiece *piece, FanoutBlock *block)
{
  FanoutBlockReader *reader = lane->reader;
  Cut cut = { lane->data,
              piece->length,
              (piece->last && !piece->torn && !piece->joined) || piece->whole,
              { 0 } };
  const gboolean known = is_turn (&(Turn){ reader, piece->ticket });

  if (known)
    fanout_live_enter (piece->input);
  if (known && piece->first)
    begin_input (reader, &reader->state, piece->input);
  cut.scan.quoted = known ? reader->state.quoted : FALSE;
  fanout_reader_scan (reader, cut.data, cut.length, &cut.scan);
  await_turn (reader, piece->ticket);
  if (atomic_load (&reader->failed))
    return FALSE;
  if (reader->part != NULL && atomic_load (&reader->part->over))
    return FALSE;
  fanout_live_enter (piece->input);
  if (!known && piece->first)
    begin_input (reader, &reader->state, piece->input);
  if (!known && reader->state.quoted != FALSE)
    {
      cut.scan = (FanoutScan){ .quoted = reader->state.quoted };
      fanout_reader_scan (reader, cut.data, cut.length, &cut.scan);
    }
  if (piece->stretch && !cut_stretch (reader, piece, &cut))
    return FALSE;
  return cut_piece (lane, piece, &cut, block);
}

static gboolean
deal (FanoutLane *lane, FanoutPiece *piece, FanoutBlock *block)
{
  FanoutBlockReader *reader = lane->reader;
  gboolean dealt = FALSE;

  if (piece->error == NULL && !piece->input->sequential)
    {
      FanoutBytes *bytes = piece->input->bytes;

      bytes->type->read_at (bytes, lane->data, piece->length, piece->offset, &piece->error);
      fanout_reader_release (piece->input);
      atomic_fetch_add_explicit (&reader->bytes, piece->length, memory_order_relaxed);
    }
  if (piece->error == NULL)
    dealt = deal_bytes (lane, piece, block);
  else
    {
      await_turn (reader, piece->ticket);
      fanout_live_enter (piece->input);
      if (!atomic_load (&reader->failed))
        fail (reader, g_steal_pointer (&piece->error));
      g_clear_error (&piece->error);
    }
  if (piece->last)
    fanout_live_leave (piece->input);
  pass_turn (reader);
  return dealt;
}

/* END, or the failure that ended it, for the lane that comes first. */
static FanoutRead
end (FanoutBlockReader *reader, guint64 *record, GError **error)
{
  GError *failure;

  pthread_mutex_lock (&reader->turn);
  failure = g_steal_pointer (&reader->failure);
  pthread_mutex_unlock (&reader->turn);
  if (failure == NULL)
    return FANOUT_READ_END;
  if (!is_wanted (reader, reader->failed_record))
    {
      g_error_free (failure);
      return FANOUT_READ_END;
    }
  *record = reader->failed_record;
  g_propagate_error (error, failure);
  return FANOUT_READ_FAILED;
}

FanoutRead
fanout_reader_next (FanoutLane *lane, FanoutBlock *block, GCancellable *cancellable,
                    guint64 *record, GError **error)
{
  FanoutBlockReader *reader = lane->reader;

  for (;;)
    {
      FanoutPiece piece = { 0 };
      FanoutRead result = FANOUT_READ_FAILED;

      turn_over (lane);
      if (!fanout_set_error_if_cancelled (cancellable, error))
        result = fanout_piece_claim (lane, &piece, cancellable, error);
      if (result == FANOUT_READ_FAILED)
        *record = atomic_load (&reader->record);
      if (result == FANOUT_READ_END)
        return end (reader, record, error);
      if (result != FANOUT_READ_BLOCK || deal (lane, &piece, block))
        return result;
    }
}
