#include "core/input/unpacker.h"
#include <bzlib.h>
#include <string.h>

/* clang-format off */
#define FUNCTIONS(X) X (BZ2_bzDecompressInit) X (BZ2_bzDecompress) X (BZ2_bzDecompressEnd)
/* clang-format on */

/* 4 bytes for each of a block, and tables. */
#define MEMORY (4 * 1024 * 1024)

typedef struct
{
  FUNCTIONS (FANOUT_LIBRARY_MEMBER)
} Functions;

static const char *const names[] = { FUNCTIONS (FANOUT_LIBRARY_NAME) NULL };

typedef struct
{
  Functions functions;
  bz_stream stream;
} Unpacker;

static void
end (gpointer unpacker)
{
  Unpacker *self = unpacker;

  if (self->stream.state != NULL)
    self->functions.BZ2_bzDecompressEnd_ (&self->stream);
  memset (&self->stream, 0, sizeof self->stream);
}

static gboolean
begin (gpointer unpacker)
{
  Unpacker *self = unpacker;

  end (self);
  return self->functions.BZ2_bzDecompressInit_ (&self->stream, 0, 0) == BZ_OK;
}

static FanoutUnpackStep
step (gpointer unpacker, FanoutUnpackSpan *span)
{
  Unpacker *self = unpacker;
  int result;

  self->stream.next_in = (char *) (guintptr) span->in;
  self->stream.avail_in = (unsigned int) span->in_length;
  self->stream.next_out = span->out;
  self->stream.avail_out = (unsigned int) span->out_room;
  result = self->functions.BZ2_bzDecompress_ (&self->stream);
  span->in = self->stream.next_in;
  span->in_length = self->stream.avail_in;
  span->out = self->stream.next_out;
  span->out_room = self->stream.avail_out;
  if (result == BZ_STREAM_END)
    return FANOUT_UNPACK_END;
  return result == BZ_OK ? FANOUT_UNPACK_MORE : FANOUT_UNPACK_DAMAGED;
}

const FanoutUnpacker fanout_unpacker_bzip2 = {
  .library = FANOUT_BZIP2,
  .names = names,
  .size = sizeof (Unpacker),
  .begin = begin,
  .step = step,
  .allocates = MEMORY,
  .end = end,
};
