/* @name@: the longest run of equal numbers, as an ordinary function that asks for the next row. */

#include <fanout/fanout.h>

typedef struct
{
  gint column;
} Options;

/* What is left of one group when its function returns. */
typedef struct
{
  guint64 longest;
} State;

static void
loop (FanoutAggregate *self, gpointer data, FanoutLoop *in)
{
  State *state = data;
  FanoutNumber last = { 0 };
  guint64 run = 0;
  FanoutRow row;

  (void) self;
  while (fanout_next (in, &row))
    {
      FanoutNumber x = fanout_row_number (&row, 0);

      run = run > 0 && fanout_number_compare (x, last) == 0 ? run + 1 : 1;
      last = x;
      state->longest = MAX (state->longest, run);
    }
}

static void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  fanout_out_count (out, row, 0, state->longest);
}

FANOUT_FINISH (finish, State, result)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator @id@_operator = {
  FANOUT_OPERATOR ("@name@", 1),
  .summary = "the longest run of equal numbers",
  .details = "Counts how often a number follows itself, and keeps the highest count.",
  .promise = "exact",
  .order = FANOUT_ORDER_SEQUENCE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .loop = loop,
  .finish = finish,
};

FANOUT_OPERATORS (&@id@_operator);
