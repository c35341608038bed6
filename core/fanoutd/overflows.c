#include "core/fanoutd/overflows.h"

#include "core/fanoutd/program.h"
#include "core/fanoutd/signals.h"
#include "core/handover/overflow.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Whoever was interrupted may hold the locks of malloc and of stdio. */
static void
say (const char *text)
{
  const gssize written = write (STDERR_FILENO, text, strlen (text));

  (void) written;
}

static void
handle (int number, siginfo_t *info, gpointer context G_GNUC_UNUSED)
{
  const FanoutGuard *guard = fanout_guard_find (info->si_addr);

  /* Anything else happens again, and ends the program as it would have. */
  if (guard == NULL)
    {
      signal (number, SIG_DFL);
      return;
    }
  signals_clean ();
  say ("fanoutd: aggregate '");
  say (guard->owner != NULL ? guard->owner : "");
  say ("': it ran over the end of its stack, the 256 KiB of a fiber: what is large belongs into "
       "its state; with [pipeline] strategy = callback an update has the stack of a thread\n");
  _exit (EXIT_FAILED);
}

void
overflows_watch (void)
{
  struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK };
  struct sigaction before;

  /* A sanitizer has its own, which says more. */
  if (sigaction (SIGSEGV, NULL, &before) != 0 || (before.sa_flags & SA_SIGINFO) != 0)
    return;
  sigemptyset (&action.sa_mask);
  fanout_guard_threads ();
  sigaction (SIGSEGV, &action, NULL);
}
