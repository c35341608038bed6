/* @name@: the sum of squares of a column, to start from. */

#include <fanout/fanout.h>

typedef struct
{
  gint column;
} Options;

/* What one group remembers: zeroes at first. */
typedef struct
{
  guint64 n;
  double sum;
} State;

/* One value more. */
static inline void
step (FanoutAggregate *self, State *state, double x)
{
  (void) self;
  state->n++;
  state->sum += x * x;
}

FANOUT_UPDATE_DOUBLE (update, State, step)

static void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->n > 0)
    fanout_out_double (out, row, 0, state->sum);
}

FANOUT_FINISH (finish, State, result)

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, column),
    .takes = FANOUT_TAKES_DOUBLE,
    .help = "the column with the numbers" },
  { 0 },
};

static const FanoutOperator @id@_operator = {
  .size = sizeof @id@_operator,
  .version = 1,
  .name = "@name@",
  .summary = "the sum of squares",
  .details = "Doubles are added in the order of the stream, so the result depends on it.",
  .promise = "rounded at each step",
  /* A sum of doubles depends on the order of its terms: say so. With FANOUT_ORDER_FREE, combine,
   * encode and decode an operator also runs in partitions and gives partial results. */
  .order = FANOUT_ORDER_SEQUENCE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = update,
  .finish = finish,
};

FANOUT_OPERATORS (&@id@_operator);
