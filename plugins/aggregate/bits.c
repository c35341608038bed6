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

/* The two's complement of an integer: 64 bits, and one that stands for all above them. */
typedef struct
{
  guint64 bits;
  guint64 tagged; /* twice how many there were, and the bit above */
} State;

typedef void (*Step) (State *into, guint64 bits, guint64 above, guint64 n);

static inline void
and_step (State *into, guint64 bits, guint64 above, guint64 n)
{
  if (into->tagged == 0)
    *into = (State){ bits, n << 1 | above };
  else if (n > 0)
    *into = (State){ into->bits & bits, (into->tagged & (~(guint64) 1 | above)) + (n << 1) };
}

static inline void
or_step (State *into, guint64 bits, guint64 above, guint64 n)
{
  into->bits |= bits;
  into->tagged = (into->tagged + (n << 1)) | above;
}

static inline void
xor_step (State *into, guint64 bits, guint64 above, guint64 n)
{
  into->bits ^= bits;
  into->tagged = (into->tagged + (n << 1)) ^ above;
}

static FanoutAnswer
fail (const FanoutInput *input, gsize i, FanoutNumber x)
{
  char text[FANOUT_NUMBER_TEXT_MAX];
  const gsize length = fanout_number_format (x, text);

  return fanout_fail_row (input, i, "%.*s is not an integer from -2^63 to 2^64 - 1", (int) length,
                          text);
}

/* FALSE where it has more bits. */
static gboolean
wide_bits (const FanoutWide *wide, guint64 *bits, guint64 *above)
{
  if (wide->scale != 0 || wide->mantissa < G_MININT64 || wide->mantissa > G_MAXUINT64)
    return FALSE;
  *bits = (guint64) wide->mantissa;
  *above = wide->mantissa < 0;
  return TRUE;
}

static inline FanoutAnswer
fold (State *states, const FanoutInput *input, Step step)
{
  const Options *options = input->aggregate->options;
  const FanoutColumn *column = fanout_input_column (input, 0);
  const gint64 *mantissa = column->mantissa;

  if (G_LIKELY (column->form == FANOUT_FORM_PLAIN && column->scale == 0))
    {
      FANOUT_EACH_ROW (State, states, input,
                       step (state, (guint64) mantissa[i], (guint64) mantissa[i] >> 63, 1));
      return FANOUT_MORE;
    }
  for (gsize i = 0; i < input->n_rows; i++)
    {
      State *into = states + (input->ids != NULL ? input->ids[i] : 0);
      FanoutWide room;
      FanoutNumber x;
      guint64 bits;
      guint64 above;

      if (input->skip != NULL && input->skip[i])
        continue;
      x = fanout_column_number (column, i);
      if (x.scale != 0)
        x = fanout_number_canonical_wide (x, &room);
      if (x.scale == 0)
        step (into, (guint64) x.mantissa, (guint64) x.mantissa >> 63, 1);
      else if (fanout_number_is_wide (x) && wide_bits (x.wide, &bits, &above))
        step (into, bits, above, 1);
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
  and_step (into, from->bits, from->tagged & 1, from->tagged >> 1);
}

static inline void
or_merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  or_step (into, from->bits, from->tagged & 1, from->tagged >> 1);
}

static inline void
xor_merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  xor_step (into, from->bits, from->tagged & 1, from->tagged >> 1);
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  FanoutDecimal decimal;

  (void) self;
  if (state->tagged == 0)
    return;
  fanout_decimal_set (&decimal, -(gint64) (state->tagged & 1), 0);
  decimal.limbs[0] = state->bits;
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
  fanout_write_u64 (bytes, ((const State *) state)->tagged);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;

  (void) self;
  return fanout_read_u64 (&in, &state->bits) && fanout_read_u64 (&in, &state->tagged)
         && (state->tagged > 1 || (state->tagged == 0 && state->bits == 0))
         && fanout_reader_left (&in) == 0;
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
  "Integers from -2^63 to 2^64 - 1, signed ones and unsigned ones of 64 bits; 1.0 and 1e3 are "    \
  "integers. A negative one is its two's complement with ones without end before it, as in "       \
  "Python and as in bit_and, bit_or and bit_xor of SQL: -1 & 18446744073709551615 is the latter, " \
  "and a result is negative where the endless bits are ones, else printed without sign. Any "      \
  "other "                                                                                         \
  "number is an error that names its row, or is passed over."

static const FanoutOperator bit_and = {
  FANOUT_OPERATOR ("bit-and", 2),
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
  FANOUT_OPERATOR ("bit-or", 2),
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
  FANOUT_OPERATOR ("bit-xor", 2),
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
