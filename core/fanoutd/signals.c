#include "core/fanoutd/signals.h"

#include <signal.h>

/* A handler has no argument. */
static FanoutPipeline *volatile running;
static volatile sig_atomic_t caught;

static void
set_default (void)
{
  const struct sigaction action = { .sa_handler = SIG_DFL };

  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

static void
interrupt (int number)
{
  set_default ();
  caught = number;
  fanout_pipeline_interrupt (running);
}

void
signals_catch (FanoutPipeline *pipeline)
{
  struct sigaction action = { .sa_handler = interrupt };

  caught = 0;
  running = pipeline;
  /* Neither comes between the other's arrival and set_default(). */
  sigaddset (&action.sa_mask, SIGINT);
  sigaddset (&action.sa_mask, SIGTERM);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

int
signals_release (void)
{
  set_default ();
  return caught;
}
