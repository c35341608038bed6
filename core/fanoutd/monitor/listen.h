#pragma once

/** A socket to listen on. */

#include "core/config/address.h"

/** -1 with `error`. One for a path is made for its owner alone, in place of one that nobody listens
 * on any more. */
int listen_open (const FanoutAddress *address, const char *text, GError **error);
/** `text`, with the port that the system chose where it had none. */
char *listen_name (int fd, const FanoutAddress *address, const char *text);
/** Close it, and remove its path. */
void listen_close (int fd, const FanoutAddress *address);
