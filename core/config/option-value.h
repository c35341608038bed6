#pragma once

/** One text as the value of one option. */

#include "core/config/config.h"
#include <fanout/option.h>

/**
 * Bind `text` to `place`, where the C type of `option` is. What it owns lives as long as `config`;
 * names of columns go to `column_names` (NULL: there are none, and columns stay unbound).
 * FALSE when the text is no such value, with `place` as it was and `reason` saying why where
 * fanout_option_words does not.
 */
gboolean fanout_option_set (FanoutConfig *config, const FanoutOption *option, const char *text,
                            gpointer place, GPtrArray *column_names, GString *reason);

/** What an option can be, in words: "a whole number from 1 or auto". Owned by the caller. */
char *fanout_option_words (const FanoutOption *option);

/** The names that an option takes besides other values; NULL when there are none. */
const char *const *fanout_option_names (const FanoutOption *option);
