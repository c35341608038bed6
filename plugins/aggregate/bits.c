/* And, or, and exclusive or of the bits of integers. */

#include <fanout/steps.h>
#include <fanout/bytes.h>

enum
{
  OTHERS_FAIL = 0,
  OTHERS_SKIP,
};

typedef struct
{
  gint column;
  gint others;
} Options;

typedef struct
{
  guint64 bits;
  guint64 n;
} State;

typedef void (*Step) (State *into, guint64 bits, guint64 n);

static inline void
and_step (State *into, guint64 bits, guint64 n)
{
  if (n > 0)
    into->bits = into->n > 0 ? into->bits & bits : bits;
  into->n += n;
}

static inline void
or_step (State *into, guint64 bits, guint64 n)
{
  into->bits |= bits;
  into->n += n;
}

static inline void
xor_step (State *into, guint64 bits, guint64 n)
{
  into->bits ^= bits;
  into->n += n;
}

static FanoutAnswer
fail (const FanoutInput *input, gsize i, FanoutNumber x)
{
  char text[FANOUT_NUMBER_TEXT_MAX];
  const gsize length = fanout_number_format (x, text);

  return fanout_fail_row (input, i, "%.*s is not an integer below 2^63 in magnitude", (int) length,
                          text);
}

static inline FanoutAnswer
fold (State *states, const FanoutInput *input, Step step)
{
  const Options *options = input->aggregate->options;

  for (gsize i = 0; i < input->n_rows; i++)
    {
      FanoutNumber x;

      if (input->skip != NULL && input->skip[i])
        continue;
      x = fanout_column_number (fanout_input_column (input, 0), i);
      if (x.scale != 0)
        x = fanout_number_canonical (x);
      if (x.scale == 0)
        step (states + (input->ids != NULL ? input->ids[i] : 0), (guint64) x.mantissa, 1);
      else if (options->others == OTHERS_FAIL)
        return fail (input, i, x);
    }
  return FANOUT_MORE;
}

static FanoutAnswer
and_update (gpointer states, const FanoutInput *input)
{
  return fold (states, input, and_step);
}

static FanoutAnswer
or_update (gpointer states, const FanoutInput *input)
{
  return fold (states, input, or_step);
}

static FanoutAnswer
xor_update (gpointer states, const FanoutInput *input)
{
  return fold (states, input, xor_step);
}

static inline void
and_merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  and_step (into, from->bits, from->n);
}

static inline void
or_merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  or_step (into, from->bits, from->n);
}

static inline void
xor_merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  xor_step (into, from->bits, from->n);
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  FanoutDecimal decimal;

  (void) self;
  if (state->n == 0)
    return;
  fanout_decimal_set (&decimal, (gint64) state->bits, 0);
  fanout_out_decimal (out, row, 0, &decimal);
}

FANOUT_COMBINE (and_combine, State, and_merge)
FANOUT_COMBINE (or_combine, State, or_merge)
FANOUT_COMBINE (xor_combine, State, xor_merge)
FANOUT_FINISH (finish, State, result)

static void
encode (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes)
{
  (void) self;
  fanout_write_u64 (bytes, ((const State *) state)->bits);
  fanout_write_u64 (bytes, ((const State *) state)->n);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;

  (void) self;
  return fanout_read_u64 (&in, &state->bits) && fanout_read_u64 (&in, &state->n)
         && (state->n > 0 || state->bits == 0) && fanout_reader_left (&in) == 0;
}

static const char *const others_choices[] = { "fail", "skip", NULL };

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_WIDE, "the column with the integers"),
  { .key = "others",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, others),
    .value = "fail",
    .choices = others_choices,
    .help = "what to do at a value that is no integer of 64 bits" },
  FANOUT_OPTIONS_END,
};

#define RULES                                                                                      \
  "Integers from -2^63 + 1 to 2^63 - 1, negative ones in two's complement, as in bit_and, bit_or " \
  "and bit_xor of SQL; 1.0 and 1e3 are integers. Any other number is an error that names its "     \
  "row, or is passed over."

static const FanoutOperator bit_and = {
  FANOUT_OPERATOR ("bit-and", 1),
  .summary = "the bits that all integers have",
  .details = RULES,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = and_update,
  .combine = and_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

static const FanoutOperator bit_or = {
  FANOUT_OPERATOR ("bit-or", 1),
  .summary = "the bits that any integer has",
  .details = RULES,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = or_update,
  .combine = or_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

static const FanoutOperator bit_xor = {
  FANOUT_OPERATOR ("bit-xor", 1),
  .summary = "the bits that an odd number of integers has",
  .details = RULES,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = xor_update,
  .combine = xor_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&bit_and, &bit_or, &bit_xor);
