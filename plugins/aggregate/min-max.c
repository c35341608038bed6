/* The smallest and the largest value: of numbers, or bytewise of texts. */

#include "extreme.h"
#include <fanout/steps.h>
#include <fanout/kept.h>
#include <fanout/mantissas.h>

enum
{
  AS_NUMBER = 0,
  AS_TEXT,
};

typedef struct
{
  gint column;
  gint as;
} Options;

typedef union
{
  Extreme number;
  FanoutKept text;
} State;

/* Whether `x` comes before `kept` for this sign: 1 for the smallest, -1 for the largest. NaN comes
 * last for both. Seldom asked: at one scale the mantissas tell. */
static __attribute__ ((noinline)) gboolean
precedes (FanoutNumber x, FanoutNumber kept, int sign)
{
  if (extreme_is_nan (x) || extreme_is_nan (kept))
    return !extreme_is_nan (x);
  return sign * fanout_number_compare (x, kept) < 0;
}

/* The first one, and those that are written in another way. */
static __attribute__ ((noinline)) void
other_number_step (FanoutAggregate *self, State *state, FanoutNumber x, int sign)
{
  if (!extreme_is_set (&state->number) || precedes (x, extreme_number (&state->number), sign))
    extreme_keep (&state->number, x, self->memory);
}

static inline void
number_step (FanoutAggregate *self, State *state, FanoutNumber x, int sign)
{
  if (G_UNLIKELY (state->number.scale1 != x.scale + 1))
    other_number_step (self, state, x, sign);
  else if (sign > 0 ? x.mantissa < state->number.mantissa : x.mantissa > state->number.mantissa)
    state->number.mantissa = x.mantissa;
}

static __attribute__ ((noinline)) void
text_step (State *state, FanoutText x, int sign, FanoutMemory *memory)
{
  if (!fanout_kept_is_set (&state->text)
      || sign * fanout_text_compare (x, fanout_kept_text (&state->text)) < 0)
    fanout_kept_set (&state->text, x, memory);
}

static inline void
min_number_step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  number_step (self, state, x, 1);
}

static inline void
max_number_step (FanoutAggregate *self, State *state, FanoutNumber x)
{
  number_step (self, state, x, -1);
}

static inline void
min_number_steps (FanoutAggregate *self, State *state, const gint64 *mantissas, gsize n,
                  guint8 scale)
{
  min_number_step (self, state, fanout_number_decimal (fanout_mantissas_min (mantissas, n), scale));
}

static inline void
max_number_steps (FanoutAggregate *self, State *state, const gint64 *mantissas, gsize n,
                  guint8 scale)
{
  max_number_step (self, state, fanout_number_decimal (fanout_mantissas_max (mantissas, n), scale));
}

static inline void
min_text_step (FanoutAggregate *self, State *state, FanoutText x)
{
  text_step (state, x, 1, self->memory);
}

static inline void
max_text_step (FanoutAggregate *self, State *state, FanoutText x)
{
  text_step (state, x, -1, self->memory);
}

FANOUT_UPDATE_NUMBERS (min_numbers, State, min_number_step, min_number_steps)
FANOUT_UPDATE_NUMBERS (max_numbers, State, max_number_step, max_number_steps)
FANOUT_UPDATE_TEXT (min_texts, State, min_text_step)
FANOUT_UPDATE_TEXT (max_texts, State, max_text_step)

static gboolean
as_text (const FanoutAggregate *self)
{
  return ((const Options *) self->options)->as == AS_TEXT;
}

/* Texts are out of the way of numbers, whose batches may be single rows. */

static FanoutAnswer
min_update (gpointer states, const FanoutInput *input)
{
  return G_UNLIKELY (as_text (input->aggregate)) ? min_texts (states, input)
                                                 : min_numbers (states, input);
}

static FanoutAnswer
max_update (gpointer states, const FanoutInput *input)
{
  return G_UNLIKELY (as_text (input->aggregate)) ? max_texts (states, input)
                                                 : max_numbers (states, input);
}

static inline void
merge (FanoutAggregate *self, State *into, const State *from, int sign)
{
  if (as_text (self))
    {
      if (fanout_kept_is_set (&from->text))
        text_step (into, fanout_kept_text (&from->text), sign, self->memory);
    }
  else if (extreme_is_set (&from->number))
    number_step (self, into, extreme_number (&from->number), sign);
}

static gboolean
min_combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    merge (self, (State *) into + (ids != NULL ? ids[i] : i), (State *) from + i, 1);
  return TRUE;
}

static gboolean
max_combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    merge (self, (State *) into + (ids != NULL ? ids[i] : i), (State *) from + i, -1);
  return TRUE;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  const FanoutText text = fanout_kept_text (&state->text);

  if (!as_text (self) && extreme_is_set (&state->number))
    extreme_out (&state->number, out, row);
  else if (as_text (self) && fanout_kept_is_set (&state->text))
    fanout_out_text (out, row, 0, text.data, text.length);
}

FANOUT_FINISH (finish, State, result)

static void
clear (FanoutAggregate *self, gpointer states, gsize n)
{
  const gboolean text = as_text (self);

  for (State *state = states, *end = state + n; state < end; state++)
    if (text)
      fanout_kept_clear (&state->text, self->memory);
    else
      extreme_clear (&state->number, self->memory);
}

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  if (!as_text (self))
    {
      extreme_write (&state->number, bytes);
      return;
    }
  fanout_write_u8 (bytes, fanout_kept_is_set (&state->text) ? 1 : 0);
  if (fanout_kept_is_set (&state->text))
    fanout_kept_write (&state->text, bytes);
}

static gboolean
decode_text (FanoutKept *text, FanoutReader *in, FanoutMemory *memory)
{
  guint8 is_set;

  return fanout_read_u8 (in, &is_set) && is_set <= 1
         && (is_set == 0 || (fanout_kept_read (text, in, memory) && fanout_kept_is_set (text)));
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  State *state = state_;
  FanoutReader in = fanout_reader (bytes, length);

  return (as_text (self) ? decode_text (&state->text, &in, self->memory)
                         : extreme_read (&state->number, &in, self->memory))
         && fanout_reader_left (&in) == 0;
}

static FanoutTakes
takes (gconstpointer options, guint column)
{
  (void) column;
  return ((const Options *) options)->as == AS_TEXT ? FANOUT_TAKES_TEXT : FANOUT_TAKES_WIDE;
}

static const char *const as_choices[] = { "number", "text", NULL };

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column with the values"),
  { .key = "as",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, as),
    .value = "number",
    .choices = as_choices,
    .help = "how values compare: as numbers, or bytewise as texts" },
  FANOUT_OPTIONS_END,
};

#define NAN_RULE "NaN counts only where there is nothing else."

static const FanoutOperator min = {
  FANOUT_OPERATOR ("min", 2),
  .summary = "the smallest value",
  .details = "The smallest number, by exact value; with `as = text` the text that comes first "
             "bytewise. " NAN_RULE,
  .promise = "exact",
  .memory = "the text, where texts are compared; else " EXTREME_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = min_update,
  .combine = min_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

static const FanoutOperator max = {
  FANOUT_OPERATOR ("max", 2),
  .summary = "the largest value",
  .details = "The largest number, by exact value; with `as = text` the text that comes last "
             "bytewise. " NAN_RULE,
  .promise = "exact",
  .memory = "the text, where texts are compared; else " EXTREME_MEMORY,
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = max_update,
  .combine = max_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&min, &max);
