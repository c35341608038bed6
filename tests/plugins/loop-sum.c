/* A loop operator: an ordinary function that asks for the next row. */

#include <fanout/fanout.h>

typedef struct
{
  gint column;
  guint64 stop_after; /* 0: at the end of the stream */
  gint64 fail_at;
  gboolean fail_at_end;
} Options;

typedef struct
{
  gint64 sum;
  guint64 n;
  gboolean ended;
} Sum;

static void
loop (FanoutAggregate *self, gpointer state, FanoutLoop *in)
{
  const Options *options = self->options;
  Sum *sum = state;
  FanoutRow row;
  while (fanout_next (in, &row))
    {
      gint64 value = fanout_row_number (&row, 0).mantissa;
      if (options->fail_at != 0 && value == options->fail_at)
        {
          fanout_fail_row (row.input, row.index, "met %" G_GINT64_FORMAT, value);
          return;
        }
      sum->sum += value;
      if (++sum->n == options->stop_after)
        return;
    }
  sum->ended = TRUE;
  if (options->fail_at_end)
    fanout_fail (self, "did not like the end");
}

static void
finish_one (FanoutAggregate *self, const Sum *sum, FanoutOut *out, gsize row)
{
  (void) self;
  fanout_out_number (out, row, 0, fanout_number_decimal (sum->sum, 0));
  fanout_out_count (out, row, 1, sum->n);
  fanout_out_text (out, row, 2, sum->ended ? "ended" : "stopped", sum->ended ? 5 : 7);
}

FANOUT_FINISH (finish, Sum, finish_one)

static void
columns (gconstpointer options, FanoutColumnNames *names)
{
  (void) options;
  fanout_columns_add (names, "sum");
  fanout_columns_add (names, "n");
  fanout_columns_add (names, "how");
}

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .offset = G_STRUCT_OFFSET (Options, column),
    .flags = FANOUT_OPTION_REQUIRED,
    .help = "what to add" },
  { .key = "stop-after",
    .type = FANOUT_OPTION_COUNT,
    .offset = G_STRUCT_OFFSET (Options, stop_after),
    .value = "0",
    .help = "rows to take" },
  { .key = "fail-at",
    .type = FANOUT_OPTION_INTEGER,
    .offset = G_STRUCT_OFFSET (Options, fail_at),
    .value = "0",
    .help = "value to fail at" },
  { .key = "fail-at-end",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, fail_at_end),
    .value = "false",
    .help = "fail last" },
  { .key = NULL },
};

static const FanoutOperator loop_sum = {
  .size = sizeof (FanoutOperator),
  .version = 1,
  .name = "loop-sum",
  .summary = "a sum as a loop",
  .order = FANOUT_ORDER_SEQUENCE,
  FANOUT_OPTIONS (Options, options),
  .columns = columns,
  .state_size = sizeof (Sum),
  .loop = loop,
  .finish = finish,
};

FANOUT_OPERATORS (&loop_sum);
