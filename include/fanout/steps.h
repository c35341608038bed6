#pragma once

/**
 * From functions for one row and one state to those of #FanoutOperator: the author writes the step
 * once and gets a tight loop for each case, grouped or not, with nulls or not, plain or mixed.
 *
 * All of them get the aggregate first (`self`: its options, its memory), then the state. Only
 * static inline functions become part of the loops. The macros that define functions are used at
 * file scope; the first argument is the name of what they define.
 */

#include <fanout/aggregate.h>

G_BEGIN_DECLS

/*
 * Steps. The state is a local copy where there are no groups, so that it lives in registers. A
 * batch of one row goes straight to the step: all that loops need stays out of its way.
 */

#define FANOUT_LOOP_(State, input, states, guard, call)                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const gsize n_ = (input)->n_rows;                                                              \
    const guint8 *const skip_ = (input)->skip;                                                     \
    const guint32 *const ids_ = (input)->ids;                                                      \
    (void) skip_;                                                                                  \
    if (ids_ == NULL)                                                                              \
      {                                                                                            \
        State local_ = *(states);                                                                  \
        State *state = &local_;                                                                    \
        for (gsize i = 0; i < n_; i++)                                                             \
          if (guard)                                                                               \
            {                                                                                      \
              call;                                                                                \
            }                                                                                      \
        *(states) = local_;                                                                        \
      }                                                                                            \
    else                                                                                           \
      for (gsize i = 0; i < n_; i++)                                                               \
        if (guard)                                                                                 \
          {                                                                                        \
            State *state = (states) + ids_[i];                                                     \
            call;                                                                                  \
          }                                                                                        \
  }                                                                                                \
  G_STMT_END

/** In an `update` of one's own: do `call` for each row `i` that is not passed over and its `state`,
 * one of `states`. */
#define FANOUT_EACH_ROW(State, states, input, call)                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if ((input)->skip == NULL)                                                                     \
      FANOUT_LOOP_ (State, input, states, TRUE, call);                                             \
    else                                                                                           \
      FANOUT_LOOP_ (State, input, states, !skip_[i], call);                                        \
  }                                                                                                \
  G_STMT_END

/* `update` for one row; for more it is update_rows_, which stands before it. */
#define FANOUT_ONE_ROW_(update, State, call)                                                       \
  static FanoutAnswer update (gpointer states_, const FanoutInput *input)                          \
  {                                                                                                \
    const guint8 *const skip_ = input->skip;                                                       \
    const guint32 *const ids_ = input->ids;                                                        \
    if (input->n_rows != 1)                                                                        \
      return update##_rows_ (states_, input);                                                      \
    if (skip_ == NULL || !skip_[0])                                                                \
      {                                                                                            \
        const FanoutColumn *const column = fanout_input_column (input, 0);                         \
        FanoutAggregate *const self = input->aggregate;                                            \
        State *const state = (State *) states_ + (ids_ != NULL ? ids_[0] : 0);                     \
        const gsize i = 0;                                                                         \
        (void) column;                                                                             \
        call;                                                                                      \
      }                                                                                            \
    return FANOUT_MORE;                                                                            \
  }

#define FANOUT_ROWS_(update)                                                                       \
  static __attribute__ ((noinline))                                                                \
  FanoutAnswer update##_rows_ (gpointer states_, const FanoutInput *input)

#define FANOUT_UPDATE_NUMBER_(update, State, step, whole)                                          \
  FANOUT_ROWS_ (update)                                                                            \
  {                                                                                                \
    State *states = (State *) states_;                                                             \
    const FanoutColumn *column = fanout_input_column (input, 0);                                   \
    FanoutAggregate *self = input->aggregate;                                                      \
    FanoutNumber x;                                                                                \
    whole if (column->form == FANOUT_FORM_PLAIN)                                                   \
    {                                                                                              \
      const gint64 *mantissa = column->mantissa;                                                   \
      x.scale = column->scale;                                                                     \
      FANOUT_EACH_ROW (State, states, input, (x.mantissa = mantissa[i], step (self, state, x)));   \
    }                                                                                              \
    else FANOUT_LOOP_ (State, input, states, skip_ == NULL || !skip_[i],                           \
                       (x = fanout_column_number (column, i), step (self, state, x)));             \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  FANOUT_ONE_ROW_ (update, State, step (self, state, fanout_column_number (column, i)))

/** Define `update` from `void step (FanoutAggregate *self, State *state, FanoutNumber x)`. */
#define FANOUT_UPDATE_NUMBER(update, State, step) FANOUT_UPDATE_NUMBER_ (update, State, step, )

/**
 * The same, with a shorter way for many numbers: `void steps (FanoutAggregate *self, State *state,
 * const gint64 *mantissas, gsize n, guint8 scale)` does what `step` does for each of `n` > 0
 * decimals of one scale. It is called where a column is plain and has no nulls, and there are no
 * groups.
 */
#define FANOUT_UPDATE_NUMBERS(update, State, step, steps)                                          \
  FANOUT_UPDATE_NUMBER_ (                                                                          \
      update, State, step,                                                                         \
      if (column->form == FANOUT_FORM_PLAIN && input->skip == NULL && input->ids == NULL           \
          && input->n_rows > 0) {                                                                  \
        steps (self, states, column->mantissa, input->n_rows, column->scale);                      \
        return FANOUT_MORE;                                                                        \
      })

/** Define `update` from `void step (FanoutAggregate *self, State *state, double x)`. */
#define FANOUT_UPDATE_DOUBLE(update, State, step)                                                  \
  FANOUT_ROWS_ (update)                                                                            \
  {                                                                                                \
    State *states = (State *) states_;                                                             \
    const double *real = fanout_input_column (input, 0)->real;                                     \
    FanoutAggregate *self = input->aggregate;                                                      \
    FANOUT_LOOP_ (State, input, states, skip_ == NULL || !skip_[i], step (self, state, real[i]));  \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  FANOUT_ONE_ROW_ (update, State, step (self, state, column->real[i]))

/** Define `update` from `void step (FanoutAggregate *self, State *state, FanoutText x)`. */
#define FANOUT_UPDATE_TEXT(update, State, step)                                                    \
  FANOUT_ROWS_ (update)                                                                            \
  {                                                                                                \
    State *states = (State *) states_;                                                             \
    const FanoutText *text = fanout_input_column (input, 0)->text;                                 \
    FanoutAggregate *self = input->aggregate;                                                      \
    FANOUT_LOOP_ (State, input, states, skip_ == NULL || !skip_[i], step (self, state, text[i]));  \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  FANOUT_ONE_ROW_ (update, State, step (self, state, column->text[i]))

#define FANOUT_STEP_ROW_(step, input, i)                                                           \
  {                                                                                                \
    const FanoutRow row_ = { input, i };                                                           \
    step (self, state, &row_);                                                                     \
  }

/** Define `update` from `void step (FanoutAggregate *self, State *state, const FanoutRow *row)`:
 * any columns; see fanout_row_number() and the like. */
#define FANOUT_UPDATE_ROW(update, State, step)                                                     \
  FANOUT_ROWS_ (update)                                                                            \
  {                                                                                                \
    State *states = (State *) states_;                                                             \
    FanoutAggregate *self = input->aggregate;                                                      \
    FANOUT_LOOP_ (State, input, states, skip_ == NULL || !skip_[i],                                \
                  FANOUT_STEP_ROW_ (step, input, i));                                              \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  FANOUT_ONE_ROW_ (update, State, FANOUT_STEP_ROW_ (step, input, i))

/*
 * States.
 */

/** Define `combine` from `void merge (FanoutAggregate *self, State *into, State *from)`. */
#define FANOUT_COMBINE(combine, State, merge)                                                      \
  static gboolean combine (FanoutAggregate *self, gpointer into, const guint32 *ids,               \
                           gpointer from, gsize n)                                                 \
  {                                                                                                \
    for (gsize i = 0; i < n; i++)                                                                  \
      merge (self, (State *) into + (ids != NULL ? ids[i] : i), (State *) from + i);               \
    return TRUE;                                                                                   \
  }

/** Define `finish` from `void one (FanoutAggregate *self, const State *state, FanoutOut *out, gsize
 * row)`. */
#define FANOUT_FINISH(finish, State, one)                                                          \
  static gboolean finish (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out)    \
  {                                                                                                \
    for (gsize i = 0; i < n; i++)                                                                  \
      one (self, (const State *) states + i, out, i);                                              \
    return TRUE;                                                                                   \
  }

/** Define `clear` from `void one (FanoutAggregate *self, State *state)`. */
#define FANOUT_CLEAR(clear, State, one)                                                            \
  static void clear (FanoutAggregate *self, gpointer states, gsize n)                              \
  {                                                                                                \
    for (gsize i = 0; i < n; i++)                                                                  \
      one (self, (State *) states + i);                                                            \
  }

/** Define `encode` from `void one (FanoutAggregate *self, const State *state, FanoutWriter
 * *bytes)`.
 */
#define FANOUT_ENCODE(encode, State, one)                                                          \
  static void encode (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes)             \
  {                                                                                                \
    one (self, (const State *) state, bytes);                                                      \
  }

/**
 * Define `decode` from `gboolean one (FanoutAggregate *self, State *state, FanoutReader *in)`,
 * which need not look whether anything is left to read.
 */
#define FANOUT_DECODE(decode, State, one)                                                          \
  static gboolean decode (FanoutAggregate *self, gpointer state, const guint8 *bytes,              \
                          gsize length)                                                            \
  {                                                                                                \
    FanoutReader in = fanout_reader (bytes, length);                                               \
    return one (self, (State *) state, &in) && fanout_reader_left (&in) == 0;                      \
  }

/*
 * The struct of an operator.
 */

/** Its first members, for FanoutOperator.version `version_`. */
#define FANOUT_OPERATOR(name_, version_)                                                           \
  .size = sizeof (FanoutOperator), .version = (version_), .name = (name_)

/** The members of one that merges: functions named `update`, `combine`, `finish`, `encode` and
 * `decode`; `clear_` is the one that clears, or NULL. */
#define FANOUT_MERGEABLE(State, clear_) FANOUT_MERGEABLE_TO (State, clear_, finish)

/** The same of one among several that have all but `finish_` in common. */
#define FANOUT_MERGEABLE_TO(State, clear_, finish_)                                                \
  .state_size = sizeof (State), .clear = (clear_), .update = update, .combine = combine,           \
  .finish = (finish_), .encode = encode, .decode = decode

/*
 * States that are one value of <fanout/exact.h>: `type` is its prefix, such as fanout_sum.
 */

/** Define `clear`, `combine`, `encode` and `decode`, under these names. */
#define FANOUT_STATE(State, type)                                                                  \
  static inline void type##_release_one_ (FanoutAggregate *self, State *state)                     \
  {                                                                                                \
    type##_clear (state, self->memory);                                                            \
  }                                                                                                \
  static inline void type##_merge_one_ (FanoutAggregate *self, State *into, State *from)           \
  {                                                                                                \
    type##_combine (into, from, self->memory);                                                     \
  }                                                                                                \
  static inline void type##_write_one_ (FanoutAggregate *self, const State *state,                 \
                                        FanoutWriter *bytes)                                       \
  {                                                                                                \
    (void) self;                                                                                   \
    type##_encode (state, bytes);                                                                  \
  }                                                                                                \
  static inline gboolean type##_read_one_ (FanoutAggregate *self, State *state, FanoutReader *in)  \
  {                                                                                                \
    return type##_decode (state, in, self->memory);                                                \
  }                                                                                                \
  FANOUT_CLEAR (clear, State, type##_release_one_)                                                 \
  FANOUT_COMBINE (combine, State, type##_merge_one_)                                               \
  FANOUT_ENCODE (encode, State, type##_write_one_)                                                 \
  FANOUT_DECODE (decode, State, type##_read_one_)

/** The same, and an `update` that adds the number of the first column. */
#define FANOUT_STATE_OF_NUMBERS(State, type)                                                       \
  static inline void type##_add_one_ (FanoutAggregate *self, State *state, FanoutNumber x)         \
  {                                                                                                \
    type##_add (state, x, self->memory);                                                           \
  }                                                                                                \
  FANOUT_STATE (State, type)                                                                       \
  FANOUT_UPDATE_NUMBER (update, State, type##_add_one_)

/** The same of a type that can add many at a time. */
#define FANOUT_STATE_OF_MANY_NUMBERS(State, type)                                                  \
  static inline void type##_add_one_ (FanoutAggregate *self, State *state, FanoutNumber x)         \
  {                                                                                                \
    type##_add (state, x, self->memory);                                                           \
  }                                                                                                \
  static inline void type##_add_many_ (FanoutAggregate *self, State *state,                        \
                                       const gint64 *mantissas, gsize n, guint8 scale)             \
  {                                                                                                \
    type##_add_mantissas (state, mantissas, n, scale, self->memory);                               \
  }                                                                                                \
  FANOUT_STATE (State, type)                                                                       \
  FANOUT_UPDATE_NUMBERS (update, State, type##_add_one_, type##_add_many_)

/** The same, of a type that adds the numbers of the first two columns. */
#define FANOUT_STATE_OF_PAIRS(State, type)                                                         \
  static inline void type##_add_one_ (FanoutAggregate *self, State *state, const FanoutRow *row)   \
  {                                                                                                \
    type##_add (state, fanout_row_number (row, 0), fanout_row_number (row, 1), self->memory);      \
  }                                                                                                \
  FANOUT_STATE (State, type)                                                                       \
  FANOUT_UPDATE_ROW (update, State, type##_add_one_)

G_END_DECLS
