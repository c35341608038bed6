#include "core/base/error.h"
#include "core/base/gio.h"
#include "core/input/private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static FanoutRead
fail_number (const FanoutReaderInput *input, int number, GError **error)
{
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "%s: %s", input->name, g_strerror (number));
  return FANOUT_READ_FAILED;
}

/* Forget what others wrote to wake us; the flags say why. */
static void
drain (const FanoutBlockReader *reader)
{
  char bytes[64];

  while (read (reader->wake[0], bytes, sizeof bytes) > 0)
    continue;
}

static FanoutRead
poll_bytes (FanoutBlockReader *reader, const FanoutReaderInput *input, GCancellable *cancellable,
            GError **error)
{
  struct pollfd fds[] = { { input->fd, POLLIN, 0 }, { reader->wake[0], POLLIN, 0 } };

  if (fanout_reader_is_over (reader))
    return FANOUT_READ_END;
  if (fanout_set_error_if_cancelled (cancellable, error))
    return FANOUT_READ_FAILED;
  if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    return errno == EINTR ? FANOUT_READ_WAIT : fail_number (input, errno, error);
  if (fds[1].revents != 0)
    {
      drain (reader);
      return FANOUT_READ_WAIT;
    }
  return FANOUT_READ_BLOCK;
}

/* Wait until a read answers at once. */
static FanoutRead
await_bytes (FanoutBlockReader *reader, const FanoutReaderInput *input, GCancellable *cancellable,
             GError **error)
{
  FanoutRead result = FANOUT_READ_WAIT;

  fanout_reader_watch (reader, cancellable);
  while (result == FANOUT_READ_WAIT)
    result = poll_bytes (reader, input, cancellable, error);
  return result;
}

/* The flags of a pipe are not ours to change, so a read may block: poll first. */
FanoutRead
fanout_reader_read (FanoutBlockReader *reader, FanoutReaderInput *input, char *to, gsize room,
                    gsize *got, gboolean wait, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      struct pollfd now = { input->fd, POLLIN, 0 };
      const int ready = poll (&now, 1, 0);
      FanoutRead result = FANOUT_READ_BLOCK;
      gssize n;

      if (ready < 0 && errno == EINTR)
        continue;
      if (ready == 0)
        result = wait ? await_bytes (reader, input, cancellable, error) : FANOUT_READ_WAIT;
      if (result != FANOUT_READ_BLOCK)
        return result;
      n = read (input->fd, to, room);
      if (n >= 0)
        {
          input->complete = n == 0;
          *got = (gsize) n;
          return FANOUT_READ_BLOCK;
        }
      if (errno != EINTR && errno != EAGAIN)
        return fail_number (input, errno, error);
    }
}

gboolean
fanout_reader_fetch (FanoutReaderInput *input, char *to, gsize length, guint64 offset,
                     GError **error)
{
  while (length > 0)
    {
      gssize n = pread (input->fd, to, length, (off_t) offset);

      if (n > 0)
        {
          to += n;
          length -= (gsize) n;
          offset += (guint64) n;
        }
      else if (n == 0)
        {
          g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                       "%s: it became shorter while it was read", input->name);
          return FALSE;
        }
      else if (errno != EINTR)
        {
          fail_number (input, errno, error);
          return FALSE;
        }
    }
  return TRUE;
}

void
fanout_reader_drop_head (FanoutReaderInput *input)
{
  g_clear_pointer (&input->head, g_free);
  input->head_length = input->head_start = 0;
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
      gsize got = 0;
      FanoutRead result = fanout_reader_read (reader, input, to + have, room - have, &got,
                                              wait && have == 0, cancellable, error);

      if (result == FANOUT_READ_WAIT && have > 0)
        break;
      if (result != FANOUT_READ_BLOCK)
        return result;
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
  if (input->pipe)
    return input->complete && input->head_start == input->head_length;
  return input->offset == input->end;
}

/* Files of /proc say that they have no bytes: they are read like pipes. */
static void
set_extent (FanoutReaderInput *input, const struct stat *status)
{
  off_t start = 0;

  input->pipe = !S_ISREG (status->st_mode) || status->st_size == 0;
  if (input->pipe)
    return;
  if (input->fd == STDIN_FILENO)
    start = lseek (input->fd, 0, SEEK_CUR);
  input->offset = (guint64) CLAMP (start, 0, status->st_size);
  input->end = (guint64) status->st_size;
#ifdef POSIX_FADV_SEQUENTIAL
  posix_fadvise (input->fd, start, 0, POSIX_FADV_SEQUENTIAL);
#endif
}

/* Without O_NONBLOCK the open of a FIFO would wait for its writer, deaf to everything else. */
FanoutRead
fanout_reader_open (FanoutReaderInput *input, GError **error)
{
  gboolean standard = strcmp (input->path, "-") == 0;
  struct stat status;
  int fd
      = standard ? STDIN_FILENO : open (input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  int number;

  if (fd >= 0 && fstat (fd, &status) == 0)
    {
      if (!S_ISDIR (status.st_mode))
        {
          input->fd = fd;
          set_extent (input, &status);
          atomic_store (&input->users, 1);
          input->stage = FANOUT_STAGE_OPEN;
          return FANOUT_READ_BLOCK;
        }
      errno = EISDIR;
    }
  number = errno;
  if (!standard && fd >= 0)
    close (fd);
  return fail_number (input, number, error);
}

void
fanout_reader_release (FanoutReaderInput *input)
{
  if (atomic_fetch_sub (&input->users, 1) != 1)
    return;
  if (input->fd > STDIN_FILENO || (input->fd == STDIN_FILENO && strcmp (input->path, "-") != 0))
    close (input->fd);
  input->fd = -1;
}

void
fanout_reader_clear (FanoutReaderInput *input)
{
  if (atomic_load (&input->users) > 0)
    {
      atomic_store (&input->users, 1);
      fanout_reader_release (input);
    }
  fanout_reader_drop_head (input);
  g_clear_pointer (&input->name, g_free);
  g_clear_pointer (&input->names, g_strfreev);
  g_clear_pointer (&input->fields, g_free);
}
