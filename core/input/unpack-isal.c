#include "core/input/unpacker.h"
#include <isa-l/igzip_lib.h>

/* clang-format off */
#define FUNCTIONS(X) X (isal_inflate_init) X (isal_gzip_header_init) X (isal_read_gzip_header) X (isal_inflate)
/* clang-format on */

typedef struct
{
  FUNCTIONS (FANOUT_LIBRARY_MEMBER)
} Functions;

static const char *const names[] = { FUNCTIONS (FANOUT_LIBRARY_NAME) NULL };

typedef struct
{
  Functions functions;
  struct inflate_state state;
  struct isal_gzip_header header;
  gboolean begun; /* behind the header */
} Unpacker;

static gboolean
begin (gpointer unpacker)
{
  Unpacker *self = unpacker;

  self->functions.isal_inflate_init_ (&self->state);
  self->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
  self->functions.isal_gzip_header_init_ (&self->header);
  self->begun = FALSE;
  return TRUE;
}

/* Where the header comes in two pieces, isal_inflate() forgets at the second what the first said.
 */
static int
inflate (Unpacker *self)
{
  int result = ISAL_DECOMP_OK;

  if (!self->begun)
    result = self->functions.isal_read_gzip_header_ (&self->state, &self->header);
  if (result != ISAL_DECOMP_OK)
    return result;
  self->begun = TRUE;
  return self->functions.isal_inflate_ (&self->state);
}

static FanoutUnpackStep
step (gpointer unpacker, FanoutUnpackSpan *span)
{
  Unpacker *self = unpacker;
  int result;

  self->state.next_in = (uint8_t *) (guintptr) span->in;
  self->state.avail_in = (uint32_t) span->in_length;
  self->state.next_out = (uint8_t *) span->out;
  self->state.avail_out = (uint32_t) span->out_room;
  result = inflate (self);
  span->in = (const char *) self->state.next_in;
  span->in_length = self->state.avail_in;
  span->out = (char *) self->state.next_out;
  span->out_room = self->state.avail_out;
  if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT)
    return FANOUT_UNPACK_DAMAGED;
  return self->state.block_state == ISAL_BLOCK_FINISH ? FANOUT_UNPACK_END : FANOUT_UNPACK_MORE;
}

static FanoutMark
measure (gpointer unpacker G_GNUC_UNUSED, const char *data, gsize length, FanoutMemberSize *size)
{
  return fanout_packed_measure_bgzf (data, length, size);
}

const FanoutUnpacker fanout_unpacker_isal = {
  .library = FANOUT_ISAL,
  .names = names,
  .size = sizeof (Unpacker),
  .begin = begin,
  .step = step,
  .allocates = sizeof (Unpacker),
  .measure = measure,
};
