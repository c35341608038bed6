#pragma once

/**
 * Shared libraries that only some runs need: they are loaded then, so that all others start faster,
 * and stay, since the next of many files needs them as well.
 *
 * The functions of a library are a list, X (one) X (another), from which come a struct of pointers
 * to them, NAME_ each, and their names.
 */

#include <fanout/error.h>

#define FANOUT_LIBRARY_MEMBER(name) __typeof__ (name) *name##_;
#define FANOUT_LIBRARY_NAME(name)   #name,
#define FANOUT_LIBRARY_TAKE(name)   .name##_ = name,

/** Load the shared object `file`, for the addresses of all of `names` (NULL-terminated), in their
 * order. FALSE with `error` (FANOUT_ERROR_PLUGIN): why it cannot be used. */
FANOUT_API gboolean fanout_library_open (const char *file, const char *const *names,
                                         gpointer *functions, GError **error);
