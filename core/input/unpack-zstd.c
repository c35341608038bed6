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

/* The header of a frame as RFC 8878, 3.1.1.1 has it: the bits of the byte behind the magic number,
 * what is behind that, and the longest one. */
#define SINGLE       0x20
#define RESERVED     0x08
#define DICTIONARY   0x03
#define WINDOW_AT    5
#define WINDOW_LOG   10 /* the least */
#define HEADER       18
/* Behind it is a block, with a header of its own. */
#define BLOCK_HEADER 3

typedef struct
{
  Functions functions;
  ZSTD_DStream *stream;
  gboolean begins; /* nothing of the frame has been looked at */
  char head[HEADER];
  gsize head_length;
  guint64 unpacked; /* bytes of the frame */
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

  self->begins = TRUE;
  self->head_length = 0;
  self->unpacked = 0;
  if (self->stream == NULL)
    self->stream = z->ZSTD_createDStream_ ();
  return self->stream != NULL && !z->ZSTD_isError_ (z->ZSTD_initDStream_ (self->stream))
         && !z->ZSTD_isError_ (z->ZSTD_DCtx_setParameter_ (self->stream, ZSTD_d_windowLogMax,
                                                           FANOUT_UNPACK_WINDOW_LOG));
}

/* Where all of a frame is there at once the library takes it whatever its window, which it refuses
 * where it comes in pieces. What it refuses before that is left to it. */
static gboolean
is_too_wide (const guint8 *data, gsize length)
{
  static const guint8 magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
  static const guint8 content_bytes[] = { 0, 2, 4, 8 };
  static const guint8 dictionary_bytes[] = { 0, 1, 2, 4 };
  const guint64 one = 1;
  guint64 window;
  gsize dictionary;
  guint8 bits;

  if (length <= WINDOW_AT)
    return FALSE;
  bits = data[sizeof magic];
  dictionary = dictionary_bytes[bits & DICTIONARY];
  if (memcmp (data, magic, sizeof magic) != 0 || (bits & (SINGLE | RESERVED)) != 0
      || length < WINDOW_AT + 1 + dictionary + content_bytes[bits >> 6] + BLOCK_HEADER)
    return FALSE;
  for (gsize i = 1; i <= dictionary; i++)
    if (data[WINDOW_AT + i] != 0)
      return FALSE;
  window = one << (WINDOW_LOG + (data[WINDOW_AT] >> 3));
  window += window / 8 * (data[WINDOW_AT] & 7);
  return window > one << FANOUT_UNPACK_WINDOW_LOG;
}

static void
keep_head (Unpacker *self, const char *data, gsize length)
{
  const gsize n = MIN (length, HEADER - self->head_length);

  memcpy (self->head + self->head_length, data, n);
  self->head_length += n;
}

/* The library looks at it in most ways, but not where the last block is an empty one. */
static gboolean
is_of_its_size (const Unpacker *self)
{
  const unsigned long long content
      = self->functions.ZSTD_getFrameContentSize_ (self->head, self->head_length);

  return content == ZSTD_CONTENTSIZE_UNKNOWN || content == ZSTD_CONTENTSIZE_ERROR
         || content == self->unpacked;
}

static FanoutUnpackStep
step (gpointer unpacker, FanoutUnpackSpan *span)
{
  Unpacker *self = unpacker;
  ZSTD_inBuffer in = { span->in, span->in_length, 0 };
  ZSTD_outBuffer out = { span->out, span->out_room, 0 };
  size_t result;

  if (self->begins && is_too_wide ((const guint8 *) span->in, span->in_length))
    return FANOUT_UNPACK_LARGE;
  self->begins = FALSE;
  result = self->functions.ZSTD_decompressStream_ (self->stream, &out, &in);
  keep_head (self, span->in, in.pos);
  self->unpacked += out.pos;
  span->in += in.pos;
  span->in_length -= in.pos;
  span->out += out.pos;
  span->out_room -= out.pos;
  if (result == 0)
    return is_of_its_size (self) ? FANOUT_UNPACK_END : FANOUT_UNPACK_DAMAGED;
  if (!self->functions.ZSTD_isError_ (result))
    return FANOUT_UNPACK_MORE;
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
