#include "core/pass/passes.h"

#include "core/handover/overflow.h"

#include <fanout/error.h>

void
fanout_passes_free (FanoutPasses *passes)
{
  if (passes == NULL)
    return;
  g_clear_pointer (&passes->blocks, g_hash_table_unref);
  for (guint i = 0; i < passes->n_partitions; i++)
    fanout_partition_free (passes->partitions[i]);
  g_free (passes->partitions);
  fanout_run_unref (passes->run);
  g_free (passes);
}

static FanoutPasses *
allocate (FanoutRun *run, guint n)
{
  FanoutPasses *passes = g_new0 (FanoutPasses, 1);
  passes->run = run;
  passes->partitions = g_new0 (FanoutPartition *, n);
  return passes;
}

FanoutPasses *
fanout_passes_new (FanoutRun *run, guint n)
{
  FanoutPasses *passes = allocate (run, n);
  for (guint i = 0; i < n; i++)
    passes->partitions[passes->n_partitions++] = fanout_partition_new (run, TRUE, NULL);
  return passes;
}

FanoutPasses *
fanout_passes_new_single (FanoutRun *run, GMainContext *context)
{
  FanoutPasses *passes = allocate (run, 1);
  fanout_rest_begin (&run->rest, 1);
  passes->partitions[passes->n_partitions++] = fanout_partition_new (run, FALSE, context);
  return passes;
}

FanoutPasses *
fanout_passes_new_empty (FanoutRun *run)
{
  FanoutPasses *passes = allocate (run, 1);
  passes->partitions[passes->n_partitions++] = fanout_partition_new_empty (run);
  return passes;
}

static gpointer
run_pass (gpointer data)
{
  fanout_guard_thread ();
  fanout_partition_run (data);
  return NULL;
}

/* A thread for each pass but the first, which the caller's thread makes. */
void
fanout_passes_run (FanoutPasses *passes)
{
  guint n = passes->n_partitions;
  g_autofree pthread_t *threads = g_new0 (pthread_t, n);
  guint started = 1;
  fanout_rest_begin (&passes->run->rest, n);
  for (; started < n; started++)
    {
      int failure = pthread_create (&threads[started], NULL, run_pass, passes->partitions[started]);
      if (failure == 0)
        continue;
      fanout_run_fail (passes->run, G_MAXUINT64,
                       g_error_new (FANOUT_ERROR, FANOUT_ERROR_STATE,
                                    "the system refuses a thread: %s; [pipeline] partitions asks "
                                    "for %u, fewer of them may do",
                                    g_strerror (failure), n));
      for (guint i = started; i < n; i++)
        fanout_rest_leave (&passes->run->rest);
      break;
    }
  run_pass (passes->partitions[0]);
  for (guint i = 1; i < started; i++)
    pthread_join (threads[i], NULL);
}

/* Something failed by what had come together, in the pass or in the merge. */
static gboolean
has_gathered (const FanoutPasses *passes)
{
  for (guint i = 0; i < passes->n_partitions; i++)
    if (fanout_partition_has_gathered (passes->partitions[i]))
      return TRUE;
  return FALSE;
}

/* Each aggregate was dropped in some pass: one that had seen all rows would have stopped there. */
static gboolean
all_dropped (const FanoutPasses *passes)
{
  for (guint n = 0; n < passes->partitions[0]->n_nodes; n++)
    {
      gboolean dropped = FALSE;
      for (guint i = 0; i < passes->n_partitions && !dropped; i++)
        dropped = passes->partitions[i]->nodes[n]->status == FANOUT_NODE_FAILED;
      if (!dropped)
        return FALSE;
    }
  return TRUE;
}

gboolean
fanout_passes_in_doubt (FanoutPasses *passes)
{
  FanoutRun *run = passes->run;
  if (has_gathered (passes) || (run->error == NULL && all_dropped (passes)))
    return TRUE;
  /* The rows before the one that failed are among those that were read. */
  if (run->error == NULL || run->error_record == G_MAXUINT64
      || fanout_memory_limit_exceeded (&run->limit))
    return FALSE;
  for (guint i = 1; i < passes->n_partitions; i++)
    if (!fanout_partition_merge (passes->partitions[0], passes->partitions[i], NULL))
      return TRUE;
  return has_gathered (passes);
}

gboolean
fanout_passes_merge (FanoutPasses *passes, GError **error)
{
  if (passes->run->error != NULL)
    {
      g_propagate_error (error, g_error_copy (passes->run->error));
      return FALSE;
    }
  for (guint i = 1; i < passes->n_partitions; i++)
    if (!fanout_partition_merge (passes->partitions[0], passes->partitions[i], error))
      return FALSE;
  while (passes->n_partitions > 1)
    fanout_partition_free (passes->partitions[--passes->n_partitions]);
  return TRUE;
}
