#include "core/base/same-file.h"

#include <fanout/kept.h>
#include <string.h>
#include <unistd.h>

static guint
hash_id (gconstpointer id)
{
  const FanoutFileId *self = id;

  return (guint) fanout_hash_words (self->device, self->inode, 0);
}

static gboolean
equal_ids (gconstpointer a, gconstpointer b)
{
  return fanout_file_id_equal (*(const FanoutFileId *) a, *(const FanoutFileId *) b);
}

GHashTable *
fanout_file_table_new (GDestroyNotify free_value)
{
  return g_hash_table_new_full (hash_id, equal_ids, NULL, free_value);
}

GHashTable *
fanout_file_set_new (void)
{
  return g_hash_table_new_full (hash_id, equal_ids, g_free, NULL);
}

gboolean
fanout_file_set_add (GHashTable *set, const struct stat *status)
{
  const FanoutFileId id = fanout_file_id (status);

  return g_hash_table_add (set, g_memdup2 (&id, sizeof id));
}

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
