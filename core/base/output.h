#pragma once

/**
 * Where results go: standard output, a device or FIFO, or a regular file that appears, whole, only
 * when everything has been written.
 */

#include <fanout/error.h>

typedef struct FanoutOutput FanoutOutput;

/**
 * Open `path`; "-" is standard output. A regular file that is there keeps its contents until the
 * commit, a symbolic link its target's place. Refused when it is one of `inputs` (NULL-terminated,
 * may be NULL; "-" is standard input) or cannot be written (FANOUT_ERROR_OUTPUT).
 */
FANOUT_API FanoutOutput *fanout_output_open (const char *path, const char *const *inputs,
                                             GError **error);

/** Open a regular file to write on at byte `length` of it, behind which it is cut; G_MAXUINT64: at
 * its end. It is made where there is none; what is no regular file is opened as by
 * fanout_output_open(). Refused (FANOUT_ERROR_OUTPUT) where it is shorter. */
FANOUT_API FanoutOutput *fanout_output_open_at (const char *path, guint64 length,
                                                const char *const *inputs, GError **error);
/** Bytes of the regular file that fanout_output_open_at() opened, those before included; 0 of
 * others. */
FANOUT_API guint64 fanout_output_length (const FanoutOutput *output);
/** Whether `path`, by which that was opened, leads to it still; TRUE of others. */
FANOUT_API gboolean fanout_output_is_at (const FanoutOutput *output, const char *path);
/** What was written is on the disk, where it is a regular file. */
FANOUT_API gboolean fanout_output_sync (FanoutOutput *output, GError **error);
/** The same file, of one that fanout_output_open_at() opened, for who syncs it while others write:
 * he has to. NULL with `error`. */
FANOUT_API FanoutOutput *fanout_output_share (FanoutOutput *output, GError **error);

/** The same text for each way to say where a regular file is or would be: links are followed. */
char *fanout_output_place (const char *path);

/** Whether it could be opened; no file is made or touched. */
FANOUT_API gboolean fanout_output_check (const char *path, const char *const *inputs,
                                         GError **error);

/** What it is called in messages. */
FANOUT_API const char *fanout_output_name (const FanoutOutput *output);
FANOUT_API gboolean fanout_output_is_terminal (const FanoutOutput *output);
/** Whether it is a regular file, which a commit puts in its place. */
FANOUT_API gboolean fanout_output_is_replaced (const FanoutOutput *output);

/** Write `length` bytes. */
FANOUT_API gboolean fanout_output_put (FanoutOutput *output, const char *data, gsize length,
                                       GError **error);
/** The same; FALSE where some of it could not be written: `done` are. */
FANOUT_API gboolean fanout_output_put_some (FanoutOutput *output, const char *data, gsize length,
                                            gsize *done, GError **error);

/** The same to a descriptor; FALSE with errno. */
FANOUT_API gboolean fanout_write_all (int fd, const char *data, gsize length);

/** Everything has been written: put the file in its place, once it is on the disk. */
FANOUT_API gboolean fanout_output_commit (FanoutOutput *output, GError **error);

/** The program ends now: leave nothing behind. For signal handlers; NULL is ignored. */
FANOUT_API void fanout_output_abandon (FanoutOutput *output);

/** Without a commit before, nothing remains of a regular file. */
FANOUT_API void fanout_output_free (FanoutOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutOutput, fanout_output_free)
