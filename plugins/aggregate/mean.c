/* The arithmetic mean, from the exact sum. */

#include <fanout/steps.h>
#include <fanout/exact.h>

typedef struct
{
  gint column;
} Options;

typedef struct
{
  FanoutSum sum;
  guint64 n;
} State;

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  fanout_sum_add (&state->sum, x, self->memory);
  state->n++;
}

static inline void
steps (FanoutAggregate *self, State *state, const gint64 *mantissas, gsize n, guint8 scale)
{
  fanout_sum_add_mantissas (&state->sum, mantissas, n, scale, self->memory);
  state->n += n;
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  fanout_sum_combine (&into->sum, &from->sum, self->memory);
  into->n += from->n;
}

static inline void
release (FanoutAggregate *self, State *state)
{
  fanout_sum_clear (&state->sum, self->memory);
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  FanoutDecimal decimal;
  double real;
  const FanoutSumKind kind = fanout_sum_quotient (&state->sum, state->n, &decimal, &real);

  (void) self;
  if (kind == FANOUT_SUM_DECIMAL)
    fanout_out_decimal (out, row, 0, &decimal);
  else if (kind == FANOUT_SUM_DOUBLE)
    fanout_out_double (out, row, 0, real);
}

FANOUT_UPDATE_NUMBERS (update, State, step, steps)
FANOUT_COMBINE (combine, State, merge)
FANOUT_CLEAR (clear, State, release)
FANOUT_FINISH (finish, State, result)

static void
encode (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes)
{
  (void) self;
  fanout_write_u64 (bytes, ((const State *) state)->n);
  fanout_sum_encode (&((const State *) state)->sum, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  return fanout_read_u64 (&in, &((State *) state)->n)
         && fanout_sum_decode (&((State *) state)->sum, &in, self->memory)
         && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator mean = {
  FANOUT_OPERATOR ("mean", 2),
  .summary = "the arithmetic mean",
  .details = "sum(x) / n. The sum is exact. A quotient of decimals that ends within 38 digits is "
             "printed with all of them; else it is the only thing that is rounded.",
  .promise = "exact where it is a decimal of up to 38 digits, else rounded once",
  .memory = "the digits that doubles span, where there are any",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (State, clear),
};

FANOUT_OPERATORS (&mean);
