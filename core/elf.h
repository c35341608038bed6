#pragma once

/**
 * A look at a shared object before the dynamic linker sees it: what that would only call "invalid
 * ELF header", or would crash on, is told in plain words.
 *
 * A `problem` is one line, owned by the caller. Where shared objects are not ELF, all are well.
 */

#include <fanout/abi.h>

/** Whether @path is a whole shared object for this machine. */
gboolean fanout_elf_check_file (const char *path, char **problem);

/** The bytes of a shared object that its constants are among: what is loaded of it, without the
 * code. Owned by the caller; NULL when it cannot be read or is no whole shared object. */
GByteArray *fanout_elf_read_constants (const char *path);

/** Whether the symbol at @address, in an object that is loaded, is data of at least @size bytes. */
gboolean fanout_elf_check_symbol (gconstpointer address, gsize size, char **problem);
