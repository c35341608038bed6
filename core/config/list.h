#pragma once

/** Lists in a value, and what is quoted there. */

#include "core/base/error.h"

/** Split a list at commas; items may stand in double quotes, doubled inside. The empty text is the
 * empty list. NULL with `reason` (static) on an empty item, an unclosed quote or text behind a
 * closed one. */
FANOUT_API char **fanout_list_split (const char *text, const char **reason);
/** The item of such a list that is `item` and stands in quotes, with them; NULL: there is none. */
char *fanout_list_quoted (const char *text, const char *item);
/** Append an item to such a list, in quotes where it needs them. */
FANOUT_API void fanout_list_append (GString *list, const char *item);
/** Names as such a list, for a message: what would not be seen is escaped, and after some 400
 * characters it ends with "...". Owned by the caller. */
FANOUT_API char *fanout_list_show (const char *const *names);

/** Whether something in a value looks like a comment, which people would take it for: a blank and
 * then `#` or `;`, outside of double quotes. */
gboolean fanout_value_has_comment (const char *value);
/** Append a text in double quotes, doubled inside. */
FANOUT_API void fanout_value_quote (GString *out, const char *text);
/** What stands in such quotes from `*at` on, which goes behind them; NULL: they are not closed.
 * Owned by the caller. */
FANOUT_API char *fanout_value_unquote (const char **at);
