#pragma once

/** Names that a file may have been given when it was turned. */

#include <glib.h>
#include <time.h>

/** Files in the folder of `path` that are called as it is and something behind, changed at `since`
 * or later: in the order in which they were changed, those of higher numbers first. */
GPtrArray *fanout_rotated_names (const char *path, const struct timespec *since);
