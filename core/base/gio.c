#include "core/base/gio.h"

#include <pthread.h>

static FanoutGio functions;

#ifdef FANOUT_GIO_LIBRARY

static void
load (void)
{
  static const char *const names[] = { FANOUT_GIO_FUNCTIONS (FANOUT_LIBRARY_NAME) NULL };
  GError *error = NULL;

  /* As when the dynamic linker cannot start a program. */
  if (!fanout_library_open (FANOUT_GIO_LIBRARY, names, (gpointer *) &functions, &error))
    g_error ("%s", error->message);
}

#else

static void
load (void)
{
  static const FanoutGio linked = { FANOUT_GIO_FUNCTIONS (FANOUT_LIBRARY_TAKE) };

  functions = linked;
}

#endif

const FanoutGio *
fanout_gio (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, load);
  return &functions;
}
