#include "core/fanoutd/exits.h"

#include "core/fanoutd/program.h"
#include "core/fanoutd/signals.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* Of the whole program, as exit() is. */
static _Atomic pid_t watched;

/* A program that was started and could not become another one is none of ours. */
static void
tell (void)
{
  if (atomic_load (&watched) != getpid ())
    return;
  message ("a plugin ended the program with exit() in the middle of it; 'fanoutd check-plugin "
           "FILE.so' finds out which");
  signals_clean ();
  _exit (EXIT_FAILED);
}

void
exits_watch (void)
{
  if (atexit (tell) == 0)
    atomic_store (&watched, getpid ());
}

void
exits_allow (void)
{
  atomic_store (&watched, 0);
}
