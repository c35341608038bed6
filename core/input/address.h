#pragma once

/** Sockets that are inputs: tcp://HOST:PORT and unix:///PATH, which listen, udp://HOST:PORT, and
 * fd://NAME, which somebody else has opened. */

#include <glib.h>

typedef enum
{
  FANOUT_SOCKET_STREAM = 0, /* connections come by it */
  FANOUT_SOCKET_DATAGRAM,
} FanoutSocketKind;

typedef struct
{
  int fd;
  FanoutSocketKind kind;
  char *remove; /* file to be removed with it; NULL */
} FanoutSocket;

/** Whether a path is one of these, right or wrong. */
gboolean fanout_address_is (const char *path);
/** FALSE with `error` (FANOUT_ERROR_CONFIG): the text alone. */
gboolean fanout_address_check (const char *path, GError **error);
/** Open what it names, as FanoutSocket behind those of `sockets`: several where several have the
 * name. FALSE with `error` (FANOUT_ERROR_INPUT). */
gboolean fanout_address_open (const char *path, GArray *sockets, GError **error);
void fanout_socket_close (FanoutSocket *socket);
