#include "core/base/lock.h"
#include "core/base/same-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

struct FanoutLock
{
  char *path;
  int fd;
};

static void
drop (FanoutLock *lock)
{
  if (lock->fd >= 0)
    close (lock->fd);
  g_free (lock->path);
  g_free (lock);
}

static void
set_held (const FanoutLock *lock, const char *path, GError **error)
{
  char text[32] = "";
  const gssize n = pread (lock->fd, text, sizeof text - 1, 0);
  const guint64 number = n > 0 ? g_ascii_strtoull (text, NULL, 10) : 0;
  g_autofree char *who = number > 0 ? g_strdup_printf ("process %" G_GUINT64_FORMAT, number)
                                    : g_strdup ("another process");

  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_RETRY,
               "%s: %s uses it, and holds %s: end that first, or give this run a path of its own",
               path, who, lock->path);
}

/* The number is for who reads it: without one all else holds. */
static void
write_number (const FanoutLock *lock)
{
  char text[32];
  const int n = g_snprintf (text, sizeof text, "%d\n", (int) getpid ());

  if (ftruncate (lock->fd, 0) != 0 || pwrite (lock->fd, text, (gsize) n, 0) != n)
    return;
}

FanoutLock *
fanout_lock_take (const char *path, GError **error)
{
  FanoutLock *lock = g_new0 (FanoutLock, 1);

  lock->path = g_strconcat (path, ".lock", NULL);
  for (;;)
    {
      lock->fd = open (lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
      if (lock->fd < 0)
        break;
      if (flock (lock->fd, LOCK_EX | LOCK_NB) != 0)
        {
          if (errno == EWOULDBLOCK)
            set_held (lock, path, error);
          break;
        }
      /* Who held the lock may have removed it meanwhile. */
      if (fanout_is_open_as (lock->path, lock->fd))
        {
          write_number (lock);
          return lock;
        }
      close (lock->fd);
    }
  drop (lock);
  return NULL;
}

void
fanout_lock_free (FanoutLock *lock)
{
  if (lock == NULL)
    return;
  /* While it is held: nobody else can have made one there. */
  if (fanout_is_open_as (lock->path, lock->fd))
    unlink (lock->path);
  drop (lock);
}
