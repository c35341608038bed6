#pragma once

/** What bytes that are made of others have in common: those others, as far as they were read and
 * not yet taken. */

#include "core/input/bytes.h"

typedef struct
{
  FanoutBytes bytes; /* what is made of them; `type` is for the caller to set */
  FanoutBytes *inner;
  char *data;
  gsize start; /* of those that are still to be taken, up to `end` */
  gsize end;
  gsize room;
  guint64 offset;    /* of data[0] among all of `inner` */
  gboolean complete; /* no more of them come */
} FanoutIntake;

/** To take from `inner`, which it owns from then on; the `n_begun` bytes at `begun` were read from
 * that already. It holds at least `room` bytes. */
void fanout_intake_init (FanoutIntake *intake, FanoutBytes *inner, gsize room, const char *begun,
                         gsize n_begun);
void fanout_intake_clear (FanoutIntake *intake);

/** More behind those that are still to be taken, which begin at data[0] then. As the `read` of
 * bytes. */
FanoutRead fanout_intake_refill (FanoutIntake *intake, GError **error);

/** Room for as many bytes, if there is not. */
void fanout_intake_make_room (FanoutIntake *intake, gsize room);
/** The `length` bytes at `data`, which were taken last, are still to be taken. */
void fanout_intake_give_back (FanoutIntake *intake, const char *data, gsize length);

/** Of the next byte to be taken. */
static inline guint64
fanout_intake_position (const FanoutIntake *intake)
{
  return intake->offset + intake->start;
}

/** `fd` and `finish` of such bytes: those of `inner`. */
int fanout_intake_fd (const FanoutBytes *bytes);
void fanout_intake_finish (FanoutBytes *bytes);
