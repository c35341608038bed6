#include "core/rows/private.h"

#include "core/base/gio.h"

#include <fanout/error.h>
#include <string.h>

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

/* Chunks and lanes grow by what comes in. */
static void
count_memory (FanoutFeed *feed)
{
  gsize bytes = 0;
  for (guint i = 0; i < feed->n_slots; i++)
    {
      bytes += fanout_chunk_bytes (feed->slots[i].chunk) + feed->slots[i].derived
               + fanout_slot_derive_bytes (&feed->slots[i]);
      bytes += feed->lanes[i] != NULL ? fanout_lane_bytes (feed->lanes[i]) : 0;
    }
  if (bytes == feed->counted)
    return;
  fanout_memory_count (&feed->memory, (gssize) bytes - (gssize) feed->counted);
  feed->counted = bytes;
}

void
fanout_inlet_init (FanoutInlet *inlet, const FanoutPlan *plan)
{
  inlet->chunk = fanout_rows_chunk (plan, G_MAXUINT64);
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
  feed->n_slots = plan->ahead ? FANOUT_SLOTS : 1;
  guint n_keys = 0;
  for (guint t = 0; t < plan->plan->n_tables; t++)
    n_keys = MAX (n_keys, plan->plan->tables[t].n_keys);
  feed->keys = g_new0 (const FanoutColumn *, MAX (n_keys, 1));
  fanout_memory_init (&feed->memory, plan->limit);
  for (guint i = 0; i < feed->n_slots; i++)
    {
      fanout_slot_init (feed, &feed->slots[i]);
      if (plan->reader != NULL)
        feed->lanes[i] = fanout_reader_lane (plan->reader, plan->blocking);
    }
  if (plan->reader != NULL && feed->n_slots == 1)
    fanout_lane_set_alone (feed->lanes[0]);
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
      fanout_slot_clear (feed, &feed->slots[i]);
      if (feed->lanes[i] != NULL)
        fanout_lane_free (feed->lanes[i]);
    }
  fanout_memory_clear (&feed->memory);
  g_clear_error (&feed->pending);
  g_free (feed->first_late);
  g_free (feed->keys);
  g_free (feed);
}

static FanoutFeedStatus
publish (FanoutFeed *feed, FanoutSlot *slot)
{
  FanoutFrame *frame = &slot->frame;
  fanout_slot_frame (feed, slot);
  feed->rows += frame->n_rows;
  feed->filtered += slot->n_read - slot->n_left;
  slot->filtered += slot->n_read - slot->n_left;
  if (frame->n_rows == 0)
    return FANOUT_FEED_NONE;
  feed->end = fanout_frame_record (frame, frame->n_rows - 1) + 1;
  atomic_fetch_add_explicit (feed->plan.rows, frame->n_rows, memory_order_relaxed);
  feed->slot = (guint) (slot - feed->slots);
  feed->fresh = TRUE;
  feed->preparing = FALSE;
  slot->lane = feed->lane;
  return FANOUT_FEED_BATCH;
}

/* Not the one that may still be in use, however many blocks without rows come now. */
static FanoutSlot *
next_slot (FanoutFeed *feed)
{
  FanoutSlot *slot = &feed->slots[(feed->slot + 1) % feed->n_slots];
  fanout_chunk_reset (slot->chunk);
  slot->frame.n_rows = 0;
  slot->n_dropped = slot->n_decided = 0;
  slot->before = *slot->chunk;
  if (feed->preparing)
    return slot;
  feed->preparing = TRUE;
  slot->begun = *slot->chunk;
  slot->filtered = 0;
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
      if (feed->plan.watermarks != NULL)
        fanout_feed_begin_tide (feed);
      return FANOUT_FEED_BATCH;
    case FANOUT_READ_WAIT:
      return FANOUT_FEED_WAIT;
    case FANOUT_READ_REST:
      return FANOUT_FEED_REST;
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
             || fanout_is_cancelled (feed->plan.cancellable));
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
          if (feed->plan.watermarks != NULL)
            fanout_feed_pass_tide (feed);
          FanoutFeedStatus status = next_block (feed, record, error);
          if (status != FANOUT_FEED_BATCH)
            return status;
        }
      FanoutSlot *slot = next_slot (feed);
      slot->block = feed->block;
      const FanoutPlan *plan = feed->plan.plan;
      if (!plan->source->decode (plan->source_options, &feed->block, slot->chunk, &feed->pending))
        feed->pending_record = feed->block.record;
      count_memory (feed);
      feed->slow
          = feed->block.offset < feed->block.length && slot->chunk->n_rows < slot->chunk->capacity;
      if (slot->chunk->n_rows == 0)
        {
          slot->filtered += slot->n_dropped;
          feed->filtered += slot->n_dropped;
          continue;
        }
      const FanoutFeedStatus status = publish (feed, slot);
      /* Others wait for it: before the rows are handed over. */
      if (feed->plan.watermarks != NULL && feed->block.offset >= feed->block.length)
        fanout_feed_pass_tide (feed);
      return status;
    }
}

static gboolean
wants_rest (const FanoutFeed *feed)
{
  return feed->plan.rest_wanted != NULL
         && atomic_load_explicit (feed->plan.rest_wanted, memory_order_relaxed);
}

/* Rows that come of no block are one. */
static FanoutFeedStatus
publish_made (FanoutFeed *feed, FanoutSlot *slot)
{
  if (feed->plan.watermarks == NULL)
    return publish (feed, slot);
  fanout_feed_begin_tide (feed);
  const FanoutFeedStatus status = publish (feed, slot);
  fanout_feed_pass_tide (feed);
  return status;
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
  if (wants_rest (feed))
    return FANOUT_FEED_REST;
  FanoutSlot *slot = next_slot (feed);
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
  return publish_made (feed, slot);
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
  if (wants_rest (feed))
    return FANOUT_FEED_REST;
  if (inlet->chunk->n_rows == 0 && !inlet->ended)
    return FANOUT_FEED_WAIT;
  if (inlet->chunk->n_rows == 0)
    return end_inlet (feed, record, error) ? FANOUT_FEED_END : FANOUT_FEED_FAILED;
  FanoutSlot *slot = next_slot (feed);
  FanoutChunk *empty = slot->chunk;
  slot->chunk = inlet->chunk;
  inlet->chunk = empty;
  slot->before = slot->begun = *slot->chunk;
  slot->block.name = FANOUT_INLET_NAME;
  return publish_made (feed, slot);
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

gboolean
fanout_feed_has_seen (const FanoutFeed *feed, guint column)
{
  for (guint i = 0; i < feed->n_slots; i++)
    if (feed->slots[i].chunk->columns[column].seen)
      return TRUE;
  return FALSE;
}

gsize
fanout_feed_memory (const FanoutFeed *feed)
{
  return feed->memory.peak;
}
