#pragma once

/**
 * One folder of plugins of one kind, or the tables that a program brought along: what it offers.
 *
 * With an index that fits, a file is opened when something is asked for that it offers; without,
 * all are. An answer never depends on what was asked before. The caller sees to it that one thread
 * at a time asks.
 */

#include "core/plugin/shared-object.h"

typedef struct FanoutPlace FanoutPlace;

/** Look through @folder, which is in one that has been checked. `seen` holds the files and
 * folders that others have (see core/base/same-file.h): what is in it is passed over, and what is
 * found here is added. What is wrong is told by fanout_place_problems(). */
FanoutPlace *fanout_place_new (FanoutKind kind, const char *folder, GHashTable *seen);
/** For tables: empty. */
FanoutPlace *fanout_place_new_for_tables (FanoutKind kind);
void fanout_place_free (FanoutPlace *place);

/** Add what is in @table (taken over). FALSE with @error (FANOUT_ERROR_PLUGIN), and nothing is
 * added, when something of a name is there already. */
gboolean fanout_place_add (FanoutPlace *place, FanoutPluginFile *table, GError **error);

/** What is called @name. NULL: not here, or, with @problem (owned by the caller), it cannot be
 * used. @path gets the file. */
gconstpointer fanout_place_find (FanoutPlace *place, const char *name, const char **path,
                                 char **problem);

/** Call @function with each name. */
void fanout_place_names (FanoutPlace *place, void (*function) (const char *name, gpointer data),
                         gpointer data);

/** What is wrong so far, "PATH: reason", or, after fanout_place_open(), all that is wrong. */
const GPtrArray *fanout_place_problems (const FanoutPlace *place);
/** Whether one of the problems came from the system and may pass. */
gboolean fanout_place_may_pass (const FanoutPlace *place);
/** Open all files, index or not. */
void fanout_place_open (FanoutPlace *place);

/** Write the index; FALSE with @error: something is wrong, or it cannot be written. */
gboolean fanout_place_write_index (FanoutPlace *place, GError **error);
