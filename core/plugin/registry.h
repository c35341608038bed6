#pragma once

/**
 * Folders of plugins: what is there, found by kind and name.
 *
 * A folder is looked through when the registry is made. A file is opened when something is asked
 * for that it may offer; an answer never depends on what was asked before. Any thread may ask.
 */

#include <fanout/aggregate.h>
#include <fanout/pipeline.h>
#include <fanout/source.h>

/**
 * Where plugins are looked for: @extra (NULL-terminated, may be NULL), the folders in
 * FANOUT_PLUGIN_PATH (separated by colons), and those that came with this libfanout: beside it, in
 * its build tree, or where it was to be installed, whichever is there first. Free with g_strfreev.
 */
FANOUT_API char **fanout_plugin_folders (const char *const *extra);

/**
 * The operator, source or sink called @name. NULL with @error: FANOUT_ERROR_CONFIG when there is
 * none of this name, with the nearest right one and all of them; FANOUT_ERROR_PLUGIN when its file
 * cannot be used, and when two files offer it.
 */
FANOUT_API const FanoutOperator *fanout_registry_operator (FanoutRegistry *registry,
                                                           const char *name, GError **error);
FANOUT_API const FanoutSource *fanout_registry_source (FanoutRegistry *registry, const char *name,
                                                       GError **error);
FANOUT_API const FanoutSink *fanout_registry_sink (FanoutRegistry *registry, const char *name,
                                                   GError **error);

/** All names of one kind, sorted, each once; NULL-terminated; lives as long as the registry. */
FANOUT_API const char *const *fanout_registry_names (FanoutRegistry *registry, FanoutKind kind);

/** The file that offers it; NULL when there is none. Lives as long as the registry. */
FANOUT_API const char *fanout_registry_file (FanoutRegistry *registry, FanoutKind kind,
                                             const char *name);

/** What cannot be used and why, one line each, sorted by file: opens everything. NULL-terminated;
 * free with g_strfreev. */
FANOUT_API char **fanout_registry_problems (FanoutRegistry *registry);
