/* Whether some value is true, and whether all are. */

#include <fanout/steps.h>
#include <fanout/bytes.h>

typedef struct
{
  gint column;
} Options;

typedef struct
{
  guint8 seen; /* some values */
  guint8 met;  /* one that decides: a true one for any, a false one for all */
} State;

static const char *const words[] = { "true", "t", "yes", "y", "on" };

/* A number other than 0, or one of the words in any case. */
static gboolean
is_true (FanoutText x)
{
  FanoutNumber number;

  if (x.length == 1 && g_ascii_isdigit (x.data[0]))
    return x.data[0] != '0';
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i]) == x.length && g_ascii_strncasecmp (words[i], x.data, x.length) == 0)
      return TRUE;
  return fanout_number_parse (x.data, x.length, &number, NULL)
         && fanout_number_compare (number, fanout_number_decimal (0, 0)) != 0;
}

static inline gboolean
is_skipped (const FanoutInput *input, gsize i)
{
  return input->skip != NULL && input->skip[i];
}

/* Without groups the first value that decides is enough. */
static FanoutAnswer
look_for (State *states, const FanoutInput *input, gboolean truth)
{
  const FanoutText *text = fanout_input_column (input, 0)->text;

  for (gsize i = 0; i < input->n_rows; i++)
    {
      State *state = states + (input->ids != NULL ? input->ids[i] : 0);

      if (is_skipped (input, i))
        continue;
      state->seen = 1;
      if ((state->met && input->ids != NULL) || is_true (text[i]) != truth)
        continue;
      state->met = 1;
      if (input->ids == NULL)
        return fanout_enough (input, i + 1);
    }
  return FANOUT_MORE;
}

static FanoutAnswer
any_update (gpointer states, const FanoutInput *input)
{
  return look_for (states, input, TRUE);
}

static FanoutAnswer
all_update (gpointer states, const FanoutInput *input)
{
  return look_for (states, input, FALSE);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  into->seen |= from->seen;
  into->met |= from->met;
}

static inline void
any_result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->seen)
    fanout_out_count (out, row, 0, state->met);
}

static inline void
all_result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  if (state->seen)
    fanout_out_count (out, row, 0, !state->met);
}

FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (any_finish, State, any_result)
FANOUT_FINISH (all_finish, State, all_result)

static void
encode (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes)
{
  (void) self;
  fanout_write_u8 (bytes, ((const State *) state)->seen);
  fanout_write_u8 (bytes, ((const State *) state)->met);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;

  (void) self;
  return fanout_read_u8 (&in, &state->seen) && state->seen <= 1 && fanout_read_u8 (&in, &state->met)
         && state->met <= state->seen && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_TEXT, "the column with the values"),
  FANOUT_OPTIONS_END,
};

#define TRUTH                                                                                      \
  "A value is true when it is a number other than 0 (NaN is one), or one of the words true, t, "   \
  "yes, y, on in any case; every other text is false. Nulls are passed over, and without any "     \
  "value the result is null, as in SQL's bool_or and bool_and. Without groups the stream is left " \
  "at the first value that decides."

static const FanoutOperator any = {
  FANOUT_OPERATOR ("any", 1),
  .summary = "1 when some value is true, else 0",
  .details = TRUTH,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  .flags = FANOUT_MAY_LEAVE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = any_update,
  .combine = combine,
  .finish = any_finish,
  .encode = encode,
  .decode = decode,
};

static const FanoutOperator all = {
  FANOUT_OPERATOR ("all", 1),
  .summary = "1 when all values are true, else 0",
  .details = TRUTH,
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  .flags = FANOUT_MAY_LEAVE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .update = all_update,
  .combine = combine,
  .finish = all_finish,
  .encode = encode,
  .decode = decode,
};

FANOUT_OPERATORS (&any, &all);
