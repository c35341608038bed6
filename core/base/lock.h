#pragma once

/** What one process at a time may use: it holds a lock on PATH.lock, which has its number. */

#include <fanout/error.h>

typedef struct FanoutLock FanoutLock;

/**
 * Take the lock of `path`. NULL with `error` (FANOUT_ERROR_RETRY) where another holds it, this
 * process included; NULL without one where there can be none: a folder that cannot be written, a
 * file system without locks. The end of the process gives it back, however it comes.
 */
FANOUT_API FanoutLock *fanout_lock_take (const char *path, GError **error);
/** Give it back, and remove the file. (nullable) */
FANOUT_API void fanout_lock_free (FanoutLock *lock);
