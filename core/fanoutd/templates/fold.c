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

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->n > 0)
    fanout_out_double (out, row, 0, state->sum);
}

FANOUT_UPDATE_DOUBLE (update, State, step)
FANOUT_FINISH (finish, State, result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_DOUBLE, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator @id@_operator = {
  FANOUT_OPERATOR ("@name@", 1),
  .summary = "the sum of squares",
  .details = "Doubles are added in the order of the stream, so the result depends on it.",
  .promise = "rounded at each step",
  /* A sum of doubles depends on the order of its terms: say so. What does not can also run in
   * partitions and give partial results: see `fanoutd new-plugin --mergeable`. */
  .order = FANOUT_ORDER_SEQUENCE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = update,
  .finish = finish,
};

FANOUT_OPERATORS (&@id@_operator);
