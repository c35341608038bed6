#include "core/base/error.h"
#include "core/base/gio.h"
#include "core/input/private.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void
fanout_reader_drain (FanoutBlockReader *reader)
{
  char bytes[64];

  if (!atomic_exchange (&reader->woken, FALSE))
    return;
  while (read (reader->wake[0], bytes, sizeof bytes) > 0)
    continue;
}

FanoutRead
fanout_reader_poll (FanoutBlockReader *reader, int fd, const char *name, GCancellable *cancellable,
                    GError **error)
{
  struct pollfd fds[] = { { fd, POLLIN, 0 }, { reader->wake[0], POLLIN, 0 } };

  if (fanout_reader_is_over (reader))
    return FANOUT_READ_END;
  if (fanout_reader_is_resting (reader))
    return FANOUT_READ_REST;
  if (fanout_set_error_if_cancelled (cancellable, error))
    return FANOUT_READ_FAILED;
  if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    {
      if (errno == EINTR)
        return FANOUT_READ_WAIT;
      fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "%s", name);
      return FANOUT_READ_FAILED;
    }
  if (fds[1].revents != 0)
    {
      /* Whoever woke may have been seen before it had written. */
      atomic_store (&reader->woken, TRUE);
      fanout_reader_drain (reader);
      return FANOUT_READ_WAIT;
    }
  return FANOUT_READ_BLOCK;
}

static void
count_bytes (FanoutBlockReader *reader, FanoutReaderInput *input)
{
  const guint64 position = input->bytes->type->position (input->bytes).source;

  if (position <= input->counted)
    return;
  atomic_fetch_add_explicit (&reader->bytes, position - input->counted, memory_order_relaxed);
  input->counted = position;
}

/* Wait until a read answers at once. */
static FanoutRead
await_bytes (FanoutBlockReader *reader, const FanoutReaderInput *input, GCancellable *cancellable,
             GError **error)
{
  FanoutRead result = FANOUT_READ_WAIT;

  fanout_reader_watch (reader, cancellable);
  while (result == FANOUT_READ_WAIT)
    result = fanout_reader_poll (reader, input->bytes->type->fd (input->bytes), input->name,
                                 cancellable, error);
  return result;
}

FanoutRead
fanout_reader_read (FanoutBlockReader *reader, FanoutReaderInput *input, char *to, gsize room,
                    gsize *got, gboolean wait, GCancellable *cancellable, GError **error)
{
  FanoutBytes *bytes = input->bytes;
  FanoutRead result;

  if (input->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&input->failure));
      return FANOUT_READ_FAILED;
    }
  result = bytes->type->read (bytes, to, room, got, error);

  while (result == FANOUT_READ_WAIT && wait)
    {
      result = await_bytes (reader, input, cancellable, error);
      if (result == FANOUT_READ_BLOCK)
        result = bytes->type->read (bytes, to, room, got, error);
    }
  count_bytes (reader, input);
  if (result == FANOUT_READ_BLOCK)
    input->complete = *got == 0;
  return result;
}

void
fanout_reader_drop_head (FanoutReaderInput *input)
{
  g_clear_pointer (&input->head, g_free);
  input->head_length = input->head_start = 0;
}

guint64
fanout_reader_position (const FanoutReaderInput *input)
{
  return input->bytes->type->position (input->bytes).offset
         - (input->head_length - input->head_start);
}

FanoutRead
fanout_reader_take (FanoutBlockReader *reader, FanoutReaderInput *input, char *to, gsize room,
                    gsize *taken, gboolean wait, GCancellable *cancellable, GError **error)
{
  gsize have = MIN (room, input->head_length - input->head_start);

  if (have > 0)
    memcpy (to, input->head + FANOUT_PADDING + input->head_start, have);
  while (have < room && !input->complete)
    {
      g_autoptr (GError) failure = NULL;
      gsize got = 0;
      FanoutRead result = fanout_reader_read (reader, input, to + have, room - have, &got,
                                              wait && have == 0, cancellable, &failure);

      if (result != FANOUT_READ_BLOCK && have == 0)
        {
          if (failure != NULL)
            g_propagate_error (error, g_steal_pointer (&failure));
          return result;
        }
      input->failure = g_steal_pointer (&failure);
      if (result != FANOUT_READ_BLOCK)
        break;
      have += got;
    }
  input->head_start = MIN (input->head_length, input->head_start + have);
  if (input->head_start == input->head_length)
    fanout_reader_drop_head (input);
  *taken = have;
  return FANOUT_READ_BLOCK;
}

gboolean
fanout_reader_is_exhausted (const FanoutReaderInput *input)
{
  if (input->sequential)
    return input->complete && input->head_start == input->head_length;
  return input->offset == input->bytes->end;
}

FanoutRead
fanout_reader_open (FanoutReaderInput *input, GError **error)
{
  input->bytes = fanout_bytes_open (input->path, input->name, error);
  if (input->bytes == NULL)
    return FANOUT_READ_FAILED;
  input->sequential = input->bytes->type->read_at == NULL;
  input->offset = input->counted = input->bytes->type->position (input->bytes).offset;
  atomic_store (&input->users, 1);
  input->stage = FANOUT_STAGE_OPEN;
  return FANOUT_READ_BLOCK;
}

void
fanout_reader_release (FanoutReaderInput *input)
{
  if (atomic_fetch_sub (&input->users, 1) == 1)
    g_clear_pointer (&input->bytes, fanout_bytes_free);
}

void
fanout_reader_close (FanoutReaderInput *input)
{
  if (atomic_load (&input->users) > 0)
    {
      atomic_store (&input->users, 1);
      fanout_reader_release (input);
    }
  fanout_reader_drop_head (input);
  g_clear_error (&input->failure);
  input->stage = FANOUT_STAGE_NEW;
  input->unpacked = input->converted = input->ahead = input->complete = FALSE;
}

void
fanout_reader_clear (FanoutReaderInput *input)
{
  fanout_reader_close (input);
  g_clear_pointer (&input->name, g_free);
  g_clear_pointer (&input->names, g_strfreev);
  g_clear_error (&input->refusal);
  g_clear_pointer (&input->fields, g_free);
}
