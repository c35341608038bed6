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
  guint32 size;          /* sizeof (FanoutAggregate) */
  gconstpointer options; /* the bound options struct, after `prepare` */
  FanoutMemory *memory;  /* what varies in size comes from here: counted and bounded */
  const char *name;      /* NAME of [aggregate NAME] */
};

/** What `update` answers. */
typedef enum
{
  FANOUT_MORE = 0, /* go on */
  FANOUT_ENOUGH,   /* no later row can change the state of any group, of those that are there and
                      of those that may come; see fanout_enough() */
  FANOUT_LATER,    /* the batch is being worked on; fanout_acknowledge() ends it */
  FANOUT_FAILED,   /* see fanout_fail() and fanout_fail_row() */
} FanoutAnswer;

/** On what the result depends, and so how a stream may be divided. */
typedef enum
{
  FANOUT_ORDER_FREE = 0, /* the multiset of rows, also beyond every limit and capacity */
  FANOUT_ORDER_TAGGED,   /* the rows and their numbers: pieces may be dealt, and combined in any
                            order. Numbers ascend within a batch; where inputs are read beside each
                            other, a later batch may have smaller ones */
  FANOUT_ORDER_ORDERED,  /* the rows in their order, but pieces that follow each other can be
                            combined: decays, runs, steps. `combine` gets `from` that begins where
                            `into` ends, in a group without a row between them. It runs in parts,
                            which `merge` combines in their order; in one process the blocks are
                            dealt, so it keeps the pipeline at one partition */
  FANOUT_ORDER_SEQUENCE, /* anything else: one partition, no parts */
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
typedef struct FanoutOperator
{
  guint32 size FANOUT_UNSET;        /* sizeof (FanoutOperator) */
  guint32 version FANOUT_UNSET;     /* of the encoded state, from 1; raised when `encode` changes */
  const char *name FANOUT_UNSET;    /* `type =` in the INI file: letters, digits, - and _ */
  const char *summary FANOUT_UNSET; /* one line, lower case, no full stop */
  const char *details FANOUT_UNSET; /* a paragraph: formula, definition and its source */
  const char *promise FANOUT_UNSET; /* "exact", or approximate with its bound */
  const char *memory FANOUT_UNSET;  /* what one state takes besides `state_size` bytes, such as "16
                          bytes for each  different value, up to `limit`"; NULL: nothing */
  FanoutOrder order FANOUT_UNSET;
  guint flags FANOUT_UNSET; /* FanoutOperatorFlags */

  /* FANOUT_OPTIONS (Options, options) sets these three. */
  gsize options_size FANOUT_UNSET; /* sizeof the options struct; it is zeroed, then bound */
  gsize option_size FANOUT_UNSET;  /* sizeof (FanoutOption): from one option to the next */
  const FanoutOption *options FANOUT_UNSET; /* ends with a NULL key */
  /** Check options together and derive what the run needs; called once, before anything runs.
   * FALSE with `error` (FANOUT_ERROR_CONFIG): the text alone, without a place. */
  gboolean (*prepare) (gpointer options, GError **error) FANOUT_UNSET;
  /** Free what `prepare` allocated. */
  void (*release) (gpointer options) FANOUT_UNSET;
  /** Overrides FanoutOption.takes of input column `column`, where options decide. */
  FanoutTakes (*takes) (gconstpointer options, guint column) FANOUT_UNSET;
  /** Name the result columns with fanout_columns_add(), when the plan is made. Absent: one column,
   * NAME. */
  void (*columns) (gconstpointer options, FanoutColumnNames *names) FANOUT_UNSET;

  gsize state_size FANOUT_UNSET; /* of one state; a multiple of its alignment, as sizeof gives it */
  /** Set up one zeroed state; the core may copy the result for every other state of the
   * aggregate, so it owns no memory. Absent: zeroes. */
  void (*init) (FanoutAggregate *self, gpointer state) FANOUT_UNSET;
  /** Release what `n` states own. Absent: they own nothing. While all of an aggregate have nothing
   * of fanout_allocate(), the core may copy those that can be encoded byte by byte. */
  void (*clear) (FanoutAggregate *self, gpointer states, gsize n) FANOUT_UNSET;
  /** Make `n` states as `init` left the first one, in place of `clear`, and keep what they own for
   * what comes. Absent: they are cleared and set up anew. */
  void (*reset) (FanoutAggregate *self, gpointer states, gsize n) FANOUT_UNSET;
  /** Make the fresh states into[i] what from[i] are, for i < n: with memory of their own, so that
   * both go on without each other. FALSE after fanout_fail(). Absent: `encode` and `decode`. */
  gboolean (*copy) (FanoutAggregate *self, gpointer into, gconstpointer from, gsize n) FANOUT_UNSET;
  /** Fold the rows of a batch into the states: row i into the one at states + ids[i] *
   * state_size (ids NULL: all into the first), but for those with skip[i]. The input is valid until
   * it returns, or, after FANOUT_LATER, until fanout_acknowledge(). */
  FanoutAnswer (*update) (gpointer states, const FanoutInput *input) FANOUT_UNSET;
  /** Merge from[i] into into[ids[i]] (ids NULL: into[i]) for i < n; the rows of `from` come after
   * those of `into`, or between them where the order is free or tagged. `from` is cleared
   * afterwards, so what it owns may be taken over (then leave it as `clear` can bear). Who needs
   * `from` again combines a copy of it. FALSE after fanout_fail(). Absent: one partition. */
  gboolean (*combine) (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from,
                       gsize n) FANOUT_UNSET;
  /** The stream is at its end: called once for all `n` states, before their last `finish` and
   * after all else. For operators that have no result before, such as programs that have to be told
   * that nothing follows; until then `finish` leaves their cells null. FALSE after fanout_fail().
   * Absent: the end makes no difference. */
  gboolean (*end) (FanoutAggregate *self, gpointer states, gsize n) FANOUT_UNSET;
  /** Write the results of `n` states to rows 0 .. n - 1 of `out`, whose cells are null at first.
   * Leaves the states as they were: it may be called in mid-stream, any number of times and for any
   * selection, and rows that come afterwards are folded as if it had not been. FALSE after
   * fanout_fail(). */
  gboolean (*finish) (FanoutAggregate *self, gconstpointer states, gsize n,
                      FanoutOut *out) FANOUT_UNSET;
  /** Append one state, little-endian; see <fanout/bytes.h>. Absent: no partial results. */
  void (*encode) (FanoutAggregate *self, gconstpointer state, FanoutWriter *bytes) FANOUT_UNSET;
  /** Read what `encode` of the same `version` wrote into a fresh state. FALSE when the `length`
   * bytes are damaged; the state can then be cleared. */
  gboolean (*decode) (FanoutAggregate *self, gpointer state, const guint8 *bytes,
                      gsize length) FANOUT_UNSET;

  /** Add `rows` to every row number that the `n` states hold: the stream they saw turns out to be
   * preceded by so many rows. TAGGED operators without it give no partial results. */
  void (*shift) (FanoutAggregate *self, gpointer states, gsize n, guint64 rows) FANOUT_UNSET;

  /** In place of `update`: an ordinary function that calls fanout_next() until it answers FALSE,
   * and leaves its result in `state`, which does not move meanwhile. To return before that is to
   * have had enough. Each group has its own call, on a stack of its own (at most 10,000 groups); it
   * keeps the pipeline at one partition. */
  void (*loop) (FanoutAggregate *self, gpointer state, FanoutLoop *in) FANOUT_UNSET;
} FanoutOperator;

/** Add the result column NAME_suffix; `suffix` NULL or empty: NAME. The text is copied. */
FANOUT_API void fanout_columns_add (FanoutColumnNames *names, const char *suffix);

/**
 * Leave the stream after the first `n_taken` rows of this batch (1 to n_rows):
 * `return fanout_enough (input, i + 1);`. Not with group-by (where input->ids is set): then other
 * groups, new ones too, may want the rows behind it, so the whole batch is to be folded and the
 * answer is FANOUT_MORE. Where it is given all the same the aggregate stays, and what it did not
 * fold of this batch is lost.
 */
FANOUT_API FanoutAnswer fanout_enough (const FanoutInput *input, gsize n_taken);

/**
 * Fail with a message about row `row` of the batch: `return fanout_fail_row (input, i, "...");`.
 * The user reads "FILE:LINE: aggregate 'NAME': message". The first of several messages counts.
 */
FANOUT_API FanoutAnswer fanout_fail_row (const FanoutInput *input, gsize row, const char *format,
                                         ...) G_GNUC_PRINTF (3, 4);

/**
 * Fail at row `row` of the batch with the message that fanout_fail() has left, one about a state
 * that would become too large: `return fanout_fail_at (input, i);`. The row depends on all rows
 * before it, so a run in several partitions, where this or `combine` failed, is made again in one
 * where the input can be read again: then the user reads of the same row always.
 */
FANOUT_API FanoutAnswer fanout_fail_at (const FanoutInput *input, gsize row);

/** Fail with a message, "aggregate 'NAME': message"; then answer FANOUT_FAILED or FALSE. Always
 * FALSE itself. Where the row is known, also by fanout_fail_at(), the first one that failed in the
 * stream decides, and the user reads where it is; else the first row of the batch counts as it. */
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

/**
 * A descriptor that becomes readable, and stays so, when the run is to end before its stream does:
 * cancelled, or interrupted (fanout_pipeline_interrupt(); the first SIGINT of the program). Who
 * waits, for a ticket of its own or in `end`, polls it as well and gives up: what is left of the
 * batch is let go, FANOUT_MORE is a fine answer, and no batch need be folded from then on. An
 * interrupted run still asks for results. Do not read or close it. -1: there is none, nothing stops
 * the run or the system has no descriptor left. From any thread; it lives as long as @self.
 */
FANOUT_API int fanout_aggregate_stop_fd (FanoutAggregate *self);

/** One row, as steps and loops see it. Valid until the step returns, or until the next
 * fanout_next(). */
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

/** Input column `column`, with the value of the row at its index. */
static inline const FanoutColumn *
fanout_row_column (const FanoutRow *row, guint column)
{
  return fanout_input_column (row->input, column);
}

/** The value of input column `column`, one that takes numbers. */
static inline FanoutNumber
fanout_row_number (const FanoutRow *row, guint column)
{
  return fanout_column_number (fanout_row_column (row, column), row->index);
}

/** The value of input column `column`, one that takes doubles. */
static inline double
fanout_row_double (const FanoutRow *row, guint column)
{
  return fanout_row_column (row, column)->real[row->index];
}

/** The value of input column `column`, one that takes text; copy what is to last. */
static inline FanoutText
fanout_row_text (const FanoutRow *row, guint column)
{
  return fanout_row_column (row, column)->text[row->index];
}

/** Its number in the stream, from 0: the same whatever the partitions. */
static inline guint64
fanout_row_position (const FanoutRow *row)
{
  return fanout_input_row (row->input, row->index);
}

/** Whether it is null; only operators that take nulls see such rows. */
static inline gboolean
fanout_row_is_null (const FanoutRow *row, guint column)
{
  const guint8 *null = fanout_row_column (row, column)->null;
  return null != NULL && null[row->index] != 0;
}

G_END_DECLS
