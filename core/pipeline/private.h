#pragma once

/** A pipeline's inside, and what counts its runs. */

#include "core/partial/checkpoint.h"
#include "core/partial/partial.h"
#include "core/pass/passes.h"
#include "core/pass/windows.h"
#include "core/pipeline/pipeline.h"

/** What became of the checkpoints of a run; of the pipeline's mutex. */
typedef struct
{
  guint64 written;
  guint64 failed;
  guint64 bytes;  /* of the last one */
  double seconds; /* that it took */
  double pause;   /* of them, while all rested */
  double longest_pause;
  double time;   /* when it was there, in seconds since 1970; 0: there was none */
  char *failure; /* of those tried after it; NULL: none was */
} FanoutSaved;

struct FanoutPipeline
{
  FanoutPlan *plan;
  char **partials;           /* files to merge in place of a run; NULL: none */
  FanoutPartial *first;      /* of them, from when the configuration was read */
  FanoutPart *part;          /* of the inputs; NULL: all of them */
  _Atomic (FanoutRun *) run; /* the one that goes on, or the last */
  _Atomic gboolean busy;     /* a run has begun, and not ended */
  _Atomic gboolean interrupted;
  _Atomic gboolean saves;         /* there is a [checkpoint] */
  _Atomic guint interrupting;     /* how many are about to stop `run` */
  _Atomic guint meetings;         /* of a task's thread and its caller */
  FanoutResultFunction on_result; /* NULL: nobody wants to know */
  gpointer on_result_data;
  FanoutStreamHandlers handlers; /* of zeroes: there are none */
  gboolean anew;                 /* no checkpoint is taken */
  gboolean (*save) (gpointer data,
                    GError **error); /* while a stream is told; NULL: there is none */
  gpointer save_data;
  _Atomic guint asked;     /* FanoutAsk */
  int ask[2];              /* a pipe that wakes whoever looks at that; -1: there is none */
  FanoutLookFunction look; /* NULL: nobody looks */
  gpointer look_data;
  _Atomic gboolean may_look; /* passes run that rest for it */
  _Atomic gboolean look_wanted;
  _Atomic gint64 next_look; /* g_get_monotonic_time */
  pthread_mutex_t mutex;    /* of the counters */
  gboolean running;
  FanoutCounters counters;
  FanoutAggregateCounters *aggregate_counters;
  char **texts; /* what the counters point to */
  FanoutSaved saved;
};

/** A pipeline of a plan that is taken over. */
FanoutPipeline *fanout_pipeline_new (FanoutPlan *plan);
/** One run at a time: FALSE where another one goes on. Ends with fanout_pipeline_end(). */
gboolean fanout_pipeline_set_busy (FanoutPipeline *pipeline, GError **error);
void fanout_pipeline_end (FanoutPipeline *pipeline);
/** FALSE with `error` where rows are put in by the program: such a pipeline cannot read them. */
gboolean fanout_pipeline_check_unfed (const FanoutPipeline *pipeline, GError **error);
/** The same of passes that are there: they are taken over. `window`: that they are, or (`start`) as
 * of when they are; NULL: neither. */
FanoutResult *fanout_pipeline_make_result (FanoutPipeline *pipeline, FanoutPasses *passes,
                                           const FanoutWindow *window, GError **error);
/** Read the whole stream, and tell results as it goes on; what is left is one without rows. */
FanoutPasses *fanout_pipeline_read_stream (FanoutPipeline *pipeline, GCancellable *cancellable,
                                           GError **error);
/** Open the pipe of a pipeline that is a stream. */
gboolean fanout_pipeline_open_ask (FanoutPipeline *pipeline, GError **error);
/** The result of merged passes (taken over); NULL where there are none, and `error` says why. The
 * run ends with that. */
FanoutResult *fanout_pipeline_conclude (FanoutPipeline *pipeline, FanoutPasses *passes,
                                        GError **error);
/** Whether a run has to rest when somebody wants to look. */
gboolean fanout_pipeline_looks (const FanoutPipeline *pipeline);
/** Whether he does. */
gboolean fanout_pipeline_is_looked_at (FanoutPipeline *pipeline);
/** Let him see what was counted just now, and `passes`, which rest. */
void fanout_pipeline_show (FanoutPipeline *pipeline, const FanoutPasses *passes);
/** A run: the one that fanout_pipeline_interrupt stops. */
FanoutRun *fanout_pipeline_begin (FanoutPipeline *pipeline, GCancellable *cancellable,
                                  GError **error);
/** Another plan (taken over) and another run in place of those so far. Answers the plan that was.
 */
FanoutPlan *fanout_pipeline_replace (FanoutPipeline *pipeline, FanoutPlan *plan, FanoutRun *run);
/** Count and merge; FALSE with `error`. */
gboolean fanout_pipeline_settle (FanoutPipeline *pipeline, FanoutPasses *passes, GError **error);
/** Read the whole stream, in all partitions, and merge them; `end` (may be NULL): how many rows it
 * has. What came together in parts may have exceeded a limit at an earlier row than any of them
 * noticed: where the input can be read again it is, in one. */
FanoutPasses *fanout_pipeline_read_all (FanoutPipeline *pipeline, GCancellable *cancellable,
                                        guint64 *end, GError **error);
/** Where its part stands among all, with what the run has found there; `place` is as it was where
 * it has no part. */
void fanout_pipeline_find_place (FanoutPipeline *pipeline, FanoutPlace *place);
/** What states are told with after a run; texts and `place` are not copied. */
void fanout_pipeline_tell (const FanoutPipeline *pipeline, const FanoutPlace *place, guint64 end,
                           gboolean enough, FanoutPartialCounters *counters);
/** Who reads a part does not count the lines before it: in the counters and in `error` people are
 * told from where to count. */
void fanout_pipeline_show_lines (FanoutPipeline *pipeline, const FanoutPlace *place,
                                 GError **error);
/** Why the plan of a pipeline gives no partial results, or TRUE. */
gboolean fanout_pipeline_check_possible (const FanoutPlan *plan, gboolean numbered, GError **error);
/** One that has read the heads of all inputs and knows which columns are wanted. */
FanoutBlockReader *fanout_pipeline_new_reader (FanoutPipeline *pipeline, GError **error);
/** The passes of the partial results that the pipeline is made of, merged; `whole`: as parts they
 * must be all. `place` (not cleared before) gets what they are together, `end` and `enough` what
 * FanoutPartialCounters say. */
FanoutPasses *fanout_pipeline_merge_partials (FanoutPipeline *pipeline, gboolean whole,
                                              FanoutPlace *place, guint64 *end, gboolean *enough,
                                              GError **error);

/** Before the merge, which moves states and counts from one partition to another. */
void fanout_pipeline_count (FanoutPipeline *pipeline, const FanoutPasses *passes);
/** In place of what was counted: what came together of others. */
void fanout_pipeline_count_states (FanoutPipeline *pipeline, const FanoutPartialCounters *counters);
/** A text for the counters to point to: a copy of `text`; NULL of NULL. */
const char *fanout_pipeline_keep_text (FanoutPipeline *pipeline, const char *text);
/** What only the merged table and its nodes know. */
void fanout_pipeline_count_merged (FanoutPipeline *pipeline, const FanoutPasses *passes);
/** An aggregate has been dropped after the rows were counted. The caller holds the mutex. */
void fanout_pipeline_count_dropped (FanoutPipeline *pipeline, guint aggregate, const char *reason);
/** What is known of a run while it goes on. The caller holds the mutex. */
void fanout_pipeline_count_run (const FanoutPipeline *pipeline, FanoutRun *run,
                                FanoutCounters *counters);
