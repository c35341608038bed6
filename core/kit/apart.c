#include "core/kit/contract.h"

#include "core/base/error.h"
#include "core/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_SHOWN 40

/* Lines from the child: a letter, then text. */
enum
{
  LINE_DOING = 'd',
  LINE_FINDING = 'f',
  LINE_CHECKS = 'n',
};

static void
write_line (int fd, char kind, const char *text)
{
  g_autofree char *line = g_strdup_printf ("%c%s\n", kind, text);
  const gsize length = strlen (line);

  g_strdelimit (line, "\n", ' ');
  line[length - 1] = '\n';
  fanout_write_all (fd, line, length);
}

static void
tell_progress (const char *doing, gpointer data)
{
  write_line (*(const int *) data, LINE_DOING, doing);
}

static void
tell_finding (const char *finding, gpointer data)
{
  write_line (*(const int *) data, LINE_FINDING, finding);
}

/* What an operator writes to standard output would stand among the results. */
static void
check_output (const FanoutContractReport *report, FILE *output)
{
  char start[OUTPUT_SHOWN + 1];
  gsize n;

  if (output == NULL)
    return;
  fflush (stdout);
  rewind (output);
  n = fread (start, 1, OUTPUT_SHOWN, output);
  start[n] = '\0';
  if (n > 0)
    {
      g_autofree char *shown = fanout_quote (start, (gssize) n);
      g_autofree char *text
          = g_strdup_printf ("prints: %s came on standard output, where the results go; what is to "
                             "be told goes to `out`, or through fanout_fail()",
                             shown);

      report->found (text, report->data);
    }
  fclose (output);
}

static void
run_child (FanoutKind kind, gconstpointer item, gboolean hasty, int fd)
{
  FILE *output = tmpfile ();
  FanoutContractReport report;
  g_autofree char *checks = NULL;

  fanout_contract_report_init (&report);
  report.progress = tell_progress;
  report.found = tell_finding;
  report.data = &fd;
  report.hasty = hasty;
  if (output != NULL)
    dup2 (fileno (output), STDOUT_FILENO);
  fanout_contract_check (kind, item, &report);
  check_output (&report, output);
  checks = g_strdup_printf ("%" G_GUINT64_FORMAT, report.n_checks);
  write_line (fd, LINE_CHECKS, checks);
  fanout_contract_report_clear (&report);
}

typedef struct
{
  FanoutContractReport *report;
  GString *line;
  char *doing;
  gboolean ended; /* the child said all that it had to say */
} Listener;

static void
hear_line (Listener *self)
{
  const char *text = self->line->str + 1;

  switch (self->line->str[0])
    {
    case LINE_DOING:
      g_free (self->doing);
      self->doing = g_strdup (text);
      if (self->report->progress != NULL)
        self->report->progress (text, self->report->data);
      break;
    case LINE_FINDING:
      g_ptr_array_add (self->report->findings, g_strdup (text));
      if (self->report->found != NULL)
        self->report->found (text, self->report->data);
      break;
    case LINE_CHECKS:
      self->ended = TRUE;
      self->report->n_checks += g_ascii_strtoull (text, NULL, 10);
      break;
    default:
      break;
    }
  g_string_truncate (self->line, 0);
}

/* Hear all lines; FALSE when none comes for so long. */
static gboolean
listen_to (Listener *self, int fd, guint seconds)
{
  struct pollfd poll_fd = { fd, POLLIN, 0 };
  char buffer[4096];
  gssize n;

  for (;;)
    {
      const int ready = poll (&poll_fd, 1, (int) MIN (seconds, 1000000) * 1000);

      if (ready == 0)
        return FALSE;
      if (ready < 0 && errno != EINTR)
        return TRUE;
      n = ready > 0 ? read (fd, buffer, sizeof buffer) : -1;
      if (n == 0 || (n < 0 && ready > 0 && errno != EINTR))
        return TRUE;
      for (gssize i = 0; i < n; i++)
        if (buffer[i] == '\n')
          hear_line (self);
        else
          g_string_append_c (self->line, buffer[i]);
    }
}

static void
add_end (Listener *self, int status, gboolean in_time)
{
  const char *doing = self->doing != NULL ? self->doing : "starting";

  if (!in_time)
    g_ptr_array_add (self->report->findings, g_strdup_printf ("hangs: while %s", doing));
  else if (WIFSIGNALED (status))
    g_ptr_array_add (
        self->report->findings,
        g_strdup_printf ("crashes: %s while %s", strsignal (WTERMSIG (status)), doing));
  else if (WEXITSTATUS (status) != 0 || !self->ended)
    g_ptr_array_add (self->report->findings,
                     g_strdup_printf ("exits: with %d while %s; a plugin fails by its answer, the "
                                      "process is not its own",
                                      WEXITSTATUS (status), doing));
}

gboolean
fanout_contract_check_apart (FanoutKind kind, gconstpointer item, guint seconds,
                             FanoutContractReport *report)
{
  const guint before = report->findings->len;
  Listener listener = { .report = report };
  int fds[2];
  int status = 0;
  pid_t child;
  gboolean in_time;

  if (pipe2 (fds, O_CLOEXEC) != 0)
    return fanout_contract_check (kind, item, report);
  fflush (NULL);
  child = fork ();
  if (child == 0)
    {
      close (fds[0]);
      run_child (kind, item, report->hasty, fds[1]);
      _exit (0);
    }
  close (fds[1]);
  listener.line = g_string_new (NULL);
  in_time = child < 0 || listen_to (&listener, fds[0], seconds);
  close (fds[0]);
  if (!in_time)
    kill (child, SIGKILL);
  if (child < 0)
    fanout_contract_check (kind, item, report);
  else
    while (waitpid (child, &status, 0) < 0 && errno == EINTR)
      ;
  add_end (&listener, status, in_time);
  g_string_free (listener.line, TRUE);
  g_free (listener.doing);
  return report->findings->len == before;
}
