#include "core/base/same-file.h"

#include <string.h>
#include <unistd.h>

static gboolean
is_input (const struct stat *written, const char *input)
{
  struct stat info;
  const int found = strcmp (input, "-") == 0 ? fstat (STDIN_FILENO, &info) : stat (input, &info);

  return found == 0 && fanout_same_file (&info, written);
}

gboolean
fanout_check_is_no_input (const char *name, const char *what, const struct stat *written,
                          const char *const *inputs, GError **error)
{
  if (!S_ISREG (written->st_mode))
    return TRUE;
  for (; inputs != NULL && *inputs != NULL; inputs++)
    if (is_input (written, *inputs))
      {
        g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT, "%s: the %s is also an input", name,
                     what);
        return FALSE;
      }
  return TRUE;
}
