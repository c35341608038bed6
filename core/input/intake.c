#include "core/input/intake.h"
#include <string.h>

void
fanout_intake_init (FanoutIntake *intake, FanoutBytes *inner, gsize room, const char *begun,
                    gsize n_begun)
{
  intake->bytes.name = inner->name;
  intake->inner = inner;
  intake->room = MAX (room, n_begun);
  intake->data = g_malloc (intake->room);
  intake->end = n_begun;
  intake->offset = inner->type->position (inner).offset - n_begun;
  if (n_begun > 0)
    memcpy (intake->data, begun, n_begun);
}

void
fanout_intake_clear (FanoutIntake *intake)
{
  g_clear_pointer (&intake->inner, fanout_bytes_free);
  g_clear_pointer (&intake->data, g_free);
}

FanoutRead
fanout_intake_refill (FanoutIntake *intake, GError **error)
{
  FanoutBytes *inner = intake->inner;
  const gsize left = intake->end - intake->start;
  gsize got = 0;
  FanoutRead result;

  memmove (intake->data, intake->data + intake->start, left);
  intake->offset += intake->start;
  intake->start = 0;
  intake->end = left;
  result = inner->type->read (inner, intake->data + left, intake->room - left, &got, error);
  if (result == FANOUT_READ_BLOCK)
    {
      intake->end += got;
      intake->complete = got == 0;
    }
  return result;
}

int
fanout_intake_fd (const FanoutBytes *bytes)
{
  const FanoutBytes *inner = ((const FanoutIntake *) bytes)->inner;

  return inner->type->fd (inner);
}

void
fanout_intake_finish (FanoutBytes *bytes)
{
  fanout_bytes_finish (((FanoutIntake *) bytes)->inner);
}
