#pragma once

/** Where plugins are looked for. */

#include <fanout/abi.h>

/**
 * @extra (NULL-terminated, may be NULL), the folders in FANOUT_PLUGIN_PATH (separated by colons),
 * the user's own where there is one (XDG_DATA_HOME/fanout/plugins, by default in ~/.local/share),
 * and those that came with this libfanout: beside it, in its build tree, or where it was to be
 * installed, whichever is there first. Free with g_strfreev.
 */
FANOUT_API char **fanout_plugin_folders (const char *const *extra);
