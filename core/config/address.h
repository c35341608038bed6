#pragma once

/** Where somebody listens: HOST:PORT or unix:PATH. */

#include <fanout/error.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef struct
{
  union
  {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
  };
  socklen_t length;
  gboolean near; /* nobody but this machine reaches it */
} FanoutAddress;

/** What `text` says: an address in numbers, or localhost, and a port; a path behind unix:. No name
 * is looked up. FALSE with `error` (FANOUT_ERROR_CONFIG): what was found, and what is wanted. */
FANOUT_API gboolean fanout_address_parse (const char *text, FanoutAddress *address, GError **error);
