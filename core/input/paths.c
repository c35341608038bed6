#include "core/base/error.h"
#include "core/input/address.h"
#include "core/input/private.h"
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char glob_characters[] = "*?[";

static gboolean
is_relative (const char *path, const char *folder)
{
  return folder != NULL && *folder != '\0' && strcmp (folder, ".") != 0
         && !g_path_is_absolute (path);
}

static char *
under (const char *folder, const char *path)
{
  return is_relative (path, folder) ? g_build_filename (folder, path, NULL) : g_strdup (path);
}

/* The folder is a name, whatever characters it has; the path in it is a pattern. */
static char *
pattern_under (const char *folder, const char *path)
{
  GString *pattern;

  if (!is_relative (path, folder))
    return g_strdup (path);
  pattern = g_string_new (NULL);
  for (const char *c = folder; *c != '\0'; c++)
    {
      if (strchr ("*?[]\\", *c) != NULL)
        g_string_append_c (pattern, '\\');
      g_string_append_c (pattern, *c);
    }
  if (!g_str_has_suffix (folder, "/"))
    g_string_append_c (pattern, '/');
  g_string_append (pattern, path);
  return g_string_free (pattern, FALSE);
}

/* Files in a folder that cannot be read would be missing without a word. */
static int
refuse_folder (const char *folder G_GNUC_UNUSED, int number)
{
  return number != ENOENT && number != ENOTDIR;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gboolean
fail_glob (int status, const char *path, GError **error)
{
  g_autofree char *quoted = fanout_quote (path, -1);

  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_INPUT,
               status == GLOB_NOMATCH   ? "no file matches %s"
               : status == GLOB_ABORTED ? "cannot read a folder that %s goes through"
                                        : "not enough memory for the files that match %s",
               quoted);
  return FALSE;
}

/* `refuse` says which folders may not be passed over. */
static gboolean
expand_pattern (GPtrArray *paths, const char *pattern, const char *literal,
                int (*refuse) (const char *folder, int number), GError **error)
{
  struct stat status;
  glob_t found = { 0 };
  int result = glob (pattern, GLOB_NOSORT, refuse, &found);

  if (result == 0)
    {
      qsort (found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, compare_names);
      for (gsize i = 0; i < found.gl_pathc; i++)
        {
          const char *name = found.gl_pathv[i];
          g_ptr_array_add (paths, g_strdup (strcmp (name, "-") == 0 ? "./-" : name));
        }
    }
  else if (result == GLOB_NOMATCH && lstat (literal, &status) == 0)
    {
      g_ptr_array_add (paths, g_strdup (literal));
      result = 0;
    }
  globfree (&found);
  return result == 0 || fail_glob (result, literal, error);
}

static gboolean
expand_glob (GPtrArray *paths, const char *folder, const char *path, GError **error)
{
  g_autofree char *pattern = pattern_under (folder, path);
  g_autofree char *literal = under (folder, path);

  return expand_pattern (paths, pattern, literal, refuse_folder, error);
}

char *
fanout_reader_path (const FanoutReaderPlan *plan, const char *path, gboolean *glob)
{
  if (plan->glob && fanout_address_is (path))
    {
      *glob = FALSE;
      return g_strdup (path);
    }
  *glob = plan->glob && strpbrk (path, glob_characters) != NULL;
  return *glob ? pattern_under (plan->folder, path) : under (plan->folder, path);
}

GPtrArray *
fanout_reader_match (const char *pattern)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  expand_pattern (paths, pattern, pattern, NULL, NULL);
  return g_steal_pointer (&paths);
}

char **
fanout_reader_expand (const FanoutReaderPlan *plan, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  for (const char *const *path = plan->paths; path != NULL && *path != NULL; path++)
    {
      if (strcmp (*path, "-") == 0)
        g_ptr_array_add (paths, g_strdup (*path));
      else if (!plan->glob || strpbrk (*path, glob_characters) == NULL)
        g_ptr_array_add (paths, under (plan->folder, *path));
      else if (!expand_glob (paths, plan->folder, *path, error))
        return NULL;
    }
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&paths), FALSE);
}
