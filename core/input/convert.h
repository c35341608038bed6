#pragma once

/** Bytes in UTF-8 from others in some encoding. */

#include "core/input/bytes.h"

/** Whether there is such an encoding; else FALSE with `error` (FANOUT_ERROR_CONFIG), the text
 * alone.
 */
gboolean fanout_encoding_check (const char *encoding, GError **error);

/** Whether bytes in it are taken as they are: UTF-8, and ASCII, which is a part of it. */
gboolean fanout_encoding_is_plain (const char *encoding);

/** The text of `inner`, which it frees, in UTF-8; the `n_begun` bytes at `begun` were read from it
 * already. NULL with `error`, and `inner` as it was, when there is no such encoding. */
FanoutBytes *fanout_convert_new (FanoutBytes *inner, const char *encoding, const char *begun,
                                 gsize n_begun, GError **error);
