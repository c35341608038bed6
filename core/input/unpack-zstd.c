#include "core/input/unpacker.h"
#include <zstd.h>
#include <zstd_errors.h>

/* clang-format off */
#define FUNCTIONS(X)                                                                               \
  X (ZSTD_createDStream) X (ZSTD_freeDStream) X (ZSTD_sizeof_DStream) X (ZSTD_DCtx_setParameter)   \
  X (ZSTD_initDStream) X (ZSTD_decompressStream) X (ZSTD_isError) X (ZSTD_getErrorCode)            \
  X (ZSTD_getFrameContentSize) X (ZSTD_findFrameCompressedSize)
/* clang-format on */

typedef struct
{
  FUNCTIONS (FANOUT_LIBRARY_MEMBER)
} Functions;

static const char *const names[] = { FUNCTIONS (FANOUT_LIBRARY_NAME) NULL };

typedef struct
{
  Functions functions;
  ZSTD_DStream *stream;
} Unpacker;

static void
end (gpointer unpacker)
{
  Unpacker *self = unpacker;

  if (self->stream != NULL)
    self->functions.ZSTD_freeDStream_ (self->stream);
}

static gboolean
begin (gpointer unpacker)
{
  Unpacker *self = unpacker;
  const Functions *z = &self->functions;

  if (self->stream == NULL)
    self->stream = z->ZSTD_createDStream_ ();
  return self->stream != NULL && !z->ZSTD_isError_ (z->ZSTD_initDStream_ (self->stream))
         && !z->ZSTD_isError_ (z->ZSTD_DCtx_setParameter_ (self->stream, ZSTD_d_windowLogMax,
                                                           FANOUT_UNPACK_WINDOW_LOG));
}

static FanoutUnpackStep
step (gpointer unpacker, FanoutUnpackSpan *span)
{
  Unpacker *self = unpacker;
  ZSTD_inBuffer in = { span->in, span->in_length, 0 };
  ZSTD_outBuffer out = { span->out, span->out_room, 0 };
  const size_t result = self->functions.ZSTD_decompressStream_ (self->stream, &out, &in);

  span->in += in.pos;
  span->in_length -= in.pos;
  span->out += out.pos;
  span->out_room -= out.pos;
  if (!self->functions.ZSTD_isError_ (result))
    return result == 0 ? FANOUT_UNPACK_END : FANOUT_UNPACK_MORE;
  return self->functions.ZSTD_getErrorCode_ (result) == ZSTD_error_frameParameter_windowTooLarge
             ? FANOUT_UNPACK_LARGE
             : FANOUT_UNPACK_DAMAGED;
}

static gsize
memory (gpointer unpacker)
{
  const Unpacker *self = unpacker;

  return self->stream != NULL ? self->functions.ZSTD_sizeof_DStream_ (self->stream) : 0;
}

/* Larger frames are unpacked as they come. */
#define FRAME_PACKED   (2u << 20)
#define FRAME_UNPACKED (4u << 20)
/* The longest header. */
#define HEADER         18

/* A frame to be skipped is one of no content. */
static FanoutMark
measure (gpointer unpacker, const char *data, gsize length, FanoutMemberSize *size)
{
  const Unpacker *self = unpacker;
  const unsigned long long content = self->functions.ZSTD_getFrameContentSize_ (data, length);

  if (content == ZSTD_CONTENTSIZE_ERROR && length < HEADER)
    return FANOUT_MARK_BEGUN;
  if (content > FRAME_UNPACKED)
    return FANOUT_MARK_NONE;
  size->packed = self->functions.ZSTD_findFrameCompressedSize_ (data, length);
  size->unpacked = (gsize) content;
  if (!self->functions.ZSTD_isError_ (size->packed))
    return size->packed <= FRAME_PACKED ? FANOUT_MARK_WHOLE : FANOUT_MARK_NONE;
  return length < FRAME_PACKED ? FANOUT_MARK_BEGUN : FANOUT_MARK_NONE;
}

const FanoutUnpacker fanout_unpacker_zstd = {
  .library = FANOUT_ZSTD,
  .names = names,
  .size = sizeof (Unpacker),
  .begin = begin,
  .step = step,
  .memory = memory,
  .end = end,
  .measure = measure,
};
