/* How far the largest value is from the smallest. */

#include "extreme.h"
#include "formula.h"

typedef struct
{
  gint column;
} Options;

typedef struct
{
  Extreme smallest;
  Extreme largest;
} State;

/* NaN gives way to everything, for both ends. */
static inline void
stretch (State *state, FanoutNumber x)
{
  const gboolean first
      = !extreme_is_set (&state->smallest) || extreme_is_nan (extreme_number (&state->smallest));

  if (!first && extreme_is_nan (x))
    return;
  if (first || fanout_number_compare (x, extreme_number (&state->smallest)) < 0)
    extreme_keep (&state->smallest, x);
  if (first || fanout_number_compare (x, extreme_number (&state->largest)) > 0)
    extreme_keep (&state->largest, x);
}

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  (void) self;
  stretch (state, x);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  if (extreme_is_set (&from->smallest))
    {
      stretch (into, extreme_number (&from->smallest));
      stretch (into, extreme_number (&from->largest));
    }
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (extreme_is_set (&state->smallest))
    formula_write_difference (out, row, fanout_number_canonical (extreme_number (&state->largest)),
                              fanout_number_canonical (extreme_number (&state->smallest)));
}

FANOUT_UPDATE_NUMBER (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (finish, State, result)

static void
encode (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes)
{
  (void) self;
  extreme_write (&((const State *) state)->smallest, bytes);
  extreme_write (&((const State *) state)->largest, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  State *state = state_;
  FanoutReader in = fanout_reader (bytes, length);

  (void) self;
  return extreme_read (&state->smallest, &in) && extreme_read (&state->largest, &in)
         && extreme_is_set (&state->smallest) == extreme_is_set (&state->largest)
         && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator range = {
  FANOUT_OPERATOR ("range", 1),
  .summary = "the largest value less the smallest",
  .details = "max(x) - min(x). Of decimals it is a decimal. NaN counts only where there is "
             "nothing else, as in `min` and `max`.",
  .promise = "exact; rounded once where there are doubles",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (State, NULL),
};

FANOUT_OPERATORS (&range);
