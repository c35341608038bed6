#include "core/base/gio.h"

#include <dlfcn.h>
#include <pthread.h>

static FanoutGio functions;

#ifdef FANOUT_GIO_LIBRARY

static gpointer
look_up (void *library, const char *name)
{
  gpointer function = library != NULL ? dlsym (library, name) : NULL;

  /* As when the dynamic linker cannot start a program. */
  if (function == NULL)
    g_error ("%s cannot be used: %s", FANOUT_GIO_LIBRARY, dlerror ());
  return function;
}

static void
load (void)
{
  void *library = dlopen (FANOUT_GIO_LIBRARY, RTLD_LAZY | RTLD_LOCAL);

#define LOOK_UP(name) *(gpointer *) &functions.name##_ = look_up (library, #name);
  FANOUT_GIO_FUNCTIONS (LOOK_UP)
#undef LOOK_UP
}

#else

static void
load (void)
{
#define TAKE(name) functions.name##_ = name;
  FANOUT_GIO_FUNCTIONS (TAKE)
#undef TAKE
}

#endif

const FanoutGio *
fanout_gio (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, load);
  return &functions;
}
