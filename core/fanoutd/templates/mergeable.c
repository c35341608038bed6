/* @name@: how many numbers of a column are above a limit. It runs in partitions, and gives partial
 * results. */

#include <fanout/fanout.h>

typedef struct
{
  gint column;
  FanoutNumber limit;
} Options;

/* What one group remembers: zeroes at first. */
typedef struct
{
  guint64 n;
} State;

/* One number more. */
static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  const Options *options = self->options;

  if (fanout_number_compare (x, options->limit) > 0)
    state->n++;
}

/* What another partition has seen. */
static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  into->n += from->n;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  fanout_out_count (out, row, 0, state->n);
}

/* To a file and back; raise the version of the operator when this changes. */
static inline void
save (FanoutAggregate *self, const State *state, FanoutWriter *bytes)
{
  (void) self;
  fanout_write_u64 (bytes, state->n);
}

static inline gboolean
load (FanoutAggregate *self, State *state, FanoutReader *in)
{
  (void) self;
  return fanout_read_u64 (in, &state->n);
}

FANOUT_UPDATE_NUMBER (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (finish, State, result)
FANOUT_ENCODE (encode, State, save)
FANOUT_DECODE (decode, State, load)

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column with the numbers"),
  { .key = "limit",
    .type = FANOUT_OPTION_NUMBER,
    .offset = G_STRUCT_OFFSET (Options, limit),
    .value = "0",
    .help = "numbers above it count" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator @id@_operator = {
  FANOUT_OPERATOR ("@name@", 1),
  .summary = "how many numbers are above a limit",
  .details = "Numbers equal to `limit` do not count; nan is above all others.",
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (State, NULL),
};

FANOUT_OPERATORS (&@id@_operator);
