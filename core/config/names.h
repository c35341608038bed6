#pragma once

/** Names that users may have meant. */

#include "core/base/error.h"

/** Where `text` is in `names` (may be NULL), or -1. */
gint fanout_name_index (const char *const *names, const char *text);

/** The nearest of `names` to `text`, or NULL when none is near: case aside, one edit (insertion,
 * deletion, substitution or swap of neighbours) for every three characters at most, or an
 * abbreviation: some of the letters, the first and at least the half of them. */
FANOUT_API const char *fanout_nearest_name (const char *text, const char *const *names);

/** The three nearest at most, the nearest first, as "'a', 'b' or 'c'"; the empty text: none is
 * near. Owned by the caller. */
FANOUT_API char *fanout_nearest_names (const char *text, const char *const *names);
