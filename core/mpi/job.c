#include "core/mpi/job.h"

#include <fanout/error.h>
#include <string.h>

/* What a rank says of itself. */
typedef struct
{
  int failed;
  int code;
  int error; /* of FANOUT_ERROR; -1: of another domain */
  int length;
} Report;

gboolean
job_agree (Job *job, const GError *failure, int code, GError **error)
{
  Report mine = { 0 };
  int first = failure != NULL ? job->rank : job->n;
  g_autofree char *text = NULL;

  if (failure != NULL)
    mine = (Report){ 1, code, failure->domain == FANOUT_ERROR ? failure->code : -1,
                     (int) MIN (strlen (failure->message), (gsize) G_MAXINT) };
  MPI_Allreduce (MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (first == job->n)
    return TRUE;
  MPI_Bcast (&mine, sizeof mine, MPI_BYTE, first, MPI_COMM_WORLD);
  text = g_malloc0 ((gsize) mine.length + 1);
  if (first == job->rank)
    memcpy (text, failure->message, (gsize) mine.length);
  MPI_Bcast (text, mine.length, MPI_BYTE, first, MPI_COMM_WORLD);
  job->code = mine.code;
  g_set_error_literal (error, FANOUT_ERROR, mine.error >= 0 ? mine.error : FANOUT_ERROR_STATE,
                       text);
  return FALSE;
}

/* What all parts together say of how mine begins. */
static void
look_at_all (Job *job, GError **error)
{
  g_autofree FanoutPartScan *scans = g_new0 (FanoutPartScan, (guint) job->n);

  if (*error == NULL)
    fanout_pipeline_scan_part (job->pipeline, &scans[job->rank], error);
  MPI_Allgather (MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, scans, sizeof *scans, MPI_BYTE,
                 MPI_COMM_WORLD);
  fanout_part_settle (scans, job->part.index, &job->part);
  if (*error == NULL)
    fanout_pipeline_set_part (job->pipeline, &job->part, error);
}

gboolean
job_share_out (Job *job, gboolean known, GError **error)
{
  g_autoptr (GError) failure = NULL;

  job->part = (FanoutPart){ .index = (guint64) job->rank,
                            .count = (guint64) job->n,
                            .quoted = FANOUT_PART_GUESS,
                            .numbered = fanout_pipeline_numbers_rows (job->pipeline) };
  fanout_pipeline_set_part (job->pipeline, &job->part, &failure);
  if (known)
    look_at_all (job, &failure);
  return job_agree (job, failure, 0, error);
}

gboolean
job_number (Job *job, GError **error)
{
  g_autofree guint64 *rows = g_new0 (guint64, (guint) job->n);
  g_autoptr (GError) failure = NULL;

  fanout_pipeline_count_part (job->pipeline, &rows[job->rank], &failure);
  MPI_Allgather (MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, rows, 1, MPI_UINT64_T, MPI_COMM_WORLD);
  for (int r = 0; r < job->rank; r++)
    job->part.record += rows[r];
  if (failure == NULL)
    fanout_pipeline_set_part (job->pipeline, &job->part, &failure);
  return job_agree (job, failure, 0, error);
}

gboolean
job_fits (Job *job)
{
  g_autofree FanoutPartFound *found = g_new0 (FanoutPartFound, (guint) job->n);

  fanout_states_found (job->states, &found[job->rank]);
  MPI_Allgather (MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, found, sizeof *found, MPI_BYTE,
                 MPI_COMM_WORLD);
  return fanout_parts_fit (found, (guint) job->n);
}
