#pragma once

/**
 * The embedder's view: load a pipeline, run it, read the result table, ask for the counters.
 *
 *   const char *const folders[] = { "/usr/lib/fanout/plugins", NULL };
 *   g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
 *   g_autoptr (FanoutPipeline) pipeline
 *       = fanout_pipeline_load (registry, "flights.ini", NULL, NULL, &error);
 *   g_autoptr (FanoutResult) result
 *       = pipeline != NULL ? fanout_pipeline_run (pipeline, NULL, &error) : NULL;
 *   const FanoutRows *rows;
 *   while (result != NULL && (rows = fanout_result_next (result, &error)) != NULL)
 *     for (gsize row = 0; row < rows->n_rows; row++)
 *       use (fanout_rows_value (rows, row, 0));
 *
 * Nothing here prints, exits or keeps global state: pipelines share no more than a registry, and
 * several may run at once, in one thread or in many. Unless a function says otherwise, one pipeline
 * and its results are used by one thread at a time. Texts are UTF-8 and NUL-terminated, lists of
 * them NULL-terminated; what is passed in is copied. On failure NULL or FALSE is returned, @error
 * (which may be NULL) is set, and out parameters are as they were.
 */

#include <fanout/abi.h>
#include <fanout/error.h>
#include <fanout/sink.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/** What an INI file describes: a source, aggregates, and how they are to be run. */
typedef struct FanoutPipeline FanoutPipeline;

/** The result table of one run, read row by row. Free it before its pipeline. */
typedef struct FanoutResult FanoutResult;

/** Folders with plugins, and what was found in them. Thread-safe; pipelines may share it. */
typedef struct FanoutRegistry FanoutRegistry;

/**
 * Look for plugins in @folders (NULL: in none), each of which has aggregate/, source/ and sink/ in
 * it (or some of them). Never fails: a file or folder that cannot be used is kept with its reason,
 * which becomes the error when a pipeline asks for what would be in it. Returns one reference.
 */
FANOUT_API FanoutRegistry *fanout_registry_new (const char *const *folders);

/**
 * Add operators, sources or sinks that are part of the program, not of a shared object: a plugin's
 * file that was compiled with FANOUT_PLUGIN_SYMBOL defined (see <fanout/abi.h>). They are checked
 * as those of a file are, and come before the folders where both have a name. @plugin and what it
 * points to must stay as long as the registry. From the next pipeline on they can be used.
 *
 * FALSE with FANOUT_ERROR_PLUGIN ("the program: text") when they do not fit, or when one of these
 * names has been added before; nothing is added then.
 */
FANOUT_API gboolean fanout_registry_add (FanoutRegistry *registry, const FanoutPlugin *plugin,
                                         GError **error);
/** Take another reference; returns @registry. */
FANOUT_API FanoutRegistry *fanout_registry_ref (FanoutRegistry *registry);
/** Give back a reference. NULL is ignored. The code of plugins stays loaded. */
FANOUT_API void fanout_registry_unref (FanoutRegistry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutRegistry, fanout_registry_unref)

/**
 * Make a pipeline from the INI file @path; "-" is standard input. Paths in it are relative to its
 * folder.
 *
 * @overrides: (nullable): texts GROUP.KEY=VALUE that replace or add keys, such as
 *   "aggregate p99.q=0.99"; KEY follows the last dot before the first =.
 * @inputs: (nullable): file names, "-" for standard input, in place of [source] path; relative to
 *   the working directory.
 *
 * The whole file is checked, plugins are looked up and the headers of inputs are read, which may
 * wait for a pipe; nothing runs. Fails with FANOUT_ERROR_CONFIG: the message has one line for each
 * mistake, "ORIGIN: text". What is wrong with an input is FANOUT_ERROR_INPUT or FANOUT_ERROR_DATA.
 *
 * The pipeline keeps a reference to @registry. Free it with fanout_pipeline_free().
 */
FANOUT_API FanoutPipeline *fanout_pipeline_load (FanoutRegistry *registry, const char *path,
                                                 const char *const *overrides,
                                                 const char *const *inputs, GError **error);

/**
 * The same from @key_file, which is not kept; paths in it are relative to @folder. Mistakes have no
 * ORIGIN: "[GROUP] KEY: text".
 */
FANOUT_API FanoutPipeline *fanout_pipeline_new_from_key_file (FanoutRegistry *registry,
                                                              GKeyFile *key_file,
                                                              const char *folder, GError **error);

/** Not while it runs, and after its results. NULL is ignored. */
FANOUT_API void fanout_pipeline_free (FanoutPipeline *pipeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutPipeline, fanout_pipeline_free)

/**
 * Run to the end of the stream; this thread waits. Main contexts of the caller are not iterated.
 *
 * @cancellable: (nullable): ends the run from any thread, also while it waits for bytes; an
 *   operator that has answered FANOUT_LATER is waited for.
 *
 * Fails with G_IO_ERROR_CANCELLED, G_IO_ERROR_PENDING (it is running already), FANOUT_ERROR_INPUT,
 * FANOUT_ERROR_DATA ("FILE:LINE: text") or FANOUT_ERROR_STATE; the first bad row of the stream
 * decides, whatever the strategy, the batch and the partitions. An aggregate that failed and was
 * dropped (on-error = drop) is no failure: see fanout_pipeline_counters().
 *
 * A pipeline can run again, and reads its inputs again, unless one is standard input or a pipe.
 * Returns a result to be freed with fanout_result_free().
 */
FANOUT_API FanoutResult *fanout_pipeline_run (FanoutPipeline *pipeline, GCancellable *cancellable,
                                              GError **error);

/**
 * The same without waiting. Under the strategy `callback` with one partition the run takes place in
 * the thread-default GMainContext of the caller, a millisecond at a time, so that other sources and
 * other pipelines get their turn; else it has a thread of its own. @callback is called once, in
 * that context, never from within this call; it gets NULL for a source object.
 *
 * The pipeline must stay until then, and the context must be iterated.
 */
FANOUT_API void fanout_pipeline_run_async (FanoutPipeline *pipeline, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);

/** What came of fanout_pipeline_run_async(), in its callback: as fanout_pipeline_run(). */
FANOUT_API FanoutResult *fanout_pipeline_run_finish (FanoutPipeline *pipeline, GAsyncResult *result,
                                                     GError **error);

/** Takes a result that came while the stream goes on; it is freed afterwards. FALSE with @error
 * ends the run, which fails with that. */
typedef gboolean (*FanoutResultFunction) (gpointer data, FanoutResult *result, GError **error);

/**
 * What is called in a run with [window]: once for each window when it is over, in the order of
 * their ends, from any thread but never from two at once. What fanout_pipeline_run() returns then
 * has no rows. NULL: nobody wants them. Before the run.
 */
FANOUT_API void fanout_pipeline_on_result (FanoutPipeline *pipeline, FanoutResultFunction function,
                                           gpointer data);

/**
 * Run, and write the states of all groups to the file @path in place of a result. The file appears,
 * whole, only on success; fanout_pipeline_load_partials() reads it. FALSE with FANOUT_ERROR_CONFIG
 * when an aggregate gives no partial results, FANOUT_ERROR_OUTPUT when the file cannot be written,
 * G_IO_ERROR_CANCELLED after a cancellation or an interruption, or as fanout_pipeline_run().
 */
FANOUT_API gboolean fanout_pipeline_run_partial (FanoutPipeline *pipeline, const char *path,
                                                 GCancellable *cancellable, GError **error);

/**
 * Make a pipeline whose run combines the partial results in @paths (at least one), in this order;
 * its result is that of one run over all their inputs. The configuration comes from the first file;
 * @overrides as for fanout_pipeline_load(). Fails as that does, and with FANOUT_ERROR_INPUT for a
 * first file that is damaged or no partial result; the run fails so for the others.
 */
FANOUT_API FanoutPipeline *fanout_pipeline_load_partials (FanoutRegistry *registry,
                                                          const char *const *paths,
                                                          const char *const *overrides,
                                                          GError **error);

/**
 * Stop reading: the run ends as if the stream did, with a result, and its counters say
 * `interrupted` where rows were left unread. Before a run, the next one stops at once. From any
 * thread, and from a signal handler.
 */
FANOUT_API void fanout_pipeline_interrupt (FanoutPipeline *pipeline);

/** What one aggregate did. Times are estimates from samples, over all partitions. */
typedef struct
{
  const char *name;       /* NAME of [aggregate NAME] */
  const char *type;       /* its operator */
  guint64 rows;           /* handed over to it */
  double busy_seconds;    /* spent in its operator */
  double blocked_seconds; /* the rest of the run */
  guint64 state_bytes;    /* its states at their peak */
  const char *error;      /* why it was dropped; NULL: it was not. When `finish` fails this is known
                             only after the rows of the result have been read */
} FanoutAggregateCounters;

/**
 * What a run did. Every row that was read is in exactly one of processed, filtered, late and
 * skipped.
 * Texts live until the pipeline runs again or is freed.
 */
typedef struct
{
  guint32 size;              /* of what is set here; members beyond it are as they were */
  guint32 aggregate_size;    /* sizeof (FanoutAggregateCounters): from one to the next */
  guint64 rows;              /* read: processed, filtered, late and skipped */
  guint64 rows_processed;    /* handed over to the aggregates */
  guint64 rows_skipped;      /* bad ones under on-bad-row = skip */
  const char *first_skipped; /* "FILE:LINE: text", NULL: none */
  guint64 values_nulled;     /* bad ones under on-bad-value = null */
  const char *first_nulled;  /* "FILE:LINE: text", NULL: none */
  guint64 numbers_rounded;   /* beyond what a decimal holds, that became doubles inexactly */
  guint64 bytes;             /* of input, packed as it is */
  guint64 bytes_total;       /* of all inputs; 0: unknown, there is a pipe */
  guint64 batches;           /* handed over, in all partitions */
  guint64 groups;            /* rows of the result, before [output] limit */
  double seconds;            /* from the begin of the run to its end */
  const char *strategy;      /* fiber, threads or callback */
  guint partitions;
  guint in_flight;          /* most batches in flight at once, of one partition */
  guint64 peak_state_bytes; /* states, keys, chunks and buffers of the input */
  gboolean interrupted;     /* fanout_pipeline_interrupt() ended it, with rows left unread */
  guint n_aggregates;
  const FanoutAggregateCounters *aggregates; /* in the order of the file; see
                                                fanout_counters_aggregate() */
  guint64 first_skipped_line;  /* where the first skipped row begins; 0: unknown, or none */
  guint64 first_skipped_last;  /* its last line; 0: unknown: it goes on beyond max-row */
  const char *first_rounded;   /* "FILE:LINE: text", NULL: none */
  const char *never_seen;      /* a list of the columns that no row had; NULL: none */
  guint64 rows_filtered;       /* that [pipeline] where did not let pass */
  guint64 rows_late;           /* whose windows were over */
  guint64 rows_late_by_others; /* of them, since other inputs went on without theirs */
  const char *first_late;      /* "FILE:LINE", NULL: none, or unknown */
  guint64 windows;             /* that were over */
  double watermark;     /* up to when all inputs are complete, in seconds since 1970; 0: there
                           are no windows, or nobody knows */
  guint64 state_bytes;  /* as peak_state_bytes, when they were last counted */
  guint64 open_windows; /* that rows have fallen into, and are not over; or sessions */
  guint64 open_groups;  /* states of groups that are there, in all tables and partitions */
  guint64 checkpoints;  /* written since the run began */
  guint64 checkpoints_failed;
  guint64 checkpoint_bytes;        /* of the last one */
  double checkpoint_seconds;       /* that it took, until it was on the disk */
  double checkpoint_pause;         /* of them, while nothing was read */
  double checkpoint_longest_pause; /* of all */
  double checkpoint_time; /* when it was written, in seconds since 1970; 0: there was none */
  const char *checkpoint_failure; /* why none could be written after it; NULL: none was tried */
  guint64 files_taken_up;         /* that are followed, */
  guint64 files_rotated;          /* of them, since a name had become theirs, */
  guint64 files_changed;          /* became shorter or other, and were read again, */
  guint64 files_lost;             /* could not be found again or read */
  guint64 connections;            /* taken */
  guint64 connections_open;
  guint64 connections_refused; /* what they began with was no header, or no text */
  guint64 datagrams_dropped;   /* by the kernel: there was no room for them */
} FanoutCounters;

/** Those of aggregate `index`, from 0. */
static inline const FanoutAggregateCounters *
fanout_counters_aggregate (const FanoutCounters *counters, guint index)
{
  return (const FanoutAggregateCounters *) (gconstpointer) ((const char *) counters->aggregates
                                                            + (gsize) index
                                                                  * counters->aggregate_size);
}

/**
 * Set @counters, a struct of the caller's of @size bytes (sizeof *counters), to those of the last
 * run, also of one that failed; zeroes before the first. From any thread while a run goes on: then
 * only rows, bytes, seconds, the watermark, checkpoints, files and connections are set, as of now.
 */
FANOUT_API void fanout_pipeline_counters (FanoutPipeline *pipeline, FanoutCounters *counters,
                                          gsize size);

/**
 * The plan in words, as it would run: source, inputs, columns, strategy, partitions, every
 * aggregate with its options, the output. Newly allocated (g_free); lines end in a line feed.
 */
FANOUT_API char *fanout_pipeline_describe (FanoutPipeline *pipeline);

/**
 * What should be known about the inputs before their results are trusted ("FILE:LINE: text", such
 * as a header that looks like a row); NULL: nothing. It lives as long as the pipeline.
 */
FANOUT_API const char *fanout_pipeline_note (FanoutPipeline *pipeline);

/** [output] of the file, and what a [table NAME] says in its place. */
typedef struct
{
  guint32 size;       /* sizeof (FanoutOutputOptions) */
  const char *format; /* name of a sink, or "auto" */
  const char *path;   /* absolute or relative to the working directory, or "-" */
  gboolean header;    /* whether formats that have a header print it */
  gboolean append;    /* write on at the end of the file */
} FanoutOutputOptions;

/** The first one. They live as long as the pipeline, which does not write anything itself. */
FANOUT_API const FanoutOutputOptions *fanout_pipeline_output (FanoutPipeline *pipeline);

/** Where results go: each place once, in the order of the tables. That of [output] is the only one
 * where there is no [table NAME]. */
FANOUT_API guint fanout_pipeline_n_outputs (FanoutPipeline *pipeline);
FANOUT_API const FanoutOutputOptions *fanout_pipeline_nth_output (FanoutPipeline *pipeline,
                                                                  guint n);

/**
 * The inputs, globs expanded, "-" for standard input; empty for a source without bytes. They live
 * until the next run.
 */
FANOUT_API const char *const *fanout_pipeline_inputs (FanoutPipeline *pipeline);

/** Takes @length bytes of @text. FALSE with @error ends the writing. */
typedef gboolean (*FanoutWriteFunction) (gpointer data, const char *text, gsize length,
                                         GError **error);

/**
 * Write all rows of all tables as [output] has it: in its format, with the options of that, with a
 * header or without. @terminal says that it is one: `auto` is table then, and else csv. @write gets
 * the text piece by piece, with @data. To write in another format load the pipeline with the
 * override "output.format=...". FALSE as fanout_result_next(), or with what @write has set.
 */
FANOUT_API gboolean fanout_result_write (FanoutResult *result, gboolean terminal,
                                         FanoutWriteFunction write, gpointer data, GError **error);
/** The same of the tables that go to the output `n` of the pipeline, from 0. */
FANOUT_API gboolean fanout_result_write_output (FanoutResult *result, guint n, gboolean terminal,
                                                FanoutWriteFunction write, gpointer data,
                                                GError **error);

/** Tables of the result: one, or one for each [table NAME]. */
FANOUT_API guint fanout_result_n_tables (FanoutResult *result);
/** Table `n`, from 0, to be read by the functions below, as the first one is by the result itself.
 * It is part of the result, and not freed. */
FANOUT_API FanoutResult *fanout_result_table (FanoutResult *result, guint n);

/** The columns of the result table: keys first, then the aggregates in the order of the file. They
 * live as long as the result. */
FANOUT_API const FanoutLayout *fanout_result_layout (FanoutResult *result);

/**
 * The next rows, at least one, in the order of [output] sort. They are valid until the next call
 * for @result. NULL at the end, with @error as it was, or with FANOUT_ERROR_STATE when an operator
 * could not finish its states.
 */
FANOUT_API const FanoutRows *fanout_result_next (FanoutResult *result, GError **error);

/**
 * For each column of the layout: NULL, or how far its values may be from the truth, as static text
 * such as "relative error at most 1 %". Known after the rows have been read.
 */
FANOUT_API const char *const *fanout_result_approximate (FanoutResult *result);

/** Start again at the first row. */
FANOUT_API void fanout_result_rewind (FanoutResult *result);

/** Before its pipeline is freed. NULL is ignored. */
FANOUT_API void fanout_result_free (FanoutResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutResult, fanout_result_free)

G_END_DECLS
