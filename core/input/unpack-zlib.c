#include "core/input/unpacker.h"
#include <zlib.h>

/* The gzip format alone, with the largest window. */
#define GZIP_ONLY (16 + MAX_WBITS)
#define MEMORY    (48 * 1024)

/* clang-format off */
#define FUNCTIONS(X) X (inflateInit2_) X (inflate) X (inflateReset) X (inflateEnd)
/* clang-format on */

typedef struct
{
  FUNCTIONS (FANOUT_LIBRARY_MEMBER)
} Functions;

static const char *const names[] = { FUNCTIONS (FANOUT_LIBRARY_NAME) NULL };

typedef struct
{
  Functions functions;
  z_stream stream;
} Unpacker;

static void
end (gpointer unpacker)
{
  Unpacker *self = unpacker;

  if (self->stream.state != NULL)
    self->functions.inflateEnd_ (&self->stream);
}

static gboolean
begin (gpointer unpacker)
{
  Unpacker *self = unpacker;

  if (self->stream.state != NULL)
    return self->functions.inflateReset_ (&self->stream) == Z_OK;
  return self->functions.inflateInit2__ (&self->stream, GZIP_ONLY, ZLIB_VERSION,
                                         (int) sizeof self->stream)
         == Z_OK;
}

static FanoutUnpackStep
step (gpointer unpacker, FanoutUnpackSpan *span)
{
  Unpacker *self = unpacker;
  int result;

  self->stream.next_in = (Bytef *) (guintptr) span->in;
  self->stream.avail_in = (uInt) span->in_length;
  self->stream.next_out = (Bytef *) span->out;
  self->stream.avail_out = (uInt) span->out_room;
  result = self->functions.inflate_ (&self->stream, Z_NO_FLUSH);
  span->in = (const char *) self->stream.next_in;
  span->in_length = self->stream.avail_in;
  span->out = (char *) self->stream.next_out;
  span->out_room = self->stream.avail_out;
  if (result == Z_STREAM_END)
    return FANOUT_UNPACK_END;
  return result == Z_OK || result == Z_BUF_ERROR ? FANOUT_UNPACK_MORE : FANOUT_UNPACK_DAMAGED;
}

static FanoutMark
measure (gpointer unpacker G_GNUC_UNUSED, const char *data, gsize length, FanoutMemberSize *size)
{
  return fanout_packed_measure_bgzf (data, length, size);
}

const FanoutUnpacker fanout_unpacker_zlib = {
  .library = FANOUT_ZLIB,
  .names = names,
  .size = sizeof (Unpacker),
  .begin = begin,
  .step = step,
  .allocates = MEMORY,
  .end = end,
  .measure = measure,
};
