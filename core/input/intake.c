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

void
fanout_intake_make_room (FanoutIntake *intake, gsize room)
{
  if (intake->room >= room)
    return;
  intake->data = g_realloc (intake->data, room);
  intake->room = room;
}

void
fanout_intake_give_back (FanoutIntake *intake, const char *data, gsize length)
{
  const gsize left = intake->end - intake->start;
  const guint64 position = fanout_intake_position (intake) - length;
  char *all = g_malloc (MAX (intake->room, length + left));

  memcpy (all, data, length);
  memcpy (all + length, intake->data + intake->start, left);
  g_free (intake->data);
  intake->data = all;
  intake->room = MAX (intake->room, length + left);
  intake->start = 0;
  intake->end = length + left;
  intake->offset = position;
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
