#include "core/input/rotated.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  char *path;
  struct timespec time;
} Found;

/* What is written late to a file makes it no younger than its successor. */
static gboolean
find_time (int folder, const char *path, int flags, struct timespec *time)
{
  struct statx status;

  if (statx (folder, path, flags, STATX_TYPE | STATX_MTIME | STATX_BTIME, &status) != 0
      || !S_ISREG (status.stx_mode))
    return FALSE;
  if ((status.stx_mask & STATX_BTIME) == 0)
    status.stx_btime = status.stx_mtime;
  time->tv_sec = (time_t) status.stx_btime.tv_sec;
  time->tv_nsec = (long) status.stx_btime.tv_nsec;
  return TRUE;
}

gboolean
fanout_rotated_time (int fd, struct timespec *time)
{
  return find_time (fd, "", AT_EMPTY_PATH, time);
}

static int
compare_times (const struct timespec *a, const struct timespec *b)
{
  if (a->tv_sec != b->tv_sec)
    return a->tv_sec < b->tv_sec ? -1 : 1;
  return a->tv_nsec == b->tv_nsec ? 0 : a->tv_nsec < b->tv_nsec ? -1 : 1;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const Found *one = a;
  const Found *other = b;
  const int times = compare_times (&one->time, &other->time);

  return times != 0 ? times : strverscmp (other->path, one->path);
}

static void
look (GArray *found, const char *folder, const char *name, const struct timespec *since)
{
  Found file = { g_build_filename (folder, name, NULL), { 0 } };

  if (find_time (AT_FDCWD, file.path, AT_SYMLINK_NOFOLLOW, &file.time)
      && compare_times (&file.time, since) >= 0)
    g_array_append_val (found, file);
  else
    g_free (file.path);
}

GPtrArray *
fanout_rotated_names (const char *path, const struct timespec *since)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  DIR *entries = opendir (folder);
  const struct dirent *entry;

  while (entries != NULL && (entry = readdir (entries)) != NULL)
    if (g_str_has_prefix (entry->d_name, base) && entry->d_name[strlen (base)] != '\0')
      look (found, folder, entry->d_name, since);
  if (entries != NULL)
    closedir (entries);
  g_array_sort (found, compare);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (names, g_array_index (found, Found, i).path);
  return names;
}
