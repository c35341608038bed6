#include "core/base/error.h"
#include "core/rows/feed.h"
#include "core/base/gio.h"

#include <fanout/error.h>
#include <string.h>

#define SLOTS 2

/* A chunk and what is derived of it. */
typedef struct
{
  FanoutChunk *chunk;
  FanoutColumn *columns;
  double **reals; /* for the columns wanted as doubles */
  guint32 *ids;
  gsize derived; /* bytes of what is beside the chunk */
  FanoutFrame frame;
  guint lane; /* whose block its texts are in */
  /* As it was before the chunk was decoded, to decode it again. */
  FanoutBlock block;
  FanoutChunk before;
  /* And before the blocks in front of that one were, which had no rows for the chunk. */
  FanoutChunk begun;
} Slot;

struct FanoutFeed
{
  FanoutFeedPlan plan;
  const FanoutColumn **keys;
  guint n_slots;
  Slot slots[SLOTS];
  FanoutLane *lanes[SLOTS];
  guint lane;         /* whose block is current */
  guint slot;         /* whose chunk is current: the last one with rows */
  gboolean preparing; /* the next one, of which nothing has been handed over */
  FanoutBlock block;
  gboolean have_block;
  gboolean slow;              /* the last decode ended before the block and the chunk did */
  FanoutBatch batches[SLOTS]; /* as many are in use as there are slots */
  guint batch;                /* the last one */
  gboolean fresh;             /* it was not of the current chunk */
  guint64 serial;
  guint64 rows;
  guint64 end;
  GError *pending; /* comes after the rows of the current chunk */
  guint64 pending_record;
  FanoutMemory memory;
  gsize counted; /* of chunks and lanes, in it */
};

void
fanout_generator_init (FanoutGenerator *generator, const FanoutSource *source,
                       gconstpointer options)
{
  generator->source = source;
  generator->options = options;
  generator->total = source->n_rows (options);
  atomic_init (&generator->next, 0);
  atomic_init (&generator->stopped, FALSE);
}

static const FanoutPlanGrouping *
grouping (const FanoutFeed *feed)
{
  return &feed->plan.plan->groupings[0];
}

static FanoutChunk *
make_chunk (const FanoutPlan *plan)
{
  FanoutChunk *chunk = fanout_chunk_new (plan->n_columns, plan->columns, 0);
  chunk->on_bad_row = plan->on_bad_row;
  chunk->on_bad_value = plan->on_bad_value;
  chunk->max_row = plan->reader.max_row;
  chunk->null_values = plan->null_values;
  return chunk;
}

/* What the arrays beside those of the chunk take. */
static gsize
derived_bytes (const Slot *slot)
{
  const FanoutChunk *chunk = slot->chunk;
  gsize row = slot->ids != NULL ? sizeof *slot->ids : 0;
  for (guint c = 0; c < chunk->n_columns; c++)
    row += slot->reals[c] != NULL ? sizeof *slot->reals[c] : 0;
  return row * chunk->capacity + chunk->n_columns * sizeof *slot->columns;
}

/* Chunks and lanes grow by what comes in. */
static void
count_memory (FanoutFeed *feed)
{
  gsize bytes = 0;
  for (guint i = 0; i < feed->n_slots; i++)
    {
      bytes += fanout_chunk_bytes (feed->slots[i].chunk) + feed->slots[i].derived;
      bytes += feed->lanes[i] != NULL ? fanout_lane_bytes (feed->lanes[i]) : 0;
    }
  if (bytes == feed->counted)
    return;
  fanout_memory_count (&feed->memory, (gssize) bytes - (gssize) feed->counted);
  feed->counted = bytes;
}

static void
init_slot (FanoutFeed *feed, Slot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  slot->chunk = make_chunk (plan);
  slot->chunk->shared = feed->plan.ahead;
  slot->columns = g_new0 (FanoutColumn, MAX (plan->n_columns, 1));
  slot->reals = g_new0 (double *, MAX (plan->n_columns, 1));
  for (guint c = 0; c < plan->n_columns; c++)
    if (plan->columns[c].takes == FANOUT_TAKES_DOUBLE)
      slot->reals[c] = g_new (double, slot->chunk->capacity);
  if (grouping (feed)->n_keys > 0)
    slot->ids = g_new (guint32, slot->chunk->capacity);
  slot->frame.columns = slot->columns;
  slot->frame.n_columns = plan->n_columns;
  slot->frame.ids = slot->ids;
  slot->derived = derived_bytes (slot);
}

void
fanout_inlet_init (FanoutInlet *inlet, const FanoutPlan *plan)
{
  inlet->chunk = make_chunk (plan);
  atomic_init (&inlet->stopped, FALSE);
}

void
fanout_inlet_clear (FanoutInlet *inlet)
{
  g_clear_pointer (&inlet->chunk, fanout_chunk_free);
  g_clear_error (&inlet->failure);
}

FanoutFeed *
fanout_feed_new (const FanoutFeedPlan *plan)
{
  FanoutFeed *feed = g_new0 (FanoutFeed, 1);
  feed->plan = *plan;
  feed->n_slots = plan->ahead ? SLOTS : 1;
  feed->keys = g_new0 (const FanoutColumn *, MAX (grouping (feed)->n_keys, 1));
  fanout_memory_init (&feed->memory, plan->limit);
  for (guint i = 0; i < feed->n_slots; i++)
    {
      init_slot (feed, &feed->slots[i]);
      if (plan->reader != NULL)
        feed->lanes[i] = fanout_reader_lane (plan->reader, plan->blocking);
    }
  count_memory (feed);
  return feed;
}

void
fanout_feed_free (FanoutFeed *feed)
{
  if (feed == NULL)
    return;
  for (guint i = 0; i < feed->n_slots; i++)
    {
      Slot *slot = &feed->slots[i];
      for (guint c = 0; c < feed->plan.plan->n_columns; c++)
        g_free (slot->reals[c]);
      g_free (slot->reals);
      g_free (slot->columns);
      g_free (slot->ids);
      fanout_chunk_free (slot->chunk);
      if (feed->lanes[i] != NULL)
        fanout_lane_free (feed->lanes[i]);
    }
  fanout_memory_clear (&feed->memory);
  g_clear_error (&feed->pending);
  g_free (feed->keys);
  g_free (feed);
}

static void
convert_to_double (FanoutColumn *column, double *reals, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    if (column->null == NULL || !column->null[i])
      reals[i] = fanout_number_to_double (fanout_column_number (column, i));
  column->form = FANOUT_FORM_DOUBLE;
  column->real = reals;
}

static void
view_column (const Slot *slot, guint c)
{
  fanout_chunk_view (&slot->chunk->columns[c], 0, &slot->columns[c]);
  if (slot->reals[c] != NULL)
    convert_to_double (&slot->columns[c], slot->reals[c], slot->chunk->n_rows);
}

static guint64
frame_record (const FanoutFrame *frame, gsize i)
{
  return frame->rows != NULL ? frame->rows[i] : frame->first_row + i;
}

/* The row that would be one group too many ends the stream, behind all rows before it. */
static void
assign_ids (FanoutFeed *feed, Slot *slot)
{
  const FanoutPlan *plan = feed->plan.plan;
  const FanoutPlanGrouping *keys = grouping (feed);
  FanoutFrame *frame = &slot->frame;
  for (guint k = 0; k < keys->n_keys; k++)
    feed->keys[k] = &slot->columns[keys->keys[k]];
  gsize n = fanout_table_ids (feed->plan.table, feed->keys, 0, frame->n_rows, slot->ids);
  frame->n_groups = fanout_table_n_groups (feed->plan.table);
  if (n == frame->n_rows)
    return;
  g_clear_error (&feed->pending);
  feed->pending_record = frame_record (frame, n);
  frame->n_rows = n;
  g_autofree char *most = fanout_count_of (plan->max_groups, "group");
  g_set_error (&feed->pending, FANOUT_ERROR, FANOUT_ERROR_STATE,
               "more than %s: [pipeline] max-groups allows more", most);
}

static gboolean
publish (FanoutFeed *feed, Slot *slot)
{
  FanoutChunk *chunk = slot->chunk;
  for (guint c = 0; c < chunk->n_columns; c++)
    view_column (slot, c);
  FanoutFrame *frame = &slot->frame;
  frame->n_rows = chunk->n_rows;
  frame->first_row = chunk->first_row;
  frame->rows = chunk->consecutive ? NULL : chunk->rows;
  frame->n_groups = 1;
  if (grouping (feed)->n_keys > 0)
    assign_ids (feed, slot);
  feed->rows += frame->n_rows;
  if (frame->n_rows == 0)
    return FALSE;
  feed->end = frame_record (frame, frame->n_rows - 1) + 1;
  atomic_fetch_add_explicit (feed->plan.rows, frame->n_rows, memory_order_relaxed);
  feed->slot = (guint) (slot - feed->slots);
  feed->fresh = TRUE;
  feed->preparing = FALSE;
  slot->lane = feed->lane;
  return TRUE;
}

/* Not the one that may still be in use, however many blocks without rows come now. */
static Slot *
next_slot (FanoutFeed *feed)
{
  Slot *slot = &feed->slots[(feed->slot + 1) % feed->n_slots];
  fanout_chunk_reset (slot->chunk);
  slot->frame.n_rows = 0;
  slot->before = *slot->chunk;
  if (feed->preparing)
    return slot;
  feed->preparing = TRUE;
  slot->begun = *slot->chunk;
  slot->frame.serial = ++feed->serial;
  return slot;
}

static FanoutFeedStatus
next_block (FanoutFeed *feed, guint64 *record, GError **error)
{
  feed->have_block = FALSE;
  guint lane = (feed->slots[feed->slot].lane + 1) % feed->n_slots;
  FanoutRead status
      = fanout_reader_next (feed->lanes[lane], &feed->block, feed->plan.cancellable, record, error);
  switch (status)
    {
    case FANOUT_READ_BLOCK:
      feed->lane = lane;
      feed->have_block = TRUE;
      return FANOUT_FEED_BATCH;
    case FANOUT_READ_WAIT:
      return FANOUT_FEED_WAIT;
    case FANOUT_READ_END:
      return FANOUT_FEED_END;
    case FANOUT_READ_FAILED:
    default:
      return FANOUT_FEED_FAILED;
    }
}

/* The source took long for a part of the block: whoever wants to stop does not wait for the rest.
 */
static gboolean
is_unwanted (const FanoutFeed *feed)
{
  return feed->slow
         && (fanout_reader_leaves (feed->plan.reader)
             || g_cancellable_is_cancelled (feed->plan.cancellable));
}

static FanoutFeedStatus
decode (FanoutFeed *feed, guint64 *record, GError **error)
{
  while (TRUE)
    {
      if (feed->pending != NULL)
        {
          *record = feed->pending_record;
          g_propagate_error (error, g_steal_pointer (&feed->pending));
          return FANOUT_FEED_FAILED;
        }
      if (!feed->have_block || feed->block.offset >= feed->block.length || is_unwanted (feed))
        {
          FanoutFeedStatus status = next_block (feed, record, error);
          if (status != FANOUT_FEED_BATCH)
            return status;
        }
      Slot *slot = next_slot (feed);
      slot->block = feed->block;
      const FanoutPlan *plan = feed->plan.plan;
      if (!plan->source->decode (plan->source_options, &feed->block, slot->chunk, &feed->pending))
        feed->pending_record = feed->block.record;
      count_memory (feed);
      feed->slow
          = feed->block.offset < feed->block.length && slot->chunk->n_rows < slot->chunk->capacity;
      if (slot->chunk->n_rows > 0 && publish (feed, slot))
        return FANOUT_FEED_BATCH;
    }
}

static FanoutFeedStatus
generate (FanoutFeed *feed, guint64 *record, GError **error)
{
  FanoutGenerator *generator = feed->plan.generator;
  if (feed->pending != NULL)
    {
      *record = feed->pending_record;
      g_propagate_error (error, g_steal_pointer (&feed->pending));
      return FANOUT_FEED_FAILED;
    }
  if (fanout_set_error_if_cancelled (feed->plan.cancellable, error))
    return FANOUT_FEED_FAILED;
  Slot *slot = next_slot (feed);
  gsize capacity = slot->chunk->capacity;
  if (atomic_load_explicit (&generator->stopped, memory_order_relaxed))
    return FANOUT_FEED_END;
  guint64 first = atomic_fetch_add_explicit (&generator->next, capacity, memory_order_relaxed);
  if (first >= generator->total)
    return FANOUT_FEED_END;
  gsize n = (gsize) MIN ((guint64) capacity, generator->total - first);
  slot->chunk->first_row = first;
  slot->chunk->consecutive = TRUE;
  if (!generator->source->fill (generator->options, first, n, feed->plan.plan->column_fields,
                                slot->chunk, error))
    {
      *record = first;
      return FANOUT_FEED_FAILED;
    }
  slot->chunk->n_rows = n;
  return publish (feed, slot) ? FANOUT_FEED_BATCH : FANOUT_FEED_END;
}

static gboolean
end_inlet (const FanoutFeed *feed, guint64 *record, GError **error)
{
  if (feed->plan.inlet->failure == NULL)
    return TRUE;
  *record = feed->end;
  g_propagate_error (error, g_error_copy (feed->plan.inlet->failure));
  return FALSE;
}

/* The chunk with the rows changes places with that of the slot. */
static FanoutFeedStatus
take_in (FanoutFeed *feed, guint64 *record, GError **error)
{
  FanoutInlet *inlet = feed->plan.inlet;
  while (TRUE)
    {
      if (feed->pending != NULL)
        {
          *record = feed->pending_record;
          g_propagate_error (error, g_steal_pointer (&feed->pending));
          return FANOUT_FEED_FAILED;
        }
      if (fanout_set_error_if_cancelled (feed->plan.cancellable, error))
        return FANOUT_FEED_FAILED;
      if (atomic_load_explicit (&inlet->stopped, memory_order_relaxed))
        return FANOUT_FEED_END;
      if (inlet->chunk->n_rows == 0 && !inlet->ended)
        return FANOUT_FEED_WAIT;
      if (inlet->chunk->n_rows == 0)
        return end_inlet (feed, record, error) ? FANOUT_FEED_END : FANOUT_FEED_FAILED;
      Slot *slot = next_slot (feed);
      FanoutChunk *empty = slot->chunk;
      slot->chunk = inlet->chunk;
      inlet->chunk = empty;
      slot->before = slot->begun = *slot->chunk;
      if (publish (feed, slot))
        return FANOUT_FEED_BATCH;
    }
}

/* The first row of the current chunk that no batch has had yet. */
static gsize
next_row (const FanoutFeed *feed)
{
  const FanoutBatch *last = &feed->batches[feed->batch];
  return feed->fresh ? 0 : last->first + last->n_rows;
}

static gboolean
has_rows (const FanoutFeed *feed)
{
  return next_row (feed) < feed->slots[feed->slot].frame.n_rows;
}

static FanoutBatch *
next_batch (FanoutFeed *feed)
{
  const gsize first = next_row (feed);
  feed->batch = (feed->batch + 1) % feed->n_slots;
  feed->fresh = FALSE;
  FanoutBatch *next = &feed->batches[feed->batch];
  next->frame = &feed->slots[feed->slot].frame;
  next->first = first;
  next->n_rows = MIN (feed->plan.plan->batch, next->frame->n_rows - first);
  return next;
}

FanoutFeedStatus
fanout_feed_next (FanoutFeed *feed, FanoutBatch **batch, guint64 *record, GError **error)
{
  if (!has_rows (feed))
    {
      *record = G_MAXUINT64;
      FanoutFeedStatus status = feed->plan.inlet != NULL       ? take_in (feed, record, error)
                                : feed->plan.generator != NULL ? generate (feed, record, error)
                                                               : decode (feed, record, error);
      if (status != FANOUT_FEED_BATCH)
        return status;
    }
  *batch = next_batch (feed);
  return FANOUT_FEED_BATCH;
}

void
fanout_feed_set_blocking (FanoutFeed *feed, gboolean blocking)
{
  for (guint i = 0; i < feed->n_slots; i++)
    if (feed->lanes[i] != NULL)
      fanout_lane_set_blocking (feed->lanes[i], blocking);
}

/* Take back what was counted since the slot's chunk began to be decoded. */
static void
restore (FanoutChunk *chunk, const FanoutChunk *before)
{
  chunk->rows_skipped = before->rows_skipped;
  chunk->values_nulled = before->values_nulled;
  chunk->numbers_rounded = before->numbers_rounded;
  if (before->first_skipped == NULL)
    g_clear_pointer (&chunk->first_skipped, g_free);
  if (before->first_nulled == NULL)
    g_clear_pointer (&chunk->first_nulled, g_free);
  if (before->first_rounded == NULL)
    g_clear_pointer (&chunk->first_rounded, g_free);
}

static gsize
rows_until (const FanoutFrame *frame, guint64 record)
{
  gsize n = 0;
  while (n < frame->n_rows && frame_record (frame, n) <= record)
    n++;
  return n;
}

/* Decode the block of a slot into a chunk again, only its first `n` rows. What is behind them. */
static FanoutBlock
decode_again (const FanoutFeed *feed, const Slot *slot, FanoutChunk *chunk, gsize n)
{
  const FanoutPlan *plan = feed->plan.plan;
  FanoutBlock block = slot->block;
  gsize capacity = chunk->capacity;
  fanout_chunk_reset (chunk);
  chunk->capacity = n;
  while (chunk->n_rows < n && block.offset < block.length
         && plan->source->decode (plan->source_options, &block, chunk, NULL))
    ;
  chunk->capacity = capacity;
  return block;
}

static void
uncount (FanoutFeed *feed, guint64 n)
{
  feed->rows -= n;
  atomic_fetch_sub_explicit (feed->plan.rows, n, memory_order_relaxed);
}

void
fanout_feed_trim (FanoutFeed *feed, const FanoutFrame *frame, guint64 record)
{
  g_clear_error (&feed->pending);
  for (guint i = 0; i < feed->n_slots; i++)
    {
      Slot *slot = &feed->slots[i];
      if (&slot->frame != frame && slot->frame.serial > frame->serial)
        {
          restore (slot->chunk, &slot->begun);
          uncount (feed, slot->frame.n_rows);
          slot->frame.n_rows = 0;
        }
    }
  for (guint i = 0; i < feed->n_slots; i++)
    {
      Slot *slot = &feed->slots[i];
      if (&slot->frame != frame)
        continue;
      gsize n = rows_until (frame, record);
      uncount (feed, frame->n_rows - n);
      slot->frame.n_rows = n;
      if (feed->plan.reader == NULL)
        continue;
      restore (slot->chunk, &slot->before);
      decode_again (feed, slot, slot->chunk, n);
    }
}

char *
fanout_feed_locate (FanoutFeed *feed, const FanoutFrame *frame, guint64 record)
{
  if (feed->plan.inlet != NULL)
    return g_strdup_printf (FANOUT_INLET_NAME ":%" G_GUINT64_FORMAT, record + 1);
  if (feed->plan.reader == NULL)
    return NULL;
  for (guint i = 0; i < feed->n_slots; i++)
    {
      Slot *slot = &feed->slots[i];
      if (&slot->frame != frame)
        continue;
      gsize n = rows_until (frame, record);
      /* Not into the slot's chunk: the run may go on, with its rows and what was counted. */
      FanoutChunk *chunk = make_chunk (feed->plan.plan);
      FanoutBlock block = decode_again (feed, slot, chunk, n > 0 ? n - 1 : 0);
      fanout_chunk_free (chunk);
      guint64 line = block.line + (record > block.record ? record - block.record : 0);
      return g_strdup_printf ("%s:%" G_GUINT64_FORMAT, block.name, line);
    }
  return NULL;
}

static void
count_chunk (const FanoutChunk *chunk, FanoutFeedCounters *counters)
{
  counters->rows_skipped += chunk->rows_skipped;
  counters->values_nulled += chunk->values_nulled;
  counters->numbers_rounded += chunk->numbers_rounded;
  if (chunk->first_skipped != NULL
      && (counters->first_skipped == NULL
          || chunk->first_skipped_record < counters->first_skipped_record))
    {
      counters->first_skipped = chunk->first_skipped;
      counters->first_skipped_record = chunk->first_skipped_record;
      counters->first_skipped_line = chunk->first_skipped_line;
      counters->first_skipped_last = chunk->first_skipped_last;
    }
  if (chunk->first_rounded != NULL
      && (counters->first_rounded == NULL
          || chunk->first_rounded_record < counters->first_rounded_record))
    {
      counters->first_rounded = chunk->first_rounded;
      counters->first_rounded_record = chunk->first_rounded_record;
    }
  if (chunk->first_nulled != NULL
      && (counters->first_nulled == NULL
          || chunk->first_nulled_record < counters->first_nulled_record))
    {
      counters->first_nulled = chunk->first_nulled;
      counters->first_nulled_record = chunk->first_nulled_record;
    }
}

void
fanout_feed_counters (FanoutFeed *feed, FanoutFeedCounters *counters)
{
  memset (counters, 0, sizeof *counters);
  counters->rows = feed->rows;
  counters->end = feed->end;
  if (feed->plan.inlet != NULL)
    count_chunk (feed->plan.inlet->chunk, counters);
  for (guint i = 0; i < feed->n_slots; i++)
    count_chunk (feed->slots[i].chunk, counters);
}

gsize
fanout_feed_memory (const FanoutFeed *feed)
{
  return feed->memory.peak;
}
