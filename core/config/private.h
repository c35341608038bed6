#pragma once

/** How a configuration is built, for its readers. */

#include "core/config/config.h"

/** Groups as they are built. */
typedef struct FanoutConfigBuild FanoutConfigBuild;

/** Begin a group, also where there is one of this name. `origin` is the config's own text. */
FanoutConfigBuild *fanout_config_begin (FanoutConfig *config, const char *name, const char *origin);
const FanoutConfigGroup *fanout_config_built (const FanoutConfigBuild *group);
/** The first entry with this key; NULL. */
FanoutConfigEntry *fanout_config_first (FanoutConfigBuild *group, const char *key);
/** Append an entry, whose texts are the config's own. */
void fanout_config_append (FanoutConfigBuild *group, const FanoutConfigEntry *entry);

/** A mistake in `line`: "ORIGIN: reason: 'line'". */
void fanout_config_wrong_line (FanoutErrors *errors, const char *origin, const char *reason,
                               const char *line);

/** Apply GROUP.KEY=VALUE texts (NULL-terminated, may be NULL). */
void fanout_config_override_all (FanoutConfig *config, const char *const *texts,
                                 FanoutErrors *errors);

/** Where a name in double quotes begins in a header, "aggregate \"mean(tags[0])\""; NULL. */
const char *fanout_config_quoted_name (const char *header);
/** Whether the keys of a group are names that users choose, of any text, in quotes where a line
 * needs them: those of [let] and [result]. */
gboolean fanout_config_has_names (const char *group);

/** A file, which read, a key file and their like are read into. */
typedef struct
{
  FanoutConfig *config;
  FanoutErrors *errors;
  const char *origin;       /* of what is being read; the config's own */
  FanoutConfigBuild *group; /* NULL: entries go nowhere */
  gboolean begun;           /* a group header has been seen */
  FanoutConfigFrom from;    /* where entries are */
} FanoutConfigScan;

/** A header, quotes and all; `line` is what the user wrote. */
void fanout_config_scan_group (FanoutConfigScan *scan, const char *name, const char *line);
/** An entry; its key as it stands, too. */
void fanout_config_scan_entry (FanoutConfigScan *scan, const char *key, const char *value,
                               const char *line);
