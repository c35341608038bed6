/* An external program as an aggregate: values on its standard input, its output is the result. */

#include "command.h"

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

/* What a program has for its end when the run was stopped, in microseconds. */
#define GRACE                 (2 * G_USEC_PER_SEC)
#define TOLD                  60
/* The beginning of it, for a message. */
#define COMMAND_TOLD(command) TOLD, (command), strlen (command) > TOLD ? "..." : ""
#define CUT                   "its program had not read all rows when the run was stopped"

typedef struct
{
  gint column;
  const char *command;
  gint shell;      /* Shell */
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
  int stop;          /* becomes readable when the run is stopped; -1: nothing stops it */
  gint64 stopped_at; /* monotonic time; 0: it is not */
  gboolean cut;      /* for that it has not been given all rows */
  char *failure;
  gboolean row_known; /* of the failure: that of the first byte which was not written */
  /* While a batch is being written in the background. */
  FanoutTicket *ticket;
  const FanoutInput *batch;
  GSource *can_write;
  GSource *can_read;
  GSource *late;
  GSource *stopped;
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

/* `doing` is as in "cannot be started". */
static void
fail_by_errno (Program *program, const char *doing)
{
  fail_with (program, g_strdup_printf ("%s: %s", doing, g_strerror (errno)));
}

static void
fail_in_row (Program *program, char *failure)
{
  program->row_known = program->failure == NULL;
  fail_with (program, failure);
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
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words
      = command_start_words (options->command, (CommandShell) options->shell, &error);

  program->self = self;
  program->stop = fanout_aggregate_stop_fd (self);
  program->input = program->output = -1;
  program->pending = g_string_new (NULL);
  program->result = g_string_new (NULL);
  if (words == NULL
      || !g_spawn_async_with_pipes (
          NULL, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, reset_signals, NULL,
          &program->pid, &program->input, &program->output, NULL, &error))
    {
      fail_in_row (program, g_strdup_printf ("it cannot be started: %s", command_reason (error)));
      program->ended = TRUE;
      return program;
    }
  if (!g_unix_set_fd_nonblocking (program->input, TRUE, NULL)
      || !g_unix_set_fd_nonblocking (program->output, TRUE, NULL))
    fail_by_errno (program, "its pipes cannot be made not to block");
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
      else if (errno == EAGAIN)
        return;
      else if (errno != EINTR)
        {
          program->row_known = program->failure == NULL;
          fail_by_errno (program, "its standard input cannot be written");
          return;
        }
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
      else if (errno == EAGAIN)
        return;
      else if (errno != EINTR)
        {
          fail_by_errno (program, "its standard output cannot be read");
          close_fd (&program->output);
        }
      if (program->result->len > most)
        {
          fail_with (program,
                     g_strdup_printf ("it wrote more than max-output = %" G_GUINT64_FORMAT " bytes",
                                      most));
          close_fd (&program->output);
        }
    }
}

static gboolean
is_stopped (Program *program)
{
  struct pollfd stop = { .fd = program->stop, .events = POLLIN };

  if (program->stopped_at == 0 && program->stop >= 0 && poll (&stop, 1, 0) > 0)
    program->stopped_at = g_get_monotonic_time ();
  return program->stopped_at != 0;
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
  const guint64 timeout = options_of (program)->timeout;

  if (program->stopped_at != 0 && (timeout == 0 || timeout > GRACE))
    fail_with (program, g_strdup_printf ("it has not come to its end within %g s after the run was "
                                         "stopped",
                                         (double) GRACE / 1e6));
  else
    fail_with (program, g_strdup_printf ("it %s for %g s (timeout)", what, (double) timeout / 1e6));
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

/* The row that byte `at` of what is pending belongs to; `end` is where it ends there. */
static gsize
row_at (const Program *program, gsize at, gsize *end)
{
  const FanoutInput *batch = program->batch;
  gsize row = 0;

  *end = 0;
  for (gsize i = 0; i < batch->n_rows && *end <= at; i++)
    if (batch->skip == NULL || !batch->skip[i])
      {
        *end += fanout_input_column (batch, 0)->text[i].length + 1;
        row = i;
      }
  return row;
}

static void
forget_pending (Program *program)
{
  g_string_truncate (program->pending, 0);
  program->written = 0;
}

static FanoutAnswer
fail (Program *program)
{
  gsize end;

  fanout_fail (program->self, "command '%.*s%s': %s", COMMAND_TOLD (options_of (program)->command),
               program->failure);
  return program->row_known
             ? fanout_fail_at (program->batch, row_at (program, program->written, &end))
             : FANOUT_FAILED;
}

/* The batch has been taken, or never will be. */
static void
acknowledge (Program *program)
{
  FanoutTicket *ticket = program->ticket;
  FanoutAnswer answer = FANOUT_MORE;

  destroy_source (&program->can_write);
  destroy_source (&program->can_read);
  destroy_source (&program->late);
  destroy_source (&program->stopped);
  program->ticket = NULL;
  if (program->failure != NULL)
    answer = fail (program);
  else if (program->has_enough)
    answer = fanout_enough (program->batch, program->batch->n_rows);
  if (!program->cut)
    forget_pending (program);
  fanout_acknowledge (ticket, answer);
}

/* Whatever it has read of a row, it gets the rest of it, lest it take a part for a value. */
static void
keep_row_begun (Program *program)
{
  gsize end;

  row_at (program, program->written - 1, &end);
  g_string_truncate (program->pending, end);
}

static gboolean
became_stopped (int fd, GIOCondition condition, gpointer data)
{
  Program *program = data;

  (void) fd;
  (void) condition;
  program->stopped_at = g_get_monotonic_time ();
  program->cut = TRUE;
  if (program->written > 0)
    keep_row_begun (program);
  else
    forget_pending (program);
  acknowledge (program);
  return G_SOURCE_REMOVE;
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
  program->row_known = TRUE;
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
  if (program->stop >= 0)
    {
      program->stopped = g_unix_fd_source_new (program->stop, G_IO_IN);
      attach (program, program->stopped, G_SOURCE_FUNC (became_stopped));
    }
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
  if (program->cut)
    return FANOUT_MORE;
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

/* Milliseconds until it is too late for what began at `since`; -1: it is. */
static int
left (Program *program, gint64 since)
{
  const gint64 now = g_get_monotonic_time ();
  gint64 end = end_of (program, since);

  if (is_stopped (program))
    end = MIN (end, MAX (since, program->stopped_at) + GRACE);
  return now >= end ? -1 : (int) MIN ((end - now + 999) / 1000, 1000);
}

/* The rest of a row where the run was stopped, and then all that it still has to say, however
 * slowly it does. */
static void
drain (Program *program)
{
  const gint64 since = g_get_monotonic_time ();
  const gsize before = program->result->len;

  while (program->output >= 0 && program->failure == NULL)
    {
      const int wait = left (program, since);

      if (wait < 0)
        {
          tell_late (program, program->result->len > before ? "has been writing without an end"
                                                            : "has written nothing");
          break;
        }
      write_some (program);
      if (all_written (program))
        close_fd (&program->input);
      read_some (program);
      if (program->output >= 0)
        {
          struct pollfd ready[] = {
            { .fd = program->output, .events = POLLIN },
            { .fd = program->input, .events = POLLOUT },
            { .fd = program->stopped_at == 0 ? program->stop : -1, .events = POLLIN },
          };

          poll (ready, G_N_ELEMENTS (ready), wait);
        }
    }
  close_fd (&program->input);
}

/* The answer of waitpid(). */
static pid_t
wait_for (const Program *program, int *status, int flags)
{
  pid_t found;

  do
    found = waitpid (program->pid, status, flags);
  while (found < 0 && errno == EINTR);
  return found;
}

static void
end_by_force (const Program *program)
{
  int status;

  kill (-program->pid, SIGKILL);
  wait_for (program, &status, 0);
}

/* It has closed its output; most programs are gone at once then. */
static void
reap (Program *program)
{
  const gint64 since = g_get_monotonic_time ();
  int status = 0;
  pid_t found;

  while ((found = wait_for (program, &status, WNOHANG)) == 0 && program->failure == NULL
         && left (program, since) >= 0)
    g_usleep (1000);
  if (found < 0)
    fail_by_errno (program, "its exit status cannot be learnt");
  if (found == 0)
    {
      if (program->failure == NULL)
        tell_late (program, "has closed its output, but not ended");
      end_by_force (program);
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
  destroy_source (&program->stopped);
  close_fd (&program->input);
  close_fd (&program->output);
  if (!program->ended)
    {
      end_by_force (program);
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
        return fanout_fail (self, "command '%.*s%s': %s",
                            COMMAND_TOLD (options_of (program)->command), program->failure);
    }
  return TRUE;
}

static inline void
result (FanoutAggregate *self, const State *state, FanoutOut *out, gsize row)
{
  const Program *program = state->program;

  (void) self;
  if (program != NULL && program->ended && program->failure == NULL)
    {
      fanout_out_text (out, row, 0, program->result->str, program->result->len);
      if (program->cut)
        fanout_out_approximate (out, 0, CUT);
    }
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
    .help = "the program and its words, or what the shell is to run" },
  { .key = "shell",
    .type = FANOUT_OPTION_CHOICE,
    .offset = G_STRUCT_OFFSET (Options, shell),
    .choices = command_shells,
    .value = "auto",
    .help = "whether /bin/sh runs it; auto: where only a shell understands it" },
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
  .details
  = "Runs `command`; a shell does where the command has a pipe, a redirection, a variable, a "
    "pattern or a builtin, or where `shell` asks for it. It gets the values of the column on "
    "standard input, "
    "one a line, nulls left out, and no faster than it reads them; its standard output, "
    "without the line feeds at its end, is the result. Reading only a part is fine. A "
    "program that exits with another status than 0, is ended by a signal, writes nothing "
    "or too much, reads nothing for longer than `timeout`, or takes longer than that to "
    "its end when it has all, fails the aggregate. When the run is interrupted it gets "
    "no row more and has two seconds for its end.",
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
