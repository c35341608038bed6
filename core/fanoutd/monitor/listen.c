#include "core/fanoutd/monitor/listen.h"
#include "core/base/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the path is a socket that is left over from somebody who is gone. */
static gboolean
is_left_over (const FanoutAddress *address)
{
  struct stat status;
  const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  gboolean refused;

  if (fd < 0)
    return FALSE;
  refused = connect (fd, &address->any, address->length) != 0 && errno == ECONNREFUSED;
  close (fd);
  return refused && lstat (address->local.sun_path, &status) == 0 && S_ISSOCK (status.st_mode);
}

static gboolean
bind_path (int fd, const FanoutAddress *address)
{
  /* What is set here holds for the path that is made: no moment when others could open it. */
  fchmod (fd, 0600);
  if (bind (fd, &address->any, address->length) != 0)
    {
      if (errno != EADDRINUSE || !is_left_over (address))
        return FALSE;
      unlink (address->local.sun_path);
      if (bind (fd, &address->any, address->length) != 0)
        return FALSE;
    }
  return chmod (address->local.sun_path, 0600) == 0;
}

static gboolean
bind_it (int fd, const FanoutAddress *address)
{
  const int on = 1;

  if (address->any.sa_family == AF_UNIX)
    return bind_path (fd, address);
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->any.sa_family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  return bind (fd, &address->any, address->length) == 0;
}

int
listen_open (const FanoutAddress *address, const char *text, GError **error)
{
  const int fd = socket (address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_autofree char *shown = fanout_escape (text, -1);

  if (fd >= 0 && bind_it (fd, address) && listen (fd, SOMAXCONN) == 0)
    return fd;
  fanout_error_system (error, FANOUT_ERROR_OUTPUT, errno, "monitor: cannot listen on %s", shown);
  if (fd >= 0)
    close (fd);
  return -1;
}

char *
listen_name (int fd, const FanoutAddress *address, const char *text)
{
  FanoutAddress bound = { .length = sizeof bound.local };

  if (address->any.sa_family == AF_UNIX || getsockname (fd, &bound.any, &bound.length) != 0)
    return g_strdup (text);
  return g_strdup_printf (
      "%.*s:%u", (int) (strrchr (text, ':') - text), text,
      ntohs (address->any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port));
}

void
listen_close (int fd, const FanoutAddress *address)
{
  if (address->any.sa_family == AF_UNIX)
    unlink (address->local.sun_path);
  close (fd);
}
