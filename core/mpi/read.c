#include "core/base/gio.h"
#include "core/fanoutd/progress.h"
#include "core/fanoutd/signals.h"
#include "core/mpi/job.h"

#include <fanout/error.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

enum
{
  TAG_TOLD = 1, /* to rank 0 */
  TAG_ORDER,    /* from rank 0 */
  LOOK_MS = 10,
  /* How often ranks say how far they are. */
  TELL_MS = 500,
  /* After so long a rank that does not stop when it should is ended. */
  PATIENCE_MS = 20000,
};

typedef struct
{
  guint64 rows;
  guint64 bytes;
  guint64 total;
  int done;
  int failed;
} Told;

typedef enum
{
  ORDER_STOP = 1,
  ORDER_GO_ON, /* all are done */
} Order;

/* The thread that reads, and the one that speaks with others. */
typedef struct
{
  Job *job;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t ended;
  gboolean done;
  GError *error;
  Told *told; /* rank 0: of all */
  gboolean stopped;
  gint64 stopped_at;
} Reading;

static void *
read_part (void *data)
{
  Reading *reading = data;
  GError *error = NULL;
  FanoutStates *states = fanout_pipeline_read_states (reading->job->pipeline, &error);

  pthread_mutex_lock (&reading->mutex);
  reading->job->states = states;
  reading->error = error;
  reading->done = TRUE;
  pthread_cond_signal (&reading->ended);
  pthread_mutex_unlock (&reading->mutex);
  return NULL;
}

/* Whether it is at its end, after a while. */
static gboolean
wait_a_while (Reading *reading)
{
  struct timespec until;
  gboolean done;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_nsec += LOOK_MS * 1000000L;
  if (until.tv_nsec >= 1000000000L)
    {
      until.tv_sec++;
      until.tv_nsec -= 1000000000L;
    }
  pthread_mutex_lock (&reading->mutex);
  if (!reading->done)
    pthread_cond_timedwait (&reading->ended, &reading->mutex, &until);
  done = reading->done;
  pthread_mutex_unlock (&reading->mutex);
  return done;
}

static Told
look (const Reading *reading, gboolean done)
{
  FanoutCounters counters = { 0 };

  fanout_pipeline_counters (reading->job->pipeline, &counters, sizeof counters);
  return (Told){ counters.rows, counters.bytes, counters.bytes_total, done,
                 done && reading->error != NULL };
}

static void
stop (Reading *reading)
{
  if (reading->stopped)
    return;
  reading->stopped = TRUE;
  reading->stopped_at = g_get_monotonic_time ();
  fanout_pipeline_interrupt (reading->job->pipeline);
}

static void
send_order (const Reading *reading, int order)
{
  for (int r = 1; r < reading->job->n; r++)
    MPI_Send (&order, 1, MPI_INT, r, TAG_ORDER, MPI_COMM_WORLD);
}

static void
take_told (Reading *reading)
{
  int there;
  MPI_Status status;

  for (MPI_Iprobe (MPI_ANY_SOURCE, TAG_TOLD, MPI_COMM_WORLD, &there, &status); there;
       MPI_Iprobe (MPI_ANY_SOURCE, TAG_TOLD, MPI_COMM_WORLD, &there, &status))
    MPI_Recv (&reading->told[status.MPI_SOURCE], sizeof (Told), MPI_BYTE, status.MPI_SOURCE,
              TAG_TOLD, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

/* Rank 0: until all are done. */
static void
lead (Reading *reading)
{
  Job *job = reading->job;
  gboolean all = FALSE;

  while (!all)
    {
      gboolean failed = FALSE;

      reading->told[0] = look (reading, wait_a_while (reading));
      take_told (reading);
      all = TRUE;
      job->bytes = job->total = 0;
      guint64 rows = 0;
      for (int r = 0; r < job->n; r++)
        {
          all = all && reading->told[r].done;
          failed = failed || reading->told[r].failed;
          job->bytes += r > 0 ? reading->told[r].bytes : 0;
          job->total += r > 0 ? reading->told[r].total : 0;
          rows += r > 0 ? reading->told[r].rows : 0;
        }
      progress_add (rows, job->bytes, job->total);
      if (failed && !reading->stopped)
        {
          send_order (reading, ORDER_STOP);
          stop (reading);
        }
      if (!all && reading->stopped
          && g_get_monotonic_time () - reading->stopped_at > PATIENCE_MS * 1000)
        MPI_Abort (MPI_COMM_WORLD, 1);
    }
  send_order (reading, ORDER_GO_ON);
}

static void
tell (const Reading *reading, gboolean done)
{
  const Told told = look (reading, done);

  MPI_Send (&told, sizeof told, MPI_BYTE, 0, TAG_TOLD, MPI_COMM_WORLD);
}

/* All others: until rank 0 knows that all are. */
static void
follow (Reading *reading)
{
  gint64 next = g_get_monotonic_time () + TELL_MS * 1000;
  gboolean told = FALSE;
  int order = 0;

  while (order != ORDER_GO_ON)
    {
      const gboolean done = wait_a_while (reading);
      int there;

      if (done && !told)
        tell (reading, TRUE);
      else if (!done && g_get_monotonic_time () > next)
        {
          tell (reading, FALSE);
          next = g_get_monotonic_time () + TELL_MS * 1000;
        }
      told = done;
      if (done)
        g_usleep (LOOK_MS * 1000);
      MPI_Iprobe (0, TAG_ORDER, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
      if (!there)
        continue;
      MPI_Recv (&order, 1, MPI_INT, 0, TAG_ORDER, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      if (order == ORDER_STOP)
        stop (reading);
    }
}

/* What is told of one that a signal interrupted: how many rows all had. */
static void
explain_signal (Job *job, int number, GError **error)
{
  FanoutCounters counters = { 0 };
  guint64 rows;

  fanout_pipeline_counters (job->pipeline, &counters, sizeof counters);
  rows = counters.rows;
  MPI_Allreduce (MPI_IN_PLACE, &rows, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
  if (number == 0)
    return;
  g_clear_error (error);
  g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
               "interrupted after %" G_GUINT64_FORMAT " row%s", rows, rows == 1 ? "" : "s");
}

static gboolean
conclude (Reading *reading, GError **error)
{
  Job *job = reading->job;
  const gboolean cancelled
      = reading->error != NULL
        && g_error_matches (reading->error, FANOUT_IO_ERROR, G_IO_ERROR_CANCELLED);
  const int number = cancelled ? signals_caught () : 0;

  explain_signal (job, number, &reading->error);
  /* Who was told to stop has not failed by itself. */
  if (cancelled && number == 0)
    g_clear_error (&reading->error);
  return job_agree (job, reading->error, number > 0 ? 128 + number : 0, error);
}

gboolean
job_read (Job *job, GError **error)
{
  Reading reading = { .job = job };
  gboolean done;

  pthread_mutex_init (&reading.mutex, NULL);
  pthread_cond_init (&reading.ended, NULL);
  reading.told = g_new0 (Told, (guint) job->n);
  if (pthread_create (&reading.thread, NULL, read_part, &reading) != 0)
    {
      reading.done = TRUE;
      reading.error
          = g_error_new_literal (FANOUT_ERROR, FANOUT_ERROR_RETRY, "the system refuses a thread");
    }
  if (job->rank == 0)
    lead (&reading);
  else
    follow (&reading);
  if (job->states != NULL || reading.error == NULL || reading.error->code != FANOUT_ERROR_RETRY)
    pthread_join (reading.thread, NULL);
  done = conclude (&reading, error);
  g_clear_error (&reading.error);
  g_free (reading.told);
  pthread_cond_destroy (&reading.ended);
  pthread_mutex_destroy (&reading.mutex);
  return done;
}
