#include "core/plugin/elf.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __ELF__
#include <link.h>

#define PROGRAM_HEADERS_MAX 256

typedef ElfW (Ehdr) Header;
typedef ElfW (Phdr) Segment;
typedef ElfW (Sym) Symbol;

static gboolean bad (char **problem, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
bad (char **problem, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  errno = 0;
  return FALSE;
}

/* What the system says in errno, which stays. */
static gboolean
unreadable (char **problem)
{
  const int number = errno;

  *problem = g_strdup (g_strerror (number));
  errno = number;
  return FALSE;
}

/* The header of the object that this code is in: what a plugin must be like. The linker makes it.
 */
extern const Header __ehdr_start __attribute__ ((visibility ("hidden")));

static char *
machine_name (guint machine)
{
  static const struct
  {
    guint machine;
    const char *name;
  } names[] = {
    { EM_386, "i386" },        { EM_X86_64, "x86-64" },   { EM_ARM, "ARM" },
    { EM_AARCH64, "AArch64" }, { EM_PPC64, "PowerPC64" }, { EM_S390, "S/390" },
    { EM_RISCV, "RISC-V" },    { EM_MIPS, "MIPS" },       { EM_SPARCV9, "SPARC V9" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].machine == machine)
      return g_strdup (names[i].name);
  return g_strdup_printf ("machine %u", machine);
}

static char *
describe (const Header *header)
{
  const gboolean big = header->e_ident[EI_DATA] == ELFDATA2MSB;
  const gboolean foreign = header->e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA];
  const guint machine
      = foreign ? (guint) GUINT16_SWAP_LE_BE (header->e_machine) : header->e_machine;
  g_autofree char *name = machine_name (machine);

  return g_strdup_printf ("%s %s%s", header->e_ident[EI_CLASS] == ELFCLASS64 ? "64-bit" : "32-bit",
                          name, big ? " big-endian" : "");
}

static gboolean
check_header (const Header *header, gsize length, char **problem)
{
  const Header *own = &__ehdr_start;
  const gsize ident = MIN (length, EI_NIDENT);

  if (length == 0)
    return bad (problem, "is empty; a plugin is a shared object");
  if (length < SELFMAG || memcmp (header->e_ident, ELFMAG, SELFMAG) != 0)
    return bad (problem, "is %s; a plugin is a shared object",
                memchr (header, '\0', ident) == NULL ? "text" : "not an ELF file");
  if (length < sizeof *header)
    return bad (problem, "is cut short: it ends within its header");
  if (header->e_ident[EI_CLASS] != own->e_ident[EI_CLASS]
      || header->e_ident[EI_DATA] != own->e_ident[EI_DATA] || header->e_machine != own->e_machine)
    {
      g_autofree char *found = describe (header);
      g_autofree char *wanted = describe (own);

      return bad (problem, "is built for %s; this libfanout is for %s", found, wanted);
    }
  if (header->e_type == ET_DYN)
    return TRUE;
  return bad (problem, "is %s; a plugin is a shared object, as cc -shared makes it",
              header->e_type == ET_REL    ? "an object file"
              : header->e_type == ET_EXEC ? "a program"
              : header->e_type == ET_CORE ? "a core dump"
                                          : "no shared object");
}

/* As many of the bytes as there are; below 0: errno says why. */
static gssize
read_at (int fd, gpointer bytes, gsize length, guint64 offset)
{
  gsize done = 0;

  while (done < length)
    {
      const gssize n = pread (fd, (char *) bytes + done, length - done, (off_t) (offset + done));

      if (n == 0)
        break;
      if (n > 0)
        done += (gsize) n;
      else if (errno != EINTR)
        return -1;
    }
  return (gssize) done;
}

/* A file that was copied in part would be mapped beyond its end, and kill the process there. */
static gboolean
check_segments (int fd, const Header *header, guint64 size, char **problem)
{
  g_autofree Segment *segments = NULL;
  const gsize length = header->e_phnum * sizeof *segments;
  gssize got;

  if (header->e_phentsize != sizeof *segments || header->e_phnum == 0
      || header->e_phnum > PROGRAM_HEADERS_MAX)
    return bad (problem, "is damaged: it has %u program headers of %u bytes", header->e_phnum,
                header->e_phentsize);
  segments = g_malloc (length);
  got = header->e_phoff > size ? 0 : read_at (fd, segments, length, header->e_phoff);
  if (got < 0)
    return unreadable (problem);
  if ((gsize) got < length)
    return bad (problem, "is cut short: it ends before its program headers");
  for (guint i = 0; i < header->e_phnum; i++)
    if (segments[i].p_type == PT_LOAD
        && (segments[i].p_filesz > size || segments[i].p_offset > size - segments[i].p_filesz))
      return bad (problem,
                  "is cut short: it has %" G_GUINT64_FORMAT " bytes, and needs %" G_GUINT64_FORMAT,
                  size, (guint64) segments[i].p_offset + (guint64) segments[i].p_filesz);
  return TRUE;
}

static gboolean
check_open_file (int fd, char **problem)
{
  struct stat st;
  Header header;
  gssize length;

  if (fstat (fd, &st) != 0)
    return unreadable (problem);
  if (!S_ISREG (st.st_mode))
    return bad (problem, "is %s; a plugin is a shared object",
                S_ISDIR (st.st_mode) ? "a folder" : "not a regular file");
  length = read_at (fd, &header, sizeof header, 0);
  if (length < 0)
    return unreadable (problem);
  return check_header (&header, (gsize) length, problem)
         && check_segments (fd, &header, (guint64) st.st_size, problem);
}

gboolean
fanout_elf_check_file (const char *path, char **problem)
{
  /* Opening a pipe would wait for its other end. */
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gboolean fine;
  int number;

  if (fd < 0)
    return unreadable (problem);
  fine = check_open_file (fd, problem);
  number = errno;
  close (fd);
  errno = number;
  return fine;
}

gboolean
fanout_elf_check_symbol (gconstpointer address, gsize size, char **problem)
{
#ifdef __GLIBC__
  Dl_info info;
  void *found = NULL;
  const Symbol *symbol;

  if (dladdr1 (address, &info, &found, RTLD_DL_SYMENT) == 0 || found == NULL
      || info.dli_saddr != address)
    return TRUE;
  symbol = found;
  /* Where its type stands is the same for both classes. */
  if (ELF64_ST_TYPE (symbol->st_info) != STT_OBJECT)
    return bad (problem, "'%s' in it is not data", info.dli_sname);
  if (symbol->st_size < size)
    return bad (problem,
                "'%s' in it has %" G_GUINT64_FORMAT " bytes; at least %" G_GSIZE_FORMAT
                " are wanted",
                info.dli_sname, (guint64) symbol->st_size, size);
#else
  (void) address;
  (void) size;
  (void) problem;
#endif
  return TRUE;
}

#else

gboolean
fanout_elf_check_file (const char *path, char **problem)
{
  (void) path;
  (void) problem;
  return TRUE;
}

gboolean
fanout_elf_check_symbol (gconstpointer address, gsize size, char **problem)
{
  (void) address;
  (void) size;
  (void) problem;
  return TRUE;
}

#endif
