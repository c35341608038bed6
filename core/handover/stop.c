#include "core/handover/stop.h"
#include "core/base/gio.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

void
fanout_stop_init (FanoutStop *self, GCancellable *cancellable)
{
  atomic_init (&self->stopped, FALSE);
  atomic_init (&self->write_fd, -1);
  self->read_fd = -1;
  self->cancellable = cancellable;
  self->handler = 0;
  pthread_mutex_init (&self->mutex, NULL);
}

void
fanout_stop_clear (FanoutStop *self)
{
  if (self->handler != 0)
    fanout_cancellable_disconnect (self->cancellable, self->handler);
  if (self->read_fd >= 0)
    {
      close (self->read_fd);
      close (atomic_load (&self->write_fd));
    }
  pthread_mutex_destroy (&self->mutex);
}

static void
make_readable (int fd)
{
  /* One byte does, and nobody takes it out. */
  if (write (fd, "", 1) < 0)
    return;
}

/* Either this one sees the descriptor, or who makes it sees that it is stopped. */
void
fanout_stop_set (FanoutStop *self)
{
  if (atomic_exchange (&self->stopped, TRUE))
    return;
  const int fd = atomic_load (&self->write_fd);
  if (fd >= 0)
    make_readable (fd);
}

static void
cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer self)
{
  fanout_stop_set (self);
}

static void
make_fds (FanoutStop *self)
{
  int fds[2];
  if (!g_unix_open_pipe (fds, FD_CLOEXEC, NULL))
    return;
  g_unix_set_fd_nonblocking (fds[1], TRUE, NULL);
  self->read_fd = fds[0];
  atomic_store (&self->write_fd, fds[1]);
  if (atomic_load (&self->stopped))
    make_readable (fds[1]);
  self->handler
      = fanout_cancellable_connect (self->cancellable, G_CALLBACK (cancelled), self, NULL);
}

int
fanout_stop_fd (FanoutStop *self)
{
  pthread_mutex_lock (&self->mutex);
  if (self->read_fd < 0)
    make_fds (self);
  const int fd = self->read_fd;
  pthread_mutex_unlock (&self->mutex);
  return fd;
}
