#pragma once

/** libmicrohttpd, loaded by those runs that have a monitor: it brings a library for encryption
 * along, which takes longer to load than all the rest of the program. */

#include "core/base/library.h"
#include <microhttpd.h>

/* clang-format off */
#define HTTP_FUNCTIONS(X)                                                                          \
  X (MHD_add_connection) X (MHD_add_response_header) X (MHD_create_response_from_callback)         \
  X (MHD_create_response_from_buffer_with_free_callback_cls) X (MHD_destroy_response)              \
  X (MHD_get_connection_info) X (MHD_get_connection_values) X (MHD_get_daemon_info)                \
  X (MHD_get_timeout) X (MHD_lookup_connection_value) X (MHD_queue_response)                       \
  X (MHD_resume_connection) X (MHD_run) X (MHD_start_daemon) X (MHD_stop_daemon)                   \
  X (MHD_suspend_connection)
/* clang-format on */

/** The functions that are used, by their names. */
typedef struct
{
  HTTP_FUNCTIONS (FANOUT_LIBRARY_MEMBER)
} Http;

/** NULL with `error` where it cannot be loaded. One thread. */
const Http *http_load (GError **error);
