#include "core/input/tail.h"
#include "core/input/packed.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The times of files go by ticks of some milliseconds: what was written in the same one as what was
 * seen cannot be told from it. */
#define TICK_US 20000

static gssize
read_some (int fd, char *to, gsize room, guint64 offset)
{
  gssize n;

  do
    n = pread (fd, to, room, (off_t) offset);
  while (n < 0 && errno == EINTR);
  return n;
}

/* FALSE with errno, 0: it is shorter. */
static gboolean
read_whole (int fd, char *to, gsize length, guint64 offset)
{
  while (length > 0)
    {
      const gssize n = read_some (fd, to, length, offset);

      if (n == 0)
        errno = 0;
      if (n <= 0)
        return FALSE;
      to += n;
      length -= (gsize) n;
      offset += (guint64) n;
    }
  return TRUE;
}

static gboolean
is_same_time (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static gboolean
is_same (int fd, const FanoutTailMark *mark, guint64 offset)
{
  char found[FANOUT_TAIL_MARK];

  if (!read_whole (fd, found, mark->length, offset))
    return FALSE;
  errno = 0;
  return memcmp (found, mark->bytes, mark->length) == 0;
}

gboolean
fanout_tail_matches (const FanoutTail *self, int fd)
{
  return is_same (fd, &self->head, 0)
         && is_same (fd, &self->last, self->offset - self->last.length);
}

/* What cannot be read now is taken for what it was, until it can: `trouble` is why. */
static gboolean
is_unchanged (FanoutTail *self)
{
  if (fanout_tail_matches (self, self->fd))
    return TRUE;
  self->trouble = errno;
  return self->trouble != 0;
}

static gboolean
jump (FanoutTail *self)
{
  const gsize length = (gsize) MIN (self->jump, FANOUT_TAIL_MARK);

  if (!read_whole (self->fd, self->head.bytes, length, 0)
      || !read_whole (self->fd, self->last.bytes, length, self->jump - length))
    return FALSE;
  self->head.length = self->last.length = length;
  self->offset = self->jump;
  self->jump = 0;
  self->sure = FALSE;
  return TRUE;
}

/* The `length` bytes at `data` come behind those of before. */
static void
remember (FanoutTail *self, const char *data, gsize length)
{
  const gsize head = MIN (length, FANOUT_TAIL_MARK - self->head.length);
  const gsize last = MIN (length, FANOUT_TAIL_MARK);
  const gsize kept = MIN (self->last.length, FANOUT_TAIL_MARK - last);

  memcpy (self->head.bytes + self->head.length, data, head);
  self->head.length += head;
  memmove (self->last.bytes, self->last.bytes + self->last.length - kept, kept);
  memcpy (self->last.bytes + kept, data + length - last, last);
  self->last.length = kept + last;
  self->offset += length;
}

gboolean
fanout_tail_is_foreign (const char *data, gsize length, gboolean *short_of)
{
  const FanoutCompression kind = fanout_packed_kind (data, length, FALSE);

  *short_of = kind == FANOUT_COMPRESSION_AUTO;
  return kind > FANOUT_COMPRESSION_NONE
         || (length >= 2
             && (memcmp (data, "\xff\xfe", 2) == 0 || memcmp (data, "\xfe\xff", 2) == 0));
}

static gboolean
is_over (const FanoutTail *self)
{
  return self->left >= 0 && fanout_clock_monotonic (self->clock) >= self->left + self->wait;
}

static FanoutRead
end (FanoutTail *self, FanoutTailEnd how, gsize *got)
{
  self->end = how;
  *got = 0;
  return FANOUT_READ_BLOCK;
}

static gboolean
is_old (const struct timespec *time)
{
  return g_get_real_time () - (time->tv_sec * G_USEC_PER_SEC + time->tv_nsec / 1000) > TICK_US;
}

/* Whether the file is what it was, as far as its times, its size and, where these may be new, its
 * bytes say. */
static gboolean
look (FanoutTail *self)
{
  struct stat status;

  if (fstat (self->fd, &status) != 0)
    return TRUE;
  if ((guint64) status.st_size < self->offset)
    return FALSE;
  if (self->sure && is_same_time (&status.st_mtim, &self->seen))
    return TRUE;
  self->seen = status.st_mtim;
  if (!is_unchanged (self))
    return FALSE;
  self->sure = self->trouble == 0 && is_old (&status.st_mtim);
  return TRUE;
}

static FanoutRead
read_tail (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error G_GNUC_UNUSED)
{
  FanoutTail *self = (FanoutTail *) bytes;
  gssize n;

  if (self->end != FANOUT_TAIL_ON)
    return end (self, self->end, got);
  if (self->jump > 0 && !jump (self))
    {
      self->trouble = errno;
      return self->trouble == 0 ? end (self, FANOUT_TAIL_CHANGED, got) : FANOUT_READ_WAIT;
    }
  n = read_some (self->fd, to, room, self->offset);
  self->trouble = n < 0 ? errno : 0;
  if (n > 0 && self->offset == 0)
    {
      gboolean short_of;

      if (fanout_tail_is_foreign (to, (gsize) n, &short_of))
        return end (self, FANOUT_TAIL_FOREIGN, got);
      if (short_of && !is_over (self))
        return FANOUT_READ_WAIT;
    }
  if (n > 0)
    {
      /* Behind the read: what was read is what it was taken for. */
      if (!is_unchanged (self))
        return end (self, FANOUT_TAIL_CHANGED, got);
      if (self->trouble != 0)
        return FANOUT_READ_WAIT;
      remember (self, to, (gsize) n);
      self->sure = FALSE;
      *got = (gsize) n;
      return FANOUT_READ_BLOCK;
    }
  if (n == 0 && !look (self))
    return end (self, FANOUT_TAIL_CHANGED, got);
  return is_over (self) ? end (self, FANOUT_TAIL_LEFT, got) : FANOUT_READ_WAIT;
}

static int
get_fd (const FanoutBytes *bytes G_GNUC_UNUSED)
{
  return -1;
}

static FanoutPosition
get_position (const FanoutBytes *bytes)
{
  const FanoutTail *self = (const FanoutTail *) bytes;
  const FanoutPosition position = { self->offset, self->offset };

  return position;
}

static void
free_tail (FanoutBytes *bytes)
{
  FanoutTail *self = (FanoutTail *) bytes;

  if (self->closed != NULL)
    self->closed (self);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

static const FanoutBytesType followed = {
  .read = read_tail,
  .fd = get_fd,
  .position = get_position,
  .free = free_tail,
};

FanoutTail *
fanout_tail_new (int fd, const struct stat *status, const char *name, const FanoutClock *clock,
                 gint64 wait)
{
  FanoutTail *self = g_new0 (FanoutTail, 1);

  self->bytes.type = &followed;
  self->bytes.name = name;
  self->fd = fd;
  self->id = fanout_file_id (status);
  self->since = g_get_real_time ();
  self->clock = clock;
  self->wait = wait;
  self->left = self->watch = -1;
  return self;
}

void
fanout_tail_jump (FanoutTail *self, guint64 offset)
{
  self->head.length = self->last.length = 0;
  self->offset = 0;
  self->jump = offset;
}

gboolean
fanout_tail_has_news (FanoutTail *self)
{
  struct stat status;

  if (self->trouble != 0 || fstat (self->fd, &status) != 0)
    return TRUE;
  return (guint64) status.st_size != self->offset || !self->sure
         || !is_same_time (&status.st_mtim, &self->seen);
}

void
fanout_tail_leave (FanoutTail *self)
{
  if (self->left < 0)
    self->left = fanout_clock_monotonic (self->clock);
}

int
fanout_tail_steal (FanoutTail *self)
{
  return g_steal_fd (&self->fd);
}
