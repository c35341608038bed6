/* How many values are not there. */

#include "values.h"

#include <fanout/bytes.h>
#include <fanout/steps.h>

typedef struct
{
  guint64 n;
} State;

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  (void) self;
  state->n += fanout_row_is_null (row, 0) ? 1 : 0;
}

static inline void
merge (FanoutAggregate *self, State *into, State *from)
{
  (void) self;
  into->n += from->n;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  (void) self;
  fanout_out_count (out, row, 0, state->n);
}

FANOUT_UPDATE_ROW (update, State, step)
FANOUT_COMBINE (combine, State, merge)
FANOUT_FINISH (finish, State, result)

static void
encode (FanoutAggregate *self, gconstpointer state, GByteArray *bytes)
{
  (void) self;
  fanout_write_u64 (bytes, ((const State *) state)->n);
}

static gboolean
decode (FanoutAggregate *self, gpointer state, const guint8 *bytes, gsize length)
{
  FanoutReader in = fanout_reader (bytes, length);

  (void) self;
  return fanout_read_u64 (&in, &((State *) state)->n) && fanout_reader_left (&in) == 0;
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (ValuesOptions, column, FANOUT_TAKES_NOTHING,
                        "the column whose nulls are counted"),
  VALUES_AS_THERE,
  FANOUT_OPTIONS_END,
};

static const FanoutOperator missing = {
  FANOUT_OPERATOR ("missing", 1),
  .summary = "how many values are null",
  .details = "Rows in which the column is null: empty, or one of the marks that the source takes "
             "for null. 0 where there are none; with count, all rows.",
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  .flags = FANOUT_TAKES_NULLS,
  FANOUT_OPTIONS (ValuesOptions, options),
  .takes = values_takes_there,
  FANOUT_MERGEABLE (State, NULL),
};

FANOUT_OPERATORS (&missing);
