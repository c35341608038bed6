#pragma once

/**
 * One shared object, or one table of the program: whether it may be used, and what it offers.
 *
 * The file is looked at before it is opened, so that whatever is wrong with it is told and does no
 * harm. No function of it is called here.
 */

#include <fanout/aggregate.h>
#include <fanout/error.h>
#include <fanout/sink.h>
#include <fanout/source.h>

typedef struct FanoutPluginFile FanoutPluginFile;

/**
 * Open the shared object @path, which must offer things of @kind (0: of any kind).
 *
 * NULL with @error (FANOUT_ERROR_PLUGIN, "PATH: what was found; what is wanted") when it cannot be
 * used. One that can stays in memory until the process ends, since threads of its own may run in
 * it.
 */
FANOUT_API FanoutPluginFile *fanout_plugin_file_open (const char *path, FanoutKind kind,
                                                      GError **error);
/** Whether @path is a whole shared object for this machine. */
gboolean fanout_plugin_file_check (const char *path, GError **error);
/** The same as fanout_plugin_file_open () for one of which the caller knows that nobody else can
 * have put it there, and that it is whole. */
FanoutPluginFile *fanout_plugin_file_load (const char *path, FanoutKind kind, GError **error);
/** The same for a table of the program, which stays where it is; its path is "the program". */
FanoutPluginFile *fanout_plugin_file_new_for_table (const FanoutPlugin *plugin, GError **error);
FANOUT_API void fanout_plugin_file_free (FanoutPluginFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutPluginFile, fanout_plugin_file_free)

FANOUT_API const char *fanout_plugin_file_path (const FanoutPluginFile *file);
FANOUT_API FanoutKind fanout_plugin_file_kind (const FanoutPluginFile *file);
FANOUT_API guint fanout_plugin_file_n_items (const FanoutPluginFile *file);
/** A FanoutOperator, FanoutSource or FanoutSink of this version's size: what an older plugin does
 * not know of is zero. Lives as long as @file. */
FANOUT_API gconstpointer fanout_plugin_file_item (const FanoutPluginFile *file, guint index);

/** "operator", "source" or "sink". */
FANOUT_API const char *fanout_kind_word (FanoutKind kind);
/** The folder of plugins where files of @kind are. */
const char *fanout_kind_folder (FanoutKind kind);
/** The name of an item of @kind. */
FANOUT_API const char *fanout_kind_item_name (FanoutKind kind, gconstpointer item);
