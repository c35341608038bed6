#pragma once

/** Numbers that are written another way. */

#include <fanout/number.h>

/** Write to `out`, which has room for `length` bytes, what fanout_number_parse() reads; answers how
 * long that is, 0 where there is no number. */
gsize fanout_writing_rewrite (const FanoutWriting *writing, const char *text, gsize length,
                              char *out);
