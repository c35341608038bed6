/* The value of one column where another is smallest, or largest. */

#include "extreme.h"
#include "values.h"

typedef struct
{
  ValuesOptions values; /* `column` is the one that is compared */
  gint value;
} Options;

/* `as`: VALUES_TEXT and VALUES_NUMBER are for both columns. */
#define AS_AUTO 2

/* What is compared is kept in the one way or the other, as `as` says. */
typedef struct
{
  guint64 row;
  union
  {
    Extreme extreme;
    FanoutKept text;
  };
  FanoutKept value;
} State;

static inline gboolean
compares_texts (const FanoutAggregate *self)
{
  return ((const ValuesOptions *) self->options)->as == VALUES_TEXT;
}

/* Whether `x` at `row` precedes what is there. Of equal numbers the first in the stream. For `sign`
 * 1 the smallest precedes, for -1 the largest; NaN comes last for both. */
static gboolean
precedes (FanoutNumber x, guint64 row, const State *state, int sign)
{
  const FanoutNumber kept = extreme_number (&state->extreme);
  int order;

  if (!fanout_kept_is_set (&state->value))
    return TRUE;
  if (extreme_is_nan (x) != extreme_is_nan (kept))
    return extreme_is_nan (kept);
  order = sign * fanout_number_compare (x, kept);
  return order < 0 || (order == 0 && row < state->row);
}

static gboolean
text_precedes (FanoutText x, guint64 row, const State *state, int sign)
{
  int order;

  if (!fanout_kept_is_set (&state->value))
    return TRUE;
  order = sign * fanout_text_compare (x, fanout_kept_text (&state->text));
  return order < 0 || (order == 0 && row < state->row);
}

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row, int sign)
{
  ValuesBuffer buffer;

  if (compares_texts (self))
    {
      const FanoutText x = fanout_row_text (row, 0);

      if (!text_precedes (x, fanout_row_position (row), state, sign))
        return;
      fanout_kept_set (&state->text, x, self->memory);
    }
  else
    {
      const FanoutNumber x = fanout_row_number (row, 0);

      if (!precedes (x, fanout_row_position (row), state, sign))
        return;
      extreme_keep (&state->extreme, x, self->memory);
    }
  state->row = fanout_row_position (row);
  fanout_kept_set (&state->value, values_at (fanout_row_column (row, 1), row->index, &buffer),
                   self->memory);
}

static inline void
min_step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  step (self, state, row, 1);
}

static inline void
max_step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  step (self, state, row, -1);
}

static void
release (FanoutAggregate *self, State *state)
{
  if (compares_texts (self))
    fanout_kept_clear (&state->text, self->memory);
  else
    extreme_clear (&state->extreme, self->memory);
  fanout_kept_clear (&state->value, self->memory);
}

static inline void
merge (FanoutAggregate *self, State *into, State *from, int sign)
{
  if (!fanout_kept_is_set (&from->value)
      || !(compares_texts (self)
               ? text_precedes (fanout_kept_text (&from->text), from->row, into, sign)
               : precedes (extreme_number (&from->extreme), from->row, into, sign)))
    return;
  release (self, into);
  *into = *from;
  memset (from, 0, sizeof *from);
}

static inline void
min_merge (FanoutAggregate *self, State *into, State *from)
{
  merge (self, into, from, 1);
}

static inline void
max_merge (FanoutAggregate *self, State *into, State *from)
{
  merge (self, into, from, -1);
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  if (fanout_kept_is_set (&state->value))
    values_out (out, row, 0, fanout_kept_text (&state->value), values_are_numbers (self));
}

FANOUT_UPDATE_ROW (min_update, State, min_step)
FANOUT_UPDATE_ROW (max_update, State, max_step)
FANOUT_COMBINE (min_combine, State, min_merge)
FANOUT_COMBINE (max_combine, State, max_merge)
FANOUT_FINISH (finish, State, result)
FANOUT_CLEAR (clear, State, release)

static void
encode (FanoutAggregate *self, gconstpointer state_, FanoutWriter *bytes)
{
  const State *state = state_;

  if (compares_texts (self))
    fanout_kept_write (&state->text, bytes);
  else
    extreme_write (&state->extreme, bytes);
  if (!fanout_kept_is_set (&state->value))
    return;
  fanout_write_u64 (bytes, state->row);
  fanout_kept_write (&state->value, bytes);
}

static gboolean
decode (FanoutAggregate *self, gpointer state_, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);
  State *state = state_;
  gboolean is_set;

  if (compares_texts (self) ? !fanout_kept_read (&state->text, &in, self->memory)
                            : !extreme_read (&state->extreme, &in, self->memory))
    return FALSE;
  is_set = compares_texts (self) ? fanout_kept_is_set (&state->text)
                                 : extreme_is_set (&state->extreme);
  return (!is_set
          || (fanout_read_u64 (&in, &state->row)
              && values_read (&state->value, values_are_numbers (self), FALSE, &in, self->memory)))
         && fanout_reader_left (&in) == 0;
}

static void
shift (FanoutAggregate *self, gpointer states, gsize n, guint64 rows)
{
  (void) self;
  for (State *state = states, *end = state + n; state < end; state++)
    if (fanout_kept_is_set (&state->value))
      state->row += rows;
}

static FanoutTakes
takes (gconstpointer options, guint column)
{
  return column == 0 && ((const ValuesOptions *) options)->as == AS_AUTO
             ? FANOUT_TAKES_WIDE
             : values_takes (options, column);
}

static const char *const as_choices[] = { "text", "number", "auto", NULL };

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (ValuesOptions, column, FANOUT_TAKES_NUMBER,
                        "the column with the values that are compared"),
  FANOUT_COLUMN_OPTION (Options, value, FANOUT_TAKES_NUMBER,
                        "the column with the values, one of which is the result"),
  { .key = "as",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (ValuesOptions, as),
    .value = "auto",
    .choices = as_choices,
    .help
    = "what both columns are: text, compared bytewise, or number; auto: numbers are compared, "
      "and the result is the text as read" },
  FANOUT_OPTIONS_END,
};

#define RULES                                                                                      \
  "Where several rows have it, the first in the stream, whatever the partitions. Rows in which "   \
  "either column is null are passed over, as in arg_min and arg_max of DuckDB. A NaN counts only " \
  "where there is nothing else."

static const FanoutOperator argmin = {
  FANOUT_OPERATOR ("argmin", 3),
  .summary = "the value of one column where another is smallest",
  .details = "The `value` of the row in which `column` is smallest. " RULES,
  .promise = "exact",
  .memory = "the value, and what is compared where that is a text",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = min_update,
  .combine = min_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
  .shift = shift,
};

static const FanoutOperator argmax = {
  FANOUT_OPERATOR ("argmax", 3),
  .summary = "the value of one column where another is largest",
  .details = "The `value` of the row in which `column` is largest. " RULES,
  .promise = "exact",
  .memory = "the value, and what is compared where that is a text",
  .order = FANOUT_ORDER_TAGGED,
  FANOUT_OPTIONS (Options, options),
  .takes = takes,
  .state_size = sizeof (State),
  .clear = clear,
  .update = max_update,
  .combine = max_combine,
  .finish = finish,
  .encode = encode,
  .decode = decode,
  .shift = shift,
};

FANOUT_OPERATORS (&argmin, &argmax);
