#include "core/config/address.h"
#include "core/base/error.h"

#include <arpa/inet.h>
#include <string.h>

static gboolean
fail (const char *text, const char *problem, GError **error)
{
  g_autofree char *quoted = fanout_quote (text, -1);
  g_set_error (
      error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
      "%s: %s; HOST:PORT with a host in numbers or localhost, or unix:PATH is wanted, such "
      "as 127.0.0.1:9464",
      quoted, problem);
  return FALSE;
}

static gboolean
parse_path (const char *text, const char *path, FanoutAddress *address, GError **error)
{
  struct sockaddr_un *local = &address->local;
  if (path[0] == '\0')
    return fail (text, "the path is missing", error);
  if (strlen (path) >= sizeof local->sun_path)
    return fail (text, "the path is longer than the system takes for a socket", error);
  local->sun_family = AF_UNIX;
  memcpy (local->sun_path, path, strlen (path) + 1);
  address->length = sizeof *local;
  address->near = TRUE;
  return TRUE;
}

static gboolean
parse_port (const char *text, in_port_t *port)
{
  guint64 number;
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL))
    return FALSE;
  *port = htons ((guint16) number);
  return TRUE;
}

static gboolean
parse_host (const char *host, in_port_t port, FanoutAddress *address)
{
  if (strcmp (host, "localhost") == 0)
    host = "127.0.0.1";
  if (inet_pton (AF_INET, host, &address->v4.sin_addr) == 1)
    {
      address->v4.sin_family = AF_INET;
      address->v4.sin_port = port;
      address->length = sizeof address->v4;
      address->near = ntohl (address->v4.sin_addr.s_addr) >> 24 == 127;
      return TRUE;
    }
  const gsize length = strlen (host);
  if (length < 2 || host[0] != '[' || host[length - 1] != ']')
    return FALSE;
  g_autofree char *bare = g_strndup (host + 1, length - 2);
  if (inet_pton (AF_INET6, bare, &address->v6.sin6_addr) != 1)
    return FALSE;
  address->v6.sin6_family = AF_INET6;
  address->v6.sin6_port = port;
  address->length = sizeof address->v6;
  address->near = IN6_IS_ADDR_LOOPBACK (&address->v6.sin6_addr) != 0;
  return TRUE;
}

gboolean
fanout_address_parse (const char *text, FanoutAddress *address, GError **error)
{
  FanoutAddress found = { .length = 0 };
  const char *colon = strrchr (text, ':');
  in_port_t port;
  if (g_str_has_prefix (text, "unix:"))
    {
      if (!parse_path (text, text + strlen ("unix:"), &found, error))
        return FALSE;
    }
  else if (colon == NULL)
    return fail (text, "the port is missing", error);
  else
    {
      g_autofree char *host = g_strndup (text, (gsize) (colon - text));
      if (!parse_port (colon + 1, &port))
        return fail (text, "the port is no number from 0 to 65535", error);
      if (!parse_host (host, port, &found))
        return fail (text, "the host is no address in numbers", error);
    }
  *address = found;
  return TRUE;
}
