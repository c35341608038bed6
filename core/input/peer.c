#include "core/input/peer.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define DATAGRAM_MAX (64 * 1024)

typedef struct
{
  FanoutBytes bytes;
  int fd;
  guint64 offset;
} Peer;

static FanoutRead
give (Peer *self, gsize n, gsize *got)
{
  self->offset += n;
  *got = n;
  return FANOUT_READ_BLOCK;
}

static FanoutRead
read_peer (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error G_GNUC_UNUSED)
{
  Peer *self = (Peer *) bytes;
  gssize n;

  do
    n = recv (self->fd, to, room, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return FANOUT_READ_WAIT;
  return give (self, (gsize) MAX (n, 0), got);
}

static int
get_fd (const FanoutBytes *bytes)
{
  return ((const Peer *) bytes)->fd;
}

static FanoutPosition
get_position (const FanoutBytes *bytes)
{
  const Peer *self = (const Peer *) bytes;
  const FanoutPosition position = { self->offset, self->offset };

  return position;
}

static void
free_peer (FanoutBytes *bytes)
{
  close (((Peer *) bytes)->fd);
  g_free (bytes);
}

static const FanoutBytesType connection = {
  .read = read_peer,
  .fd = get_fd,
  .position = get_position,
  .free = free_peer,
};

FanoutBytes *
fanout_peer_new (int fd, const char *name)
{
  Peer *self = g_new0 (Peer, 1);

  self->bytes.type = &connection;
  self->bytes.name = name;
  self->fd = fd;
  return &self->bytes;
}

typedef struct
{
  Peer peer;
  gboolean one;
  gboolean given; /* the one of this read */
  _Atomic guint64 *dropped;
  guint32 dropped_before; /* as the kernel counts them */
  gsize start;            /* of what is to be given of the last one */
  gsize end;
  char data[DATAGRAM_MAX + 1];
} Datagrams;

static void
count_dropped (Datagrams *self, struct msghdr *message)
{
  for (struct cmsghdr *control = CMSG_FIRSTHDR (message); control != NULL;
       control = CMSG_NXTHDR (message, control))
    if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL)
      {
        guint32 dropped;

        memcpy (&dropped, CMSG_DATA (control), sizeof dropped);
        atomic_fetch_add (self->dropped, dropped - self->dropped_before);
        self->dropped_before = dropped;
      }
}

/* The next one that is not empty, with a row end behind it. */
static gboolean
receive (Datagrams *self)
{
  char control[CMSG_SPACE (sizeof (guint32)) + 64];
  struct iovec part = { self->data, DATAGRAM_MAX };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  gssize n;

  do
    {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      n = recvmsg (self->peer.fd, &message, MSG_DONTWAIT);
      if (n >= 0)
        count_dropped (self, &message);
    }
  while (n == 0 || (n < 0 && (errno == EINTR || errno == ECONNREFUSED)));
  if (n < 0)
    return FALSE;
  self->start = 0;
  self->end = (gsize) n;
  if (self->data[self->end - 1] != '\n')
    self->data[self->end++] = '\n';
  return TRUE;
}

static FanoutRead
read_datagrams (FanoutBytes *bytes, char *to, gsize room, gsize *got, GError **error G_GNUC_UNUSED)
{
  Datagrams *self = (Datagrams *) bytes;
  gsize n;

  if (self->start == self->end)
    {
      const gboolean wait = self->one && self->given;

      self->given = FALSE;
      if (wait || !receive (self))
        return FANOUT_READ_WAIT;
    }
  n = MIN (room, self->end - self->start);
  memcpy (to, self->data + self->start, n);
  self->start += n;
  self->given = TRUE;
  return give (&self->peer, n, got);
}

gboolean
fanout_datagrams_at_end (const FanoutBytes *bytes)
{
  const Datagrams *self = (const Datagrams *) bytes;

  return bytes->type->read == read_datagrams && self->one && self->start == self->end;
}

static const FanoutBytesType datagrams = {
  .read = read_datagrams,
  .fd = get_fd,
  .position = get_position,
  .free = free_peer,
};

FanoutBytes *
fanout_datagrams_new (int fd, const char *name, gboolean one, _Atomic guint64 *dropped)
{
  Datagrams *self = g_new0 (Datagrams, 1);
  const int yes = 1;

  setsockopt (fd, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
  self->peer.bytes.type = &datagrams;
  self->peer.bytes.name = name;
  self->peer.fd = fd;
  self->one = one;
  self->dropped = dropped;
  return &self->peer.bytes;
}
