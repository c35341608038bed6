#include "core/base/descriptors.h"
#include "core/input/address.h"
#include "core/input/live.h"
#include "core/input/peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Names of peers that are kept; there is no end to those who may come. */
#define NAMES_MAX 10000

typedef struct
{
  FanoutLiveEvent event;
  FanoutListen *listen;
  char *name; /* for messages */
  FanoutSocket socket;
  int fd;                     /* whoever owns it */
  FanoutLiveInput *datagrams; /* that own it; NULL: connections come by it */
} Listener;

struct FanoutListen
{
  FanoutLive *live;
  char **paths;
  gboolean begun;
  guint64 max;
  guint64 n_open;
  gboolean deaf;    /* connections wait until one ends, */
  gboolean full;    /* there is no end to that */
  gboolean starved; /* or the system has something left for them */
  gint64 again;     /* when that is tried */
  GPtrArray *listeners;
};

static char **
paths_of (const FanoutReaderPlan *plan)
{
  GPtrArray *paths = g_ptr_array_new ();

  for (const char *const *path = plan->paths; plan->glob && *path != NULL; path++)
    if (fanout_address_is (*path))
      g_ptr_array_add (paths, g_strdup (*path));
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_free (paths, FALSE);
}

FanoutListen *
fanout_listen_new (FanoutLive *live, const FanoutReaderPlan *plan)
{
  FanoutListen *self = g_new0 (FanoutListen, 1);

  self->live = live;
  self->paths = paths_of (plan);
  self->max = MAX (plan->max_connections, 1);
  self->listeners = g_ptr_array_new ();
  return self;
}

static void
free_listener (Listener *listener)
{
  if (listener->socket.fd >= 0)
    fanout_socket_close (&listener->socket);
  g_free (listener->name);
  g_free (listener);
}

void
fanout_listen_free (FanoutListen *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->listeners->len; i++)
    free_listener (self->listeners->pdata[i]);
  g_ptr_array_unref (self->listeners);
  g_strfreev (self->paths);
  g_free (self);
}

static void
watch (const FanoutLive *live, int fd, guint32 events, FanoutLiveEvent *event)
{
  struct epoll_event wanted = { .events = events, .data.ptr = event };

  if (epoll_ctl (live->epoll, EPOLL_CTL_ADD, fd, &wanted) != 0 && errno == EEXIST)
    epoll_ctl (live->epoll, EPOLL_CTL_MOD, fd, &wanted);
}

static void
queue_input (FanoutLiveEvent *event)
{
  fanout_live_queue ((FanoutLiveInput *) event);
}

/* No more are taken until one ends. */
static void
set_deaf (FanoutListen *self, gboolean deaf)
{
  if (self->deaf == deaf)
    return;
  self->deaf = deaf;
  for (guint i = 0; i < self->listeners->len; i++)
    {
      Listener *listener = self->listeners->pdata[i];

      if (listener->socket.fd >= 0 && listener->socket.kind == FANOUT_SOCKET_STREAM)
        watch (self->live, listener->socket.fd, deaf ? 0 : EPOLLIN, &listener->event);
    }
}

/* "LISTENER from HOST", as long as there are not too many of them. */
static char *
name_peer (const Listener *listener, const struct sockaddr_storage *address)
{
  char text[INET6_ADDRSTRLEN] = "";

  if (address->ss_family == AF_INET)
    inet_ntop (AF_INET, &((const struct sockaddr_in *) address)->sin_addr, text, sizeof text);
  else if (address->ss_family == AF_INET6)
    inet_ntop (AF_INET6, &((const struct sockaddr_in6 *) address)->sin6_addr, text, sizeof text);
  return *text != '\0' && g_hash_table_size (listener->listen->live->names) < NAMES_MAX
             ? g_strconcat (listener->name, " from ", text, NULL)
             : g_strdup (listener->name);
}

static void
take_connection (Listener *listener, int fd, const struct sockaddr_storage *address)
{
  FanoutListen *self = listener->listen;
  FanoutBlockReader *reader = self->live->reader;
  g_autofree char *name = name_peer (listener, address);
  FanoutLiveInput *input = fanout_live_add (self->live, name);
  const int yes = 1;

  setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  input->connection = TRUE;
  input->event.ready = queue_input;
  fanout_live_begin (input, fanout_peer_new (fd, input->name), input->name);
  watch (self->live, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, &input->event);
  atomic_fetch_add (&reader->connections_taken, 1);
  atomic_store (&reader->connections_open, ++self->n_open);
}

static void
accept_some (FanoutLiveEvent *event)
{
  Listener *listener = (Listener *) event;
  FanoutListen *self = listener->listen;
  FanoutBlockReader *reader = self->live->reader;

  while (self->n_open < self->max && self->live->inputs->len < FANOUT_LIVE_INPUTS_MAX)
    {
      struct sockaddr_storage address = { 0 };
      socklen_t length = sizeof address;
      const int fd = accept4 (listener->socket.fd, (struct sockaddr *) &address, &length,
                              SOCK_CLOEXEC | SOCK_NONBLOCK);

      if (fd >= 0)
        {
          self->starved = FALSE;
          fanout_descriptors_allow (fd);
          take_connection (listener, fd, &address);
          continue;
        }
      if (errno == EINTR || errno == ECONNABORTED)
        continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        return;
      if (!self->starved)
        fanout_reader_tell (reader, "%s: cannot take connections: %s; it is tried again",
                            listener->name, g_strerror (errno));
      self->starved = TRUE;
      self->again = fanout_clock_monotonic (self->live->clock) + G_USEC_PER_SEC;
      break;
    }
  if (self->live->inputs->len >= FANOUT_LIVE_INPUTS_MAX && !self->full)
    fanout_reader_tell (reader, "%s: takes no more connections: there were %d inputs",
                        listener->name, FANOUT_LIVE_INPUTS_MAX);
  self->full = self->live->inputs->len >= FANOUT_LIVE_INPUTS_MAX;
  set_deaf (self, TRUE);
}

void
fanout_listen_end (FanoutListen *self)
{
  atomic_store (&self->live->reader->connections_open, --self->n_open);
  set_deaf (self, FALSE);
}

void
fanout_listen_look (FanoutListen *self)
{
  if (self->deaf && self->starved && fanout_clock_monotonic (self->live->clock) >= self->again)
    set_deaf (self, FALSE);
}

gint64
fanout_listen_next_look (const FanoutListen *self)
{
  return self->deaf && self->starved ? self->again : G_MAXINT64;
}

/* All datagrams of a socket are one input, which owns it. */
static void
take_datagrams (Listener *listener)
{
  FanoutLive *live = listener->listen->live;
  FanoutLiveInput *input = fanout_live_add (live, listener->name);
  const int fd = g_steal_fd (&listener->socket.fd);

  input->event.ready = queue_input;
  fanout_live_begin (input,
                     fanout_datagrams_new (fd, input->name, live->reader->source->scan != NULL,
                                           &live->reader->datagrams_dropped),
                     input->name);
  watch (live, fd, EPOLLIN, &input->event);
  listener->datagrams = input;
}

static void
begin_listener (FanoutListen *self, const char *path, const FanoutSocket *socket)
{
  Listener *listener = g_new0 (Listener, 1);

  listener->event.ready = accept_some;
  listener->listen = self;
  listener->name = g_strdup (path);
  listener->socket = *socket;
  listener->fd = socket->fd;
  g_ptr_array_add (self->listeners, listener);
  if (socket->kind == FANOUT_SOCKET_DATAGRAM)
    take_datagrams (listener);
  else
    watch (self->live, socket->fd, EPOLLIN, &listener->event);
}

/* All of those that `before` (NULL: none) has not, or none. */
static gboolean
open_all (FanoutListen *self, char **paths, char **before, GError **error)
{
  g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (FanoutSocket));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (char **path = paths; *path != NULL; path++)
    {
      if (before != NULL && g_strv_contains ((const char *const *) before, *path))
        continue;
      if (!fanout_address_open (*path, sockets, error))
        {
          for (guint i = 0; i < sockets->len; i++)
            fanout_socket_close (&g_array_index (sockets, FanoutSocket, i));
          return FALSE;
        }
      while (names->len < sockets->len)
        g_ptr_array_add (names, *path);
    }
  for (guint i = 0; i < sockets->len; i++)
    begin_listener (self, names->pdata[i], &g_array_index (sockets, FanoutSocket, i));
  return TRUE;
}

gboolean
fanout_listen_begin (FanoutListen *self, GError **error)
{
  self->begun = self->begun || open_all (self, self->paths, NULL, error);
  return self->begun;
}

gboolean
fanout_listen_change (FanoutListen *self, const FanoutReaderPlan *plan, GError **error)
{
  g_auto (GStrv) paths = paths_of (plan);

  if (self->begun && !open_all (self, paths, self->paths, error))
    return FALSE;
  for (guint i = self->listeners->len; i-- > 0;)
    {
      Listener *listener = self->listeners->pdata[i];

      if (g_strv_contains ((const char *const *) paths, listener->name))
        continue;
      fanout_reader_tell (self->live->reader, "%s: nobody listens there any more", listener->name);
      if (listener->datagrams != NULL)
        fanout_live_drop (listener->datagrams);
      free_listener (listener);
      g_ptr_array_remove_index (self->listeners, i);
    }
  g_strfreev (self->paths);
  self->paths = g_steal_pointer (&paths);
  self->max = MAX (plan->max_connections, 1);
  set_deaf (self, FALSE);
  return TRUE;
}

guint
fanout_listen_port (const FanoutListen *self, guint i)
{
  const Listener *listener = self->listeners->pdata[i];
  struct sockaddr_storage address = { 0 };
  socklen_t length = sizeof address;

  if (getsockname (listener->fd, (struct sockaddr *) &address, &length) != 0)
    return 0;
  return ntohs (address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &address)->sin6_port
                                              : ((struct sockaddr_in *) &address)->sin_port);
}
