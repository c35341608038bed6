#pragma once

/**
 * Everything that can be named: the groups of the INI file with their keys, and the operators,
 * sources and sinks there are. Help, manual, reference and completion print it.
 */

#include "core/config/config.h"
#include "core/plugin/registry.h"
#include <fanout/option.h>

/** The option that a key of `group` stands for, of the core or of the operator or source that its
 * `type` names; NULL: there is none. */
const FanoutOption *catalogue_option (FanoutRegistry *registry, const FanoutConfigGroup *group,
                                      const char *key);
