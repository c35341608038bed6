#pragma once

/** One run by all ranks: what they agree on. MPI is called by the main thread alone. */

#include "core/pipeline/states.h"

#include <mpi.h>

typedef struct
{
  int rank;
  int n;
  FanoutPipeline *pipeline;
  FanoutPart part;
  FanoutStates *states;
  guint64 bytes;  /* that all other ranks have read, */
  guint64 total;  /* of so many */
  gboolean dealt; /* groups were dealt by their keys before they met */
  int code;       /* the exit code of a failure that no error tells; 0: none */
} Job;

/** Whether no rank has failed: those that have say why (`failure`, NULL: it has not), and the first
 * of them counts for all, which get its error. Called by all ranks. */
gboolean job_agree (Job *job, const GError *failure, int code, GError **error);

/** Which part is whose. How each begins is `known` by a look at the bytes of all others, or guessed
 * by each for itself. By all ranks; FALSE on all of them. */
gboolean job_share_out (Job *job, gboolean known, GError **error);
/** Number the rows of all parts as those of one run: all are read once for it. By all ranks; FALSE
 * on all of them. */
gboolean job_number (Job *job, GError **error);
/** Read all parts. A rank that fails ends it for all. By all ranks. */
gboolean job_read (Job *job, GError **error);
/** Whether they begin as those before them end. By all ranks. */
gboolean job_fits (Job *job);
/** Let all states meet in rank 0. By all ranks. */
gboolean job_meet (Job *job, GError **error);
