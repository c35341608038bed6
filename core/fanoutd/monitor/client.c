#include "core/fanoutd/monitor/client.h"
#include "core/base/error.h"
#include "core/base/output.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Seconds in which something must come. */
#define PATIENCE   30
/* Longer than any answer. */
#define ANSWER_MAX ((gsize) 64 * 1024 * 1024)

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT, "the monitor %s", what);
  return FALSE;
}

static gboolean
read_all (int fd, GString *text, GError **error)
{
  char buffer[16 * 1024];
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return fail (error, "does not answer");
      if (n < 0)
        return fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "the monitor");
      g_string_append_len (text, buffer, n);
      if (text->len > ANSWER_MAX)
        return fail (error, "says more than one does");
    }
  return TRUE;
}

/* Leaves the body. */
static gboolean
take_head (GString *text, guint *status, GError **error)
{
  const char *end = strstr (text->str, "\r\n\r\n");

  if (!g_str_has_prefix (text->str, "HTTP/1.") || end == NULL || text->len < 12)
    return fail (error, text->len == 0 ? "hung up" : "speaks no HTTP");
  *status = (guint) g_ascii_strtoull (text->str + strlen ("HTTP/1.1 "), NULL, 10);
  g_string_erase (text, 0, end + 4 - text->str);
  return TRUE;
}

static gboolean
talk (int fd, const FanoutAddress *address, const char *request, GString *text, GError **error)
{
  const struct timeval patience = { .tv_sec = PATIENCE };

  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect (fd, &address->any, address->length) != 0
      || send (fd, request, strlen (request), MSG_NOSIGNAL) != (gssize) strlen (request))
    return fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "the monitor");
  return read_all (fd, text, error);
}

gboolean
client_ask (const FanoutAddress *address, const char *method, const char *path, guint *status,
            GString *body, GError **error)
{
  /* Of version 1.0: the answer comes in one piece, and ends with the connection. */
  g_autofree char *request = g_strdup_printf (
      "%s %s HTTP/1.0\r\nHost: localhost\r\nX-Fanoutd: ctl\r\nContent-Length: 0\r\n\r\n", method,
      path);
  const int fd = socket (address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return fanout_error_system (error, FANOUT_ERROR_INPUT, errno, "the monitor");
  g_string_truncate (body, 0);
  const gboolean done = talk (fd, address, request, body, error) && take_head (body, status, error);
  close (fd);
  return done;
}
