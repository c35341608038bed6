#include "core/base/library.h"

#include <dlfcn.h>
#include <fanout/error.h>

void *
fanout_library_open (const char *file, const char *const *names, gpointer *functions,
                     GError **error)
{
  /* It stays: the next of many files needs it as well. */
  void *library = dlopen (file, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  gboolean found = library != NULL;

  for (guint i = 0; found && names[i] != NULL; i++)
    {
      functions[i] = dlsym (library, names[i]);
      found = functions[i] != NULL;
    }
  if (found)
    return library;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN, "%s cannot be used: %s", file, dlerror ());
  fanout_library_close (library);
  return NULL;
}

void
fanout_library_close (void *library)
{
  if (library != NULL)
    dlclose (library);
}
