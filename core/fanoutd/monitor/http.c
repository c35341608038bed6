#include "core/fanoutd/monitor/http.h"

const Http *
http_load (GError **error)
{
  static const char *const names[] = { HTTP_FUNCTIONS (FANOUT_LIBRARY_NAME) NULL };
  static Http functions;
  static gboolean loaded;
  g_autoptr (GError) reason = NULL;

  if (!loaded && !fanout_library_open (FANOUT_MICROHTTPD, names, (gpointer *) &functions, &reason))
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN,
                   "the monitor needs libmicrohttpd: %s; install it, or leave out --monitor and "
                   "[monitor] listen",
                   reason->message);
      return NULL;
    }
  loaded = TRUE;
  return &functions;
}
