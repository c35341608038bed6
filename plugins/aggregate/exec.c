/* An external program as an aggregate: values on its standard input, its output is the result. */

#include <errno.h>
#include <fanout/error.h>
#include <fcntl.h>
#include <fanout/steps.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  gint column;
  const char *command;
  guint64 timeout; /* microseconds */
  guint64 max_output;
} Options;

/* The program at work. On the heap, since event sources hold on to it while states move. */
typedef struct
{
  FanoutAggregate *self;
  GPid pid;
  int input;        /* its standard input; -1: closed */
  int output;       /* its standard output; -1: at its end */
  GString *pending; /* what it has not taken yet, from `written` on */
  gsize written;
  GString *result;
  gboolean has_enough; /* it reads no more */
  gboolean ended;
  char *failure;
  /* While a batch is being written in the background. */
  FanoutTicket *ticket;
  const FanoutInput *batch;
  GSource *can_write;
  GSource *can_read;
  GSource *late;
} Program;

typedef struct
{
  Program *program;
} State;

static const Options *
options_of (const Program *program)
{
  return program->self->options;
}

static void
fail_with (Program *program, char *failure)
{
  if (program->failure == NULL)
    program->failure = failure;
  else
    g_free (failure);
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* In the child, between fork and exec: the run may have blocked or ignored signals, and what the
 * command starts is to end with it. */
static void
reset_signals (gpointer data)
{
  sigset_t none;

  (void) data;
  setpgid (0, 0);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGPIPE, SIG_DFL);
}

static Program *
start (FanoutAggregate *self)
{
  const Options *options = self->options;
  Program *program = g_new0 (Program, 1);
  const char *const words[] = { "/bin/sh", "-c", options->command, NULL };
  g_autoptr (GError) error = NULL;

  program->self = self;
  program->input = program->output = -1;
  program->pending = g_string_new (NULL);
  program->result = g_string_new (NULL);
  if (!g_spawn_async_with_pipes (NULL, (char **) words, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                 reset_signals, NULL, &program->pid, &program->input,
                                 &program->output, NULL, &error))
    {
      fail_with (program, g_strdup (error->message));
      program->ended = TRUE;
      return program;
    }
  g_unix_set_fd_nonblocking (program->input, TRUE, NULL);
  g_unix_set_fd_nonblocking (program->output, TRUE, NULL);
  fcntl (program->input, F_SETFD, FD_CLOEXEC);
  fcntl (program->output, F_SETFD, FD_CLOEXEC);
  return program;
}

/* A pipe nobody reads any more is an answer here, not the end of this process. */
static gssize
write_quietly (int fd, const char *bytes, gsize length)
{
  const struct timespec now = { 0, 0 };
  sigset_t pipe_signal;
  sigset_t before;
  gssize n;
  int reason;

  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_signal, &before);
  n = write (fd, bytes, length);
  reason = errno;
  if (n < 0 && reason == EPIPE && !sigismember (&before, SIGPIPE))
    while (sigtimedwait (&pipe_signal, NULL, &now) < 0 && errno == EINTR)
      ;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = reason;
  return n;
}

static gboolean
all_written (const Program *program)
{
  return program->has_enough || program->written == program->pending->len;
}

/* As much as it takes now. */
static void
write_some (Program *program)
{
  while (!all_written (program))
    {
      const gssize n = write_quietly (program->input, program->pending->str + program->written,
                                      program->pending->len - program->written);

      if (n >= 0)
        program->written += (gsize) n;
      else if (errno == EPIPE)
        program->has_enough = TRUE;
      else if (errno != EINTR)
        return;
    }
}

/* As much as there is now. */
static void
read_some (Program *program)
{
  const guint64 most = options_of (program)->max_output;
  char bytes[4096];

  while (program->output >= 0)
    {
      const gssize n = read (program->output, bytes, sizeof bytes);

      if (n > 0)
        g_string_append_len (program->result, bytes, n);
      else if (n == 0)
        close_fd (&program->output);
      else if (errno != EINTR)
        return;
      if (program->result->len > most)
        {
          fail_with (program,
                     g_strdup_printf ("it wrote more than max-output = %" G_GUINT64_FORMAT " bytes",
                                      most));
          close_fd (&program->output);
        }
    }
}

/* When what began at `since` has lasted too long. */
static gint64
end_of (const Program *program, gint64 since)
{
  const gint64 timeout = (gint64) options_of (program)->timeout;

  return timeout == 0 || timeout > G_MAXINT64 - since ? G_MAXINT64 : since + timeout;
}

static void
tell_late (Program *program, const char *what)
{
  fail_with (program, g_strdup_printf ("it %s for %g s (timeout)", what,
                                       (double) options_of (program)->timeout / 1e6));
}

static void
destroy_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_source_unref (*source);
  *source = NULL;
}

/* The batch has been taken, or never will be. */
static void
acknowledge (Program *program)
{
  FanoutTicket *ticket = program->ticket;

  destroy_source (&program->can_write);
  destroy_source (&program->can_read);
  destroy_source (&program->late);
  program->ticket = NULL;
  g_string_truncate (program->pending, 0);
  program->written = 0;
  if (program->failure == NULL)
    {
      fanout_acknowledge (ticket, program->has_enough
                                      ? fanout_enough (program->batch, program->batch->n_rows)
                                      : FANOUT_MORE);
      return;
    }
  fanout_fail (program->self, "command '%s': %s", options_of (program)->command, program->failure);
  fanout_acknowledge (ticket, FANOUT_FAILED);
}

static gboolean
became_ready (int fd, GIOCondition condition, gpointer data)
{
  Program *program = data;
  const gsize written = program->written;

  (void) fd;
  (void) condition;
  write_some (program);
  read_some (program);
  if (program->failure != NULL || all_written (program))
    {
      acknowledge (program);
      return G_SOURCE_REMOVE;
    }
  if (program->written != written)
    g_source_set_ready_time (program->late, end_of (program, g_get_monotonic_time ()));
  return program->output >= 0 || fd == program->input ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
became_late (gpointer data)
{
  Program *program = data;

  tell_late (program, "has read nothing");
  acknowledge (program);
  return G_SOURCE_REMOVE;
}

static gboolean
dispatch_late (GSource *source, GSourceFunc callback, gpointer data)
{
  (void) source;
  return callback (data);
}

static GSourceFuncs late_functions = { .dispatch = dispatch_late };

static GSource *
attach (Program *program, GSource *source, GSourceFunc function)
{
  g_source_set_callback (source, function, program, NULL);
  g_source_attach (source, fanout_aggregate_context (program->self));
  return source;
}

static void
write_in_background (Program *program)
{
  program->late = g_source_new (&late_functions, sizeof (GSource));
  g_source_set_ready_time (program->late, end_of (program, g_get_monotonic_time ()));
  program->can_write = g_unix_fd_source_new (program->input, G_IO_OUT | G_IO_ERR | G_IO_HUP);
  if (program->output >= 0)
    program->can_read = g_unix_fd_source_new (program->output, G_IO_IN | G_IO_HUP);
  attach (program, program->late, became_late);
  if (program->can_read != NULL)
    attach (program, program->can_read, G_SOURCE_FUNC (became_ready));
  attach (program, program->can_write, G_SOURCE_FUNC (became_ready));
}

static FanoutAnswer
update (gpointer states, const FanoutInput *input)
{
  State *state = states;
  Program *program = state->program;

  if (program == NULL)
    program = state->program = start (input->aggregate);
  if (program->has_enough)
    return fanout_enough (input, input->n_rows);
  for (gsize i = 0; i < input->n_rows; i++)
    if (input->skip == NULL || !input->skip[i])
      {
        const FanoutText *text = &fanout_input_column (input, 0)->text[i];

        g_string_append_len (program->pending, text->data, (gssize) text->length);
        g_string_append_c (program->pending, '\n');
      }
  if (program->failure == NULL)
    {
      write_some (program);
      read_some (program);
    }
  program->batch = input;
  program->ticket = fanout_later (input);
  if (program->failure != NULL || all_written (program))
    acknowledge (program);
  else
    write_in_background (program);
  return FANOUT_LATER;
}

/* Milliseconds left of the timeout, from `since`; -1: it has passed. */
static int
left (const Program *program, gint64 since)
{
  const gint64 end = end_of (program, since);
  const gint64 now = g_get_monotonic_time ();

  return now >= end ? -1 : (int) MIN ((end - now + 999) / 1000, 1000);
}

/* Its standard input is closed: wait for all that it still has to say, however slowly it does. */
static void
drain (Program *program)
{
  const gint64 since = g_get_monotonic_time ();
  const gsize before = program->result->len;

  close_fd (&program->input);
  while (program->output >= 0 && program->failure == NULL)
    {
      struct pollfd ready = { .fd = program->output, .events = POLLIN };
      const int wait = left (program, since);

      if (wait < 0)
        {
          tell_late (program, program->result->len > before ? "has been writing without an end"
                                                            : "has written nothing");
          break;
        }
      poll (&ready, 1, wait);
      read_some (program);
    }
}

/* It has closed its output; most programs are gone at once then. */
static void
reap (Program *program)
{
  const gint64 since = g_get_monotonic_time ();
  int status = 0;
  pid_t found;

  while ((found = waitpid (program->pid, &status, WNOHANG)) == 0 && program->failure == NULL
         && left (program, since) >= 0)
    g_usleep (1000);
  if (found == 0)
    {
      if (program->failure == NULL)
        tell_late (program, "has closed its output, but not ended");
      kill (-program->pid, SIGKILL);
      waitpid (program->pid, &status, 0);
    }
  g_spawn_close_pid (program->pid);
  if (program->failure != NULL)
    return;
  if (WIFSIGNALED (status))
    fail_with (program, g_strdup_printf ("it was ended by signal %d (%s)", WTERMSIG (status),
                                         g_strsignal (WTERMSIG (status))));
  else if (WEXITSTATUS (status) != 0)
    fail_with (program, g_strdup_printf ("it failed with exit status %d", WEXITSTATUS (status)));
}

static void
end_program (Program *program)
{
  program->ended = TRUE;
  drain (program);
  close_fd (&program->output);
  reap (program);
  if (program->result->len == 0)
    fail_with (program, g_strdup ("it wrote nothing"));
  while (program->result->len > 0 && program->result->str[program->result->len - 1] == '\n')
    g_string_truncate (program->result, program->result->len - 1);
}

/* Without a result: the run has failed or was cancelled. */
static void
give_up (Program *program)
{
  destroy_source (&program->can_write);
  destroy_source (&program->can_read);
  destroy_source (&program->late);
  close_fd (&program->input);
  close_fd (&program->output);
  if (!program->ended)
    {
      kill (-program->pid, SIGKILL);
      waitpid (program->pid, NULL, 0);
      g_spawn_close_pid (program->pid);
    }
  g_string_free (program->pending, TRUE);
  g_string_free (program->result, TRUE);
  g_free (program->failure);
  g_free (program);
}

/* Without a row the program has not been started yet. */
static gboolean
end (FanoutAggregate *self, gpointer states, gsize n)
{
  for (State *state = states, *last = state + n; state < last; state++)
    {
      Program *program = state->program;

      if (program == NULL)
        program = state->program = start (self);
      if (!program->ended)
        end_program (program);
      if (program->failure != NULL)
        return fanout_fail (self, "command '%s': %s", options_of (program)->command,
                            program->failure);
    }
  return TRUE;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  const Program *program = state->program;

  (void) self;
  if (program != NULL && program->ended && program->failure == NULL)
    fanout_out_text (out, row, 0, program->result->str, program->result->len);
}

FANOUT_FINISH (finish, State, result)

static void
clear (FanoutAggregate *self, gpointer states, gsize n)
{
  (void) self;
  for (State *state = states, *last = state + n; state < last; state++)
    if (state->program != NULL)
      give_up (g_steal_pointer (&state->program));
}

static const FanoutOption options[] = {
  FANOUT_COLUMN_OPTION (Options, column, FANOUT_TAKES_TEXT,
                        "the column whose values it reads, one a line"),
  { .key = "command",
    .type = FANOUT_OPTION_TEXT,
    .flags = FANOUT_OPTION_REQUIRED | FANOUT_OPTION_RAW,
    .offset = G_STRUCT_OFFSET (Options, command),
    .example = "sha256sum",
    .help = "what the shell runs" },
  { .key = "timeout",
    .type = FANOUT_OPTION_TIME,
    .offset = G_STRUCT_OFFSET (Options, timeout),
    .value = "60s",
    .help = "how long it may read nothing, or take to its end when it has all; 0s: for ever" },
  { .key = "max-output",
    .type = FANOUT_OPTION_BYTES,
    .offset = G_STRUCT_OFFSET (Options, max_output),
    .value = "1M",
    .help = "more output is an error" },
  FANOUT_OPTIONS_END,
};

static const FanoutOperator exec = {
  FANOUT_OPERATOR ("exec", 1),
  .summary = "what an external program makes of a column",
  .details = "Runs `command` with the shell. It gets the values of the column on standard input, "
             "one a line, nulls left out, and no faster than it reads them; its standard output, "
             "without the line feeds at its end, is the result. Reading only a part is fine. A "
             "program that exits with another status than 0, is ended by a signal, writes nothing "
             "or too much, reads nothing for longer than `timeout`, or takes longer than that to "
             "its end when it has all, fails the aggregate.",
  .promise = "as exact as the program",
  .memory = "what the program has not read yet, and up to `max-output` of what it wrote",
  .order = FANOUT_ORDER_SEQUENCE,
  .flags = FANOUT_UNGROUPED | FANOUT_MAY_LEAVE,
  FANOUT_OPTIONS (Options, options),
  .state_size = sizeof (State),
  .clear = clear,
  .update = update,
  .end = end,
  .finish = finish,
};

FANOUT_OPERATORS (&exec);
