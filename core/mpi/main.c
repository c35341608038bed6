#include "core/fanoutd/execute.h"
#include "core/fanoutd/exits.h"
#include "core/fanoutd/memory.h"
#include "core/fanoutd/load.h"
#include "core/fanoutd/signals.h"
#include "core/mpi/job.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char help[]
    = "Usage: mpirun fanoutd-mpi run [OPTION]... PIPELINE.ini [INPUT]...\n"
      "\n"
      "Runs the pipeline on all ranks: each reads a piece of the bytes of all inputs, which all "
      "of\n"
      "them must see; rank 0 prints what 'fanoutd run' would print. The file is the same.\n"
      "\n" SETTINGS_HELP "\n"
      "Examples:\n"
      "  mpirun -n 64 fanoutd-mpi run flights.ini\n"
      "  srun --ntasks=256 fanoutd-mpi run --stats -o result.csv flights.ini\n";

static int run (const Verb *verb, char **arguments);

static const Verb program = { .name = "run", .help = help, .run = run };

static gboolean
read_shares (Job *job, GError **error)
{
  const gboolean numbered = job->n < 2 || !job->part.numbered || job_number (job, error);

  return numbered && job_read (job, error);
}

/*
 * How a part begins, inside quotes or not, is guessed; when all have been read it is known, and the
 * guess is nearly always right. Else, and where something failed, which may be for that reason, and
 * is told with the numbers of lines, all is read once more after a look at all bytes.
 */
static gboolean
read_all (Job *job, GError **error)
{
  if (job->n > 1)
    {
      g_autoptr (GError) failure = NULL;

      if (!job_share_out (job, FALSE, error))
        return FALSE;
      if (read_shares (job, &failure) && job_fits (job))
        return TRUE;
      if (job->code != 0)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      g_clear_pointer (&job->states, fanout_states_free);
      /* That of the others, who wanted it to end as well; what a signal wants goes on. */
      fanout_pipeline_forget_interrupt (job->pipeline);
      if (signals_caught () > 0)
        fanout_pipeline_interrupt (job->pipeline);
    }
  return job_share_out (job, TRUE, error) && read_shares (job, error);
}

/* Rank 0: the result of all. */
static FanoutResult *
run_job (gpointer data, GError **error)
{
  Job *job = data;
  int go = TRUE;

  MPI_Bcast (&go, 1, MPI_INT, 0, MPI_COMM_WORLD);
  if (!read_all (job, error) || !job_meet (job, error))
    return NULL;
  fanout_states_count_bytes (job->states, job->bytes, job->total);
  return fanout_states_conclude (g_steal_pointer (&job->states), error);
}

typedef struct
{
  Runner runner;
  Job *job;
  char *stats;
} Leading;

static FanoutResult *
lead (gpointer data, GError **error)
{
  Leading *self = data;
  FanoutResult *result = run_job (self->job, error);

  self->stats = g_strdup_printf ("\"ranks\":%d,\"meeting\":\"%s\"", self->job->n,
                                 self->job->dealt ? "dealt" : "tree");
  self->runner.stats = self->stats;
  self->runner.code = self->job->code;
  return result;
}

static int
run_first (Job *job, const Settings *settings)
{
  Leading self = { .job = job };
  int code;

  self.runner.run = lead;
  self.runner.data = &self;
  self.runner.piped = TRUE;
  code = execute_by (job->pipeline, settings, &self.runner);
  /* The others wait for the word to begin where an output could not be opened. */
  if (self.stats == NULL)
    {
      int go = FALSE;

      MPI_Bcast (&go, 1, MPI_INT, 0, MPI_COMM_WORLD);
    }
  g_free (self.stats);
  return code;
}

static void
run_other (Job *job)
{
  g_autoptr (GError) error = NULL;
  int go;

  signals_catch (job->pipeline, NULL);
  MPI_Bcast (&go, 1, MPI_INT, 0, MPI_COMM_WORLD);
  if (go && read_all (job, &error))
    job_meet (job, &error);
  signals_settle ();
  signals_release (NULL);
}

/* A failure that rank 0 does not share is told by it in the words of the first rank that has it. */
static int
agree_on_loading (Job *job, int code, const GString *said)
{
  int first = code > 0 ? job->rank : job->n;
  guint64 length = said->len;
  g_autofree char *text = NULL;

  MPI_Allreduce (MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (first == job->n)
    return code;
  MPI_Bcast (&code, 1, MPI_INT, first, MPI_COMM_WORLD);
  MPI_Bcast (&length, 1, MPI_UINT64_T, first, MPI_COMM_WORLD);
  text = g_malloc0 (length + 1);
  if (first == job->rank)
    memcpy (text, said->str, length);
  MPI_Bcast (text, (int) length, MPI_BYTE, first, MPI_COMM_WORLD);
  if (job->rank == 0 && first > 0)
    {
      print_error (text);
      message ("that was rank %d; what the others see is another matter", first);
    }
  return code;
}

static int
run (const Verb *verb, char **arguments)
{
  g_auto (Load) load;
  g_autoptr (FanoutPipeline) pipeline = NULL;
  g_autoptr (GString) said = g_string_new (NULL);
  Job job = { 0 };
  int code;

  MPI_Comm_rank (MPI_COMM_WORLD, &job.rank);
  MPI_Comm_size (MPI_COMM_WORLD, &job.n);
  if (job.rank > 0)
    message_keep (said);
  code = load_pipeline (&load, verb, arguments, &pipeline);
  job.pipeline = pipeline;
  code = agree_on_loading (&job, code, said);
  if (code >= 0)
    return code;
  if (job.rank == 0)
    code = run_first (&job, &load.settings);
  else
    run_other (&job);
  fanout_states_free (job.states);
  MPI_Bcast (&code, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return code;
}

int
main (int argc, char **argv)
{
  static const Argument none[] = { { 0, NULL, ARGUMENT_FLAG, NULL } };
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  char *options[] = { argc > 1 ? argv[1] : NULL, NULL };
  int provided;
  int code;

  signal (SIGPIPE, SIG_DFL);
  signal (SIGCHLD, SIG_DFL);
  MPI_Init_thread (&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  int rank;
  MPI_Comm_rank (MPI_COMM_WORLD, &rank);
  g_autoptr (GString) said = g_string_new (NULL);
  if (rank > 0)
    message_keep (said);
  code = arguments_read (&program, none, options, words, NULL);
  if (code < 0 && (argc < 2 || strcmp (argv[1], "run") != 0))
    code = message_usage (NULL, "the only verb is 'run'");
  for (int i = 2; code < 0 && i < argc; i++)
    if (strcmp (argv[i], "-") == 0)
      code = message_usage (&program, "ranks have no standard input in common: name the files");
  if (code < 0)
    {
      memory_watch ();
      exits_watch ();
      code = run (&program, argv + 2);
      exits_allow ();
    }
  MPI_Finalize ();
  return code;
}
