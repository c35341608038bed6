#pragma once

/** Names that a file may have been given when it was turned. */

#include <glib.h>
#include <time.h>

/** When the file was made, or where that is not known, when it was changed last. FALSE: unknown. */
gboolean fanout_rotated_time (int fd, struct timespec *time);
/** Files in the folder of `path` that are called as it is and something behind, of `since` or
 * later: in the order of these times, of several at one those of higher numbers first. */
GPtrArray *fanout_rotated_names (const char *path, const struct timespec *since);
