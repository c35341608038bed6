/* An operator that ends the process, as a success. */

#include <fanout/fanout.h>

#include <stdlib.h>

typedef struct
{
  guint64 n;
} State;

static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  (void) states;
  (void) input;
  exit (0);
}

static gboolean
finish (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  (void) self;
  (void) states;
  (void) n;
  (void) out;
  return TRUE;
}

static const FanoutOperator exits = {
  .size = sizeof exits,
  .name = "exits",
  .summary = "ends the process",
  .details = "As if that were all there is to do.",
  .promise = "exact",
  .order = FANOUT_ORDER_SEQUENCE,
  .state_size = sizeof (State),
  .update = update,
  .finish = finish,
};

FANOUT_OPERATORS (&exits);
