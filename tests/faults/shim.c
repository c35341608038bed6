/* Preloaded into the program: the n-th call of one kind fails, or does less than it was asked to.
 *
 *   FAULT=KIND:N:MODE:ERRNO[:on]  the N-th call (0: none); MODE is error, short (one byte) or none
 *                                 (no bytes at all); with "on" those after it too
 *   FAULT_SIZE=BYTES              memory: only what is at least so large is counted
 *   FAULT_COUNTS=FILE             how often each kind was called, "KIND N" a line, at the end
 *   FAULT_FORGET=FOLDER           what a power cut would leave: FOLDER/INODE is what was synced of
 * a file, FOLDER/names every change of a name and every sync of a folder. What is unlinked stays
 * there under a name of its own, so that no inode is used twice.
 *
 * Programs that the program starts are not touched. */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))

#define KINDS                                                                                      \
  KIND (read)                                                                                      \
  KIND (pread)                                                                                     \
  KIND (write)                                                                                     \
  KIND (open)                                                                                      \
  KIND (close)                                                                                     \
  KIND (stat)                                                                                      \
  KIND (access)                                                                                    \
  KIND (mmap)                                                                                      \
  KIND (mprotect)                                                                                  \
  KIND (fsync)                                                                                     \
  KIND (ftruncate)                                                                                 \
  KIND (rename)                                                                                    \
  KIND (link)                                                                                      \
  KIND (unlink)                                                                                    \
  KIND (folder)                                                                                    \
  KIND (thread)                                                                                    \
  KIND (epoll)                                                                                     \
  KIND (poll)                                                                                      \
  KIND (event)                                                                                     \
  KIND (watch)                                                                                     \
  KIND (socket)                                                                                    \
  KIND (accept)                                                                                    \
  KIND (send)                                                                                      \
  KIND (receive)                                                                                   \
  KIND (pipe)                                                                                      \
  KIND (fork)                                                                                      \
  KIND (library)                                                                                   \
  KIND (memory)

typedef enum
{
#define KIND(name) KIND_##name,
  KINDS
#undef KIND
      N_KINDS
} Kind;

static const char *const names[] = {
#define KIND(name) #name,
  KINDS
#undef KIND
};

typedef enum
{
  FINE,
  FAILS,
  SHORT,
  NONE,
} Fate;

static atomic_long counts[N_KINDS];
static int ready;
static int chosen = -1;
static long nth;
static Fate mode;
static int number;
static int on;
static size_t least = 65536;
static char counts_path[PATH_MAX];
static char forget[PATH_MAX];
static int changes = -1; /* FOLDER/names */
static pid_t self;

/* The function that is stood in for; found once. */
#define REAL(name)                                                                                 \
  static __typeof__ (name) *real;                                                                  \
  if (real == NULL)                                                                                \
  *(void **) &real = dlsym (RTLD_NEXT, #name)

static void
parse (char *text)
{
  char *part[5] = { NULL };
  for (int i = 0; i < 5 && text != NULL; i++)
    part[i] = strsep (&text, ":");
  if (part[3] == NULL)
    abort ();
  for (int i = 0; i < N_KINDS; i++)
    if (strcmp (part[0], names[i]) == 0)
      chosen = i;
  if (chosen < 0)
    abort ();
  nth = atol (part[1]);
  mode = part[2][0] == 's' ? SHORT : part[2][0] == 'n' ? NONE : FAILS;
  number = atoi (part[3]);
  on = part[4] != NULL;
}

static void
copy_path (char *to, const char *variable)
{
  const char *value = getenv (variable);
  if (value != NULL && strlen (value) < PATH_MAX)
    strcpy (to, value);
}

__attribute__ ((constructor)) static void
start (void)
{
  char spec[200] = "";
  const char *given = getenv ("FAULT");
  if (given != NULL && strlen (given) < sizeof spec)
    parse (strcpy (spec, given));
  if (getenv ("FAULT_SIZE") != NULL)
    least = (size_t) atol (getenv ("FAULT_SIZE"));
  copy_path (counts_path, "FAULT_COUNTS");
  copy_path (forget, "FAULT_FORGET");
  if (forget[0] != '\0')
    {
      char path[PATH_MAX + 16];
      snprintf (path, sizeof path, "%s/names", forget);
      changes = (int) syscall (SYS_openat, AT_FDCWD, path,
                               O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    }
  unsetenv ("LD_PRELOAD");
  unsetenv ("FAULT");
  unsetenv ("FAULT_COUNTS");
  unsetenv ("FAULT_FORGET");
  self = getpid ();
  ready = 1;
}

__attribute__ ((destructor)) static void
end (void)
{
  ready = 0;
  if (counts_path[0] == '\0' || getpid () != self)
    return;
  FILE *out = fopen (counts_path, "w");
  for (int i = 0; out != NULL && i < N_KINDS; i++)
    fprintf (out, "%s %ld\n", names[i], (long) counts[i]);
  if (out != NULL)
    fclose (out);
}

/* What becomes of this call; errno is set. */
static Fate
fate_of (Kind kind)
{
  if (!ready)
    return FINE;
  const long n = atomic_fetch_add (&counts[kind], 1) + 1;
  if ((int) kind != chosen || nth == 0 || n < nth || (n > nth && !on))
    return FINE;
  errno = number;
  return mode;
}

/* Bytes. */

/* A counter in the kernel, or a pipe that the program made: no device is behind it that could fail.
 */
static int
is_inner (int fd)
{
  struct stat info;
  const int reason = errno;
  const int found = syscall (SYS_fstat, fd, &info) == 0;
  errno = reason;
  return found && fd > STDERR_FILENO && (S_ISFIFO (info.st_mode) || (info.st_mode & S_IFMT) == 0);
}

#define BYTES(kind, call, n)                                                                       \
  switch (fate_of (KIND_##kind))                                                                   \
    {                                                                                              \
    case FAILS:                                                                                    \
      if (errno != EINTR && is_inner (fd))                                                         \
        break;                                                                                     \
      return -1;                                                                                   \
    case NONE:                                                                                     \
      return 0;                                                                                    \
    case SHORT:                                                                                    \
      n = n > 1 ? 1 : n;                                                                           \
      break;                                                                                       \
    default:                                                                                       \
      break;                                                                                       \
    }                                                                                              \
  return call

EXPORT ssize_t
read (int fd, void *to, size_t n)
{
  REAL (read);
  BYTES (read, real (fd, to, n), n);
}

EXPORT ssize_t
pread (int fd, void *to, size_t n, off_t at)
{
  REAL (pread);
  BYTES (pread, real (fd, to, n, at), n);
}

EXPORT ssize_t
pread64 (int fd, void *to, size_t n, off64_t at)
{
  return pread (fd, to, n, at);
}

ssize_t __read_chk (int fd, void *to, size_t n, size_t room);
EXPORT ssize_t
__read_chk (int fd, void *to, size_t n, size_t room)
{
  return n > room ? (abort (), 0) : read (fd, to, n);
}

ssize_t __pread_chk (int fd, void *to, size_t n, off_t at, size_t room);
EXPORT ssize_t
__pread_chk (int fd, void *to, size_t n, off_t at, size_t room)
{
  return n > room ? (abort (), 0) : pread (fd, to, n, at);
}

ssize_t __pread64_chk (int fd, void *to, size_t n, off64_t at, size_t room);
EXPORT ssize_t
__pread64_chk (int fd, void *to, size_t n, off64_t at, size_t room)
{
  return n > room ? (abort (), 0) : pread (fd, to, n, at);
}

/* Messages are what the test reads. */
/* An eventfd takes its eight bytes or none, and has room for more than anybody adds. */
static int
is_counter (int fd, size_t n)
{
  char link[40], name[40] = "";
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  return n == 8 && readlink (link, name, sizeof name - 1) > 0
         && strcmp (name, "anon_inode:[eventfd]") == 0;
}

EXPORT ssize_t
write (int fd, const void *from, size_t n)
{
  REAL (write);
  if (fd == STDERR_FILENO || is_counter (fd, n))
    return real (fd, from, n);
  BYTES (write, real (fd, from, n), n);
}

EXPORT ssize_t
send (int fd, const void *from, size_t n, int flags)
{
  REAL (send);
  BYTES (send, real (fd, from, n, flags), n);
}

EXPORT ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  REAL (sendmsg);
  return fate_of (KIND_send) != FINE ? -1 : real (fd, message, flags);
}

EXPORT ssize_t
recv (int fd, void *to, size_t n, int flags)
{
  REAL (recv);
  BYTES (receive, real (fd, to, n, flags), n);
}

EXPORT ssize_t
recvmsg (int fd, struct msghdr *message, int flags)
{
  REAL (recvmsg);
  return fate_of (KIND_receive) != FINE ? -1 : real (fd, message, flags);
}

/* What a power cut leaves. */

static void
kept_path (char *to, ino_t inode, const char *kind)
{
  snprintf (to, PATH_MAX + 64, "%s/%lu%s", forget, (unsigned long) inode, kind);
}

static void
change (const char *format, ...)
{
  char line[3 * PATH_MAX];
  va_list arguments;
  va_start (arguments, format);
  const int n = vsnprintf (line, sizeof line, format, arguments);
  va_end (arguments);
  if (syscall (SYS_write, changes, line, (size_t) n) != n)
    abort ();
}

/* What is in the file now outlives it. */
static void
keep_content (int fd, ino_t inode)
{
  char path[PATH_MAX + 64];
  char piece[65536];
  off_t at = 0;
  ssize_t n;
  kept_path (path, inode, ".new");
  const int out = (int) syscall (SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  char name[64];
  snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
  const int in = (int) syscall (SYS_openat, AT_FDCWD, name, O_RDONLY, 0);
  while (in >= 0 && (n = syscall (SYS_pread64, in, piece, sizeof piece, at)) > 0)
    {
      if (syscall (SYS_write, out, piece, (size_t) n) != n)
        abort ();
      at += n;
    }
  syscall (SYS_close, in);
  syscall (SYS_close, out);
  /* Whoever is killed meanwhile has synced nothing. */
  char kept[PATH_MAX + 64];
  kept_path (kept, inode, "");
  syscall (SYS_renameat2, AT_FDCWD, path, AT_FDCWD, kept, 0);
}

static void
synced (int fd)
{
  struct stat info;
  char name[64], path[PATH_MAX];
  if (changes < 0 || fstat (fd, &info) != 0)
    return;
  if (S_ISREG (info.st_mode))
    keep_content (fd, info.st_ino);
  if (!S_ISDIR (info.st_mode))
    return;
  snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
  const ssize_t n = readlink (name, path, sizeof path - 1);
  if (n < 0)
    abort ();
  path[n] = '\0';
  change ("sync\t%s\n", path);
}

static ino_t
inode_of (const char *path)
{
  struct stat info;
  return lstat (path, &info) == 0 ? info.st_ino : 0;
}

/* The name goes, the file stays. */
static void
hold (const char *path)
{
  char to[PATH_MAX + 64];
  const ino_t inode = inode_of (path);
  if (inode == 0)
    return;
  kept_path (to, inode, ".held");
  syscall (SYS_linkat, AT_FDCWD, path, AT_FDCWD, to, 0);
}

static void
made (int fd, const char *path, int nameless)
{
  struct stat info;
  char kept[PATH_MAX + 64];
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    return;
  kept_path (kept, info.st_ino, "");
  syscall (SYS_unlinkat, AT_FDCWD, kept, 0);
  if (!nameless)
    change ("name\t%s\t%lu\n", path, (unsigned long) info.st_ino);
}

/* Files and their names. */

static int
open_at (int folder, const char *path, int flags, mode_t rights)
{
  if (fate_of (KIND_open) != FINE)
    return -1;
  const int nameless = (flags & O_TMPFILE) == O_TMPFILE;
  const int makes = changes >= 0 && (nameless || ((flags & O_CREAT) != 0 && inode_of (path) == 0));
  const int fd = (int) syscall (SYS_openat, folder, path, flags, rights);
  if (makes && fd >= 0)
    made (fd, path, nameless);
  return fd;
}

#define RIGHTS(rights, flags)                                                                      \
  mode_t rights = 0;                                                                               \
  if ((flags & (O_CREAT | O_TMPFILE)) != 0)                                                        \
    {                                                                                              \
      va_list arguments;                                                                           \
      va_start (arguments, flags);                                                                 \
      rights = va_arg (arguments, mode_t);                                                         \
      va_end (arguments);                                                                          \
    }

EXPORT int
open (const char *path, int flags, ...)
{
  RIGHTS (rights, flags)
  return open_at (AT_FDCWD, path, flags, rights);
}

EXPORT int
open64 (const char *path, int flags, ...)
{
  RIGHTS (rights, flags)
  return open_at (AT_FDCWD, path, flags, rights);
}

EXPORT int
openat (int folder, const char *path, int flags, ...)
{
  RIGHTS (rights, flags)
  return open_at (folder, path, flags, rights);
}

EXPORT int
openat64 (int folder, const char *path, int flags, ...)
{
  RIGHTS (rights, flags)
  return open_at (folder, path, flags, rights);
}

int __open_2 (const char *path, int flags);
EXPORT int
__open_2 (const char *path, int flags)
{
  return open_at (AT_FDCWD, path, flags, 0);
}

int __open64_2 (const char *path, int flags);
EXPORT int
__open64_2 (const char *path, int flags)
{
  return open_at (AT_FDCWD, path, flags, 0);
}

int __openat_2 (int folder, const char *path, int flags);
EXPORT int
__openat_2 (int folder, const char *path, int flags)
{
  return open_at (folder, path, flags, 0);
}

int __openat64_2 (int folder, const char *path, int flags);
EXPORT int
__openat64_2 (int folder, const char *path, int flags)
{
  return open_at (folder, path, flags, 0);
}

/* One that fails has closed it none the less. */
EXPORT int
close (int fd)
{
  REAL (close);
  const Fate fate = fate_of (KIND_close);
  const int reason = errno;
  const int result = real (fd);
  if (fate == FINE)
    return result;
  errno = reason;
  return -1;
}

#define SIMPLE(kind, name, parameters, values)                                                     \
  EXPORT int name parameters                                                                       \
  {                                                                                                \
    REAL (name);                                                                                   \
    return fate_of (KIND_##kind) != FINE ? -1 : real values;                                       \
  }

SIMPLE (stat, fstat, (int fd, struct stat *info), (fd, info))
SIMPLE (stat, fstat64, (int fd, struct stat64 *info), (fd, info))
SIMPLE (stat, stat, (const char *path, struct stat *info), (path, info))
SIMPLE (stat, stat64, (const char *path, struct stat64 *info), (path, info))
SIMPLE (stat, lstat, (const char *path, struct stat *info), (path, info))
SIMPLE (stat, lstat64, (const char *path, struct stat64 *info), (path, info))
SIMPLE (stat, fstatat, (int folder, const char *path, struct stat *info, int flags),
        (folder, path, info, flags))
SIMPLE (stat, fstatat64, (int folder, const char *path, struct stat64 *info, int flags),
        (folder, path, info, flags))
SIMPLE (stat, statx,
        (int folder, const char *path, int flags, unsigned int mask, struct statx *info),
        (folder, path, flags, mask, info))
SIMPLE (access, access, (const char *path, int how), (path, how))
SIMPLE (mprotect, mprotect, (void *at, size_t size, int rights), (at, size, rights))
SIMPLE (ftruncate, ftruncate, (int fd, off_t length), (fd, length))
SIMPLE (ftruncate, ftruncate64, (int fd, off64_t length), (fd, length))
SIMPLE (poll, poll, (struct pollfd * fds, nfds_t n, int ms), (fds, n, ms))
SIMPLE (epoll, epoll_create1, (int flags), (flags))
/* To take something out needs nothing that could be refused; libmicrohttpd relies on it. */
EXPORT int
epoll_ctl (int fd, int what, int of, struct epoll_event *event)
{
  REAL (epoll_ctl);
  return what != EPOLL_CTL_DEL && fate_of (KIND_epoll) != FINE ? -1 : real (fd, what, of, event);
}

SIMPLE (epoll, epoll_wait, (int fd, struct epoll_event *events, int n, int ms), (fd, events, n, ms))
SIMPLE (socket, socket, (int domain, int type, int protocol), (domain, type, protocol))
SIMPLE (socket, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size))
SIMPLE (socket, listen, (int fd, int waiting), (fd, waiting))
SIMPLE (socket, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
        (fd, level, name, value, size))
SIMPLE (accept, accept, (int fd, struct sockaddr *address, socklen_t *size), (fd, address, size))
SIMPLE (accept, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
        (fd, address, size, flags))
SIMPLE (pipe, pipe, (int fds[2]), (fds))
SIMPLE (pipe, pipe2, (int fds[2], int flags), (fds, flags))
SIMPLE (pipe, dup, (int fd), (fd))
SIMPLE (fork, fork, (void), ())

int eventfd (unsigned int value, int flags);
int inotify_init1 (int flags);
int inotify_add_watch (int fd, const char *path, uint32_t mask);
int timerfd_create (int clock, int flags);
SIMPLE (event, eventfd, (unsigned int value, int flags), (value, flags))
SIMPLE (event, timerfd_create, (int clock, int flags), (clock, flags))
SIMPLE (watch, inotify_init1, (int flags), (flags))
SIMPLE (watch, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask))

#define SYNC(name)                                                                                 \
  EXPORT int name (int fd)                                                                         \
  {                                                                                                \
    if (fate_of (KIND_fsync) != FINE)                                                              \
      return -1;                                                                                   \
    synced (fd);                                                                                   \
    return changes >= 0 ? 0 : (int) syscall (SYS_##name, fd);                                      \
  }

SYNC (fsync)
SYNC (fdatasync)

EXPORT int
rename (const char *from, const char *to)
{
  REAL (rename);
  if (fate_of (KIND_rename) != FINE)
    return -1;
  if (changes < 0)
    return real (from, to);
  hold (to);
  const ino_t inode = inode_of (from);
  const int result = real (from, to);
  if (result == 0)
    change ("rename\t%s\t%lu\t%s\n", to, (unsigned long) inode, from);
  return result;
}

EXPORT int
link (const char *from, const char *to)
{
  REAL (link);
  if (fate_of (KIND_link) != FINE)
    return -1;
  const int result = real (from, to);
  if (result == 0 && changes >= 0)
    change ("name\t%s\t%lu\n", to, (unsigned long) inode_of (to));
  return result;
}

EXPORT int
linkat (int from_folder, const char *from, int to_folder, const char *to, int flags)
{
  REAL (linkat);
  if (fate_of (KIND_link) != FINE)
    return -1;
  const int result = real (from_folder, from, to_folder, to, flags);
  if (result == 0 && changes >= 0)
    change ("name\t%s\t%lu\n", to, (unsigned long) inode_of (to));
  return result;
}

EXPORT int
unlink (const char *path)
{
  REAL (unlink);
  if (fate_of (KIND_unlink) != FINE)
    return -1;
  if (changes >= 0)
    hold (path);
  const int result = real (path);
  if (result == 0 && changes >= 0)
    change ("gone\t%s\n", path);
  return result;
}

struct __dirstream;
struct __dirstream *opendir (const char *path);
EXPORT struct __dirstream *
opendir (const char *path)
{
  REAL (opendir);
  return fate_of (KIND_folder) != FINE ? NULL : real (path);
}

/* All else. */

EXPORT void *
mmap (void *at, size_t size, int rights, int flags, int fd, off_t from)
{
  REAL (mmap);
  return fate_of (KIND_mmap) != FINE ? MAP_FAILED : real (at, size, rights, flags, fd, from);
}

EXPORT void *
mmap64 (void *at, size_t size, int rights, int flags, int fd, off64_t from)
{
  return mmap (at, size, rights, flags, fd, from);
}

EXPORT int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*run) (void *),
                void *data)
{
  REAL (pthread_create);
  return fate_of (KIND_thread) != FINE ? EAGAIN : real (thread, attributes, run, data);
}

/* Another name, so that there is something to say. */
EXPORT void *
dlopen (const char *path, int flags)
{
  REAL (dlopen);
  return real (fate_of (KIND_library) != FINE ? "/nowhere/fault.so" : path, flags);
}

#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *block, size_t size);

EXPORT void *
malloc (size_t size)
{
  return size >= least && fate_of (KIND_memory) != FINE ? NULL : __libc_malloc (size);
}

EXPORT void *
calloc (size_t n, size_t size)
{
  return size > 0 && n >= least / size && fate_of (KIND_memory) != FINE ? NULL
                                                                        : __libc_calloc (n, size);
}

EXPORT void *
realloc (void *block, size_t size)
{
  return size >= least && fate_of (KIND_memory) != FINE ? NULL : __libc_realloc (block, size);
}
#endif
