#pragma once

/** Inside of <fanout/pipeline.h>. */

#include "core/base/output.h"
#include "core/input/survey.h"
#include "core/partial/checkpoint.h"
#include "core/plan/plan.h"

/** A pipeline of `config` (taken over; NULL: it could not be read), called `name` in messages.
 * `errors` has the mistakes of its making. */
FANOUT_API FanoutPipeline *fanout_pipeline_new_from_config (FanoutRegistry *registry,
                                                            FanoutConfig *config, const char *name,
                                                            const char *const *inputs,
                                                            FanoutErrors *errors, GError **error);

/** What there is to be seen of a run while all of it rests. */
typedef struct
{
  const FanoutCounters *counters;
  const GArray *inputs; /* of FanoutSurveyed, some of them; NULL: it reads none */
  guint64 n_inputs;
  FanoutResult *result; /* so far; NULL where they are windows, or states cannot be copied */
} FanoutLook;

/** Sees it, in one of the threads of the run. */
typedef void (*FanoutLookFunction) (gpointer data, const FanoutLook *look);

/** Who looks at runs while they go on, when somebody asks for it. Before the run. */
FANOUT_API void fanout_pipeline_on_look (FanoutPipeline *pipeline, FanoutLookFunction function,
                                         gpointer data);
/** Let him look at the run that goes on, at its next common rest; too soon after the last time,
 * where no run goes on, or where it does not rest, the answer is FALSE. Any thread. */
FANOUT_API gboolean fanout_pipeline_look (FanoutPipeline *pipeline);

/** What runs. It lives as long as the pipeline. */
FANOUT_API const FanoutPlan *fanout_pipeline_plan (const FanoutPipeline *pipeline);

/** A pipeline to be put in place of `running` by its handler `reload`, which calls this: its inputs
 * go on. What of them cannot change is a mistake as well. */
FANOUT_API FanoutPipeline *fanout_pipeline_new_again (FanoutPipeline *running,
                                                      FanoutRegistry *registry,
                                                      FanoutConfig *config, const char *name,
                                                      const char *const *inputs,
                                                      FanoutErrors *errors, GError **error);

/** Read one piece of the inputs alone, of which states can be written. FALSE with `error` where
 * they cannot be cut. */
FANOUT_API gboolean fanout_pipeline_set_part (FanoutPipeline *pipeline, const FanoutPart *part,
                                              GError **error);

/** fanout_pipeline_load_partials () with the keys of `over` in place of overrides. */
FANOUT_API FanoutPipeline *fanout_pipeline_merge (FanoutRegistry *registry,
                                                  const char *const *paths,
                                                  const FanoutConfig *over, FanoutErrors *errors,
                                                  GError **error);

/** fanout_pipeline_run_partial() to an output that is open already; it is committed. */
FANOUT_API gboolean fanout_pipeline_write_partial (FanoutPipeline *pipeline, FanoutOutput *output,
                                                   GCancellable *cancellable, GError **error);

/** What a run says while it goes on; one at a time, from any thread. */
typedef struct
{
  /** A window that began at `when` is the next result, whose states are being gathered only after
   * this: what it is written to may be made ready, and known to a checkpoint. (nullable) */
  gboolean (*turn) (gpointer data, FanoutInstant when, GError **error);
  /** A window that is over, or the results so far; `when`: when the window began, or as of when
   * they are. FALSE with `error` ends the run. Of a window it may be told while the run goes on,
   * but not while another of these is. */
  gboolean (*result) (gpointer data, FanoutResult *result, FanoutInstant when, GError **error);
  /** Append what it takes to go on from here. */
  gboolean (*save) (gpointer data, GByteArray *to, GError **error);
  /** Bring to the disk what had been written when that was last called; in a thread of its own,
   * while others may go on. */
  gboolean (*sync) (gpointer data, GError **error);
  /** Go back to what was saved; `bytes` NULL: nothing was, the run begins anew. */
  gboolean (*restore) (gpointer data, const char *bytes, gsize length, GError **error);
  /** Something that is no failure: one line. */
  void (*note) (gpointer data, const char *text);
  gpointer data;
  /** The configuration is to be read again: what comes in place of the pipeline that runs, made by
   * fanout_pipeline_new_again(), taken over. NULL with `error`: it goes on. While all rests. */
  FanoutPipeline *(*reload) (gpointer data, GError **error);
  /** It comes now: what the plan so far has lives until this returns, and nothing runs meanwhile.
   */
  void (*replace) (gpointer data);
  /** What came of it: either `changes`, of which there is a checkpoint where there is one at all,
   * or the run goes on as before, for `error`. */
  void (*reloaded) (gpointer data, const FanoutChanges *changes, const GError *error);
  gpointer reload_data;
} FanoutStreamHandlers;

/** `handlers` are copied. In place of fanout_pipeline_on_result(). */
FANOUT_API void fanout_pipeline_on_stream (FanoutPipeline *pipeline,
                                           const FanoutStreamHandlers *handlers);

/** Whether its results come while it runs. */
FANOUT_API gboolean fanout_pipeline_is_stream (const FanoutPipeline *pipeline);
/** Whether it does not end by itself, or is to outlive its process. */
FANOUT_API gboolean fanout_pipeline_is_endless (const FanoutPipeline *pipeline);
/** Take no checkpoint that is there: begin anew. Before the run. */
FANOUT_API void fanout_pipeline_begin_anew (FanoutPipeline *pipeline);

/** What can be asked of a run that is a stream. */
typedef enum
{
  FANOUT_ASK_CHECKPOINT = 1 << 0,
  FANOUT_ASK_RESULTS = 1 << 1, /* so far, where they are not windows */
  FANOUT_ASK_STOP = 1 << 2,    /* with [checkpoint]: after one more */
  FANOUT_ASK_RELOAD = 1 << 3,  /* read the configuration again */
  FANOUT_ASK_PULSE = 1 << 4,   /* nothing: that it is done shows that all of the run is alive */
} FanoutAsk;

/** At the next common rest. From any thread, and from a signal handler. */
FANOUT_API void fanout_pipeline_ask (FanoutPipeline *pipeline, guint what);

/** Whether that has been asked for, and nobody has done it yet. Any thread. */
FANOUT_API gboolean fanout_pipeline_is_asked (const FanoutPipeline *pipeline, FanoutAsk what);

/** In the handler `turn`, or in that of a result which is no window: write a checkpoint before that
 * result is written anywhere. TRUE where there is no [checkpoint]. */
FANOUT_API gboolean fanout_pipeline_save (FanoutPipeline *pipeline, GError **error);

/** The zone in which paths that are dates are meant; NULL: UTC. */
FANOUT_API GTimeZone *fanout_pipeline_zone (const FanoutPipeline *pipeline);
