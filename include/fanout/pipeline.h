#pragma once

/**
 * The embedder's view: load a pipeline, run it, read the result table, ask for the counters.
 */

#include <fanout/error.h>
#include <fanout/sink.h>
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct FanoutPipeline FanoutPipeline;
typedef struct FanoutResult FanoutResult;

/** Folders with plugins, and what was found in them. Several pipelines may share one. */
typedef struct FanoutRegistry FanoutRegistry;

/** Open the plugins in `folders` (NULL-terminated; each with aggregate/, source/, sink/). Whatever cannot be used is
 * kept with its reason and told when its name is asked for. */
FANOUT_API FanoutRegistry *fanout_registry_new (const char *const *folders);
FANOUT_API FanoutRegistry *fanout_registry_ref (FanoutRegistry *registry);
FANOUT_API void fanout_registry_unref (FanoutRegistry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutRegistry, fanout_registry_unref)

/** A pipeline from an INI file, "-" for standard input. Everything wrong with it is in `error`, one line each
 * (FANOUT_ERROR_CONFIG); headers of inputs are read, nothing runs.
 * `overrides`: texts GROUP.KEY=VALUE, NULL-terminated or NULL. `inputs`: file names in place of [source] path, relative
 * to the working directory, NULL-terminated or NULL. */
FANOUT_API FanoutPipeline *fanout_pipeline_load (FanoutRegistry *registry, const char *path,
                                                 const char *const *overrides, const char *const *inputs,
                                                 GError **error);
/** The same from a key file in memory; relative paths are relative to `folder`. */
FANOUT_API FanoutPipeline *fanout_pipeline_new_from_key_file (FanoutRegistry *registry, GKeyFile *key_file,
                                                              const char *folder, GError **error);
FANOUT_API void fanout_pipeline_free (FanoutPipeline *pipeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutPipeline, fanout_pipeline_free)

/** Run to the end of the stream, in this thread. NULL with `error` when it failed (G_IO_ERROR_CANCELLED
 * when cancelled). A pipeline can run again, unless it reads standard input. */
FANOUT_API FanoutResult *fanout_pipeline_run (FanoutPipeline *pipeline, GCancellable *cancellable, GError **error);
/** The same without blocking: on the thread-default GMainContext under the strategy `callback`, in a
 * thread of its own otherwise. */
FANOUT_API void fanout_pipeline_run_async (FanoutPipeline *pipeline, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
FANOUT_API FanoutResult *fanout_pipeline_run_finish (FanoutPipeline *pipeline, GAsyncResult *result, GError **error);
/** Run, and write the states to the file `path` (put in its place on success alone) in place of a
 * result. FALSE with `error`: FANOUT_ERROR_CONFIG when an aggregate gives no partial results,
 * G_IO_ERROR_CANCELLED after an interruption. */
FANOUT_API gboolean fanout_pipeline_run_partial (FanoutPipeline *pipeline, const char *path,
                                                 GCancellable *cancellable, GError **error);
/** A pipeline whose run combines partial results, in the order given (NULL-terminated, at least
 * one); its result is that of one run over all their inputs. The configuration comes from the first file;
 * `overrides` as for fanout_pipeline_load. */
FANOUT_API FanoutPipeline *fanout_pipeline_load_partials (FanoutRegistry *registry,
                                                          const char *const *paths,
                                                          const char *const *overrides,
                                                          GError **error);
/** Stop reading; the run then ends as if the stream did. Any thread, also from a signal handler. */
FANOUT_API void fanout_pipeline_interrupt (FanoutPipeline *pipeline);

/** What one aggregate did. Times are estimates from samples. */
typedef struct
{
  const char *name;
  const char *type;
  guint64 rows;          /* handed over to it */
  double busy_seconds;
  double blocked_seconds;
  guint64 state_bytes;   /* peak, all partitions */
  const char *error;     /* why it was dropped; NULL: it was not */
} FanoutAggregateCounters;

/** What a run did, so far or at its end. Texts live until the next run or the end of the pipeline. */
typedef struct
{
  guint64 rows;              /* read: processed and skipped */
  guint64 rows_processed;
  guint64 rows_skipped;      /* bad ones under on-bad-row = skip */
  const char *first_skipped; /* "FILE:LINE: text", NULL: none */
  guint64 values_nulled;     /* bad ones under on-bad-value = null */
  const char *first_nulled;
  guint64 integers_rounded;  /* integers beyond a decimal's range that became doubles inexactly */
  guint64 bytes;             /* of input */
  guint64 bytes_total;       /* 0: unknown, a pipe */
  guint64 batches;
  guint64 groups;
  double seconds;
  const char *strategy;
  guint partitions;
  guint in_flight;           /* most batches in flight at once, of one partition */
  guint64 peak_state_bytes;  /* states, keys and chunks */
  gboolean interrupted;      /* fanout_pipeline_interrupt ended it */
  guint n_aggregates;
  const FanoutAggregateCounters *aggregates;
} FanoutCounters;

/** Counters of the run that goes on (any thread; then only rows, bytes and seconds are current) or of the last one, also
 * when it failed. */
FANOUT_API void fanout_pipeline_counters (FanoutPipeline *pipeline, FanoutCounters *counters);

/** The plan in words, as it would run: source, inputs, columns, strategy, partitions, every aggregate with its options,
 * the output. Newly allocated, lines end in a line feed. */
FANOUT_API char *fanout_pipeline_describe (FanoutPipeline *pipeline);

/** [output] of the file. Texts live as long as the pipeline. */
typedef struct
{
  const char *format; /* name of a sink, or "auto" */
  const char *path;   /* absolute or relative to the working directory, or "-" */
  gboolean header;
} FanoutOutputOptions;
FANOUT_API const FanoutOutputOptions *fanout_pipeline_output (FanoutPipeline *pipeline);
/** The inputs, globs expanded, NULL-terminated; empty for a source without bytes. */
FANOUT_API const char *const *fanout_pipeline_inputs (FanoutPipeline *pipeline);
/** The sink for [output] format; "auto" is table where `terminal`, else csv. */
FANOUT_API const FanoutSink *fanout_pipeline_sink (FanoutPipeline *pipeline, gboolean terminal);

/** The columns of the result table; rows come through a cursor, sorted. */
FANOUT_API const FanoutLayout *fanout_result_layout (FanoutResult *result);
/** The next rows, valid until the next call; FALSE at the end (`error` unset) or on failure. */
FANOUT_API gboolean fanout_result_next (FanoutResult *result, FanoutRows *rows, GError **error);
/** For each column of the layout: NULL, or how far its values may be from the truth, known after the rows
 * have been read. */
FANOUT_API const char *const *fanout_result_approximate (FanoutResult *result);
/** Start again at the first row. */
FANOUT_API void fanout_result_rewind (FanoutResult *result);
FANOUT_API void fanout_result_free (FanoutResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutResult, fanout_result_free)

G_END_DECLS
