/* The value that stands first, and the one that stands last, in the stream. */

#include <fanout/steps.h>
#include <fanout/kept.h>

enum
{
  AS_TEXT = 0,
  AS_NUMBER,
};

typedef struct
{
  gint column;
  gint as;
} Options;

typedef struct
{
  guint64 row1; /* number of the row + 1; 0: none */
  union
  {
    FanoutNumber number;
    FanoutKept text;
  };
} State;

static gboolean
as_text (const FanoutAggregate *self)
{
  return ((const Options *) self->options)->as == AS_TEXT;
}

static gboolean
is_skipped (const FanoutInput *input, gsize i)
{
  return input->skip != NULL && input->skip[i];
}

static inline void
keep (State *state, const FanoutInput *input, gsize i)
{
  state->row1 = fanout_input_row (input, i) + 1;
  if (as_text (input->aggregate))
    fanout_kept_set (&state->text, fanout_input_column (input, 0)->text[i],
                     input->aggregate->memory);
  else
    fanout_number_keep (&state->number, fanout_column_number (fanout_input_column (input, 0), i),
                        input->aggregate->memory);
}

static inline void
first_step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  (void) self;
  /* Rows of other inputs may come later and stand before. */
  if (state->row1 == 0 || fanout_row_position (row) + 1 < state->row1)
    keep (state, row->input, row->index);
}

FANOUT_UPDATE_ROW (first_of_groups, State, first_step)

static FanoutAnswer
first_update (gpointer states, const FanoutInput *input)
{
  State *state = states;

  if (input->ids != NULL)
    return first_of_groups (states, input);
  for (gsize i = 0; i < input->n_rows; i++)
    if (!is_skipped (input, i))
      {
        if (state->row1 == 0 || fanout_input_row (input, i) + 1 < state->row1)
          keep (state, input, i);
        return fanout_enough (input, i + 1);
      }
  return FANOUT_MORE;
}

static inline void
number_row (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  (void) self;
  state->row1 = MAX (state->row1, fanout_row_position (row) + 1);
}

static inline void
keep_numbered (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  (void) self;
  if (state->row1 == fanout_row_position (row) + 1)
    keep (state, row->input, row->index);
}

FANOUT_UPDATE_ROW (number_rows, State, number_row)
FANOUT_UPDATE_ROW (keep_rows, State, keep_numbered)

/* Twice over the batch, so that only what stays is copied. */
static FanoutAnswer
last_update (gpointer states, const FanoutInput *input)
{
  State *state = states;

  if (input->ids != NULL)
    {
      number_rows (states, input);
      return keep_rows (states, input);
    }
  for (gsize i = input->n_rows; i-- > 0;)
    if (!is_skipped (input, i))
      {
        if (fanout_input_row (input, i) + 1 > state->row1)
          keep (state, input, i);
        break;
      }
  return FANOUT_MORE;
}

static inline void
release (FanoutAggregate *self, State *state)
{
  if (as_text (self))
    fanout_kept_clear (&state->text, self->memory);
  else
    fanout_number_drop (&state->number, self->memory);
}

static inline void
take_over (FanoutAggregate *self, State *into, State *from)
{
  release (self, into);
  *into = *from;
  memset (from, 0, sizeof *from);
}

static gboolean
first_combine (FanoutAggregate *self, gpointer into_, const guint32 *ids, gpointer from_, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      State *into = (State *) into_ + (ids != NULL ? ids[i] : i);
      State *from = (State *) from_ + i;

      if (from->row1 != 0 && (into->row1 == 0 || from->row1 < into->row1))
        take_over (self, into, from);
    }
  return TRUE;
}

static gboolean
last_combine (FanoutAggregate *self, gpointer into_, const guint32 *ids, gpointer from_, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      State *into = (State *) into_ + (ids != NULL ? ids[i] : i);
      State *from = (State *) from_ + i;

      if (from->row1 > into->row1)
        take_over (self, into, from);
    }
  return TRUE;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  FanoutText text;

  if (state->row1 == 0)
    return;
  if (!as_text (self))
    {
      fanout_out_number (out, row, 0, state->number);
      return;
    }
  text = fanout_kept_text (&state->text);
  fanout_out_text (out, row, 0, text.data, text.length);
}

FANOUT_FINISH (finish, State, result)

FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  fanout_write_u64 (bytes, state->row1);
  if (state->row1 != 0 && as_text (self))
    fanout_kept_write (&state->text, bytes);
  else if (state->row1 != 0)
    fanout_number_write (state->number, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;

  return fanout_read_u64 (&in, &state->row1)
         && (state->row1 == 0
             || (as_text (self) ? fanout_kept_read (&state->text, &in, self->memory)
                                : fanout_number_read_kept (&state->number, &in, self->memory)))
         && fanout_reader_left (&in) == 0;
}

static FanoutTakes
takes (gconstpointer options, guint column)
{
  (void) column;
  return ((const Options *) options)->as == AS_TEXT ? FANOUT_TAKES_TEXT : FANOUT_TAKES_WIDE;
}

static const char *const as_choices[] = { "text", "number", NULL };

static void
shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  (void) self;
  for (State *state = states, *end = state + n; state < end; state++)
    if (state->row1 != 0)
      state->row1 += rows;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_NUMBER, "the column with the values"),
  { .key = "as",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, as),
    .value = "text",
    .choices = as_choices,
    .help = "what the value is: the text as read, or a number" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator first = {
  FANOUT_OPERATOR ("first", 2),
  .summary = "the first value in the stream",
  .details = "The value in the first row that has one, by position in the stream, whatever the "
             "partitions.",
  .promise = "exact",
  .memory = "the text, or a number of more than 63 bits",
  .order = FANOUT_ORDER_TAGGED,
  .flags = FANOUT_MAY_LEAVE,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = first_update,
  .combine = first_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
  .shift = shift,
};

static const FanoutOperator last = {
  FANOUT_OPERATOR ("last", 2),
  .summary = "the last value in the stream",
  .details = "The value in the last row that has one, by position in the stream, whatever the "
             "partitions.",
  .promise = "exact",
  .memory = "the text, or a number of more than 63 bits",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = last_update,
  .combine = last_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
  .shift = shift,
};

FANOUT_OPERATORS (&first, &last);
