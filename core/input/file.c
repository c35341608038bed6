#include "core/base/error.h"
#include "core/input/bytes.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  FanoutBytes bytes;
  int fd;
  gboolean standard; /* standard input: not ours to close */
  guint64 offset;
} File;

static gboolean
fail (const char *name, int number, GError **error)
{
  return fanout_error_system (error, FANOUT_ERROR_INPUT, number, "%s", name);
}

/* The flags of a pipe are not ours to change, so a read may block: poll first. */
static FanoutRead
read_pipe (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error)
{
  File *self = (File *) bytes;

  for (;;)
    {
      struct pollfd now = { self->fd, POLLIN, 0 };
      const int ready = poll (&now, 1, 0);
      gssize n = -1;

      if (ready == 0)
        return FANOUT_READ_WAIT;
      if (ready > 0)
        n = read (self->fd, to, room);
      if (n >= 0)
        {
          self->offset += (guint64) n;
          *got = (gsize) n;
          return FANOUT_READ_BLOCK;
        }
      if (errno != EINTR && errno != EAGAIN)
        {
          fail (bytes->name, errno, error);
          return FANOUT_READ_FAILED;
        }
    }
}

static gboolean
read_at (FanoutBytes *bytes, char *to, gsize length, guint64 offset, GError **error)
{
  const File *self = (const File *) bytes;

  while (length > 0)
    {
      gssize n = pread (self->fd, to, length, (off_t) offset);

      if (n > 0)
        {
          to += n;
          length -= (gsize) n;
          offset += (guint64) n;
        }
      else if (n == 0)
        {
          g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                       "%s: it became shorter while it was read", bytes->name);
          return FALSE;
        }
      else if (errno != EINTR)
        return fail (bytes->name, errno, error);
    }
  return TRUE;
}

static FanoutRead
read_file (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error)
{
  File *self = (File *) bytes;
  const gsize length = (gsize) MIN (room, bytes->end - self->offset);

  if (!read_at (bytes, to, length, self->offset, error))
    return FANOUT_READ_FAILED;
  self->offset += length;
  *got = length;
  return FANOUT_READ_BLOCK;
}

static int
get_fd (const FanoutBytes *bytes)
{
  return ((const File *) bytes)->fd;
}

static FanoutPosition
get_position (const FanoutBytes *bytes)
{
  const File *self = (const File *) bytes;
  const FanoutPosition position = { self->offset, self->offset };

  return position;
}

/* Standard input is left where a pipe would be: read. */
static void
finish_file (FanoutBytes *bytes)
{
  const File *self = (const File *) bytes;

  if (self->standard)
    lseek (self->fd, (off_t) bytes->end, SEEK_SET);
}

static void
free_file (FanoutBytes *bytes)
{
  File *self = (File *) bytes;

  if (!self->standard)
    close (self->fd);
  g_free (self);
}

static const FanoutBytesType regular = {
  .read = read_file,
  .read_at = read_at,
  .fd = get_fd,
  .position = get_position,
  .finish = finish_file,
  .free = free_file,
};

static const FanoutBytesType stream = {
  .read = read_pipe,
  .fd = get_fd,
  .position = get_position,
  .free = free_file,
};

/* Files of /proc say that they have no bytes: they are read like pipes. */
static void
set_extent (File *self, const struct stat *status)
{
  off_t start = 0;

  self->bytes.type = &stream;
  if (!S_ISREG (status->st_mode) || status->st_size == 0)
    return;
  self->bytes.type = &regular;
  if (self->standard)
    start = lseek (self->fd, 0, SEEK_CUR);
  self->offset = (guint64) CLAMP (start, 0, status->st_size);
  self->bytes.end = (guint64) status->st_size;
#ifdef POSIX_FADV_SEQUENTIAL
  posix_fadvise (self->fd, start, 0, POSIX_FADV_SEQUENTIAL);
#endif
}

/* Without O_NONBLOCK the open of a FIFO would wait for its writer, deaf to everything else. */
FanoutBytes *
fanout_bytes_open (const char *path, const char *name, GError **error)
{
  const gboolean standard = strcmp (path, "-") == 0;
  const int fd
      = standard ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;
  int number;

  if (fd >= 0 && fstat (fd, &status) == 0)
    {
      if (!S_ISDIR (status.st_mode))
        {
          File *self = g_new0 (File, 1);

          self->bytes.name = name;
          self->fd = fd;
          self->standard = standard;
          set_extent (self, &status);
          return &self->bytes;
        }
      errno = EISDIR;
    }
  number = errno;
  if (!standard && fd >= 0)
    close (fd);
  fail (name, number, error);
  return NULL;
}

gboolean
fanout_bytes_look (const char *path, gboolean *is_file, guint64 *size)
{
  struct stat status;

  if ((strcmp (path, "-") == 0 ? fstat (STDIN_FILENO, &status) : stat (path, &status)) != 0)
    return FALSE;
  *is_file = S_ISREG (status.st_mode);
  *size = *is_file ? (guint64) status.st_size : 0;
  return TRUE;
}
