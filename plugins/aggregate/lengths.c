/* The lengths of the shortest and of the longest text. */

#include <fanout/steps.h>
#include <fanout/bytes.h>

typedef struct
{
  gint column;
} Options;

typedef struct
{
  guint64 length1; /* + 1; 0: none */
} State;

static inline void
keep_min (State *state, guint64 length1)
{
  if (state->length1 == 0 || (length1 != 0 && length1 < state->length1))
    state->length1 = length1;
}

static inline void
keep_max (State *state, guint64 length1)
{
  state->length1 = MAX (state->length1, length1);
}

static inline void
min_step (FanoutAggregate *self, State *state, FanoutText x)
{
  (void) self;
  keep_min (state, x.length + 1);
}

static inline void
max_step (FanoutAggregate *self, State *state, FanoutText x)
{
  (void) self;
  keep_max (state, x.length + 1);
}

static inline void
min_merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  keep_min (into, from->length1);
}

static inline void
max_merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  keep_max (into, from->length1);
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->length1 != 0)
    fanout_out_count (out, row, 0, state->length1 - 1);
}

FANOUT_UPDATE_TEXT (min_update, State, min_step)
FANOUT_UPDATE_TEXT (max_update, State, max_step)
FANOUT_COMBINE (min_combine, State, min_merge)
FANOUT_COMBINE (max_combine, State, max_merge)
FANOUT_FINISH (finish, State, result)

static void
encode (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes)
{
  (void) self;
  fanout_write_u64 (bytes, ((const State *) state)->length1);
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  (void) self;
  return fanout_read_u64 (&in, &((State *) state)->length1) && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_TEXT, "the column with the texts"),
  FANOUT_OPTIONS_END,
};

#define RULES                                                                                      \
  "in bytes, which are more than characters where a text is not ASCII; quotes around a field and " \
  "escapes in it do not count. Empty fields are null and passed over."

static const FanoutOperator min_length = {
  FANOUT_OPERATOR ("min-length", 1),
  .summary = "the length of the shortest text",
  .details = "The least length of a text, " RULES,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = min_update,
  .combine = min_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

static const FanoutOperator max_length = {
  FANOUT_OPERATOR ("max-length", 1),
  .summary = "the length of the longest text",
  .details = "The greatest length of a text, " RULES,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = max_update,
  .combine = max_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&min_length, &max_length);
