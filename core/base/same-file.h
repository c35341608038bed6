#pragma once

/** Whether two names, or a name and what is open, are one file. */

#include <fanout/error.h>

#include <sys/stat.h>

static inline gboolean
fanout_same_file (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

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
