/* A fold that takes each batch only later: from the main context, from another thread, or when a
 * byte comes from a file descriptor. */

#include <fanout/fanout.h>

#include <glib-unix.h>
#include <unistd.h>

enum
{
  FROM_CONTEXT,
  FROM_THREAD,
  AT_ONCE,
  FROM_FD,
  NEVER,
};

typedef struct
{
  gint column;
  gint from;
  gint answer; /* as FanoutAnswer, without LATER */
  gint64 fd;
} Options;

static const char *const places[] = { "context", "thread", "at-once", "fd", "never", NULL };
static const char *const answers[] = { "more", "enough", "failed", NULL };

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
    job->sum->sum += fanout_input_column (job->input, 0)->mantissa[i];
  const Options *options = job->input->aggregate->options;
  FanoutTicket *ticket = job->ticket;
  FanoutAnswer answer = FANOUT_MORE;
  if (options->answer == 1)
    answer = fanout_enough (job->input, job->input->n_rows);
  else if (options->answer == 2)
    answer = fanout_fail_row (job->input, 0, "thought better of it");
  g_free (job);
  fanout_acknowledge (ticket, answer);
}

static gboolean
in_context (gpointer data)
{
  add (data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_byte (gint fd, GIOCondition condition, gpointer data)
{
  char byte;
  (void) condition;
  if (read (fd, &byte, 1) != 1)
    return G_SOURCE_CONTINUE;
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
  if (options->from == NEVER)
    return FANOUT_LATER;
  Job *job = g_new (Job, 1);
  job->sum = states;
  job->input = input;
  job->ticket = fanout_later (input);
  if (options->from == FROM_CONTEXT)
    {
      g_autoptr (GSource) source = g_idle_source_new ();
      g_source_set_callback (source, in_context, job, NULL);
      g_source_attach (source, fanout_aggregate_context (input->aggregate));
    }
  else if (options->from == FROM_FD)
    {
      g_autoptr (GSource) source = g_unix_fd_source_new ((gint) options->fd, G_IO_IN);
      g_source_set_callback (source, G_SOURCE_FUNC (on_byte), job, NULL);
      g_source_attach (source, fanout_aggregate_context (input->aggregate));
    }
  else if (options->from == FROM_THREAD)
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
  { .key = "column",
    .type = FANOUT_OPTION_COLUMN,
    .offset = G_STRUCT_OFFSET (Options, column),
    .flags = FANOUT_OPTION_REQUIRED,
    .help = "what to add" },
  { .key = "from",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, from),
    .value = "context",
    .choices = places,
    .help = "where the acknowledgement comes from" },
  { .key = "fd",
    .type = FANOUT_OPTION_INTEGER,
    .offset = G_STRUCT_OFFSET (Options, fd),
    .value = "-1",
    .help = "a byte from it is one acknowledgement" },
  { .key = "answer",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, answer),
    .value = "more",
    .choices = answers,
    .help = "what is acknowledged" },
  { .key = NULL },
};

static const FanoutOperator later_sum = {
  .size = sizeof (FanoutOperator),
  .version = 1,
  .name = "later-sum",
  .summary = "a sum that takes its time",
  .order = FANOUT_ORDER_SEQUENCE,
  .flags = FANOUT_UNGROUPED,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (Sum),
  .update = update,
  .finish = finish,
};

FANOUT_OPERATORS (&later_sum);
