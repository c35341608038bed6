#pragma once

/** What all partitions of one run share: where the stream comes from, the bound of its memory, its
 * first failure. */

#include "core/pass/rest.h"
#include "core/rows/feed.h"
#include "core/handover/stop.h"
#include "core/base/memory.h"
#include "core/plan/plan.h"

#include <pthread.h>

typedef struct
{
  _Atomic guint references;
  const FanoutPlan *plan;
  FanoutBlockReader *reader; /* or NULL */
  FanoutGenerator generator; /* without reader */
  FanoutInlet inlet;         /* where the program puts rows in */
  FanoutMemoryLimit limit;
  GCancellable *cancellable; /* may be NULL */
  FanoutStop stop;           /* cancelled or interrupted */
  guint64 seed;              /* of the hash tables: one for all, so that they merge fast */
  _Atomic guint64 rows;
  FanoutRest rest;
  FanoutWatermarks watermarks; /* with windows */
  gboolean leaves;             /* where each aggregate leaves is wanted: of one partition alone */
  gint64 closed;               /* the last window that is over; changes while all rest */
  _Atomic gboolean enough;     /* all aggregates have had: what is left unread counts for nothing */
  guint64 started;             /* g_get_monotonic_time */
  pthread_mutex_t mutex;
  GError *error; /* of the first failure in the stream */
  guint64 error_record;
} FanoutRun;

/** `reader` is taken over. */
FanoutRun *fanout_run_new (const FanoutPlan *plan, FanoutBlockReader *reader,
                           GCancellable *cancellable);
FanoutRun *fanout_run_ref (FanoutRun *run);
void fanout_run_unref (FanoutRun *run);

/** Note a failure (taken over) at row `record` (G_MAXUINT64: at no row); the earliest row wins. No
 * block behind it is dealt any more. */
void fanout_run_fail (FanoutRun *run, guint64 record, GError *error);
/** After it has ended: whether rows that would have counted were left unread. */
gboolean fanout_run_is_cut (FanoutRun *run);
/** Deal nothing more, the stream ends here. Async-signal-safe. */
void fanout_run_stop (FanoutRun *run);
/** The same from outside: operators that wait are told. Async-signal-safe. */
void fanout_run_interrupt (FanoutRun *run);
