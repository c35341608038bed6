#include "core/fanoutd/children.h"

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__

#include <sys/syscall.h>

/* A name in a folder, as getdents64 has it: readdir() is not for signal handlers. */
typedef struct
{
  uint64_t inode;
  int64_t offset;
  unsigned short size;
  unsigned char type;
  char name[];
} Entry;

/* The list of one thread's children: numbers with blanks between them. */
static void
kill_listed (int fd)
{
  char text[4096];
  pid_t pid = 0;
  ssize_t n;

  while ((n = read (fd, text, sizeof text)) > 0)
    for (ssize_t i = 0; i < n; i++)
      if (text[i] >= '0' && text[i] <= '9')
        pid = pid * 10 + (text[i] - '0');
      else
        {
          if (pid > 1 && getpgid (pid) == pid)
            kill (-pid, SIGKILL);
          pid = 0;
        }
}

static void
kill_children_of (int tasks, const char *thread)
{
  char path[64] = { 0 };
  int fd;

  if (thread[0] == '.' || strlen (thread) > 20)
    return;
  g_strlcpy (path, thread, sizeof path);
  g_strlcat (path, "/children", sizeof path);
  fd = openat (tasks, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  kill_listed (fd);
  close (fd);
}

void
children_kill (void)
{
  _Alignas(Entry) char entries[4096];
  const int tasks = open ("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  long n;

  while (tasks >= 0 && (n = syscall (SYS_getdents64, tasks, entries, sizeof entries)) > 0)
    for (long at = 0; at < n; at += ((Entry *) (entries + at))->size)
      kill_children_of (tasks, ((Entry *) (entries + at))->name);
  if (tasks >= 0)
    close (tasks);
}

#else

void
children_kill (void)
{
}

#endif
