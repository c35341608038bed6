#pragma once

/** Operators whose state is a count: all of them but what they count, which is their `update`. */

#include <fanout/bytes.h>
#include <fanout/steps.h>

typedef struct
{
  guint64 n;
} Counter;

static inline void
counter_merge (FanoutAggregate *self, Counter *into, Counter *from)
{
  (void) self;
  into->n += from->n;
}

static inline void
counter_result (FanoutAggregate *self, const Counter *state, FanoutOut *out, gsize row)
{
  (void) self;
  fanout_out_count (out, row, 0, state->n);
}

FANOUT_COMBINE (counter_combine, Counter, counter_merge)
FANOUT_FINISH (counter_finish, Counter, counter_result)

static void
counter_encode (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes)
{
  (void) self;
  fanout_write_u64 (bytes, ((const Counter *) state)->n);
}

static gboolean
counter_decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  (void) self;
  return fanout_read_u64 (&in, &((Counter *) state)->n) && fanout_reader_left (&in) == 0;
}

/* The members of the operator's table that have to do with its state. */
#define COUNTER_STATE                                                                              \
  .state_size = sizeof (Counter), .update = update, .combine = counter_combine,                    \
  .finish = counter_finish, .encode = counter_encode, .decode = counter_decode
