/* An operator that needs more stack than a fiber has. */

#include <fanout/fanout.h>

typedef struct
{
  guint64 n;
} State;

static guint64
reach (guint64 depth)
{
  volatile guint8 frame[512] = { 0 };

  frame[depth % sizeof frame] = 1;
  return depth == 0 ? frame[0] : reach (depth - 1) + frame[depth % sizeof frame];
}

static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  State *state = states;

  state->n += input->n_rows + 0 * reach (1000);
  return FANOUT_MORE;
}

static gboolean
finish (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)
{
  const State *all = states;

  (void) self;
  for (gsize i = 0; i < n; i++)
    fanout_out_count (out, i, 0, all[i].n);
  return TRUE;
}

static const FanoutOperator deep = {
  .size = sizeof deep,
  .name = "deep",
  .summary = "counts rows, a thousand calls deep",
  .details = "Half a megabyte of stack for each batch.",
  .promise = "exact",
  .order = FANOUT_ORDER_SEQUENCE,
  .state_size = sizeof (State),
  .update = update,
  .finish = finish,
};

FANOUT_OPERATORS (&deep);
