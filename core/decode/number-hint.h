#pragma once

/** The way out for a value that is not a number as the source writes numbers. */

#include <fanout/number.h>

/** What would read `text`, a value of the column `name`, as a number, beginning with "; ": keys of
 * a source that writes numbers as `writing` says, whose `decimal` is 0 where it has no say in it
 * (and names are paths), or an expression. Owned by the caller; NULL: nothing would. */
char *fanout_number_hint (const FanoutWriting *writing, const char *name, const char *text,
                          gsize length);
