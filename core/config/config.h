#pragma once

/**
 * An INI file as written: groups, keys, raw values and where they stand.
 *
 * GKeyFile says what a line means; a small scan around it knows lines and duplicates, and goes on
 * after a mistake. A comment is a line that starts with `#`, blanks aside, as GKeyFile has it.
 */

#include "core/base/error.h"

typedef struct FanoutConfig FanoutConfig;

/** One `key = value`, or one `-s GROUP.KEY=VALUE`. Strings live as long as the config. */
typedef struct
{
  const char *key;
  const char *value;  /* without the blanks around it, else as it stands */
  const char *origin; /* "FILE:LINE", "-s GROUP.KEY=VALUE" or "[GROUP] KEY" of a key file */
} FanoutConfigEntry;

typedef struct
{
  const char *name;   /* "pipeline", "aggregate mean_delay", ... */
  const char *origin; /* "FILE:LINE", "-s GROUP.KEY=VALUE" or "[GROUP]" of a key file */
  guint n_entries;
  const FanoutConfigEntry *entries; /* in the order of the file, overrides in place */
} FanoutConfigGroup;

/**
 * Read an INI file. `path` "-" is standard input, called "standard input" in messages.
 *
 * `overrides` (NULL-terminated, may be NULL) are texts GROUP.KEY=VALUE; the key follows the last
 * dot before the first `=`. They replace a value in place, or are appended; new groups go to the
 * end; the last of several for one key counts.
 *
 * All syntax mistakes go to `errors`; what could be read is returned all the same, NULL only when
 * the file could not be read at all. A group given twice is a mistake and yet a group of its own,
 * and a key given twice an entry of its own, so that what stands in them is checked as well.
 */
FanoutConfig *fanout_config_load (const char *path, const char *const *overrides,
                                  FanoutErrors *errors);

/** The same from memory, never NULL: `text` need not end in NUL; `name` stands for the file in
 * messages; relative paths in it are relative to `folder`. */
FANOUT_API FanoutConfig *fanout_config_parse (const char *text, gsize length, const char *name,
                                              const char *folder, const char *const *overrides,
                                              FanoutErrors *errors);

/** The same from a key file that an embedder has made, never NULL. It has no lines, and its
 * duplicates are merged already. Load it with G_KEY_FILE_KEEP_TRANSLATIONS for keys with [...] to
 * be noticed. */
FanoutConfig *fanout_config_from_key_file (GKeyFile *key_file, const char *folder,
                                           const char *const *overrides, FanoutErrors *errors);

FANOUT_API void fanout_config_free (FanoutConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutConfig, fanout_config_free)

FANOUT_API guint fanout_config_n_groups (const FanoutConfig *config);
FANOUT_API const FanoutConfigGroup *fanout_config_group (const FanoutConfig *config, guint index);
/** The first group of this name; NULL when there is none. */
FANOUT_API const FanoutConfigGroup *fanout_config_find (const FanoutConfig *config,
                                                        const char *name);
/** The folder that relative paths of this file are relative to. */
const char *fanout_config_folder (const FanoutConfig *config);

/** A copy of `text` (or of the array of them) that lives as long as the config. */
const char *fanout_config_intern (FanoutConfig *config, const char *text);
const char *const *fanout_config_intern_list (FanoutConfig *config, const char *const *list);
/** Zeroed memory that lives as long as the config. */
FANOUT_API gpointer fanout_config_allocate (FanoutConfig *config, gsize size);

/** Add "ORIGIN: [GROUP] KEY: text"; without `entry`, "ORIGIN: [GROUP]: text". */
void fanout_config_mistake (FanoutErrors *errors, const FanoutConfigGroup *group,
                            const FanoutConfigEntry *entry, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
