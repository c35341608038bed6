#include "core/input/watch.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#define FILE_EVENTS (IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)
#define FOLDER_EVENTS                                                                              \
  (IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF \
   | IN_ONLYDIR)

struct FanoutWatch
{
  int fd;
  gsize at;
  gsize end;
  _Alignas(struct inotify_event) char events[4096];
};

G_STATIC_ASSERT (sizeof (struct inotify_event) + NAME_MAX + 1 <= 4096);

FanoutWatch *
fanout_watch_new (void)
{
  const int fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  FanoutWatch *self;

  if (fd < 0)
    return NULL;
  self = g_new (FanoutWatch, 1);
  self->fd = fd;
  self->at = self->end = 0;
  return self;
}

void
fanout_watch_free (FanoutWatch *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  g_free (self);
}

int
fanout_watch_fd (const FanoutWatch *self)
{
  return self->fd;
}

/* By its descriptor: its name may be that of another one by now. */
int
fanout_watch_file (FanoutWatch *self, int fd)
{
  char path[64];

  if (self == NULL)
    return -1;
  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  return inotify_add_watch (self->fd, path, FILE_EVENTS);
}

int
fanout_watch_folder (FanoutWatch *self, const char *path)
{
  return self != NULL ? inotify_add_watch (self->fd, path, FOLDER_EVENTS) : -1;
}

void
fanout_watch_remove (FanoutWatch *self, int number)
{
  if (self != NULL && number >= 0)
    inotify_rm_watch (self->fd, number);
}

gboolean
fanout_watch_next (FanoutWatch *self, FanoutWatchEvent *event)
{
  const struct inotify_event *found;
  gssize n;

  if (self->at == self->end)
    {
      do
        n = read (self->fd, self->events, sizeof self->events);
      while (n < 0 && errno == EINTR);
      self->at = 0;
      self->end = (gsize) MAX (n, 0);
      if (n <= 0)
        return FALSE;
    }
  found = (const struct inotify_event *) (gconstpointer) (self->events + self->at);
  self->at += sizeof *found + found->len;
  event->watch = (found->mask & IN_Q_OVERFLOW) != 0 ? -1 : found->wd;
  event->moved = (found->mask & (IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)) != 0;
  event->dead = (found->mask & IN_IGNORED) != 0;
  event->name = found->len > 0 ? found->name : NULL;
  return TRUE;
}
