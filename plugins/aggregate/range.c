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
static __attribute__ ((noinline)) void
stretch_any (State *state, FanoutNumber x, FanoutMemory *memory)
{
  const gboolean first
      = !extreme_is_set (&state->smallest) || extreme_is_nan (extreme_number (&state->smallest));

  if (!first && extreme_is_nan (x))
    return;
  if (first || fanout_number_compare (x, extreme_number (&state->smallest)) < 0)
    extreme_keep (&state->smallest, x, memory);
  if (first || fanout_number_compare (x, extreme_number (&state->largest)) > 0)
    extreme_keep (&state->largest, x, memory);
}

/* At one scale the mantissas tell. */
static inline void
stretch (State *state, FanoutNumber x, FanoutMemory *memory)
{
  const guint16 scale1 = (guint16) (x.scale + 1);

  if (G_UNLIKELY (state->smallest.scale1 != scale1 || state->largest.scale1 != scale1))
    stretch_any (state, x, memory);
  else if (x.mantissa < state->smallest.mantissa)
    state->smallest.mantissa = x.mantissa;
  else if (x.mantissa > state->largest.mantissa)
    state->largest.mantissa = x.mantissa;
}

static inline void
step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  stretch (state, x, self->memory);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  if (extreme_is_set (&from->smallest))
    {
      stretch (into, extreme_number (&from->smallest), self->memory);
      stretch (into, extreme_number (&from->largest), self->memory);
    }
}

static inline void
release (FanoutAggregate *self, State *state)
{
  extreme_clear (&state->smallest, self->memory);
  extreme_clear (&state->largest, self->memory);
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  FanoutWide rooms[2];

  (void) self;
  if (extreme_is_set (&state->smallest))
    formula_write_difference (
        out, row, fanout_number_canonical_wide (extreme_number (&state->largest), &rooms[0]),
        fanout_number_canonical_wide (extreme_number (&state->smallest), &rooms[1]));
}

FANOUT_UPDATE_NUMBER (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_CLEAR (clear, State, release)
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

  return extreme_read (&state->smallest, &in, self->memory)
         && extreme_read (&state->largest, &in, self->memory)
         && extreme_is_set (&state->smallest) == extreme_is_set (&state->largest)
         && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the numbers"),
  FANOUT_OPTIONS_END,
};

static const FanoutOperator range = {
  FANOUT_OPERATOR ("range", 2),
  .summary = "the largest value less the smallest",
  .details = "max(x) - min(x). Of decimals it is a decimal. NaN counts only where there is "
             "nothing else, as in `min` and `max`.",
  .promise = "exact; rounded once where there are doubles",
  .memory = EXTREME_MEMORY ", for each of both",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  FANOUT_MERGEABLE (State, clear),
};

FANOUT_OPERATORS (&range);
