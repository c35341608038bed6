#include "core/plugin/elf.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first place of some bytes in others, or NULL; quicker than memmem() for so few of them. */
static const char *
find_bytes (const char *bytes, gsize length, gconstpointer wanted, gsize n)
{
  for (gsize left; length >= n; length = left - 1)
    {
      const char *at = memchr (bytes, *(const guint8 *) wanted, length - n + 1);

      if (at == NULL || memcmp (at, wanted, n) == 0)
        return at;
      left = length - (gsize) (at - bytes);
      bytes = at + 1;
    }
  return NULL;
}

#ifdef __ELF__
#include <link.h>

#define PROGRAM_HEADERS_MAX 256

typedef ElfW (Ehdr) Header;
typedef ElfW (Phdr) Segment;
typedef ElfW (Sym) Symbol;
typedef ElfW (Addr) Address;

struct FanoutElfImage
{
  char *bytes; /* the file from its beginning, up to where the last segment ends */
  gsize length;
  Segment *segments;
  guint n_segments;
};

static gboolean bad (char **problem, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
bad (char **problem, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  *problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return FALSE;
}

/* The header of the object that this code is in: what a plugin must be like. */
static const Header *
own_header (void)
{
  Dl_info info;

  if (dladdr (&fanout_core, &info) == 0 || memcmp (info.dli_fbase, ELFMAG, SELFMAG) != 0)
    return NULL;
  return info.dli_fbase;
}

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
  const gboolean foreign = header->e_ident[EI_DATA] != own_header ()->e_ident[EI_DATA];
  const guint machine
      = foreign ? (guint) GUINT16_SWAP_LE_BE (header->e_machine) : header->e_machine;
  g_autofree char *name = machine_name (machine);

  return g_strdup_printf ("%s %s%s", header->e_ident[EI_CLASS] == ELFCLASS64 ? "64-bit" : "32-bit",
                          name, big ? " big-endian" : "");
}

static gboolean
check_header (const Header *header, gsize length, char **problem)
{
  const Header *own = own_header ();
  const gsize ident = MIN (length, EI_NIDENT);

  if (length == 0)
    return bad (problem, "is empty; a plugin is a shared object");
  if (length < SELFMAG || memcmp (header->e_ident, ELFMAG, SELFMAG) != 0)
    return bad (problem, "is %s; a plugin is a shared object",
                memchr (header, '\0', ident) == NULL ? "text" : "not an ELF file");
  if (length < sizeof *header)
    return bad (problem, "is cut short: it ends within its header");
  if (own == NULL)
    return TRUE;
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

/* A file that was copied in part would be mapped beyond its end, and kill the process there. */
static gboolean
check_segments (int fd, const Header *header, guint64 size, FanoutElfImage *image, char **problem)
{
  g_autofree Segment *segments = NULL;
  const gsize length = header->e_phnum * sizeof *segments;

  if (header->e_phentsize != sizeof *segments || header->e_phnum == 0
      || header->e_phnum > PROGRAM_HEADERS_MAX)
    return bad (problem, "is damaged: it has %u program headers of %u bytes", header->e_phnum,
                header->e_phentsize);
  segments = g_malloc (length);
  if (header->e_phoff > size
      || pread (fd, segments, length, (off_t) header->e_phoff) != (gssize) length)
    return bad (problem, "is cut short: it ends before its program headers");
  for (guint i = 0; i < header->e_phnum; i++)
    if (segments[i].p_type == PT_LOAD
        && (segments[i].p_filesz > size || segments[i].p_offset > size - segments[i].p_filesz))
      return bad (problem,
                  "is cut short: it has %" G_GUINT64_FORMAT " bytes, and needs %" G_GUINT64_FORMAT,
                  size, (guint64) segments[i].p_offset + (guint64) segments[i].p_filesz);
  image->n_segments = header->e_phnum;
  image->segments = g_steal_pointer (&segments);
  return TRUE;
}

/* The image gets its segments, not its bytes. */
static gboolean
check_open_file (int fd, FanoutElfImage *image, char **problem)
{
  struct stat st;
  Header header;
  gssize length;

  if (fstat (fd, &st) != 0)
    return bad (problem, "%s", g_strerror (errno));
  if (!S_ISREG (st.st_mode))
    return bad (problem, "is %s; a plugin is a shared object",
                S_ISDIR (st.st_mode) ? "a folder" : "not a regular file");
  length = pread (fd, &header, sizeof header, 0);
  if (length < 0)
    return bad (problem, "%s", g_strerror (errno));
  return check_header (&header, (gsize) length, problem)
         && check_segments (fd, &header, (guint64) st.st_size, image, problem);
}

static int
open_file (const char *path)
{
  /* Opening a pipe would wait for its other end. */
  return open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

gboolean
fanout_elf_check_file (const char *path, char **problem)
{
  const int fd = open_file (path);
  FanoutElfImage image = { 0 };
  gboolean fine;

  if (fd < 0)
    return bad (problem, "%s", g_strerror (errno));
  fine = check_open_file (fd, &image, problem);
  g_free (image.segments);
  close (fd);
  return fine;
}

static gboolean
read_loaded (int fd, FanoutElfImage *image)
{
  for (guint i = 0; i < image->n_segments; i++)
    if (image->segments[i].p_type == PT_LOAD)
      image->length
          = MAX (image->length, image->segments[i].p_offset + image->segments[i].p_filesz);
  image->bytes = g_malloc (image->length + 1);
  return pread (fd, image->bytes, image->length, 0) == (gssize) image->length;
}

FanoutElfImage *
fanout_elf_image_read (const char *path)
{
  const int fd = open_file (path);
  g_autofree char *problem = NULL;
  FanoutElfImage *image;

  if (fd < 0)
    return NULL;
  image = g_new0 (FanoutElfImage, 1);
  if (!check_open_file (fd, image, &problem) || !read_loaded (fd, image))
    g_clear_pointer (&image, fanout_elf_image_free);
  close (fd);
  return image;
}

void
fanout_elf_image_free (FanoutElfImage *image)
{
  if (image == NULL)
    return;
  g_free (image->segments);
  g_free (image->bytes);
  g_free (image);
}

/* An address stands in the data, in a relocation or in a symbol, as it is before the object is
 * moved. */
static gboolean
points_into (const FanoutElfImage *image, const Segment *segment, const char *text)
{
  const gsize n = strlen (text) + 1;
  const char *start = image->bytes + segment->p_offset;
  const char *end = start + segment->p_filesz;
  const char *next = start;
  const char *at;

  while ((at = find_bytes (next, (gsize) (end - next), text, n)) != NULL)
    {
      const Address address = segment->p_vaddr + (Address) (at - start);

      if (find_bytes (image->bytes, image->length, &address, sizeof address) != NULL)
        return TRUE;
      next = at + 1;
    }
  return FALSE;
}

gboolean
fanout_elf_image_points_to (const FanoutElfImage *image, const char *text)
{
  for (guint i = 0; i < image->n_segments; i++)
    if (image->segments[i].p_type == PT_LOAD && points_into (image, &image->segments[i], text))
      return TRUE;
  return FALSE;
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

struct FanoutElfImage
{
  char *bytes; /* the whole file */
  gsize length;
};

gboolean
fanout_elf_check_file (const char *path, char **problem)
{
  (void) path;
  (void) problem;
  return TRUE;
}

FanoutElfImage *
fanout_elf_image_read (const char *path)
{
  FanoutElfImage *image = g_new0 (FanoutElfImage, 1);

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)
      || !g_file_get_contents (path, &image->bytes, &image->length, NULL))
    g_clear_pointer (&image, fanout_elf_image_free);
  return image;
}

void
fanout_elf_image_free (FanoutElfImage *image)
{
  if (image == NULL)
    return;
  g_free (image->bytes);
  g_free (image);
}

gboolean
fanout_elf_image_points_to (const FanoutElfImage *image, const char *text)
{
  return find_bytes (image->bytes, image->length, text, strlen (text) + 1) != NULL;
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
