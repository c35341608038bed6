#pragma once

/**
 * A configuration: groups, keys, raw values and where each came from.
 *
 * It is built entry by entry. A reader of INI files does so, overrides of the command line do, and
 * whoever else has something to configure: a value never becomes text of a file in between.
 */

#include "core/base/error.h"

typedef struct FanoutConfig FanoutConfig;

/** What an entry was read from. */
typedef enum
{
  FANOUT_CONFIG_FILE,     /* paths are relative to its folder; a value may end in what somebody took
                             for a comment */
  FANOUT_CONFIG_ARGUMENT, /* of the command line: paths are relative to the working directory */
  FANOUT_CONFIG_WRITTEN,  /* by fanout_config_write (), not by people */
} FanoutConfigFrom;

/** One `key = value`. Strings live as long as the config. */
typedef struct
{
  const char *key;
  const char *value;  /* without the blanks around it, else as it stands */
  const char *origin; /* "FILE:LINE", "-s GROUP.KEY=VALUE", "[GROUP] KEY" of a key file, ... */
  FanoutConfigFrom from;
} FanoutConfigEntry;

typedef struct
{
  const char *name;   /* "pipeline", "aggregate mean_delay", ... */
  const char *origin; /* as that of an entry */
  guint n_entries;
  const FanoutConfigEntry *entries; /* in order, overrides in place */
} FanoutConfigGroup;

/** An empty one. Relative paths of files in it are relative to `folder` (NULL: "."). */
FANOUT_API FanoutConfig *fanout_config_new (const char *folder);
FANOUT_API void fanout_config_free (FanoutConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutConfig, fanout_config_free)

/**
 * Set a key as the command line does: in place where it is there, else at the end of its group,
 * which goes to the end when it is new. `origin` is what the user gave; all texts are copied.
 * A name of a group is a word, or two with one blank between them, however many there were.
 */
FANOUT_API void fanout_config_set (FanoutConfig *config, const char *group, const char *key,
                                   const char *value, const char *origin);
/** The same for a text GROUP.KEY=VALUE, whose origin is "-s TEXT". The key follows the last dot
 * before the first `=`. What is wrong with the text goes to `errors`. */
FANOUT_API void fanout_config_override (FanoutConfig *config, const char *text,
                                        FanoutErrors *errors);
/** Set every key of `over` so, with its origin. */
FANOUT_API void fanout_config_lay (FanoutConfig *config, const FanoutConfig *over);

/**
 * Read an INI file. `path` "-" is standard input, called "standard input" in messages. `overrides`
 * (NULL-terminated, may be NULL) are then applied in order.
 *
 * All mistakes go to `errors`; what could be read is returned all the same, NULL only when the file
 * could not be read at all. A group given twice is a mistake and yet a group of its own, and a key
 * given twice an entry of its own, so that what stands in them is checked as well.
 */
FANOUT_API FanoutConfig *fanout_config_load (const char *path, const char *const *overrides,
                                             FanoutErrors *errors);

/** The same from memory, never NULL: `text` need not end in NUL; `name` stands for the file in
 * messages; relative paths in it are relative to `folder`. */
FANOUT_API FanoutConfig *fanout_config_parse (const char *text, gsize length, const char *name,
                                              const char *folder, const char *const *overrides,
                                              FanoutErrors *errors);

/** The same for a text that fanout_config_write () made. */
FanoutConfig *fanout_config_parse_written (const char *text, gsize length, const char *name,
                                           FanoutErrors *errors);

/** The same from a key file that an embedder has made, never NULL. It has no lines, and its
 * duplicates are merged already. Load it with G_KEY_FILE_KEEP_TRANSLATIONS for keys with [...] to
 * be noticed. */
FanoutConfig *fanout_config_from_key_file (GKeyFile *key_file, const char *folder,
                                           const char *const *overrides, FanoutErrors *errors);

/** Append all groups and entries as lines of an INI file, values as they are. */
FANOUT_API void fanout_config_write (const FanoutConfig *config, GString *out);

/** Why no file can have a group of this name, or a key in a group; NULL: one can. Static. */
FANOUT_API const char *fanout_config_wrong_group (const char *name);
FANOUT_API const char *fanout_config_wrong_key (const char *group, const char *name);

FANOUT_API guint fanout_config_n_groups (const FanoutConfig *config);
FANOUT_API const FanoutConfigGroup *fanout_config_group (const FanoutConfig *config, guint index);
/** The first group of this name; NULL when there is none. */
FANOUT_API const FanoutConfigGroup *fanout_config_find (const FanoutConfig *config,
                                                        const char *name);
/** The last entry of `group` with this key; NULL when there is none. */
FANOUT_API const FanoutConfigEntry *fanout_config_entry (const FanoutConfigGroup *group,
                                                         const char *key);
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
