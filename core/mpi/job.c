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

gboolean
job_share_out (Job *job, GError **error)
{
  FanoutPart part = { .index = (guint64) job->rank, .count = (guint64) job->n };
  g_autofree FanoutPartScan *scans = g_new0 (FanoutPartScan, (guint) job->n);
  g_autoptr (GError) failure = NULL;

  if (fanout_pipeline_set_part (job->pipeline, &part, &failure))
    fanout_pipeline_scan_part (job->pipeline, &scans[job->rank], &failure);
  if (!job_agree (job, failure, 0, error))
    return FALSE;
  MPI_Allgather (MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, scans, sizeof *scans, MPI_BYTE,
                 MPI_COMM_WORLD);
  fanout_part_settle (scans, part.index, &part);
  return fanout_pipeline_set_part (job->pipeline, &part, error);
}
