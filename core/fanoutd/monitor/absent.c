#include "core/fanoutd/monitor/server.h"

/* In place of the server, where its library was not there when the program was built. */

const ServerLimits server_limits;

Server *
server_start (const FanoutAddress *address, const char *text, gboolean names,
              const ServerLimits *limits, const ServerHandler *handler, GError **error)
{
  (void) limits;
  (void) address;
  (void) text;
  (void) names;
  (void) handler;
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN,
                       "the monitor needs libmicrohttpd, and this fanoutd was built without it; "
                       "leave out --monitor and [monitor] listen, or build it again where "
                       "libmicrohttpd-dev is installed");
  return NULL;
}

void
server_stop (Server *server)
{
  (void) server;
}

void
server_wake (Server *server)
{
  (void) server;
}

const char *
server_address (const Server *server)
{
  (void) server;
  return "";
}
