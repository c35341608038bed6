#include "core/base/output.h"
#include "core/base/error.h"
#include "core/base/same-file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  LINKS_MAX = 40,
  NAMES_MAX = 100,
};

struct FanoutOutput
{
  int fd;
  char *name;                       /* for messages */
  gboolean continued;               /* a regular file that is written at its place */
  guint64 length;                   /* of that */
  char *unsure;                     /* where it is, until its name is on the disk */
  char *target;                     /* where it will be; NULL: it is written directly */
  char *hidden;                     /* a name beside it */
  _Atomic (const char *) temporary; /* `hidden` where that is its name now, or may be; else NULL */
};

static gboolean
fail (const char *name, int reason, GError **error)
{
  return fanout_error_system (error, FANOUT_ERROR_OUTPUT, reason, "%s", name);
}

/* Where a link leads whose target is not there yet; NULL with errno. */
static char *
follow_links (const char *path)
{
  g_autofree char *at = g_strdup (path);

  for (guint i = 0; i < LINKS_MAX; i++)
    {
      g_autofree char *folder = NULL;
      g_autofree char *to = NULL;
      char *next;

      to = g_file_read_link (at, NULL);
      if (to == NULL)
        return g_steal_pointer (&at);
      folder = g_path_get_dirname (at);
      next = g_path_is_absolute (to) ? g_strdup (to) : g_build_filename (folder, to, NULL);
      g_free (at);
      at = next;
    }
  errno = ELOOP;
  return NULL;
}

char *
fanout_output_place (const char *path)
{
  g_autofree char *at = strcmp (path, "-") == 0 ? NULL : follow_links (path);
  g_autofree char *folder = at != NULL ? g_path_get_dirname (at) : NULL;
  g_autofree char *base = at != NULL ? g_path_get_basename (at) : NULL;
  char *real = folder != NULL ? realpath (folder, NULL) : NULL;
  char *place = real != NULL ? g_build_filename (real, base, NULL) : g_strdup (path);

  free (real);
  return place;
}

/* The number in /dev/stdout, /dev/fd/N or /proc/self/fd/N, else -1. */
static int
find_descriptor (const char *path)
{
  g_autofree char *own = g_strdup_printf ("/proc/%d/fd", (int) getpid ());
  g_autofree char *at = g_strdup (path);

  for (guint i = 0; i < LINKS_MAX; i++)
    {
      g_autofree char *folder = g_path_get_dirname (at);
      g_autofree char *base = g_path_get_basename (at);
      char *real = realpath (folder, NULL);
      const gboolean found = g_strcmp0 (real, own) == 0;
      char *to;

      free (real);
      if (found)
        return (int) g_ascii_strtoll (base, NULL, 10);
      to = g_file_read_link (at, NULL);
      if (to == NULL)
        return -1;
      g_free (at);
      at = g_path_is_absolute (to) ? g_strdup (to) : g_build_filename (folder, to, NULL);
      g_free (to);
    }
  return -1;
}

static void
choose_hidden (FanoutOutput *output)
{
  g_autofree char *folder = g_path_get_dirname (output->target);
  g_autofree char *base = g_path_get_basename (output->target);

  atomic_store (&output->temporary, NULL);
  g_free (output->hidden);
  output->hidden = g_strdup_printf ("%s/.%.200s.%08x", folder, base, g_random_int ());
}

/* A file without a name goes by itself when the process is killed. */
static int
open_nameless (const char *target)
{
#ifdef O_TMPFILE
  g_autofree char *folder = g_path_get_dirname (target);

  if (access ("/proc/self/fd", X_OK) == 0)
    return open (folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
#else
  (void) target;
#endif
  return -1;
}

static gboolean
open_temporary (FanoutOutput *output, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (output->target);

  output->fd = open_nameless (output->target);
  for (guint i = 0; output->fd < 0 && i < NAMES_MAX; i++)
    {
      choose_hidden (output);
      output->fd = open (output->hidden, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
      if (output->fd >= 0)
        atomic_store (&output->temporary, output->hidden);
      else if (errno != EEXIST)
        break;
    }
  if (output->fd >= 0)
    return TRUE;
  return fanout_error_system (error, FANOUT_ERROR_OUTPUT, errno, "%s: cannot create a file in %s",
                              output->name, folder);
}

/* A file that is replaced hands on its permissions and, where that is allowed, its owner. */
static void
inherit (const FanoutOutput *output, const struct stat *old)
{
  struct stat own;

  if (fstat (output->fd, &own) != 0)
    return;
  if ((own.st_uid != old->st_uid || own.st_gid != old->st_gid)
      && fchown (output->fd, old->st_uid, old->st_gid) != 0)
    g_debug ("%s: the owner changes", output->name);
  if (fchmod (output->fd, old->st_mode & 0777) != 0)
    g_debug ("%s: the permissions change", output->name);
}

static gboolean
open_file (FanoutOutput *output, const char *path, const char *const *inputs, GError **error)
{
  struct stat info;
  const gboolean exists = stat (path, &info) == 0;
  int descriptor;

  if (!exists && errno != ENOENT)
    return fail (output->name, errno, error);
  if (exists && !fanout_check_is_no_input (output->name, "output", &info, inputs, error))
    return FALSE;
  if (exists && !S_ISREG (info.st_mode))
    {
      output->fd = open (path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
      return output->fd >= 0 || fail (output->name, errno, error);
    }
  /* Others write to it as well, before and after us: it must stay the same file. */
  descriptor = exists ? find_descriptor (path) : -1;
  if (descriptor >= 0)
    {
      output->fd = fcntl (descriptor, F_DUPFD_CLOEXEC, 0);
      return output->fd >= 0 || fail (output->name, errno, error);
    }
  if (exists && access (path, W_OK) != 0)
    return fail (output->name, errno, error);
  output->target = exists ? realpath (path, NULL) : follow_links (path);
  if (output->target == NULL)
    return fail (output->name, errno, error);
  if (!open_temporary (output, error))
    return FALSE;
  if (exists)
    inherit (output, &info);
  return TRUE;
}

FanoutOutput *
fanout_output_open (const char *path, const char *const *inputs, GError **error)
{
  g_autoptr (FanoutOutput) output = g_new0 (FanoutOutput, 1);
  struct stat info;

  output->fd = -1;
  if (strcmp (path, "-") != 0)
    {
      output->name = fanout_escape (path, -1);
      return open_file (output, path, inputs, error) ? g_steal_pointer (&output) : NULL;
    }
  output->name = g_strdup ("standard output");
  if (fstat (STDOUT_FILENO, &info) != 0)
    {
      fail (output->name, errno, error);
      return NULL;
    }
  if (!fanout_check_is_no_input (output->name, "output", &info, inputs, error))
    return NULL;
  output->fd = STDOUT_FILENO;
  return g_steal_pointer (&output);
}

static gboolean
cut (FanoutOutput *output, const struct stat *info, guint64 length, GError **error)
{
  output->continued = TRUE;
  output->length = MIN (length, (guint64) info->st_size);
  if (length != G_MAXUINT64 && length > (guint64) info->st_size)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_OUTPUT,
                   "%s: it has %" G_GUINT64_FORMAT " bytes, where %" G_GUINT64_FORMAT
                   " had been written: it was changed since; --fresh begins anew",
                   output->name, (guint64) info->st_size, length);
      return FALSE;
    }
  return (output->length == (guint64) info->st_size
          || ftruncate (output->fd, (off_t) output->length) == 0)
         || fail (output->name, errno, error);
}

FanoutOutput *
fanout_output_open_at (const char *path, guint64 length, const char *const *inputs, GError **error)
{
  g_autoptr (FanoutOutput) output = NULL;
  struct stat info;

  if (strcmp (path, "-") == 0 || (stat (path, &info) == 0 && !S_ISREG (info.st_mode)))
    return fanout_output_open (path, inputs, error);
  output = g_new0 (FanoutOutput, 1);
  output->name = fanout_escape (path, -1);
  output->unsure = g_strdup (path);
  output->fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
  if (output->fd < 0 || fstat (output->fd, &info) != 0)
    {
      fail (output->name, errno, error);
      return NULL;
    }
  if (!fanout_check_is_no_input (output->name, "output", &info, inputs, error)
      || !cut (output, &info, length, error))
    return NULL;
  return g_steal_pointer (&output);
}

guint64
fanout_output_length (const FanoutOutput *output)
{
  return output->length;
}

gboolean
fanout_output_is_at (const FanoutOutput *output, const char *path)
{
  return !output->continued || fanout_is_open_as (path, output->fd);
}

gboolean
fanout_output_check (const char *path, const char *const *inputs, GError **error)
{
  g_autoptr (FanoutOutput) output = NULL;
  struct stat info;

  /* Opening a FIFO waits for its reader, opening a device may do something. */
  if (strcmp (path, "-") == 0 || stat (path, &info) != 0 || S_ISREG (info.st_mode)
      || S_ISDIR (info.st_mode))
    output = fanout_output_open (path, inputs, error);
  else if (access (path, W_OK) != 0)
    {
      g_autofree char *name = fanout_escape (path, -1);

      return fail (name, errno, error);
    }
  else
    return TRUE;
  return output != NULL;
}

const char *
fanout_output_name (const FanoutOutput *output)
{
  return output->name;
}

gboolean
fanout_output_is_terminal (const FanoutOutput *output)
{
  return isatty (output->fd) == 1;
}

static gboolean
wait_until_writable (int fd)
{
  struct pollfd want = { .fd = fd, .events = POLLOUT };

  return poll (&want, 1, -1) >= 0 || errno == EINTR;
}

static gboolean
write_some (int fd, const char *data, gsize length, gsize *done)
{
  while (*done < length)
    {
      const ssize_t n = write (fd, data + *done, length - *done);

      if (n > 0)
        *done += (gsize) n;
      else if (n < 0 && errno != EINTR
               && !((errno == EAGAIN || errno == EWOULDBLOCK) && wait_until_writable (fd)))
        return FALSE;
    }
  return TRUE;
}

gboolean
fanout_write_all (int fd, const char *data, gsize length)
{
  gsize done = 0;

  return write_some (fd, data, length, &done);
}

gboolean
fanout_output_put_some (FanoutOutput *output, const char *data, gsize length, gsize *done,
                        GError **error)
{
  gsize written = 0;
  const gboolean all = write_some (output->fd, data, length, &written);
  const int number = errno;

  output->length += output->continued ? written : 0;
  *done = written;
  return all || fail (output->name, number, error);
}

gboolean
fanout_output_put (FanoutOutput *output, const char *data, gsize length, GError **error)
{
  gsize done;

  return fanout_output_put_some (output, data, length, &done, error);
}

/* Give a nameless file a name, which nothing can have yet. */
static gboolean
give_name (FanoutOutput *output)
{
  char path[64];

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", output->fd);
  for (guint i = 0; i < NAMES_MAX; i++)
    {
      choose_hidden (output);
      /* Before it is there: whoever ends the program now removes it. */
      atomic_store (&output->temporary, output->hidden);
      if (linkat (AT_FDCWD, path, AT_FDCWD, output->hidden, AT_SYMLINK_FOLLOW) == 0)
        return TRUE;
      atomic_store (&output->temporary, NULL);
      if (errno != EEXIST)
        return FALSE;
    }
  return FALSE;
}

/* Not every file system can. */
static gboolean
sync_now (int fd)
{
  while (fsync (fd) != 0)
    if (errno != EINTR)
      return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP || errno == EROFS;
  return TRUE;
}

/* Whatever it says, the descriptor is gone. */
static gboolean
close_now (int fd)
{
  return close (fd) == 0 || errno == EINTR;
}

/* The file's name is on the disk when its folder is. One that cannot be opened is left to the
 * system. */
static gboolean
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done;

  if (fd < 0)
    return TRUE;
  done = sync_now (fd);
  close (fd);
  return done;
}

/* What the system kept back of a write is told by close(), also by that of a copy. */
static gboolean
close_output (FanoutOutput *output)
{
  const int fd = output->fd == STDOUT_FILENO ? fcntl (output->fd, F_DUPFD_CLOEXEC, 0) : output->fd;

  if (output->fd == STDOUT_FILENO)
    return fd < 0 || close_now (fd);
  output->fd = -1;
  return close_now (fd);
}

gboolean
fanout_output_sync (FanoutOutput *output, GError **error)
{
  if (!output->continued && output->target == NULL)
    return TRUE;
  if (!sync_now (output->fd) || (output->unsure != NULL && !sync_folder (output->unsure)))
    return fail (output->name, errno, error);
  g_clear_pointer (&output->unsure, g_free);
  return TRUE;
}

FanoutOutput *
fanout_output_share (FanoutOutput *output, GError **error)
{
  const int fd = fcntl (output->fd, F_DUPFD_CLOEXEC, 0);
  FanoutOutput *shared;

  if (fd < 0)
    {
      fail (output->name, errno, error);
      return NULL;
    }
  shared = g_new0 (FanoutOutput, 1);
  shared->fd = fd;
  shared->name = g_strdup (output->name);
  shared->continued = output->continued;
  shared->unsure = g_steal_pointer (&output->unsure);
  return shared;
}

gboolean
fanout_output_commit (FanoutOutput *output, GError **error)
{
  if (output->target == NULL)
    return close_output (output) || fail (output->name, errno, error);
  if (!sync_now (output->fd) || (atomic_load (&output->temporary) == NULL && !give_name (output))
      || !close_output (output) || rename (output->hidden, output->target) != 0)
    return fail (output->name, errno, error);
  atomic_store (&output->temporary, NULL);
  return sync_folder (output->target) || fail (output->name, errno, error);
}

gboolean
fanout_output_is_replaced (const FanoutOutput *output)
{
  return output->target != NULL;
}

void
fanout_output_abandon (FanoutOutput *output)
{
  const char *temporary = output != NULL ? atomic_load (&output->temporary) : NULL;

  if (temporary != NULL)
    unlink (temporary);
}

void
fanout_output_free (FanoutOutput *output)
{
  if (output == NULL)
    return;
  if (output->fd >= 0 && output->fd != STDOUT_FILENO)
    close (output->fd);
  fanout_output_abandon (output);
  g_free (output->name);
  g_free (output->unsure);
  free (output->target);
  g_free (output->hidden);
  g_free (output);
}
