#pragma once

/**
 * How to write an operator: a few static functions and one struct.
 *
 * A fold is called with batches: `update` folds rows into states. A loop is an ordinary blocking
 * function that asks for the next row. States are addressed as base + id * state_size; the core
 * allocates them, zeroed or copied from what `init` made, and may move them between calls.
 */

#include <fanout/bytes.h>
#include <fanout/option.h>
#include <fanout/value.h>

G_BEGIN_DECLS

/** One use of an operator in a pipeline, as the operator's functions see it: only to be read. */
struct FanoutAggregate
{
  gconstpointer options; /* the bound options struct, after `prepare` */
  FanoutMemory *memory;  /* what varies in size comes from here: counted and bounded */
  const char *name;      /* NAME of [aggregate NAME] */
};

/** What `update` answers. */
typedef enum
{
  FANOUT_MORE = 0, /* go on */
  FANOUT_ENOUGH,   /* no later row can change any state; see fanout_enough() */
  FANOUT_LATER,    /* the batch is being worked on; fanout_acknowledge() ends it */
  FANOUT_FAILED,   /* see fanout_fail() and fanout_fail_row() */
} FanoutAnswer;

/** On what the result depends. */
typedef enum
{
  FANOUT_ORDER_FREE = 0, /* the multiset of rows */
  FANOUT_ORDER_TAGGED,   /* the rows and their numbers */
  FANOUT_ORDER_SEQUENCE, /* anything else: one partition */
} FanoutOrder;

/** What is special about an operator. */
typedef enum
{
  FANOUT_TAKES_NULLS = 1 << 0,     /* rows with nulls are handed over, `skip` stays NULL */
  FANOUT_UNGROUPED = 1 << 1,       /* not with group-by */
  FANOUT_MAY_LEAVE = 1 << 2,       /* may answer FANOUT_ENOUGH. A pipeline of such aggregates alone
                                      keeps to one partition, to stop at the same row always */
  FANOUT_FINISH_MAY_FAIL = 1 << 3, /* `finish` is tried on all states before the first row of
                                      results leaves, so that a failure leaves no part of them */
} FanoutOperatorFlags;

/** Where a loop gets its rows from. */
typedef struct FanoutLoop FanoutLoop;
/** The result columns of one aggregate, while they are named. */
typedef struct FanoutColumnNames FanoutColumnNames;

/**
 * An operator. Unset members are NULL or 0; `name`, `state_size`, `finish`, and `update` or `loop`
 * must be set. Every function may run in any thread, but two calls for the same aggregate of one
 * partition never overlap; other aggregates and partitions run beside it, so there are no mutable
 * statics. `self` and everything it points to lives until the results have been read.
 */
typedef struct
{
  guint32 size;        /* sizeof (FanoutOperator) */
  guint32 version;     /* of the encoded state, from 1; raised when `encode` changes */
  const char *name;    /* `type =` in the INI file: letters, digits, - and _ */
  const char *summary; /* one line, lower case, no full stop */
  const char *details; /* a paragraph: formula, definition and its source */
  const char *promise; /* "exact", or approximate with its bound */
  FanoutOrder order;
  guint flags; /* FanoutOperatorFlags */

  gsize options_size;          /* sizeof the options struct; it is zeroed, then bound */
  const FanoutOption *options; /* ends with a NULL key */
  /** Check options together and derive what the run needs; called once, before anything runs.
   * FALSE with `error` (FANOUT_ERROR_CONFIG): the text alone, without a place. */
  gboolean (*prepare) (gpointer options, GError **error);
  /** Free what `prepare` allocated. */
  void (*release) (gpointer options);
  /** Overrides FanoutOption.takes of input column `column`, where options decide. */
  FanoutTakes (*takes) (gconstpointer options, guint column);
  /** Name the result columns with fanout_columns_add(), when the plan is made. Absent: one column,
   * NAME. */
  void (*columns) (gconstpointer options, FanoutColumnNames *names);

  gsize state_size; /* of one state; a multiple of its alignment, as sizeof gives it */
  /** Set up one zeroed state; the core may copy the result for every other state of the
   * aggregate, so it owns no memory. Absent: zeroes. */
  void (*init) (FanoutAggregate *self, gpointer state);
  /** Release what `n` states own. Absent: they own nothing. */
  void (*clear) (FanoutAggregate *self, gpointer states, gsize n);
  /** Fold the rows of a batch into the states: row i into the one at states + ids[i] *
   * state_size (ids NULL: all into the first), but for those with skip[i]. The input is valid until
   * it returns, or, after FANOUT_LATER, until fanout_acknowledge(). */
  FanoutAnswer (*update) (gpointer states, const FanoutInput *input);
  /** Merge from[i] into into[ids[i]] (ids NULL: into[i]) for i < n; the rows of `from` come after
   * those of `into`, or between them where the order is free or tagged. `from` is cleared
   * afterwards, so what it owns may be taken over (then leave it as `clear` can bear). FALSE after
   * fanout_fail(). Absent: one partition. */
  gboolean (*combine) (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from,
                       gsize n);
  /** Write the results of `n` states to rows 0 .. n - 1 of `out`, whose cells are null at first.
   * Leaves the states as they were: it may be called again for them, and for any selection. FALSE
   * after fanout_fail(). */
  gboolean (*finish) (FanoutAggregate *self, gconstpointer states, gsize n, FanoutOut *out);
  /** Append one state, little-endian; see <fanout/bytes.h>. Absent: no partial results. */
  void (*encode) (FanoutAggregate *self, gconstpointer state, GByteArray *bytes);
  /** Read what `encode` of the same `version` wrote into a fresh state. FALSE when the `length`
   * bytes are damaged; the state can then be cleared. */
  gboolean (*decode) (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length);

  /** Add `rows` to every row number that the `n` states hold: the stream they saw turns out to be
   * preceded by so many rows. TAGGED operators without it give no partial results. */
  void (*shift) (FanoutAggregate *self, gpointer states, gsize n, guint64 rows);

  /** In place of `update`: an ordinary function that calls fanout_next() until it answers FALSE,
   * and leaves its result in `state`, which does not move meanwhile. To return before that is to
   * have had enough. Each group has its own call, on a stack of its own (at most 10,000 groups); it
   * keeps the pipeline at one partition. */
  void (*loop) (FanoutAggregate *self, gpointer state, FanoutLoop *in);
} FanoutOperator;

/** Add the result column NAME_suffix; `suffix` NULL or empty: NAME. The text is copied. */
FANOUT_API void fanout_columns_add (FanoutColumnNames *names, const char *suffix);

/**
 * Leave the stream after the first `n_taken` rows of this batch (1 to n_rows):
 * `return fanout_enough (input, i + 1);`. With group-by the aggregate stays, since new groups may
 * come.
 */
FANOUT_API FanoutAnswer fanout_enough (const FanoutInput *input, gsize n_taken);

/**
 * Fail with a message about row `row` of the batch: `return fanout_fail_row (input, i, "...");`.
 * The user reads "FILE:LINE: aggregate 'NAME': message". The first of several messages counts.
 */
FANOUT_API FanoutAnswer fanout_fail_row (const FanoutInput *input, gsize row, const char *format,
                                         ...) G_GNUC_PRINTF (3, 4);

/** Fail with a message, "aggregate 'NAME': message"; then answer FANOUT_FAILED or FALSE. Always
 * FALSE itself. */
FANOUT_API gboolean fanout_fail (FanoutAggregate *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/** What a later fanout_acknowledge() needs. Owned by the core. */
typedef struct FanoutTicket FanoutTicket;

/** The ticket for this batch; take it before answering FANOUT_LATER, which must follow. */
FANOUT_API FanoutTicket *fanout_later (const FanoutInput *input);

/**
 * End the hand-over that was answered with FANOUT_LATER. From any thread, once, also before
 * `update` has returned; ticket and input are gone then. `answer` is FANOUT_MORE, what
 * fanout_enough() gave, or FANOUT_FAILED after fanout_fail() or fanout_fail_row(). The run waits
 * for it, also when it has been cancelled.
 */
FANOUT_API void fanout_acknowledge (FanoutTicket *ticket, FanoutAnswer answer);

/** The context that is iterated while a run waits: attach sources here that will acknowledge. Lives
 * as long as the run; take a reference to keep it. */
FANOUT_API GMainContext *fanout_aggregate_context (FanoutAggregate *self);

/** One row, as a loop sees it. Valid until the next fanout_next(). */
typedef struct
{
  const FanoutInput *input;
  gsize index; /* the row in `input` */
} FanoutRow;

/**
 * Wait for the next row of this group. FALSE at the end of the stream, on cancellation and when the
 * pipeline stops, and ever after: free what you hold, leave the result in the state, return.
 */
FANOUT_API gboolean fanout_next (FanoutLoop *in, FanoutRow *row);

/** The value of input column `column`, one that takes numbers. */
static inline FanoutNumber
fanout_row_number (const FanoutRow *row, guint column)
{
  return fanout_column_number (&row->input->columns[column], row->index);
}

/** The value of input column `column`, one that takes doubles. */
static inline double
fanout_row_double (const FanoutRow *row, guint column)
{
  return row->input->columns[column].real[row->index];
}

/** The value of input column `column`, one that takes text; copy what is to last. */
static inline FanoutText
fanout_row_text (const FanoutRow *row, guint column)
{
  return row->input->columns[column].text[row->index];
}

/** Whether it is null; only operators that take nulls see such rows. */
static inline gboolean
fanout_row_is_null (const FanoutRow *row, guint column)
{
  const guint8 *null = row->input->columns[column].null;
  return null != NULL && null[row->index] != 0;
}

/*
 * From a step for one row to the loops over batches. `step` is static inline; its state is a local
 * copy where there are no groups, so that it lives in registers. A batch of one row goes straight
 * to the step: all that loops need stays out of its way.
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
        const FanoutColumn *const column = &input->columns[0];                                     \
        FanoutMemory *const memory = input->aggregate->memory;                                     \
        State *const state = (State *) states_ + (ids_ != NULL ? ids_[0] : 0);                     \
        (void) column;                                                                             \
        (void) memory;                                                                             \
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
    const FanoutColumn *column = &input->columns[0];                                               \
    FanoutMemory *memory = input->aggregate->memory;                                               \
    FanoutNumber x;                                                                                \
    whole if (column->form == FANOUT_FORM_PLAIN)                                                   \
    {                                                                                              \
      const gint64 *mantissa = column->mantissa;                                                   \
      x.scale = column->scale;                                                                     \
      if (input->skip == NULL)                                                                     \
        FANOUT_LOOP_ (State, input, states, 1,                                                     \
                      (x.mantissa = mantissa[i], step (state, x, memory)));                        \
      else                                                                                         \
        FANOUT_LOOP_ (State, input, states, !skip_[i],                                             \
                      (x.mantissa = mantissa[i], step (state, x, memory)));                        \
    }                                                                                              \
    else FANOUT_LOOP_ (State, input, states, skip_ == NULL || !skip_[i],                           \
                       (x = fanout_column_number (column, i), step (state, x, memory)));           \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  FANOUT_ONE_ROW_ (update, State, step (state, fanout_column_number (column, 0), memory))

/** Define `update` from `void step (State *state, FanoutNumber x, FanoutMemory *memory)`. */
#define FANOUT_UPDATE_NUMBER(update, State, step) FANOUT_UPDATE_NUMBER_ (update, State, step, )

/**
 * The same, with a shorter way for many numbers: `void steps (State *state, const gint64
 * *mantissas, gsize n, guint8 scale, FanoutMemory *memory)` does what `step` does for each of `n` >
 * 0 decimals of one scale. It is called where a column is plain and has no nulls, and there are no
 * groups.
 */
#define FANOUT_UPDATE_NUMBERS(update, State, step, steps)                                          \
  FANOUT_UPDATE_NUMBER_ (                                                                          \
      update, State, step,                                                                         \
      if (column->form == FANOUT_FORM_PLAIN && input->skip == NULL && input->ids == NULL           \
          && input->n_rows > 0) {                                                                  \
        steps (states, column->mantissa, input->n_rows, column->scale, memory);                    \
        return FANOUT_MORE;                                                                        \
      })

/** Define `update` from `void step (State *state, double x, FanoutMemory *memory)`. */
#define FANOUT_UPDATE_DOUBLE(update, State, step)                                                  \
  FANOUT_ROWS_ (update)                                                                            \
  {                                                                                                \
    State *states = (State *) states_;                                                             \
    const double *real = input->columns[0].real;                                                   \
    FanoutMemory *memory = input->aggregate->memory;                                               \
    FANOUT_LOOP_ (State, input, states, skip_ == NULL || !skip_[i],                                \
                  step (state, real[i], memory));                                                  \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  FANOUT_ONE_ROW_ (update, State, step (state, column->real[0], memory))

/** Define `update` from `void step (State *state, FanoutText x, FanoutMemory *memory)`. */
#define FANOUT_UPDATE_TEXT(update, State, step)                                                    \
  FANOUT_ROWS_ (update)                                                                            \
  {                                                                                                \
    State *states = (State *) states_;                                                             \
    const FanoutText *text = input->columns[0].text;                                               \
    FanoutMemory *memory = input->aggregate->memory;                                               \
    FANOUT_LOOP_ (State, input, states, skip_ == NULL || !skip_[i],                                \
                  step (state, text[i], memory));                                                  \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  FANOUT_ONE_ROW_ (update, State, step (state, column->text[0], memory))

/** Define `update` from `void step (State *state, const FanoutInput *input, gsize i)`: any columns.
 */
#define FANOUT_UPDATE_ROW(update, State, step)                                                     \
  FANOUT_ROWS_ (update)                                                                            \
  {                                                                                                \
    State *states = (State *) states_;                                                             \
    FANOUT_LOOP_ (State, input, states, skip_ == NULL || !skip_[i], step (state, input, i));       \
    return FANOUT_MORE;                                                                            \
  }                                                                                                \
  FANOUT_ONE_ROW_ (update, State, step (state, input, 0))

/** Define `combine` from `void merge (State *into, State *from, FanoutMemory *memory)`. */
#define FANOUT_COMBINE(combine, State, merge)                                                      \
  static gboolean combine (FanoutAggregate *self, gpointer into, const guint32 *ids,               \
                           gpointer from, gsize n)                                                 \
  {                                                                                                \
    for (gsize i = 0; i < n; i++)                                                                  \
      merge ((State *) into + (ids != NULL ? ids[i] : i), (State *) from + i, self->memory);       \
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

/** Define `clear` from `void one (State *state, FanoutMemory *memory)`. */
#define FANOUT_CLEAR(clear, State, one)                                                            \
  static void clear (FanoutAggregate *self, gpointer states, gsize n)                              \
  {                                                                                                \
    for (gsize i = 0; i < n; i++)                                                                  \
      one ((State *) states + i, self->memory);                                                    \
  }

/** Define `encode` from `void one (const State *state, GByteArray *bytes)`. */
#define FANOUT_ENCODE(encode, State, one)                                                          \
  static void encode (FanoutAggregate *self, gconstpointer state, GByteArray *bytes)               \
  {                                                                                                \
    (void) self;                                                                                   \
    one ((const State *) state, bytes);                                                            \
  }

/**
 * Define `decode` from `gboolean one (State *state, FanoutReader *in, FanoutMemory *memory)`, which
 * need not look whether anything is left to read.
 */
#define FANOUT_DECODE(decode, State, one)                                                          \
  static gboolean decode (FanoutAggregate *self, gpointer state, const guint8 *bytes,              \
                          gsize length)                                                            \
  {                                                                                                \
    FanoutReader in = fanout_reader (bytes, length);                                               \
    return one ((State *) state, &in, self->memory) && fanout_reader_left (&in) == 0;              \
  }

G_END_DECLS
