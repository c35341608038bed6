#include "core/pipeline/private.h"
#include "core/base/gio.h"

#include <fanout/feed.h>
#include <string.h>

struct FanoutFeeder
{
  FanoutPipeline *pipeline;
  FanoutPasses *passes; /* NULL: the result has been asked for */
  FanoutPartition *partition;
  FanoutInlet *inlet;
  gboolean blocking;
  gsize batch; /* rows that are kept at most */
  guint n_columns;
  guint64 n_rows;
  gboolean over;
  GError *failure; /* of the run, when it is over */
  FanoutBlock block;
};

FanoutFeeder *
fanout_feed_begin (FanoutPipeline *pipeline, GMainContext *context, GCancellable *cancellable,
                   GError **error)
{
  const FanoutPlan *plan = pipeline->plan;
  if (!plan->fed)
    {
      g_set_error_literal (
          error, FANOUT_ERROR, FANOUT_ERROR_CONFIG,
          "this pipeline reads its rows itself; fanout_pipeline_load_feed () makes "
          "one that is fed");
      return NULL;
    }
  if (!fanout_pipeline_set_busy (pipeline, error))
    return NULL;
  FanoutRun *run = fanout_pipeline_begin (pipeline, cancellable, error);
  if (run == NULL)
    {
      fanout_pipeline_end (pipeline);
      return NULL;
    }
  FanoutFeeder *feeder = g_new0 (FanoutFeeder, 1);
  feeder->pipeline = pipeline;
  feeder->passes = fanout_passes_new_single (run, context);
  feeder->partition = feeder->passes->partitions[0];
  feeder->inlet = &run->inlet;
  feeder->blocking = context == NULL;
  feeder->batch = MIN (plan->batch, feeder->inlet->chunk->capacity);
  feeder->n_columns = g_strv_length (plan->fields);
  feeder->block.name = FANOUT_INLET_NAME;
  return feeder;
}

static void
end_run (FanoutFeeder *feeder)
{
  FanoutRun *run = feeder->passes->run;
  feeder->over = TRUE;
  if (run->error != NULL)
    feeder->failure = g_error_copy (run->error);
}

/* TRUE: as far as it goes. FALSE: it goes no further without waiting. */
static gboolean
step (FanoutFeeder *feeder)
{
  FanoutPartition *partition = feeder->partition;
  switch (fanout_partition_step (partition, G_MAXUINT))
    {
    case FANOUT_STEP_MORE:
      /* Where the next batch may be made ahead, the caller goes on to make it. */
      return partition->ahead && partition->offered != NULL && !feeder->inlet->ended;
    case FANOUT_STEP_WAIT_TAKEN:
      if (!feeder->blocking)
        return TRUE;
      partition->strategy->wait (partition->crew);
      return FALSE;
    case FANOUT_STEP_DONE:
      end_run (feeder);
      return TRUE;
    case FANOUT_STEP_WAIT_INPUT:
    default:
      return TRUE;
    }
}

/* Hand over what is there. */
static void
pump (FanoutFeeder *feeder)
{
  if (feeder->over)
    return;
  fanout_context_enter (&feeder->partition->context);
  while (!step (feeder))
    ;
  fanout_context_leave (&feeder->partition->context);
}

static gboolean
is_full (const FanoutFeeder *feeder)
{
  return feeder->inlet->chunk->n_rows >= feeder->batch;
}

static gboolean
would_block (GError **error)
{
  g_set_error_literal (error, FANOUT_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                       "the rows before are still being taken");
  return FALSE;
}

/* Whether a row can be put in, or need not be. */
static gboolean
make_room (FanoutFeeder *feeder, GError **error)
{
  if (feeder->inlet->ended)
    {
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
                           "the feed has ended: no rows can follow");
      return FALSE;
    }
  if (!feeder->over && is_full (feeder))
    pump (feeder);
  if (feeder->failure != NULL)
    {
      g_propagate_error (error, g_error_copy (feeder->failure));
      return FALSE;
    }
  return feeder->over || !is_full (feeder) || would_block (error);
}

/* As section "Numbers" of the manual has it: what no decimal can hold is a double, and a decimal
 * has no zeros at its end. */
static gboolean
settle_number (const FanoutFeeder *feeder, const char *column, FanoutNumber *number,
               FanoutWide *room, GError **error)
{
  if (fanout_number_is_double (*number))
    return TRUE;
  if (fanout_number_is_wide (*number))
    {
      const FanoutWide wide = *number->wide;
      if (fanout_number_set_decimal (number, wide.mantissa, wide.scale, room))
        return TRUE;
      g_autofree char *name = fanout_quote (column, -1);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
                   FANOUT_INLET_NAME ":%" G_GUINT64_FORMAT
                                     ": column %s: a wide decimal of more than %d digits",
                   feeder->n_rows + 1, name, FANOUT_WIDE_DIGITS);
      return FALSE;
    }
  if (number->scale > FANOUT_SCALE_MAX)
    {
      g_autofree char *name = fanout_quote (column, -1);
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
                   FANOUT_INLET_NAME ":%" G_GUINT64_FORMAT
                                     ": column %s: a decimal of scale %u; %d is the most",
                   feeder->n_rows + 1, name, number->scale, FANOUT_SCALE_MAX);
      return FALSE;
    }
  if (number->mantissa == G_MININT64)
    return fanout_number_set_decimal (number, number->mantissa, number->scale, room);
  while (number->scale > 0 && number->mantissa % 10 == 0)
    {
      number->mantissa /= 10;
      number->scale--;
    }
  return TRUE;
}

static gboolean
put_text (FanoutFeeder *feeder, guint column, const char *text, gsize length, GError **error)
{
  FanoutChunk *chunk = feeder->inlet->chunk;
  FanoutChunkColumn *to = &chunk->columns[column];
  const gsize row = chunk->n_rows;
  char *copy = fanout_chunk_text (chunk, length);
  if (length > 0)
    memcpy (copy, text, length);
  if (to->takes != FANOUT_TAKES_NUMBER || fanout_text_is_blank (copy, length)
      || fanout_chunk_findings (chunk) != NULL)
    return fanout_chunk_put (chunk, &feeder->block, column, copy, length, error);
  to->null[row] = 0;
  gboolean rounded = FALSE;
  if (fanout_chunk_parse (chunk, to, row, copy, length, &rounded))
    {
      if (rounded)
        fanout_chunk_rounded (chunk, &feeder->block, feeder->n_rows, feeder->n_rows + 1, to, copy,
                              length);
      return TRUE;
    }
  fanout_inlet_refuse (feeder->n_rows, to->name, copy, length, error);
  return FALSE;
}

static gboolean
put_number (FanoutFeeder *feeder, guint column, FanoutNumber number, GError **error)
{
  FanoutChunkColumn *to = &feeder->inlet->chunk->columns[column];
  char text[FANOUT_NUMBER_TEXT_MAX];
  FanoutWide room;
  if (!settle_number (feeder, to->name, &number, &room, error))
    return FALSE;
  if (to->takes != FANOUT_TAKES_NUMBER)
    return put_text (feeder, column, text, fanout_number_format (number, text), error);
  const gsize row = feeder->inlet->chunk->n_rows;
  if (fanout_number_is_wide (number) && !to->wide)
    /* It will be counted. */
    return put_text (feeder, column, text, fanout_number_format (number, text), error);
  fanout_chunk_put_number (feeder->inlet->chunk, to, row, number);
  to->null[row] = 0;
  return TRUE;
}

static gboolean
put_cell (FanoutFeeder *feeder, guint column, const FanoutCell *cell, GError **error)
{
  switch (cell->kind)
    {
    case FANOUT_CELL_NUMBER:
      return put_number (feeder, column, cell->number, error);
    case FANOUT_CELL_TEXT:
      return put_text (feeder, column, cell->text, cell->length, error);
    case FANOUT_CELL_NULL:
    default:
      return put_text (feeder, column, "", 0, error);
    }
}

/* Only the columns that somebody wants. */
static gboolean
put_row (FanoutFeeder *feeder, const FanoutCell *cells, GError **error)
{
  const FanoutPlan *plan = feeder->pipeline->plan;
  FanoutChunk *chunk = feeder->inlet->chunk;
  feeder->block.record = feeder->n_rows;
  feeder->block.line = feeder->n_rows + 1;
  GArray *findings = fanout_chunk_findings (chunk);
  const guint n_findings = findings != NULL ? findings->len : 0;
  for (guint c = 0; c < plan->n_columns; c++)
    if (!put_cell (feeder, c, &cells[plan->column_fields[c]], error))
      {
        if (findings != NULL)
          g_array_set_size (findings, n_findings);
        return FALSE;
      }
  fanout_chunk_end_row (chunk, feeder->n_rows++);
  return TRUE;
}

gboolean
fanout_feed_row (FanoutFeeder *feeder, const FanoutCell *cells, guint n_cells, GError **error)
{
  if (!make_room (feeder, error))
    return FALSE;
  if (feeder->over)
    return TRUE;
  if (n_cells != feeder->n_columns)
    {
      g_set_error (error, FANOUT_ERROR, FANOUT_ERROR_DATA,
                   FANOUT_INLET_NAME ":%" G_GUINT64_FORMAT ": %u %s, where the feed has %u columns",
                   feeder->n_rows + 1, n_cells, n_cells == 1 ? "cell" : "cells", feeder->n_columns);
      return FALSE;
    }
  if (!put_row (feeder, cells, error))
    return FALSE;
  if (is_full (feeder))
    pump (feeder);
  if (feeder->failure == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (feeder->failure));
  return FALSE;
}

gboolean
fanout_feed_flush (FanoutFeeder *feeder, GError **error)
{
  if (!make_room (feeder, error))
    return FALSE;
  pump (feeder);
  if (feeder->failure != NULL)
    {
      g_propagate_error (error, g_error_copy (feeder->failure));
      return FALSE;
    }
  return feeder->over || feeder->inlet->chunk->n_rows == 0 || would_block (error);
}

gboolean
fanout_feed_wants (FanoutFeeder *feeder)
{
  return !feeder->over && !feeder->inlet->ended;
}

void
fanout_feed_fail (FanoutFeeder *feeder, const GError *reason)
{
  if (feeder->inlet->ended)
    return;
  feeder->inlet->failure = g_error_copy (reason);
  feeder->inlet->ended = TRUE;
}

FanoutResult *
fanout_feed_end (FanoutFeeder *feeder, GError **error)
{
  if (feeder->passes == NULL)
    {
      g_set_error_literal (error, FANOUT_ERROR, FANOUT_ERROR_STATE,
                           "the feed has ended: its result has been asked for");
      return NULL;
    }
  feeder->inlet->ended = TRUE;
  pump (feeder);
  if (!feeder->over)
    {
      would_block (error);
      return NULL;
    }
  FanoutPasses *passes = g_steal_pointer (&feeder->passes);
  if (!fanout_pipeline_settle (feeder->pipeline, passes, error))
    g_clear_pointer (&passes, fanout_passes_free);
  return fanout_pipeline_conclude (feeder->pipeline, passes, error);
}

void
fanout_feeder_free (FanoutFeeder *feeder)
{
  if (feeder == NULL)
    return;
  if (feeder->passes != NULL)
    {
      fanout_run_fail (
          feeder->passes->run, G_MAXUINT64,
          g_error_new_literal (FANOUT_IO_ERROR, G_IO_ERROR_CANCELLED, "the feed was given up"));
      feeder->inlet->ended = TRUE;
      feeder->blocking = TRUE;
      pump (feeder);
      fanout_pipeline_settle (feeder->pipeline, feeder->passes, NULL);
      fanout_passes_free (feeder->passes);
      fanout_pipeline_end (feeder->pipeline);
    }
  g_clear_error (&feeder->failure);
  g_free (feeder);
}

/* As a source of a main context. */

/* How often it looks where nobody wakes the context. */
#define LOOK_MS 1

typedef struct
{
  GSource source;
  FanoutFeeder *feeder;
} Ready;

static gboolean
is_ready (FanoutFeeder *feeder)
{
  if (feeder->passes == NULL || feeder->over)
    return TRUE;
  if (feeder->inlet->ended || is_full (feeder))
    pump (feeder);
  return feeder->over || (!feeder->inlet->ended && !is_full (feeder));
}

static gboolean
prepare (GSource *source, gint *timeout)
{
  FanoutFeeder *feeder = ((Ready *) source)->feeder;
  *timeout = feeder->pipeline->plan->strategy == FANOUT_STRATEGY_THREADS ? LOOK_MS : -1;
  return is_ready (feeder);
}

static gboolean
check (GSource *source)
{
  return is_ready (((Ready *) source)->feeder);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  (void) source;
  return callback != NULL ? callback (user_data) : G_SOURCE_REMOVE;
}

static GSourceFuncs functions = {
  .prepare = prepare,
  .check = check,
  .dispatch = dispatch,
};

GSource *
fanout_feed_source_new (FanoutFeeder *feeder)
{
  GSource *source = g_source_new (&functions, sizeof (Ready));
  ((Ready *) source)->feeder = feeder;
  g_source_set_static_name (source, "fanout feed");
  return source;
}
