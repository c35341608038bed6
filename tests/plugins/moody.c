/* Operators that leave early and that fail. */

#include <fanout/fanout.h>

typedef struct
{
  gint column;
  gint64 at;
  gboolean silent;
} Options;

typedef struct
{
  guint64 n;
} Count;

/* Count rows up to and with the value `at`, then leave. */
static FanoutAnswer
until_update (gpointer states, const FanoutInput *input)
{
  const Options *options = input->aggregate->options;
  Count *counts = states;
  for (gsize i = 0; i < input->n_rows; i++)
    {
      counts[input->ids != NULL ? input->ids[i] : 0].n++;
      if (fanout_input_column (input, 0)->mantissa[i] == options->at)
        return fanout_enough (input, i + 1);
    }
  return FANOUT_MORE;
}

/* Count rows, fail at the value `at`. */
static FanoutAnswer
fail_update (gpointer states, const FanoutInput *input)
{
  const Options *options = input->aggregate->options;
  Count *counts = states;
  for (gsize i = 0; i < input->n_rows; i++)
    {
      if (fanout_input_column (input, 0)->mantissa[i] == options->at)
        return options->silent
                   ? FANOUT_FAILED
                   : fanout_fail_row (input, i, "cannot bear %" G_GINT64_FORMAT, options->at);
      counts[input->ids != NULL ? input->ids[i] : 0].n++;
    }
  return FANOUT_MORE;
}

static gboolean
combine (FanoutAggregate *self, gpointer into, const guint32 *ids, gpointer from, gsize n)
{
  (void) self;
  for (gsize i = 0; i < n; i++)
    ((Count *) into)[ids != NULL ? ids[i] : i].n += ((Count *) from)[i].n;
  return TRUE;
}

static void
finish_one (FanoutAggregate *self, const Count *count, FanoutOut *out, gsize row)
{
  (void) self;
  fanout_out_count (out, row, 0, count->n);
}

FANOUT_FINISH (finish, Count, finish_one)

static const FanoutOption options[] = {
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .offset = G_STRUCT_OFFSET (Options, column),
    .flags = FANOUT_OPTION_REQUIRED,
    .help = "what to look at" },
  { .key = "at",
    .type = FANOUT_OPTION_INTEGER,
    .offset = G_STRUCT_OFFSET (Options, at),
    .value = "-1",
    .help = "the value that matters" },
  { .key = "silent",
    .type = FANOUT_OPTION_BOOLEAN,
    .offset = G_STRUCT_OFFSET (Options, silent),
    .value = "false",
    .help = "fail without a word" },
  { .key = NULL },
};

static const FanoutOperator until = {
  .size = sizeof (FanoutOperator),
  .version = 1,
  .name = "until",
  .summary = "rows up to a value",
  .order = FANOUT_ORDER_SEQUENCE,
  .flags = FANOUT_MAY_LEAVE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (Count),
  .update = until_update,
  .finish = finish,
};

static const FanoutOperator fails = {
  .size = sizeof (FanoutOperator),
  .version = 1,
  .name = "fails",
  .summary = "rows, none of which may have a value",
  .order = FANOUT_ORDER_FREE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (Count),
  .update = fail_update,
  .combine = combine,
  .finish = finish,
};

FANOUT_OPERATORS (&until, &fails);
