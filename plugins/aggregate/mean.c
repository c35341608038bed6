/* The arithmetic mean, from the exact sum. */

#include <fanout/steps.h>
#include <fanout/exact.h>

typedef struct
{
  gint column;
} Options;

typedef FanoutSum State; /* with a count beside it */

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  fanout_sum_add (state, x, self->memory);
  fanout_sum_count (state, 1);
}

static inline void
steps (FanoutAggregate *self, State *state, const gint64 *mantissas, gsize n, guint8 scale)
{
  fanout_sum_add_mantissas (state, mantissas, n, scale, self->memory);
  fanout_sum_count (state, n);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  fanout_sum_combine (into, from, self->memory);
  fanout_sum_count (into, fanout_sum_n (from));
}

static inline void
release (FanoutAggregate *self, State *state)
{
  fanout_sum_clear (state, self->memory);
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  FanoutDecimal decimal;
  double real;
  const FanoutSumKind kind = fanout_sum_quotient (state, fanout_sum_n (state), &decimal, &real);

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
  fanout_write_u64 (bytes, fanout_sum_n (state));
  fanout_sum_encode (state, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  guint64 n;

  if (!fanout_read_u64 (&in, &n) || n > FANOUT_SUM_N_MAX
      || !fanout_sum_decode (state, &in, self->memory))
    return FALSE;
  fanout_sum_count (state, n);
  return fanout_reader_left (&in) == 0;
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
