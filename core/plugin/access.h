#pragma once

/** Who can have put a plugin where it is: a plugin is code, and runs as whoever runs the program.
 */

#include <fanout/error.h>
#include <sys/stat.h>

/** FALSE with @error, "PATH: what is wrong with it" (FANOUT_ERROR_PLUGIN). */
gboolean fanout_plugin_refuse (GError **error, const char *path, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/**
 * Whether nobody can have put there what is at @path, a file or a folder, but root, this user, and
 * whoever libfanout itself belongs to; else FALSE with @error (FANOUT_ERROR_PLUGIN).
 *
 * Links are followed. Every folder on the way there counts: who can write to one of them can put
 * another in the place of what is inside, unless the folder is sticky, as /tmp is.
 */
gboolean fanout_plugin_check_access (const char *path, GError **error);

/** The same for what is in a folder that has been checked; what it is goes to `st`. */
gboolean fanout_plugin_check_access_inside (const char *path, struct stat *st, GError **error);
