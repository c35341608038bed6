#pragma once

/** Where encoded states are written to: memory, or piece by piece to somebody who takes them. */

#include <fanout/bytes.h>

/** Takes `length` bytes, which are gone afterwards. */
typedef void (*FanoutTake) (gpointer taker, const guint8 *bytes, gsize length);

/** With `take`, pieces of exactly `piece` bytes are taken as soon as there are so many; what is
 * left at the end is the caller's. Without it (0, NULL, NULL) all are kept. */
FANOUT_API FanoutWriter *fanout_writer_new (gsize piece, FanoutTake take, gpointer taker);
FANOUT_API void fanout_writer_free (FanoutWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutWriter, fanout_writer_free)

/** Forget what it has. */
FANOUT_API void fanout_writer_reset (FanoutWriter *self);
/** What it has, until more is written; may be changed. */
FANOUT_API guint8 *fanout_writer_bytes (const FanoutWriter *self, gsize *length);
