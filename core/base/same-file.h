#pragma once

/** Whether two names, or a name and what is open, are one file. */

#include <glib.h>
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
