#pragma once

/** Asking a monitor. */

#include "core/config/address.h"

/** What `path` at `address` answers; for POST as well. FALSE with `error` where nobody does. */
gboolean client_ask (const FanoutAddress *address, const char *method, const char *path,
                     guint *status, GString *body, GError **error);
