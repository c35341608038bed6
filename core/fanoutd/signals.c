#include "core/fanoutd/signals.h"
#include "core/fanoutd/children.h"
#include "core/pipeline/pipeline.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

/* A handler has no argument. */
static FanoutPipeline *_Atomic running;
static FanoutOutput *const *_Atomic written;
static atomic_int caught;
static struct sigaction before[G_N_ELEMENTS (numbers)];
static gboolean catching;
static int terminal = -1;

static void
end_by (int number)
{
  const struct sigaction action = { .sa_handler = SIG_DFL };
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, number);
  sigaction (number, &action, NULL);
  raise (number);
  pthread_sigmask (SIG_UNBLOCK, &set, NULL);
}

static void
abandon (FanoutOutput *const *outputs)
{
  for (; outputs != NULL && *outputs != NULL; outputs++)
    fanout_output_abandon (*outputs);
}

void
signals_clean (void)
{
  abandon (atomic_load (&written));
  children_kill ();
}

static void
handle (int number)
{
  const int reason = errno;
  FanoutPipeline *pipeline = atomic_exchange (&running, NULL);

  if (pipeline != NULL)
    {
      atomic_store (&caught, number);
      fanout_pipeline_interrupt (pipeline);
    }
  else
    {
      signals_clean ();
      end_by (number);
    }
  errno = reason;
}

/* What a stream may be asked for. */
static void
ask (int number)
{
  FanoutPipeline *pipeline = atomic_load (&running);

  if (pipeline != NULL && number == SIGUSR1)
    fanout_pipeline_ask (pipeline, FANOUT_ASK_CHECKPOINT | FANOUT_ASK_RESULTS);
  else if (number == SIGHUP && terminal >= 0 && tcgetpgrp (terminal) < 0)
    handle (number);
  else if (pipeline != NULL && number == SIGHUP)
    fanout_pipeline_ask (pipeline, FANOUT_ASK_RELOAD);
  /* What is ending anyhow has nothing to read again, and a checkpoint to write. */
}

/* The one that the program belongs to, if any: when it hangs up, that is told by SIGHUP as well. */
static int
find_terminal (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (tcgetpgrp (fd) >= 0)
      return fd;
  return -1;
}

void
signals_catch (FanoutPipeline *pipeline, FanoutOutput *const *outputs)
{
  struct sigaction action = { .sa_handler = handle };

  atomic_store (&caught, 0);
  atomic_store (&written, outputs);
  atomic_store (&running, pipeline);
  catching = TRUE;
  const gboolean stream = fanout_pipeline_is_stream (pipeline);
  struct sigaction asking = { .sa_handler = ask, .sa_flags = SA_RESTART };

  terminal = find_terminal ();
  if (stream)
    sigaction (SIGUSR1, &asking, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaddset (&action.sa_mask, numbers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      sigaction (numbers[i], NULL, &before[i]);
      if (before[i].sa_handler != SIG_IGN)
        sigaction (numbers[i], stream && numbers[i] == SIGHUP ? &asking : &action, NULL);
    }
}

void
signals_use (FanoutOutput *const *outputs)
{
  atomic_store (&written, outputs);
}

int
signals_caught (void)
{
  return atomic_load (&caught);
}

int
signals_settle (void)
{
  atomic_store (&running, NULL);
  return signals_caught ();
}

void
signals_release (FanoutOutput *const *outputs)
{
  abandon (outputs);
  if (!catching)
    return;
  catching = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &before[i], NULL);
  atomic_store (&written, NULL);
}

int
signals_end (int number)
{
  end_by (number);
  return 128 + number;
}
