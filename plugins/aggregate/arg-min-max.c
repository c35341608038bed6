/* The value of one column where another is smallest, or largest. */

#include "extreme.h"
#include "values.h"

typedef struct
{
  ValuesOptions values; /* `column` is the one that is compared */
  gint value;
} Options;

typedef struct
{
  guint64 row;
  Extreme extreme;
  FanoutKept value;
} State;

/* Of equal numbers the first in the stream. For `sign` 1 the smallest precedes, for -1 the largest;
 * NaN comes last for both. */
static gboolean
precedes (FanoutNumber x, guint64 row, const State *state, int sign)
{
  const FanoutNumber kept = extreme_number (&state->extreme);
  int order;

  if (!extreme_is_set (&state->extreme))
    return TRUE;
  if (extreme_is_nan (x) != extreme_is_nan (kept))
    return extreme_is_nan (kept);
  order = sign * fanout_number_compare (x, kept);
  return order < 0 || (order == 0 && row < state->row);
}

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row, int sign)
{
  const FanoutNumber x = fanout_row_number (row, 0);
  ValuesBuffer buffer;

  if (!precedes (x, fanout_row_position (row), state, sign))
    return;
  state->row = fanout_row_position (row);
  extreme_keep (&state->extreme, x);
  fanout_kept_set (&state->value, values_at (fanout_row_column (row, 1), row->index, &buffer),
                   self->memory);
}

static inline void
min_step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  step (self, state, row, 1);
}

static inline void
max_step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  step (self, state, row, -1);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from, int sign)
{
  if (!extreme_is_set (&from->extreme)
      || !precedes (extreme_number (&from->extreme), from->row, into, sign))
    return;
  fanout_kept_clear (&into->value, self->memory);
  *into = *from;
  memset (from, 0, sizeof *from);
}

static inline void
min_merge (FanoutAggregate *self, State *into, State *from)
{
  merge (self, into, from, 1);
}

static inline void
max_merge (FanoutAggregate *self, State *into, State *from)
{
  merge (self, into, from, -1);
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  if (extreme_is_set (&state->extreme))
    values_out (out, row, 0, fanout_kept_text (&state->value), values_are_numbers (self));
}

static inline void
release (FanoutAggregate *self, State *state)
{
  fanout_kept_clear (&state->value, self->memory);
}

FANOUT_UPDATE_ROW (min_update, State, min_step)
FANOUT_UPDATE_ROW (max_update, State, max_step)
FANOUT_COMBINE (min_combine, State, min_merge)
FANOUT_COMBINE (max_combine, State, max_merge)
FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, GByteArray *bytes)
{
  const State *state = state_;

  (void) self;
  extreme_write (&state->extreme, bytes);
  if (!extreme_is_set (&state->extreme))
    return;
  fanout_write_u64 (bytes, state->row);
  fanout_kept_write (&state->value, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;

  return extreme_read (&state->extreme, &in)
         && (!extreme_is_set (&state->extreme)
             || (fanout_read_u64 (&in, &state->row)
                 && values_read (&state->value, values_are_numbers (self), FALSE, &in,
                                 self->memory)))
         && fanout_reader_left (&in) == 0;
}

static void
shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  (void) self;
  for (State *state = states, *end = state + n; state < end; state++)
    if (extreme_is_set (&state->extreme))
      state->row += rows;
}

static FanoutTakes
takes (gconstpointer options, guint column)
{
  return column == 0 ? FANOUT_TAKES_NUMBER : values_takes (options, column);
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (ValuesOptions, column, FANOUT_TAKES_NUMBER,
                        "the column with the numbers that are compared"),
  FANOUT_COLUMN_OPTION (Options, value, FANOUT_TAKES_NUMBER,
                        "the column with the values, one of which is the result"),
  VALUES_AS ("text", "what the result is: the text as read, or a number"),
  FANOUT_OPTIONS_END,
};

#define RULES                                                                                      \
  "Where several rows have it, the first in the stream, whatever the partitions. Rows in which "   \
  "either column is null are passed over, as in arg_min and arg_max of DuckDB. A NaN counts only " \
  "where there is nothing else."

static const FanoutOperator argmin = {
  FANOUT_OPERATOR ("argmin", 1),
  .summary = "the value of one column where another is smallest",
  .details = "The `value` of the row in which `column` is smallest. " RULES,
  .promise = "exact",
  .memory = "the value",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = min_update,
  .combine = min_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
  .shift = shift,
};

static const FanoutOperator argmax = {
  FANOUT_OPERATOR ("argmax", 1),
  .summary = "the value of one column where another is largest",
  .details = "The `value` of the row in which `column` is largest. " RULES,
  .promise = "exact",
  .memory = "the value",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = max_update,
  .combine = max_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
  .shift = shift,
};

FANOUT_OPERATORS (&argmin, &argmax);
