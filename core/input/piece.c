#include "core/input/piece.h"
#include "core/base/gio.h"
#include "core/input/live.h"
#include "core/input/peer.h"

static void
finish_input (FanoutBlockReader *reader, FanoutReaderInput *input, FanoutPiece *piece)
{
  piece->last = piece->input != NULL;
  if (input->live != NULL)
    {
      const FanoutLiveEnd end = fanout_live_finish (input);

      piece->joined = end == FANOUT_LIVE_JOINED && piece->last;
      piece->torn = end == FANOUT_LIVE_TORN && piece->last;
      return;
    }
  reader->current++;
  g_clear_pointer (&input->names, g_strfreev);
  if (!input->empty)
    {
      fanout_bytes_finish (input->bytes);
      fanout_reader_release (input);
    }
  fanout_reader_tell_change (reader);
}

static void
give_ticket (FanoutBlockReader *reader, FanoutReaderInput *input, FanoutPiece *piece)
{
  piece->input = input;
  piece->ticket = reader->next_ticket++;
  piece->first = !input->begun;
  input->begun = TRUE;
  if (piece->first)
    fanout_reader_tell_change (reader);
}

/* Borders are at multiples of the block size, so that reads are aligned. */
static void
claim_range (const FanoutBlockReader *reader, FanoutReaderInput *input, FanoutPiece *piece)
{
  gsize room = reader->block_size - (gsize) (input->offset % reader->block_size);

  piece->offset = input->offset;
  piece->stretch = input->offset >= input->stretch;
  if (piece->stretch)
    {
      room = MIN (room, input->stretch_step);
      input->stretch_step *= 2;
    }
  else if (input->stretch - input->offset < room)
    room = (gsize) (input->stretch - input->offset);
  piece->length = (gsize) MIN (room, input->bytes->end - input->offset);
  input->offset += piece->length;
  atomic_fetch_add (&input->users, 1);
}

/* What is next to be read of it, or to be passed over. */
static FanoutRead
claim_bytes (FanoutLane *lane, FanoutReaderInput *input, FanoutPiece *piece, gboolean wait,
             GCancellable *cancellable, GError **error)
{
  gsize room = lane->reader->block_size;
  FanoutRead result;

  if (input->skip > 0)
    {
      const guint64 position = fanout_reader_position (input);

      piece->skipped = position < input->skip;
      if (piece->skipped)
        room = (gsize) MIN (room, input->skip - position);
    }
  result = fanout_reader_take (lane->reader, input, lane->data, room, &piece->length, wait,
                               cancellable, error);
  piece->whole = fanout_datagrams_at_end (input->bytes);
  return result;
}

/* BLOCK with a piece, or without one (`input` NULL) when the next input has to be asked. */
static FanoutRead
claim_from (FanoutLane *lane, FanoutReaderInput *input, FanoutPiece *piece,
            GCancellable *cancellable, GError **error)
{
  FanoutBlockReader *reader = lane->reader;
  const gboolean wait = lane->blocking && input->live == NULL;
  FanoutRead result
      = fanout_reader_advance (reader, input, FANOUT_STAGE_READY, wait, cancellable, error);

  if (result != FANOUT_READ_BLOCK)
    return result;
  if (input->left_out)
    {
      finish_input (reader, input, piece);
      return FANOUT_READ_BLOCK;
    }
  if (input->resume.offset > 0 && !input->begun)
    fanout_reader_resume (input);
  if (input->ahead && !input->begun && !input->empty)
    fanout_reader_look_ahead (reader);
  if (!input->empty && !fanout_reader_is_exhausted (input))
    {
      if (!input->sequential)
        claim_range (reader, input, piece);
      else
        result = claim_bytes (lane, input, piece, wait, cancellable, error);
      if (result != FANOUT_READ_BLOCK)
        return result;
    }
  /* The end of a pipe may come by itself, behind a row without a row end. */
  if (piece->length > 0 || input->begun)
    give_ticket (reader, input, piece);
  if (input->empty || fanout_reader_is_exhausted (input))
    finish_input (reader, input, piece);
  return FANOUT_READ_BLOCK;
}

/* The one whose bytes come next; as claim_from. */
static FanoutRead
next_input (const FanoutLane *lane, FanoutReaderInput **input, GCancellable *cancellable,
            GError **error)
{
  FanoutBlockReader *reader = lane->reader;

  while (reader->current < reader->n_inputs && reader->inputs[reader->current].left_out)
    reader->current++;
  if (reader->part != NULL && atomic_load (&reader->part->over))
    reader->current = reader->n_inputs;
  if ((reader->current == reader->n_inputs && reader->live == NULL)
      || fanout_reader_is_over (reader))
    return FANOUT_READ_END;
  if (fanout_reader_is_resting (reader))
    return FANOUT_READ_REST;
  if (reader->live != NULL && !fanout_listen_begin (reader->live->listen, error))
    return FANOUT_READ_FAILED;
  if (reader->live != NULL)
    return fanout_live_next (reader, lane->blocking, input, cancellable, error);
  *input = &reader->inputs[reader->current];
  return FANOUT_READ_BLOCK;
}

/* One that is live is asked again where it had something, and others in its place where not. */
static FanoutRead
claim_live (FanoutLane *lane, FanoutReaderInput *input, FanoutPiece *piece,
            GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  FanoutRead result;

  fanout_live_hold (lane, input);
  result = claim_from (lane, input, piece, cancellable, &failure);
  if (result == FANOUT_READ_FAILED && fanout_live_refuse (input, failure))
    return FANOUT_READ_BLOCK;
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  if (result == FANOUT_READ_BLOCK && piece->input != NULL && !piece->last)
    fanout_live_go_on (input);
  return result == FANOUT_READ_WAIT ? FANOUT_READ_BLOCK : result;
}

FanoutRead
fanout_piece_claim (FanoutLane *lane, FanoutPiece *piece, GCancellable *cancellable, GError **error)
{
  FanoutBlockReader *reader = lane->reader;
  FanoutRead result = FANOUT_READ_BLOCK;
  int wait_fd = -1;

  if (!lane->blocking && pthread_mutex_trylock (&reader->claim) != 0)
    return FANOUT_READ_WAIT;
  if (lane->blocking)
    pthread_mutex_lock (&reader->claim);
  else if (!fanout_reader_is_over (reader))
    fanout_reader_drain (reader);
  while (result == FANOUT_READ_BLOCK && piece->input == NULL)
    {
      FanoutReaderInput *input = NULL;

      result = next_input (lane, &input, cancellable, &piece->error);
      if (result == FANOUT_READ_BLOCK && input->live != NULL)
        result = claim_live (lane, input, piece, cancellable, &piece->error);
      else if (result == FANOUT_READ_BLOCK)
        result = claim_from (lane, input, piece, cancellable, &piece->error);
      if (result == FANOUT_READ_FAILED && input != NULL
          && !g_error_matches (piece->error, FANOUT_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          give_ticket (reader, input, piece);
          reader->current = reader->n_inputs;
          result = FANOUT_READ_BLOCK;
        }
      else if (result == FANOUT_READ_WAIT)
        wait_fd
            = reader->live != NULL ? reader->live->epoll : input->bytes->type->fd (input->bytes);
    }
  atomic_store (&reader->wait_fd, wait_fd);
  pthread_mutex_unlock (&reader->claim);
  if (result == FANOUT_READ_FAILED)
    g_propagate_error (error, piece->error);
  return result;
}
