#include "core/plugin/folders.h"

#include <dlfcn.h>
#include <fanout/abi.h>
#include <stdlib.h>
#include <unistd.h>

#define USER_FOLDER "fanout/plugins"

/* A program that runs with other rights than its caller takes no paths from him. */
static const char *
environment (const char *name)
{
#ifdef __APPLE__
  const char *value = issetugid () ? NULL : getenv (name);
#else
  const char *value = secure_getenv (name);
#endif

  return value != NULL && *value != '\0' ? value : NULL;
}

/* `way` from the folder of the library, if there are plugins; else NULL. */
static char *
find_beside (const char *library, const char *way)
{
  g_autofree char *base = g_path_get_dirname (library);
  g_autofree char *folder = g_canonicalize_filename (way, base);
  g_autofree char *inside = g_build_filename (folder, "aggregate", NULL);

  return g_file_test (inside, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&folder) : NULL;
}

/* The folder of plugins that belongs to this libfanout: beside the library when it is installed,
 * even if it was moved, and beside what it is a link to; in the build tree; at last where it was to
 * be installed. */
static char *
own_folder (void)
{
  static const char installed[] = "fanout/plugins";
  g_autofree char *path = NULL;
  Dl_info info;
  char *folder;

  if (dladdr (&fanout_core, &info) == 0 || info.dli_fname == NULL)
    return g_strdup (FANOUT_PLUGIN_DIR);
  folder = find_beside (info.dli_fname, installed);
  if (folder == NULL)
    {
      path = realpath (info.dli_fname, NULL);
      folder = path != NULL ? find_beside (path, installed) : NULL;
    }
  if (folder == NULL && path != NULL)
    folder = find_beside (path, "../plugins");
  return folder != NULL ? folder : g_strdup (FANOUT_PLUGIN_DIR);
}

/* NULL when there is none. */
static char *
user_folder (void)
{
  const char *data = environment ("XDG_DATA_HOME");
  const char *home = environment ("HOME");
  g_autofree char *folder = NULL;

  if (data != NULL && g_path_is_absolute (data))
    folder = g_build_filename (data, USER_FOLDER, NULL);
  else if (home != NULL && g_path_is_absolute (home))
    folder = g_build_filename (home, ".local/share", USER_FOLDER, NULL);
  return folder != NULL && g_file_test (folder, G_FILE_TEST_EXISTS) ? g_steal_pointer (&folder)
                                                                    : NULL;
}

char **
fanout_plugin_folders (const char *const *extra)
{
  GPtrArray *folders = g_ptr_array_new ();
  const char *variable = environment ("FANOUT_PLUGIN_PATH");
  g_auto (GStrv) parts = g_strsplit (variable != NULL ? variable : "", ":", -1);
  char *user = user_folder ();

  for (guint i = 0; extra != NULL && extra[i] != NULL; i++)
    g_ptr_array_add (folders, g_strdup (extra[i]));
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_ptr_array_add (folders, g_strdup (parts[i]));
  if (user != NULL)
    g_ptr_array_add (folders, user);
  g_ptr_array_add (folders, own_folder ());
  g_ptr_array_add (folders, NULL);
  return (char **) g_ptr_array_free (folders, FALSE);
}
