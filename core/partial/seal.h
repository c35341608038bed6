#pragma once

/**
 * Bytes in pieces, each sealed by a checksum of all that came before: what has been read is what
 * was written, wherever the file ends or the pipe breaks, and none of it is kept.
 *
 * A piece is its length (u32), so many bytes and a hash (u64) of everything up to here; an empty
 * piece is the end.
 */

#include "core/base/output.h"

typedef struct FanoutSealer FanoutSealer;

/** Where the bytes go. FALSE with `error`. */
typedef gboolean (*FanoutSealPut) (gpointer data, const char *bytes, gsize length, GError **error);
/** Where they come from: at least 1 of up to `room`; 0 at the end, -1 with `error`. */
typedef gssize (*FanoutSealGet) (gpointer data, char *to, gsize room, GError **error);

/** What is written begins with `magic`, which is sealed too. */
FanoutSealer *fanout_sealer_new (FanoutSealPut put, gpointer data, gconstpointer magic,
                                 gsize length);
/** Neither magic nor seals: the bytes alone, for who seals them later. */
FanoutSealer *fanout_sealer_new_plain (FanoutSealPut put, gpointer data);
void fanout_sealer_free (FanoutSealer *sealer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutSealer, fanout_sealer_free)

/** Write. FALSE once something has failed: fanout_sealer_end() tells what. */
gboolean fanout_sealer_write (FanoutSealer *sealer, gconstpointer bytes, gsize length);
/** End a piece here: who reads what comes before need not read more. */
void fanout_sealer_flush (FanoutSealer *sealer);
/** The last piece. Neither synced nor committed. */
gboolean fanout_sealer_end (FanoutSealer *sealer, GError **error);

typedef struct FanoutSealed FanoutSealed;

/** Open a file, a pipe or "-", standard input, called `name` in messages. */
FanoutSealed *fanout_sealed_open (const char *path, const char *name, GError **error);
/** The same of a descriptor, which is taken over. */
FanoutSealed *fanout_sealed_take (int fd, const char *name);
FanoutSealed *fanout_sealed_new (FanoutSealGet get, gpointer data, const char *name);
void fanout_sealed_free (FanoutSealed *sealed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutSealed, fanout_sealed_free)

/** Read what stands before the pieces, up to `length` bytes, 16 in all; fewer: there are no
 * more. */
gsize fanout_sealed_magic (FanoutSealed *sealed, gpointer to, gsize length);
/** Read. FALSE at the end, and when something is wrong. */
gboolean fanout_sealed_read (FanoutSealed *sealed, gpointer to, gsize length);
/** What is in memory already of what comes next, at least a byte unless there is nothing more or
 * something is wrong: it can be read where it lies until anything else is, and so can 64 bytes
 * before and behind it, whatever they are. */
const guint8 *fanout_sealed_rest (FanoutSealed *sealed, gsize *length);
/** So much of that has been read. */
void fanout_sealed_skip (FanoutSealed *sealed, gsize length);
/** Whether everything has been read, and nothing follows. */
gboolean fanout_sealed_at_end (FanoutSealed *sealed);
/** What was wrong with the file; NULL: nothing. */
const GError *fanout_sealed_error (const FanoutSealed *sealed);
