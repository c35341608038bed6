#pragma once

/** The way out for a value that is not a number as the source writes numbers. */

#include <fanout/number.h>

/** What would read `text` as a number, beginning with "; ", where the source writes numbers as
 * `writing` says, whose `decimal` is 0 where it has no say in it. Owned by the caller; NULL: nothing
 * would. */
char *fanout_number_hint (const FanoutWriting *writing, const char *text, gsize length);
