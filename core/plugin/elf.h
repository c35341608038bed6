#pragma once

/**
 * A look at a shared object before the dynamic linker sees it: what that would only call "invalid
 * ELF header", or would crash on, is told in plain words.
 *
 * A `problem` is one line, owned by the caller. Where shared objects are not ELF, all are well.
 */

#include <fanout/abi.h>

/** Whether @path is a whole shared object for this machine. FALSE with errno: 0 where it is not,
 * else why it cannot be read. */
gboolean fanout_elf_check_file (const char *path, char **problem);

/** Whether the symbol at @address, in an object that is loaded, is data of at least @size bytes. */
gboolean fanout_elf_check_symbol (gconstpointer address, gsize size, char **problem);
