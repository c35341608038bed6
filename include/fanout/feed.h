#pragma once

/**
 * Rows from the program itself: a pipeline whose source is whoever calls fanout_feed_row().
 *
 *   const char *const columns[] = { "city", "price", NULL };
 *   g_autoptr (FanoutPipeline) pipeline
 *       = fanout_pipeline_load_feed (registry, "prices.ini", NULL, columns, &error);
 *   g_autoptr (FanoutFeeder) feeder
 *       = pipeline != NULL ? fanout_feed_begin (pipeline, NULL, NULL, &error) : NULL;
 *   FanoutCell row[2];
 *   while (feeder != NULL && fanout_feed_wants (feeder) && get_next (&city, &cents))
 *     {
 *       row[0] = fanout_cell_text (city, -1);
 *       row[1] = fanout_cell_number (fanout_number_decimal (cents, 2));
 *       if (!fanout_feed_row (feeder, row, 2, &error))
 *         break;
 *     }
 *   g_autoptr (FanoutResult) result
 *       = feeder != NULL && error == NULL ? fanout_feed_end (feeder, &error) : NULL;
 *
 * Nothing is stored but the rows of one batch: when [pipeline] batch rows have been put in they are
 * handed over, and fanout_feed_row() returns when all aggregates have taken them. Under `threads`
 * it returns while they are at work, and waits with the next batch. The aggregates run in the
 * thread that calls, under `threads` also in others. There is one partition.
 *
 * A feeder is used by the thread that began it, and by no other. Free the feeder before its
 * pipeline.
 */

#include <fanout/number.h>
#include <fanout/pipeline.h>
#include <string.h>

G_BEGIN_DECLS

/** What a cell of a row holds. */
typedef enum
{
  FANOUT_CELL_NULL = 0,
  FANOUT_CELL_TEXT,
  FANOUT_CELL_NUMBER,
} FanoutCellKind;

/** One value of a row that is put in. Rows are arrays of them, so nothing will be added to it. */
typedef struct
{
  FanoutCellKind kind;
  FanoutNumber number; /* NUMBER */
  const char *text;    /* TEXT: UTF-8, needs no NUL; copied */
  gsize length;        /* TEXT: bytes */
} FanoutCell;

/** No value. */
static inline FanoutCell
fanout_cell_null (void)
{
  FanoutCell cell = { FANOUT_CELL_NULL, { { 0 }, 0 }, NULL, 0 };

  return cell;
}

/** A text of @length bytes (-1: up to its NUL). Where a number is wanted it is read as one, as it
 * would be in a file: "12.30" is a decimal. The empty text is no value. */
static inline FanoutCell
fanout_cell_text (const char *text, gssize length)
{
  FanoutCell cell = fanout_cell_null ();

  cell.kind = FANOUT_CELL_TEXT;
  cell.text = text;
  cell.length = length >= 0 ? (gsize) length : strlen (text);
  return cell;
}

/** A number, as fanout_number_decimal() (exactly the mantissa / 10^scale) or fanout_number_double()
 * make it. Where a text is wanted it is the one that a result would have: 1230 / 10^2 is "12.3". */
static inline FanoutCell
fanout_cell_number (FanoutNumber number)
{
  FanoutCell cell = fanout_cell_null ();

  cell.kind = FANOUT_CELL_NUMBER;
  cell.number = number;
  return cell;
}

/**
 * Make a pipeline as fanout_pipeline_load() does, whose rows come from fanout_feed_row() and have
 * the @columns. [source] of the file is not looked at.
 */
FANOUT_API FanoutPipeline *fanout_pipeline_load_feed (FanoutRegistry *registry, const char *path,
                                                      const char *const *overrides,
                                                      const char *const *columns, GError **error);

/** The same as fanout_pipeline_new_from_key_file() does it. */
FANOUT_API FanoutPipeline *fanout_pipeline_new_feed_from_key_file (FanoutRegistry *registry,
                                                                   GKeyFile *key_file,
                                                                   const char *folder,
                                                                   const char *const *columns,
                                                                   GError **error);

/** A run of such a pipeline that is waiting for rows. */
typedef struct FanoutFeeder FanoutFeeder;

/**
 * Begin a run. A pipeline can run again when its feeder is freed.
 *
 * @context: (nullable): NULL: functions wait as long as they must, without iterating any main
 *   context of the caller's. Else that of the caller's thread: fanout_feed_row() and
 *   fanout_feed_end() never wait, but fail with G_IO_ERROR_WOULD_BLOCK where they would; see
 *   fanout_feed_source_new().
 * @cancellable: (nullable): as for fanout_pipeline_run(); it takes effect with the next batch.
 *
 * Fails with FANOUT_ERROR_CONFIG when @pipeline reads its rows itself, with G_IO_ERROR_PENDING when
 * it is running already.
 */
FANOUT_API FanoutFeeder *fanout_feed_begin (FanoutPipeline *pipeline, GMainContext *context,
                                            GCancellable *cancellable, GError **error);

/**
 * Put in one row: @n_cells values, in the order of the columns.
 *
 * FALSE with FANOUT_ERROR_DATA when it is not one that fits: another number of cells, a text where
 * a number is wanted ("feed:ROW: text", ROW from 1), a scale that no decimal has. Such a row has
 * not been put in, and others can follow. (Where the pipeline filters rows or derives columns it is
 * known with the batch whether somebody looks at a text that is no number, which ends the run.)
 * FALSE with G_IO_ERROR_WOULD_BLOCK: nor has it, the same row can be put in later. Any other error
 * is that of the run, which is over then: an aggregate failed, or it was cancelled;
 * fanout_feed_end() will say so again. So it is told at the latest where the next batch is handed
 * over. After fanout_feed_end() or fanout_feed_fail() rows are refused with FANOUT_ERROR_STATE.
 *
 * When all aggregates have had enough, or fanout_pipeline_interrupt() was called, it is TRUE, and
 * the row is not looked at.
 */
FANOUT_API gboolean fanout_feed_row (FanoutFeeder *feeder, const FanoutCell *cells, guint n_cells,
                                     GError **error);

/** Hand over what has been put in, though it is less than a batch. Fails as fanout_feed_row(). */
FANOUT_API gboolean fanout_feed_flush (FanoutFeeder *feeder, GError **error);

/** Whether rows still matter: FALSE when the run is over, be it that every aggregate has had enough
 * or that something failed. */
FANOUT_API gboolean fanout_feed_wants (FanoutFeeder *feeder);

/** The stream ends with a failure of its own, behind the rows that were put in: fanout_feed_end()
 * will fail with @reason, which is copied, unless something failed before. */
FANOUT_API void fanout_feed_fail (FanoutFeeder *feeder, const GError *reason);

/**
 * The stream ends: the result, as of fanout_pipeline_run(), or NULL with what went wrong. The
 * result is to be freed before the pipeline; the feeder can be freed before. With
 * G_IO_ERROR_WOULD_BLOCK call it again when the source of the feeder is ready.
 */
FANOUT_API FanoutResult *fanout_feed_end (FanoutFeeder *feeder, GError **error);

/**
 * A source for the context that the feeder was begun with, ready whenever the next row is taken
 * without waiting, or after fanout_feed_end() whenever that can go on. Its callback is a
 * GSourceFunc. Destroy it before the feeder is freed. Under `threads` it looks each millisecond
 * while a batch is being taken.
 */
FANOUT_API GSource *fanout_feed_source_new (FanoutFeeder *feeder);

/** Without fanout_feed_end() before, the run ends as if it were cancelled; what is being taken
 * is waited for. NULL is ignored. */
FANOUT_API void fanout_feeder_free (FanoutFeeder *feeder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FanoutFeeder, fanout_feeder_free)

G_END_DECLS
