#include "core/input/unpacker.h"
#include <lz4frame.h>

/* clang-format off */
#define FUNCTIONS(X)                                                                               \
  X (LZ4F_createDecompressionContext) X (LZ4F_freeDecompressionContext)                            \
  X (LZ4F_resetDecompressionContext) X (LZ4F_decompress) X (LZ4F_isError)
/* clang-format on */

/* Two of the largest blocks. */
#define MEMORY (8 * 1024 * 1024)

typedef struct
{
  FUNCTIONS (FANOUT_LIBRARY_MEMBER)
} Functions;

static const char *const names[] = { FUNCTIONS (FANOUT_LIBRARY_NAME) NULL };

typedef struct
{
  Functions functions;
  LZ4F_dctx *context;
} Unpacker;

static void
end (gpointer unpacker)
{
  Unpacker *self = unpacker;

  if (self->context != NULL)
    self->functions.LZ4F_freeDecompressionContext_ (self->context);
}

static gboolean
begin (gpointer unpacker)
{
  Unpacker *self = unpacker;
  const Functions *z = &self->functions;

  if (self->context == NULL)
    return !z->LZ4F_isError_ (z->LZ4F_createDecompressionContext_ (&self->context, LZ4F_VERSION));
  z->LZ4F_resetDecompressionContext_ (self->context);
  return TRUE;
}

static FanoutUnpackStep
step (gpointer unpacker, FanoutUnpackSpan *span)
{
  Unpacker *self = unpacker;
  size_t taken = span->in_length;
  size_t given = span->out_room;
  const size_t result
      = self->functions.LZ4F_decompress_ (self->context, span->out, &given, span->in, &taken, NULL);

  if (self->functions.LZ4F_isError_ (result))
    return FANOUT_UNPACK_DAMAGED;
  span->in += taken;
  span->in_length -= taken;
  span->out += given;
  span->out_room -= given;
  return result == 0 ? FANOUT_UNPACK_END : FANOUT_UNPACK_MORE;
}

const FanoutUnpacker fanout_unpacker_lz4 = {
  .library = FANOUT_LZ4,
  .names = names,
  .size = sizeof (Unpacker),
  .begin = begin,
  .step = step,
  .allocates = MEMORY,
  .end = end,
};
