#include "core/exact/gmp.h"

#include <pthread.h>

FanoutGmp fanout_gmp;

#ifdef FANOUT_GMP_LIBRARY

static void
load (void)
{
  static const char *const names[] = { FANOUT_GMP_FUNCTIONS (FANOUT_GMP_NAME) NULL };
  GError *error = NULL;

  /* As when the dynamic linker cannot start a program. */
  if (!fanout_library_open (FANOUT_GMP_LIBRARY, names, (gpointer *) &fanout_gmp, &error))
    g_error ("%s", error->message);
}

#else

static void
load (void)
{
  static const FanoutGmp linked = { FANOUT_GMP_FUNCTIONS (FANOUT_GMP_TAKE) };

  fanout_gmp = linked;
}

#endif

void
fanout_gmp_load (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, load);
}
