/* The exponentially weighted moving average. */

#include <fanout/steps.h>
#include <fanout/error.h>

typedef struct
{
  gint column;
  FanoutNumber alpha;
  gboolean adjust;
  double weight;
} Options;

typedef struct
{
  double average;
  double weights; /* of all values; the newest has 1 */
} State;

static gboolean
prepare (gpointer data, GError **error)
{
  Options *options = data;

  options->weight = fanout_number_to_double (options->alpha);
  if (options->weight > 0)
    return TRUE;
  g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
                       "alpha: found 0; a number above 0 and up to 1 is wanted");
  return FALSE;
}

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  const Options *options = self->options;
  const double x = fanout_row_double (row, 0);
  double weight = state->weights > 0 ? options->weight : 1;

  state->weights = 1 + (1 - options->weight) * state->weights;
  if (options->adjust)
    weight = 1 / state->weights;
  state->average = weight * x + (1 - weight) * state->average;
}

FANOUT_UPDATE_ROW (update, State, step)

static void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->weights > 0)
    fanout_out_double (out, row, 0, state->average);
}

FANOUT_FINISH (finish, State, result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_DOUBLE,
                        "the column with the numbers, in the order of the stream"),
  { .key = "alpha",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Options, alpha),
    .value = "0.1",
    .min = "0",
    .max = "1",
    .help = "the weight of the newest value; above 0" },
  { .key = "adjust",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, adjust),
    .value = "false",
    .help = "divide by the sum of the weights, so that the first value has no more than its own" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator ewma = {
  FANOUT_OPERATOR ("ewma", 1),
  .summary = "the exponentially weighted moving average",
  .details = "s = x for the first value, then s = alpha x + (1 - alpha) s: the last s is the "
             "result (S. W. Roberts 1959; Miller's ewma, pandas' ewm with adjust=False). With "
             "`adjust = true` it is sum(w x) / sum(w), w = (1 - alpha)^(how long ago), which is "
             "the default of pandas' ewm.",
  .promise = "rounded at each step, the same on every machine",
  .order = FANOUT_ORDER_SEQUENCE,
  FANOUT_OPTIONS (Options, options),
  .prepare = prepare,
  .state_size = sizeof (State),
  .update = update,
  .finish = finish,
};

FANOUT_OPERATORS (&ewma);
