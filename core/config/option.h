#pragma once

/** Binding of INI values to option structs, with errors that help. */

#include "core/config/config.h"
#include "core/config/list.h"
#include "core/config/names.h"
#include <fanout/option.h>

/**
 * Bind the entries of `group` to zeroed options structs.
 *
 * `tables` is NULL-terminated, each table by a NULL key; `targets` runs parallel to it, and several
 * tables may share one target. `ignore` (NULL-terminated, may be NULL) names keys bound elsewhere.
 * Texts and lists are owned by `config`. For a group that is not in the file pass one with its name
 * and no entries: every option gets its default, what has none stays zero (COLUMN: -1, TEXTS: an
 * empty list).
 *
 * COLUMN and COLUMNS bind to indexes into `column_names` (to which the names are appended, owned by
 * `config`), in order of appearance in the tables; NULL when the tables have none.
 *
 * Every mistake (unknown key, missing required key, bad value) is added to `errors`, with what was
 * found, what is possible and the nearest right name. TRUE when there was none; else what could not
 * be bound stays zero.
 */
FANOUT_API gboolean fanout_options_bind (FanoutConfig *config, const FanoutConfigGroup *group,
                                         const FanoutOption *const *tables, gpointer const *targets,
                                         const char *const *ignore, GPtrArray *column_names,
                                         FanoutErrors *errors);

/** What the options of `table` (NULL: none) were bound to, one line each, sorted by key: the same
 * text for the same options, however and in whatever order they were written. `column_names` are
 * those of the binding. Not for people. */
FANOUT_API char *fanout_options_meaning (const FanoutOption *table, gconstpointer target,
                                         const GPtrArray *column_names);

/** Whether a table, which may come from a plugin, can be bound at all: known types,
 * offsets within a struct of `size` bytes, bounds and defaults that can be read, no key twice.
 * Else FALSE with `problem` (owned by the caller). NULL is an empty table. */
FANOUT_API gboolean fanout_options_check (const FanoutOption *table, gsize size, char **problem);

/** Whether its value is a list. */
FANOUT_API gboolean fanout_option_is_list (const FanoutOption *option);

/** `value`, which no file has, as a line of a file must have it for this option (NULL: an unknown
 * one): NULL when no file can. Owned by the caller. */
FANOUT_API char *fanout_option_as_line (const FanoutOption *option, const char *value);

/** Append a table for people: key, what is possible, default and help of every option, aligned,
 * each line behind `indent`. Nothing when the tables (NULL-terminated) are empty. */
FANOUT_API void fanout_options_describe (GString *out, const FanoutOption *const *tables,
                                         const char *indent);

/** Append the options of `table` as lines of an INI file, each with its help as a comment above. A
 * key that has neither default nor example, and is no list, is itself commented out.
 * NULL is an empty table. */
FANOUT_API void fanout_options_reference (GString *out, const FanoutOption *table);
