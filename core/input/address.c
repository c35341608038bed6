#include "core/input/address.h"
#include "core/base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Connections that wait to be taken, and bytes of datagrams, as far as the system lets us. */
#define BACKLOG        128
#define DATAGRAM_BYTES (4 * 1024 * 1024)

/* The first socket that systemd hands over. */
#define LISTEN_FDS_START 3

typedef enum
{
  TCP = 0,
  UDP,
  UNIX,
  FD,
  NONE,
} Scheme;

static const char *const schemes[] = { "tcp://", "udp://", "unix://", "fd://" };

static Scheme
find_scheme (const char *path, const char **rest)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_has_prefix (path, schemes[i]))
      {
        *rest = path + strlen (schemes[i]);
        return (Scheme) i;
      }
  return NONE;
}

gboolean
fanout_address_is (const char *path)
{
  const char *rest;

  return find_scheme (path, &rest) != NONE;
}

/* HOST:PORT, where HOST may be in brackets, or nothing for every address there is. */
static gboolean
split (const char *text, char **host, const char **port)
{
  const char *colon = strrchr (text, ':');
  gsize length;

  if (colon == NULL)
    return FALSE;
  length = (gsize) (colon - text);
  *port = colon + 1;
  if (!g_ascii_string_to_unsigned (*port, 10, 0, G_MAXUINT16, NULL, NULL))
    return FALSE;
  if (length >= 2 && text[0] == '[' && colon[-1] == ']')
    *host = g_strndup (text + 1, length - 2);
  else if (memchr (text, ':', length) == NULL)
    *host = g_strndup (text, length);
  else
    return FALSE;
  return TRUE;
}

gboolean
fanout_address_check (const char *path, GError **error)
{
  const char *rest;
  const Scheme scheme = find_scheme (path, &rest);
  g_autofree char *quoted = fanout_quote (path, -1);
  g_autofree char *host = NULL;
  const char *port;
  const char *wanted = NULL;

  if ((scheme == TCP || scheme == UDP) && !split (rest, &host, &port))
    wanted = scheme == TCP ? "tcp://HOST:PORT" : "udp://HOST:PORT";
  else if (scheme == UNIX && rest[0] != '/')
    wanted = "unix:///FOLDER/NAME";
  else if (scheme == UNIX && strlen (rest) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    wanted = "a shorter name";
  else if (scheme == FD && rest[0] == '\0')
    wanted = "fd://NAME";
  if (wanted == NULL)
    return TRUE;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG, "%s is no address of a socket; wanted: %s",
               quoted, wanted);
  return FALSE;
}

static gboolean
fail (const char *path, const char *what, GError **error)
{
  g_autofree char *name = fanout_escape (path, -1);

  return fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "%s: %s", name, what);
}

static void
add (GArray *sockets, int fd, FanoutSocketKind kind, char *remove)
{
  const FanoutSocket added = { fd, kind, remove };

  g_array_append_val (sockets, added);
}

/* Errors that do not matter: the system has less to give. */
static void
set_option (int fd, int option, int value)
{
  if (setsockopt (fd, SOL_SOCKET, option, &value, sizeof value) != 0)
    return;
}

static int
bind_to (const struct addrinfo *address, FanoutSocketKind kind)
{
  const int fd
      = socket (address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0)
    return -1;
  if (kind == FANOUT_SOCKET_STREAM)
    set_option (fd, SO_REUSEADDR, 1);
  else
    set_option (fd, SO_RCVBUF, DATAGRAM_BYTES);
  if (bind (fd, address->ai_addr, address->ai_addrlen) == 0
      && (kind == FANOUT_SOCKET_DATAGRAM || listen (fd, BACKLOG) == 0))
    return fd;
  close (fd);
  return -1;
}

static gboolean
open_host (const char *path, const char *rest, FanoutSocketKind kind, GArray *sockets,
           GError **error)
{
  const struct addrinfo hints
      = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
          .ai_socktype = kind == FANOUT_SOCKET_STREAM ? SOCK_STREAM : SOCK_DGRAM };
  g_autofree char *host = NULL;
  const char *port;
  struct addrinfo *found;
  int fd = -1;
  int result;

  if (!split (rest, &host, &port))
    return fanout_address_check (path, error);
  result
      = getaddrinfo (*host != '\0' && strcmp (host, "*") != 0 ? host : NULL, port, &hints, &found);
  if (result != 0)
    {
      g_autofree char *name = fanout_escape (path, -1);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "%s: %s", name, gai_strerror (result));
      return FALSE;
    }
  for (const struct addrinfo *address = found; address != NULL && fd < 0;
       address = address->ai_next)
    fd = bind_to (address, kind);
  freeaddrinfo (found);
  if (fd < 0)
    return fail (path, "cannot listen", error);
  add (sockets, fd, kind, NULL);
  return TRUE;
}

/* One that nobody listens on was left by somebody who died. */
static void
remove_stale (const struct sockaddr_un *address)
{
  struct stat status;
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return;
  if (lstat (address->sun_path, &status) == 0 && S_ISSOCK (status.st_mode)
      && connect (fd, (const struct sockaddr *) address, sizeof *address) != 0
      && errno == ECONNREFUSED)
    unlink (address->sun_path);
  close (fd);
}

static gboolean
open_unix (const char *path, const char *rest, GArray *sockets, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  gboolean bound;

  if (fd < 0)
    return fail (path, "cannot listen", error);
  g_strlcpy (address.sun_path, rest, sizeof address.sun_path);
  remove_stale (&address);
  bound = bind (fd, (const struct sockaddr *) &address, sizeof address) == 0;
  if (bound && listen (fd, BACKLOG) == 0)
    {
      add (sockets, fd, FANOUT_SOCKET_STREAM, g_strdup (rest));
      return TRUE;
    }
  fail (path, "cannot listen", error);
  if (bound)
    unlink (rest);
  close (fd);
  return FALSE;
}

static gboolean
use_given (const char *path, int fd, GArray *sockets, GError **error)
{
  int type = 0;
  int listens = 0;
  socklen_t length = sizeof type;
  const int own = fcntl (fd, F_DUPFD_CLOEXEC, LISTEN_FDS_START);

  if (own < 0 || getsockopt (own, SOL_SOCKET, SO_TYPE, &type, &length) != 0)
    {
      fail (path, "no socket", error);
      if (own >= 0)
        close (own);
      return FALSE;
    }
  length = sizeof listens;
  getsockopt (own, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length);
  if (type != SOCK_DGRAM && (type != SOCK_STREAM || !listens))
    {
      g_autofree char *name = fanout_escape (path, -1);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                   "%s: it is neither a socket that listens nor one for datagrams", name);
      close (own);
      return FALSE;
    }
  fcntl (own, F_SETFL, fcntl (own, F_GETFL) | O_NONBLOCK);
  add (sockets, own, type == SOCK_DGRAM ? FANOUT_SOCKET_DATAGRAM : FANOUT_SOCKET_STREAM, NULL);
  return TRUE;
}

/* As sd_listen_fds_with_names() finds them. */
static gboolean
open_given (const char *path, const char *name, GArray *sockets, GError **error)
{
  const char *pid = g_getenv ("LISTEN_PID");
  const char *count = g_getenv ("LISTEN_FDS");
  const char *names = g_getenv ("LISTEN_FDNAMES");
  g_auto (GStrv) list = g_strsplit (names != NULL ? names : "", ":", -1);
  const guint n_names = g_strv_length (list);
  const gint64 n = count != NULL ? g_ascii_strtoll (count, NULL, 10) : 0;
  gboolean found = FALSE;

  if (pid != NULL && g_ascii_strtoll (pid, NULL, 10) == getpid ())
    for (gint64 i = 0; i < CLAMP (n, 0, 1000); i++)
      {
        if (strcmp (i < n_names ? list[i] : "unknown", name) != 0)
          continue;
        if (!use_given (path, LISTEN_FDS_START + (int) i, sockets, error))
          return FALSE;
        found = TRUE;
      }
  if (!found)
    {
      g_autofree char *escaped = fanout_escape (path, -1);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
                   "%s: no socket of this name was handed over (LISTEN_FDS, LISTEN_FDNAMES)",
                   escaped);
    }
  return found;
}

gboolean
fanout_address_open (const char *path, GArray *sockets, GError **error)
{
  const char *rest = "";

  switch (find_scheme (path, &rest))
    {
    case TCP:
      return open_host (path, rest, FANOUT_SOCKET_STREAM, sockets, error);
    case UDP:
      return open_host (path, rest, FANOUT_SOCKET_DATAGRAM, sockets, error);
    case UNIX:
      return open_unix (path, rest, sockets, error);
    case FD:
      return open_given (path, rest, sockets, error);
    case NONE:
    default:
      return FALSE;
    }
}

void
fanout_socket_close (FanoutSocket *self)
{
  close (self->fd);
  if (self->remove != NULL)
    unlink (self->remove);
  g_clear_pointer (&self->remove, g_free);
}
