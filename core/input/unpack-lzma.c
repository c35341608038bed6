#include "core/input/unpacker.h"
#include <lzma.h>

/* clang-format off */
#define FUNCTIONS(X) X (lzma_stream_decoder) X (lzma_code) X (lzma_memusage) X (lzma_end)
/* clang-format on */

/* Besides its window it has tables. */
#define MEMORY_MAX (((guint64) 1 << FANOUT_UNPACK_WINDOW_LOG) + 1024 * 1024)

typedef struct
{
  FUNCTIONS (FANOUT_LIBRARY_MEMBER)
} Functions;

static const char *const names[] = { FUNCTIONS (FANOUT_LIBRARY_NAME) NULL };

typedef struct
{
  Functions functions;
  lzma_stream stream;
} Unpacker;

static void
end (gpointer unpacker)
{
  Unpacker *self = unpacker;

  self->functions.lzma_end_ (&self->stream);
}

static gboolean
begin (gpointer unpacker)
{
  Unpacker *self = unpacker;

  return self->functions.lzma_stream_decoder_ (&self->stream, MEMORY_MAX, 0) == LZMA_OK;
}

static FanoutUnpackStep
step (gpointer unpacker, FanoutUnpackSpan *span)
{
  Unpacker *self = unpacker;
  lzma_ret result;

  self->stream.next_in = (const uint8_t *) span->in;
  self->stream.avail_in = span->in_length;
  self->stream.next_out = (uint8_t *) span->out;
  self->stream.avail_out = span->out_room;
  result = self->functions.lzma_code_ (&self->stream, LZMA_RUN);
  span->in = (const char *) self->stream.next_in;
  span->in_length = self->stream.avail_in;
  span->out = (char *) self->stream.next_out;
  span->out_room = self->stream.avail_out;
  if (result == LZMA_STREAM_END)
    return FANOUT_UNPACK_END;
  if (result == LZMA_MEMLIMIT_ERROR)
    return FANOUT_UNPACK_LARGE;
  return result == LZMA_OK || result == LZMA_BUF_ERROR ? FANOUT_UNPACK_MORE : FANOUT_UNPACK_DAMAGED;
}

static gsize
memory (gpointer unpacker)
{
  const Unpacker *self = unpacker;

  return (gsize) self->functions.lzma_memusage_ (&self->stream);
}

const FanoutUnpacker fanout_unpacker_lzma = {
  .library = FANOUT_LZMA,
  .names = names,
  .size = sizeof (Unpacker),
  .begin = begin,
  .step = step,
  .memory = memory,
  .end = end,
};
