/* A fold that takes each batch only later: from the main context, or from another thread. */

#include <fanout/fanout.h>

typedef struct
{
  gint column;
  gint from;
} Options;

static const char *const places[] = { "context", "thread", "at-once", NULL };

typedef struct
{
  gint64 sum;
} Sum;

typedef struct
{
  Sum *sum;
  const FanoutInput *input;
  FanoutTicket *ticket;
} Job;

static void
add (Job *job)
{
  for (gsize i = 0; i < job->input->n_rows; i++)
    job->sum->sum += job->input->columns[0].mantissa[i];
  FanoutTicket *ticket = job->ticket;
  g_free (job);
  fanout_acknowledge (ticket, FANOUT_MORE);
}

static gboolean
in_context (gpointer data)
{
  add (data);
  return G_SOURCE_REMOVE;
}

static gpointer
in_thread (gpointer data)
{
  add (data);
  return NULL;
}

static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  const Options *options = input->aggregate->options;
  Job *job = g_new (Job, 1);
  job->sum = states;
  job->input = input;
  job->ticket = fanout_later (input);
  if (options->from == 0)
    {
      g_autoptr (GSource) source = g_idle_source_new ();
      g_source_set_callback (source, in_context, job, NULL);
      g_source_attach (source, fanout_aggregate_context (input->aggregate));
    }
  else if (options->from == 1)
    g_thread_unref (g_thread_new ("later", in_thread, job));
  else
    add (job);
  return FANOUT_LATER;
}

static void
finish_one (FanoutAggregate *self, const Sum *sum, FanoutOut *out, gsize row)
{
  (void) self;
  fanout_out_number (out, row, 0, fanout_number_decimal (sum->sum, 0));
}

FANOUT_FINISH (finish, Sum, finish_one)

static const FanoutOption options[] = {
  { .key = "column", .type = FANOUT_OPTION_COLUMN, .offset = G_STRUCT_OFFSET (Options, column),
    .flags = FANOUT_OPTION_REQUIRED, .help = "what to add" },
  { .key = "from", .type = FANOUT_OPTION_CHOICE, .offset = G_STRUCT_OFFSET (Options, from),
    .value = "context", .choices = places, .help = "where the acknowledgement comes from" },
  { .key = NULL },
};

static const FanoutOperator later_sum = {
  .size = sizeof (FanoutOperator),
  .version = 1,
  .name = "later-sum",
  .summary = "a sum that takes its time",
  .order = FANOUT_ORDER_SEQUENCE,
  .flags = FANOUT_UNGROUPED,
  .options_size = sizeof (Options),
  .options = options,
  .state_size = sizeof (Sum),
  .update = update,
  .finish = finish,
};

FANOUT_OPERATORS (&later_sum);
