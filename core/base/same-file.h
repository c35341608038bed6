#pragma once

/** Whether two names, or a name and what is open, are one file. */

#include <fanout/error.h>

#include <sys/stat.h>

typedef struct
{
  dev_t device;
  ino_t inode;
} FanoutFileId;

static inline FanoutFileId
fanout_file_id (const struct stat *status)
{
  const FanoutFileId id = { status->st_dev, status->st_ino };

  return id;
}

static inline gboolean
fanout_file_id_equal (FanoutFileId a, FanoutFileId b)
{
  return a.device == b.device && a.inode == b.inode;
}

static inline gboolean
fanout_same_file (const struct stat *a, const struct stat *b)
{
  return fanout_file_id_equal (fanout_file_id (a), fanout_file_id (b));
}

/** A table by FanoutFileId, which the values hold. */
GHashTable *fanout_file_table_new (GDestroyNotify free_value);

/** A set of FanoutFileId. */
GHashTable *fanout_file_set_new (void);
/** FALSE: it was there already. */
gboolean fanout_file_set_add (GHashTable *set, const struct stat *status);

/** Whether `path` leads to what is open as `fd`. */
static inline gboolean
fanout_is_open_as (const char *path, int fd)
{
  struct stat own;
  struct stat there;

  return fstat (fd, &own) == 0 && stat (path, &there) == 0 && fanout_same_file (&own, &there);
}

/** Refuses (FANOUT_ERROR_OUTPUT) what is written to where it is a regular file that is read: one of
 * `inputs` (NULL-terminated, may be NULL; "-" is standard input). `name` is what it is called in
 * the message, `what` what is written there. */
gboolean fanout_check_is_no_input (const char *name, const char *what, const struct stat *written,
                                   const char *const *inputs, GError **error);
