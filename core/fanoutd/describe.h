#pragma once

/** An operator, source or sink in words. */

#include <fanout/abi.h>

const char *describe_summary (FanoutKind kind, gconstpointer item);
/** Append all about it; `file` offers it. */
void describe_item (GString *text, FanoutKind kind, gconstpointer item, const char *file);
