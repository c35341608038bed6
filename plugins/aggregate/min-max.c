/* The smallest and the largest value: of numbers, or bytewise of texts. */

#include <fanout/aggregate.h>
#include <fanout/kept.h>
#include <fanout/mantissas.h>

enum
{
  AS_NUMBER = 0,
  AS_TEXT,
};

/* Less 1 it is FANOUT_SCALE_DOUBLE in a byte. */
#define AS_DOUBLE 512

typedef struct
{
  gint column;
  gint as;
} Options;

/* A number, unless scale1 is 0; AS_DOUBLE, which is no scale + 1, where it is a double. */
typedef struct
{
  union
  {
    gint64 mantissa;
    double real;
  };
  guint16 scale1;
} Number;

typedef union
{
  Number number;
  FanoutKept text;
} State;

static inline FanoutNumber
kept_number (const State *state)
{
  FanoutNumber x;

  x.mantissa = state->number.mantissa;
  x.scale = (guint8) (state->number.scale1 - 1);
  return x;
}

static inline void
keep_number (State *state, FanoutNumber x)
{
  state->number.mantissa = x.mantissa;
  state->number.scale1 = (guint16) (x.scale == FANOUT_SCALE_DOUBLE ? AS_DOUBLE : x.scale + 1);
}

static inline gboolean
is_nan (FanoutNumber x)
{
  return x.scale == FANOUT_SCALE_DOUBLE && x.real != x.real;
}

/* Whether `x` comes before `kept` for this sign: 1 for the smallest, -1 for the largest. NaN comes
 * last for both. Seldom asked: at one scale the mantissas tell. */
static __attribute__ ((noinline)) gboolean
precedes (FanoutNumber x, FanoutNumber kept, int sign)
{
  if (is_nan (x) || is_nan (kept))
    return !is_nan (x);
  return sign * fanout_number_compare (x, kept) < 0;
}

static inline void
number_step (State *state, FanoutNumber x, int sign)
{
  if (G_LIKELY (state->number.scale1 == x.scale + 1))
    {
      if (sign > 0 ? x.mantissa < state->number.mantissa : x.mantissa > state->number.mantissa)
        state->number.mantissa = x.mantissa;
    }
  else if (state->number.scale1 == 0 || precedes (x, kept_number (state), sign))
    keep_number (state, x);
}

static __attribute__ ((noinline)) void
text_step (State *state, FanoutText x, int sign, FanoutMemory *memory)
{
  if (!fanout_kept_is_set (&state->text)
      || sign * fanout_text_compare (x, fanout_kept_text (&state->text)) < 0)
    fanout_kept_set (&state->text, x, memory);
}

static inline void
min_number_step (State *state, FanoutNumber x, FanoutMemory *memory)
{
  (void) memory;
  number_step (state, x, 1);
}

static inline void
max_number_step (State *state, FanoutNumber x, FanoutMemory *memory)
{
  (void) memory;
  number_step (state, x, -1);
}

static inline void
min_number_steps (State *state, const gint64 *mantissas, gsize n, guint8 scale,
                  FanoutMemory *memory)
{
  min_number_step (state, fanout_number_decimal (fanout_mantissas_min (mantissas, n), scale),
                   memory);
}

static inline void
max_number_steps (State *state, const gint64 *mantissas, gsize n, guint8 scale,
                  FanoutMemory *memory)
{
  max_number_step (state, fanout_number_decimal (fanout_mantissas_max (mantissas, n), scale),
                   memory);
}

static inline void
min_text_step (State *state, FanoutText x, FanoutMemory *memory)
{
  text_step (state, x, 1, memory);
}

static inline void
max_text_step (State *state, FanoutText x, FanoutMemory *memory)
{
  text_step (state, x, -1, memory);
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
  else if (from->number.scale1 != 0)
    number_step (into, kept_number (from), sign);
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

  if (!as_text (self) && state->number.scale1 != 0)
    fanout_out_number (out, row, 0, fanout_number_canonical (kept_number (state)));
  else if (as_text (self) && fanout_kept_is_set (&state->text))
    fanout_out_text (out, row, 0, text.data, text.length);
}

FANOUT_FINISH (finish, State, result)

static void
clear (FanoutAggregate *self, gpointer states, gsize n)
{
  for (gsize i = 0; as_text (self) && i < n; i++)
    fanout_kept_clear (&((State *) states)[i].text, self->memory);
}

static void
encode (FanoutAggregate *self, gconstpointer state_, GByteArray *bytes)
{
  const State *state = state_;
  const gboolean text = as_text (self);
  const gboolean is_set = text ? fanout_kept_is_set (&state->text) : state->number.scale1 != 0;

  fanout_write_u8 (bytes, is_set ? 1 : 0);
  if (is_set && text)
    fanout_kept_write (&state->text, bytes);
  else if (is_set)
    fanout_number_write (fanout_number_canonical (kept_number (state)), bytes);
}

static gboolean
decode_value (FanoutAggregate *self, State *state, FanoutReader *in)
{
  FanoutNumber x;

  if (as_text (self))
    return fanout_kept_read (&state->text, in, self->memory) && fanout_kept_is_set (&state->text);
  if (!fanout_number_read (&x, in))
    return FALSE;
  keep_number (state, x);
  return TRUE;
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  guint8 is_set;

  return fanout_read_u8 (&in, &is_set) && is_set <= 1
         && (is_set == 0 || decode_value (self, state, &in)) && fanout_reader_left (&in) == 0;
}

static FanoutTakes
takes (gconstpointer options, guint column)
{
  (void) column;
  return ((const Options *) options)->as == AS_TEXT ? FANOUT_TAKES_TEXT : FANOUT_TAKES_NUMBER;
}

static const char *const as_choices[] = { "number", "text", NULL };

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .flags = FANOUT_OPTION_REQUIRED,
    .offset = G_STRUCT_OFFSET (Options, column),
    .help = "the column with the values" },
  { .key = "as",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, as),
    .value = "number",
    .choices = as_choices,
    .help = "how values compare: as numbers, or bytewise as texts" },
  { 0 },
};

#define NAN_RULE "NaN counts only where there is nothing else."

static const FanoutOperator min = {
  .size = sizeof min,
  .version = 1,
  .name = "min",
  .summary = "the smallest value",
  .details = "The smallest number, by exact value; with `as = text` the text that comes first "
             "bytewise. " NAN_RULE,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  .options_size = sizeof (Options),
  .options = options,
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
  .size = sizeof max,
  .version = 1,
  .name = "max",
  .summary = "the largest value",
  .details = "The largest number, by exact value; with `as = text` the text that comes last "
             "bytewise. " NAN_RULE,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  .options_size = sizeof (Options),
  .options = options,
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
