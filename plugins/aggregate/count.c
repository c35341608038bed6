/* How many rows there are, or how many values a column has. */

#include "values.h"

#include <fanout/bytes.h>
#include <fanout/error.h>
#include <fanout/steps.h>

typedef struct
{
  guint64 n;
} State;

static inline void
step (FanoutAggregate *self, State *state, const FanoutRow *row)
{
  (void) self;
  (void) row;
  state->n++;
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

static gboolean
prepare (gpointer options_, GError **error)
{
  const ValuesOptions *options = options_;

  if (options->column >= 0 || options->as != VALUES_NUMBER)
    return TRUE;
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
               "as: rows are no numbers; name the `column` whose numbers are to be counted");
  return FALSE;
}

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .offset = G_STRUCT_OFFSET (ValuesOptions, column),
    .takes = FANOUT_TAKES_NOTHING,
    .help = "the column whose values are counted; without it, rows are" },
  VALUES_AS_THERE,
  FANOUT_OPTIONS_END,
};

static const FanoutOperator count = {
  FANOUT_OPERATOR ("count", 1),
  .summary = "how many rows, or values of a column, there are",
  .details = "Without `column` every row counts; with it, those where the column has a value: "
             "count (*) and count (column) of SQL.",
  .promise = "exact",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (ValuesOptions, options),
  .prepare = prepare,
  .takes = values_takes_there,
  FANOUT_MERGEABLE (State, NULL),
};

FANOUT_OPERATORS (&count);
