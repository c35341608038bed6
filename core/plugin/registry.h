#pragma once

/**
 * Folders of plugins and tables of the program: what is there, found by kind and name.
 *
 * A folder is looked through when the registry is made. A file is opened when something is asked
 * for that it offers by the folder's index, or by any when there is no index that fits; an answer
 * never depends on what was asked before. Of several that offer one name, tables come first, then
 * the folders in their order. Any thread may ask.
 */

#include <fanout/aggregate.h>
#include <fanout/pipeline.h>
#include <fanout/source.h>

/**
 * The operator, source or sink called @name. NULL with @error: FANOUT_ERROR_CONFIG when there is
 * none of this name, with the nearest right one and all of them; FANOUT_ERROR_PLUGIN when its file
 * cannot be used, and when two files of one folder offer it.
 */
FANOUT_API const FanoutOperator *fanout_registry_operator (FanoutRegistry *registry,
                                                           const char *name, GError **error);
FANOUT_API const FanoutSource *fanout_registry_source (FanoutRegistry *registry, const char *name,
                                                       GError **error);
FANOUT_API const FanoutSink *fanout_registry_sink (FanoutRegistry *registry, const char *name,
                                                   GError **error);

/** All names of one kind, sorted, each once; NULL-terminated; lives as long as the registry. */
FANOUT_API const char *const *fanout_registry_names (FanoutRegistry *registry, FanoutKind kind);

/** The file that offers it, "the program" for a table; NULL when there is none. Lives as long as
 * the registry. */
FANOUT_API const char *fanout_registry_file (FanoutRegistry *registry, FanoutKind kind,
                                             const char *name);

/** What cannot be used and why, one line each, sorted by file: opens everything. NULL-terminated;
 * free with g_strfreev. */
FANOUT_API char **fanout_registry_problems (FanoutRegistry *registry);

/** What was asked for so far and is in more than one place, one line each, with the one that is
 * used. NULL-terminated; free with g_strfreev. */
FANOUT_API char **fanout_registry_notes (FanoutRegistry *registry);

/** Write the index of each folder. FALSE with @error when something in it cannot be used
 * (FANOUT_ERROR_PLUGIN), which leaves it without, or when it cannot be written
 * (FANOUT_ERROR_OUTPUT). */
FANOUT_API gboolean fanout_registry_write_index (FanoutRegistry *registry, GError **error);
