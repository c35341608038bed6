#pragma once

/** Numbers and texts in sealed files, little-endian. Those that read answer FALSE where there is
 * nothing more, or no such thing: fanout_sealed_error() knows when the file is to blame. */

#include "core/base/memory.h"
#include "core/partial/seal.h"

/** A length takes as many bytes as it needs: seven bits in each, the lowest first, the highest bit
 * of all but the last one set. */
#define FANOUT_FIELD_LENGTH_MAX 10

void fanout_put_u32 (FanoutSealer *out, guint32 value);
void fanout_put_u64 (FanoutSealer *out, guint64 value);
void fanout_put_length (FanoutSealer *out, guint64 length);
/** A length, then so many bytes. FALSE once something could not be written. */
gboolean fanout_put_bytes (FanoutSealer *out, gconstpointer bytes, gsize length);
/** The same; NULL is the empty text. */
void fanout_put_text (FanoutSealer *out, const char *text);

/** Bytes that grow as they are read. */
typedef struct
{
  char *data;
  gsize length;
  gsize size;
  FanoutMemory *memory; /* NULL: not counted */
} FanoutBuffer;

void fanout_buffer_resize (FanoutBuffer *buffer, gsize size);
void fanout_buffer_clear (FanoutBuffer *buffer);
/** Append what the core may read before and behind texts, which lie between two of these. */
void fanout_buffer_pad (FanoutBuffer *buffer);
/** Whether what it is counted in is beyond its limit. */
gboolean fanout_buffer_is_full (const FanoutBuffer *buffer);

gboolean fanout_get_u32 (FanoutSealed *in, guint32 *value);
gboolean fanout_get_u64 (FanoutSealed *in, guint64 *value);
gboolean fanout_get_length (FanoutSealed *in, guint64 *length);
/** Append so many bytes; a NUL that does not count is always behind them. */
gboolean fanout_get_bytes (FanoutSealed *in, FanoutBuffer *buffer, guint64 length);
/** Owned by the caller; it may hold NULs. */
gboolean fanout_get_text (FanoutSealed *in, char **text);
