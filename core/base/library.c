#include "core/base/library.h"

#include <dlfcn.h>
#include <fanout/error.h>

gboolean
fanout_library_open (const char *file, const char *const *names, gpointer *functions,
                     GError **error)
{
  void *library = dlopen (file, RTLD_LAZY | RTLD_LOCAL);
  gboolean found = library != NULL;

  for (guint i = 0; found && names[i] != NULL; i++)
    {
      functions[i] = dlsym (library, names[i]);
      found = functions[i] != NULL;
    }
  if (found)
    return TRUE;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_PLUGIN, "%s cannot be used: %s", file, dlerror ());
  if (library != NULL)
    dlclose (library);
  return FALSE;
}
